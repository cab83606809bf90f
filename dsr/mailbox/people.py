"""Whose data a mail is about: names, addresses, numbers, and who writes for whom."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import phonenumbers

from dsr.mailbox.letter import Letter
from dsr.mailbox.rules import any_of, rules

EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.ASCII)
BEFORE = 60  # characters that are read before a number or an address
MOST_ROWS = 1000  # of a table of people
LONGEST_CELL = 200
HOME_REGION = "US"
FEWEST_DIGITS = 9
DATE = re.compile(r"\d{4}[-./]\d\d?[-./]\d\d?.*|\d\d?[-./]\d\d?[-./]\d{4}")
AMERICAN = re.compile(r"\(?[2-9]\d\d\)?[-. ]\d{3}[-. ]\d{4}")
BRITAIN = ("UK-GDPR",)


@dataclass
class Subject:
    """Whom the mail is about, as far as it says so."""

    names: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    people: int = 1

    @property
    def marks(self) -> list[str]:
        return [*self.emails, *self.phones]


def agent(letter: Letter, words: str) -> dict[str, str] | None:
    """Who writes for somebody else, and in what role."""
    for kind, patterns in rules().agents.items():
        if any_of(patterns, words):
            return {"name": letter.sender_name, "email": letter.sender, "kind": kind}
    return None


def is_controller(words: str) -> bool:
    """A business customer instructs us as its processor."""
    signs = rules().signs
    return bool(
        signs["controller"].search(words) and signs["own_account"].search(words)
    )


def subject(
    letter: Letter, *, language: str, regime: str, for_another: bool
) -> Subject:
    """The person the mail is about; not the sender when somebody writes for them."""
    region = _region(language, regime)
    if people := _rows(letter.tables):
        return _of_table(people, region)
    found = Subject(
        names=_names(letter, for_another=for_another),
        emails=_emails(letter, for_another=for_another),
        phones=phones(f"{letter.text}\n{letter.in_files}", region),
        other=_other(letter),
    )
    if rules().signs["bulk"].search(letter.text):
        found.people = max(2, len(found.phones))
    return found


def _region(language: str, regime: str) -> str:
    """The likely country of a number written without one."""
    if regime.startswith(("US-", "CA-")):
        return regime[:2]
    if regime in BRITAIN:
        return "GB"
    return rules().regions.get(language, HOME_REGION)


def phones(text: str, region: str) -> list[str]:
    """E.164, in order; without the numbers that texts came from."""
    return _phones(text, region) or _phones(text, HOME_REGION)


def _phones(text: str, region: str) -> list[str]:
    matcher = phonenumbers.PhoneNumberMatcher(
        text, region, leniency=phonenumbers.Leniency.POSSIBLE
    )
    theirs = rules().signs["others_number"]
    found = [
        phonenumbers.format_number(_meant(m), phonenumbers.PhoneNumberFormat.E164)
        for m in matcher
        if _is_whole(m) and not theirs.search(text[max(0, m.start - BEFORE) : m.start])
    ]
    return list(dict.fromkeys(found))


def _meant(match: phonenumbers.PhoneNumberMatch) -> phonenumbers.PhoneNumber:
    """Three, three and four digits are American, unless called something else."""
    if not AMERICAN.fullmatch(match.raw_string):
        return match.number
    country = match.number.country_code or 0
    region = phonenumbers.region_code_for_country_code(country)
    told = phonenumbers.PhoneMetadata.metadata_for_region(region)
    needs_prefix = told is not None and told.national_prefix == "0"
    if phonenumbers.is_valid_number(match.number) and not needs_prefix:
        return match.number
    return phonenumbers.parse(match.raw_string, HOME_REGION)


def _is_whole(match: phonenumbers.PhoneNumberMatch) -> bool:
    """Not a date, a section of a law, or a local number without its area code."""
    possible = phonenumbers.is_possible_number_with_reason(match.number)
    raw = match.raw_string
    digits = sum(character.isdigit() for character in raw)
    return (
        possible == phonenumbers.ValidationResult.IS_POSSIBLE
        and digits >= FEWEST_DIGITS
        and not DATE.fullmatch(raw)
    )


def _emails(letter: Letter, *, for_another: bool) -> list[str]:
    own = {address.rpartition("@")[2] for address in letter.to}
    found = [] if for_another else [letter.sender]
    theirs = rules().signs["others_address"]
    for match in EMAIL.finditer(letter.text):
        address = match[0].rstrip(".'").lower()
        before = letter.text[max(0, match.start() - BEFORE) : match.start()]
        ours = address.rpartition("@")[2] in own or (
            for_another and address == letter.sender
        )
        if not ours and not theirs.search(before):
            found.append(address)
    return list(dict.fromkeys(found))


def _names(letter: Letter, *, for_another: bool) -> list[str]:
    told = [m[1] for p in rules().named_as for m in p.finditer(letter.text)]
    named = [name.strip(" .,;") for name in told]
    if for_another:
        subject = [m[1] for p in rules().named_as for m in p.finditer(letter.subject)]
        return list(dict.fromkeys((named or subject)[:1]))
    own = [letter.sender_name] if letter.sender_name else []
    return list(dict.fromkeys(own + named))


def _other(letter: Letter) -> list[str]:
    subject = "" if letter.is_reply else letter.subject
    text = f"{subject}\n{letter.text}"
    found = [
        f"{kind}:{match[1]}"
        for kind, pattern in rules().other_marks.items()
        for match in pattern.finditer(text)
    ]
    return list(dict.fromkeys(found))


# --- tables of people ---------------------------------------------------------


def _rows(tables: list[str]) -> list[dict[str, str]]:
    """Rows of the attached tables that have a column for addresses or numbers."""
    rows = (row for table in tables for row in _read(table))
    about = ("mail", "phone", "tel")
    found = (row for row in rows if any(_is_about(key, about) for key in row))
    return list(islice(found, MOST_ROWS))


def _read(table: str) -> Iterator[dict[str, str]]:
    """Up to a row that is not valid CSV."""
    with suppress(csv.Error):
        for row in csv.DictReader(io.StringIO(table)):
            cells = {str(k).lower(): str(v or "") for k, v in row.items() if k}
            yield {key: cell[:LONGEST_CELL] for key, cell in cells.items()}


def _is_about(key: str, words: tuple[str, ...]) -> bool:
    return any(word in key for word in words)


def _of_table(rows: list[dict[str, str]], region: str) -> Subject:
    def column(*words: str) -> list[str]:
        return [v for r in rows for k, v in r.items() if v and _is_about(k, words)]

    numbers = [p for text in column("phone", "tel") for p in phones(text, region)]
    emails = [m[0].lower() for v in column("mail") if (m := EMAIL.search(v))]
    return Subject(column("name"), emails, numbers, [], people=len(rows))


def of_tables(letter: Letter) -> str:
    """What the tables ask for and where the people live, as words."""
    rows = _rows(letter.tables)
    asked = {v for r in rows for k, v in r.items() if _is_about(k, ("request", "type"))}
    return " . ".join(f"{each} my data" for each in sorted(asked) if each)


def states(letter: Letter) -> set[str]:
    rows = _rows(letter.tables)
    return {r["state"].upper() for r in rows if r.get("state")}


def described(found: Subject) -> dict[str, Any]:
    return {
        "names": found.names,
        "emails": found.emails,
        "phones": found.phones,
        "other": found.other,
    }
