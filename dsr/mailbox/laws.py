"""Which law a mail means: named, or guessed from where the person is.

All names and places are dated data (`dsr/rules/laws.yaml`).
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from consent.check import places as numbers
from dsr.mailbox import people, towns
from dsr.mailbox.letter import Letter
from dsr.mailbox.rules import JOINED, Pattern

FILE = Path(__file__).resolve().parents[1] / "rules" / "laws.yaml"
SHORT = 60  # characters of a line that may be of an address
IN_STATE = r"(?:[A-Z][\w.'-]+(?: [A-Z][\w.'-]+)*),? +([A-Z]{2})\b"
STATE = re.compile(rf"{IN_STATE}(?: +\d{{5}})?$")
PLACE = re.compile(IN_STATE)
ALSO_COUNTRIES = {"DE", "IN"}  # Berlin, DE: a state only with a ZIP code
ZIP = re.compile(r"\d{5}$")
NAMED, ADDRESS, ARTICLE = "name", "address", "article"
NUMBER, LANGUAGE = "telephone number", "language"  # no more than hints


@dataclass(frozen=True)
class Meant:
    """A regime, and how it is known: named, or a guess."""

    regime: str
    by: str


@dataclass(frozen=True)
class Row:
    """What indicates one law from a day on."""

    regime: str
    valid_from: dt.date
    patterns: list[Pattern]
    of: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Laws:
    named: list[Row]
    codes: list[Row]
    towns: list[Row]
    lives: list[Row]
    says_lives: re.Pattern[str]
    articles: list[Row]
    prefixes: list[Row]
    languages: list[Row]


@cache
def laws() -> Laws:
    said = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    places = said["places"]
    return Laws(
        named=[_row(each, each["says"]) for each in said["named"]],
        codes=[_row(each, each["codes"], flags=0) for each in places],
        towns=[
            _row(each, [rf"^(?:.*[,\s|])?(?:{_towns(each)})\W*$"]) for each in places
        ],
        lives=[_row(e, [rf"{said['lives']}(?:{_towns(e)})\b"]) for e in places],
        says_lives=re.compile(said["lives"], re.I),
        articles=[_row(each, each["says"]) for each in said["numbers"]],
        prefixes=[_row(each, []) for each in said["prefixes"]],
        languages=[_row(each, []) for each in said["languages"]],
    )


def _row(said: dict[str, Any], patterns: list[str], flags: int = re.I) -> Row:
    compiled = [re.compile(pattern, flags) for pattern in patterns]
    of = frozenset(said.get("of", ()))
    return Row(said["regime"], said["valid_from"], compiled, of)


def _towns(place: dict[str, Any]) -> str:
    both = filter(None, (place["countries"], place["cities"]))
    return JOINED.sub("|", "|".join(each.strip() for each in both))


def named(letter: Letter, words: str) -> str:
    """The law that the mail names, if any."""
    told = f"{letter.subject} . {words} . {letter.in_files}"
    if found := _first(laws().named, told, _day(letter)):
        return found
    known = {row.regime for row in laws().named}
    states = (f"US-{state}" for state in sorted(people.states(letter)))
    return next((state for state in states if state in known), "")


def meant(letter: Letter, words: str) -> Meant | None:
    """Named, or the law of the place that the mail is from, or of the articles it
    cites."""
    if regime := named(letter, words):
        return Meant(regime, NAMED)
    if regime := _of_address(letter):
        return Meant(regime, ADDRESS)
    told = f"{letter.subject} . {words}"
    if regime := _first(laws().articles, told, _day(letter)):
        return Meant(regime, ARTICLE)
    return None


def likely(letter: Letter, e164: list[str], language: str) -> Meant | None:
    """By the first telephone number from a place with a law of its own, or by the
    language. Only a hint for whoever reads the mail, because people keep both when they
    move."""
    day = _day(letter)
    for number in e164:
        place = numbers.of_number(number)
        if place.state and (state := f"US-{place.state}") in _states(day):
            return Meant(state, NUMBER)
        if regime := _of(laws().prefixes, place.country, day):
            return Meant(regime, NUMBER)
    regime = _of(laws().languages, language, day)
    return Meant(regime, LANGUAGE) if regime else None


def _of(rows: list[Row], what: str, day: dt.date) -> str:
    some = (r for r in rows if what in r.of and r.valid_from <= day)
    return next((row.regime for row in some), "")


def _of_address(letter: Letter) -> str:
    day = _day(letter)
    short = [line.strip() for line in letter.text.splitlines() if len(line) < SHORT]
    for line in short:
        if state := _state(line, day):
            return state
    lines = "\n".join(short)
    if found := _first(laws().codes, lines, day):
        return found
    known = (_first(laws().towns, line, day) for line in short)
    if found := next(filter(None, known), ""):
        return found
    if found := _first(laws().lives, letter.text, day) or _of_home(letter.text, day):
        return found
    place = towns.place(letter, laws().says_lives)
    state = f"US-{place.state}"
    return state if state in _states(day) else _of(laws().prefixes, place.country, day)


def _of_home(text: str, day: dt.date) -> str:
    """The state of a town that the writer says they live in: “I live in Waco, TX”."""
    ends = (said.end() for said in laws().says_lives.finditer(text))
    homes = filter(None, (PLACE.match(text, end) for end in ends))
    return next(filter(None, (_state(home[0], day) for home in homes)), "")


def _state(line: str, day: dt.date) -> str:
    found = STATE.search(line)
    if not found or (found[1] in ALSO_COUNTRIES and not ZIP.search(line)):
        return ""
    state = f"US-{found[1]}"
    return state if state in _states(day) else ""


def _states(day: dt.date) -> set[str]:
    known = (row for row in laws().named if row.regime.startswith("US-"))
    return {row.regime for row in known if row.valid_from <= day}


def _first(rows: list[Row], told: str, day: dt.date) -> str:
    return next(
        (
            row.regime
            for row in rows
            if row.valid_from <= day and any(p.search(told) for p in row.patterns)
        ),
        "",
    )


def _day(letter: Letter) -> dt.date:
    """When it came; a mail without a date may be under any law."""
    return letter.received_at.date() if letter.received_at else dt.date.max
