"""The words that say what a column holds, in several languages.

They are in `privacy/rules/words`, one file for each language; what follows from a
meaning is in `privacy/rules/meanings.yaml`.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).resolve().parents[1] / "rules"
# Whose it is, beside words that say what it is.
GROUPS = (
    "turn", "people", "things", "actors", "salutations", "users", "others", "sides",
    "versions", "having", "belongings", "merged",
)  # fmt: skip
# What a table's name may end with beside what its rows are.
SUFFIXES = {"master", "mast", "data", "info", "details", "record", "records", "entity"}
# Letters that have no accent to lose, and words in which they are mostly written so.
LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "\u0131": "i", "đ": "d", "Đ": "D",
     "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ß": "ss"}
)  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What a column holds, and how it is usually treated. See meanings.yaml."""

    code: str
    says: str
    category: str
    purposes: tuple[str, ...]
    endings: tuple[str, ...]
    identifier: str = ""
    source: str = "direct"
    types: tuple[str, ...] = ("text",)
    is_sealed: bool = False  # by the application: see `ciphers`


@dataclass
class Lexicon:
    """Maps phrases, written together and without accents, to their meanings."""

    meanings: dict[str, str] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)
    turn: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    things: set[str] = field(default_factory=set)
    actors: set[str] = field(default_factory=set)
    salutations: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    sides: set[str] = field(default_factory=set)
    versions: set[str] = field(default_factory=set)
    having: set[str] = field(default_factory=set)
    belongings: set[str] = field(default_factory=set)
    merged: set[str] = field(default_factory=set)

    @cached_property
    def words(self) -> frozenset[str]:
        """All words long enough not to occur inside others by coincidence."""
        whose = self.people | self.things | self.users | self.actors
        said = whose | self.turn | set(self.meanings) | SUFFIXES
        return frozenset(word for word in said if len(word) > 3)


@cache
def meanings() -> dict[str, Meaning]:
    said: dict[str, Any] = yaml.safe_load((RULES / "meanings.yaml").read_text())
    return {code: _meaning(code, words) for code, words in said.items()}


def _meaning(code: str, said: dict[str, Any]) -> Meaning:
    lists = ("purposes", "endings", "types")
    words: dict[str, Any] = {k: tuple(v) if k in lists else v for k, v in said.items()}
    return Meaning(code=code, **words)


@cache
def lexicon() -> Lexicon:
    made = Lexicon()
    files = sorted((RULES / "words").glob("*.yaml"))
    languages = [yaml.safe_load(file.read_text()) for file in files]
    made.meanings |= _written_so(languages)
    for said in languages:
        for code, phrases in said["meanings"].items():
            for phrase in phrases:
                for spelling in _spellings(phrase):
                    made.meanings.setdefault(spelling, code)
        for word, code in said["bare"].items():
            for spelling in _spellings(word):
                made.bare.add(spelling)
                made.meanings.setdefault(spelling, code)
        for group in GROUPS:
            found = {s for word in said.get(group, ()) for s in _spellings(word)}
            getattr(made, group).update(found)
    return made


def _written_so(languages: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Phrases that have no accents go before those that only lose them: `lon` is a
    longitude, and also Danish for a wage when written without its stroke."""
    return {
        text: code
        for said in reversed(languages)
        for code, phrases in said["meanings"].items()
        for phrase in phrases
        if (text := str(phrase).replace(" ", "")) in _spellings(phrase)
    }


@cache
def given_names() -> frozenset[str]:
    lists = yaml.safe_load((RULES / "given_names.yaml").read_text())
    return frozenset(name for names in lists.values() for name in names.split())


def _spellings(phrase: Any) -> set[str]:
    """Without spaces and accents; German umlauts also as two letters."""
    text = str(phrase).replace(" ", "")
    two = text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return {plain(text), plain(two)}


def plain(text: str) -> str:
    """Lower case without accents."""
    apart = unicodedata.normalize("NFKD", text.translate(LETTERS).casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))
