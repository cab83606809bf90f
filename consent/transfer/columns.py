"""What each column of a list is: by name, by content, or as declared."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from consent import marks
from privacy.models import Identifier
from privacy.refusals import Refusal

Kind = Identifier.Kind
WORDS = Path(__file__).resolve().parents[1] / "rules" / "lists.yaml"
ADDRESSES = ("phone", "email")
SAYING = {"kind", "opted_out", "opted_out_at"}
DECIDING = (*ADDRESSES, *sorted(SAYING), "occurred_at")
HEADER_WITHIN = 10  # rows: a report's title and its date stand above the header
SIGNS = re.compile(r"[\W_]+")
AREA = re.compile(r"[2-9]\d\d", re.ASCII)
LOCAL = re.compile(r"\d{7}|\d{3}-\d{4}", re.ASCII)
WHOLE_FLOAT = re.compile(r"\+?\d+\.0", re.ASCII)  # as statistics programs write it


class NoColumn(Refusal):
    """The file has no column that the portal recognises as phone numbers or e-mail
    addresses; name it phone or email, or declare which it is."""


class SaysNothing(Refusal):
    """No column of the list says whether people opted out or in. Say what the whole
    list is (opted out or opted in; by command --kind opt_out or --kind opt_in, or
    --listing), or which column says it (kind, opted_out or opted_out_at)."""


class TwoColumns(Refusal):
    """Two columns with addresses, opt-outs or times have the same name, and only one
    would be read: rename one, or declare which to read."""


class UnknownColumn(Refusal):
    """Declare columns as phone=NAME or phone=2, separated by commas: phone, email,
    kind, opted_out, opted_out_at, channel, organization, sender, occurred_at,
    area_code, country_code, wording, page, order, country, error or direction. The
    file must have each."""


@dataclass(frozen=True)
class Columns:
    """The position of each column in a row; absent ones are not in the file. `start` is
    the position of the first data row, and `zero` that of row number 0."""

    places: dict[str, int]
    start: int = 0
    zero: int = 0
    says_out: bool = False  # the name of the address's column says that they opted out
    error: str = ""  # the name of the column of error codes
    names: frozenset[str] = frozenset()  # of all columns, where the file names them

    @property
    def says_what(self) -> bool:
        """Whether a row may say itself what the person told us."""
        return self.says_out or bool(self.error) or bool(SAYING & self.places.keys())

    def of(self, row: list[str], name: str) -> str:
        place = self.places.get(name)
        if place is None or place >= len(row):
            return ""
        return row[place].strip()

    def address(self, row: list[str], wanted: str = Kind.PHONE) -> tuple[str, str]:
        """The kind of the row's address, and its text as written; of two, the preferred
        one."""
        text = self.of(row, "phone").removeprefix("'")  # as spreadsheets guard it
        mail = self.of(row, "email").removeprefix("'")
        if mail and (wanted == Kind.EMAIL or not text):
            return Kind.EMAIL, mail
        return (
            (Kind.EMAIL, text) if "@" in text else (Kind.PHONE, self._phone(row, text))
        )

    def _phone(self, row: list[str], text: str) -> str:
        if WHOLE_FLOAT.fullmatch(text):
            text = text[:-2]
        if "area_code" in self.places:
            text = self.of(row, "area_code") + text
        code = self.of(row, "country_code").removeprefix("+")
        if code.isdigit() and text[:1] not in ("+", ""):
            return f"+{code}{text.lstrip('0')}"
        return text


def plain(text: str) -> str:
    """Lower case without punctuation and accents."""
    apart = unicodedata.normalize("NFKD", text)
    return SIGNS.sub(
        "", "".join(c for c in apart if not unicodedata.combining(c))
    ).casefold()


@cache
def words() -> dict[str, Any]:
    return dict(yaml.safe_load(WORDS.read_text()))


def names_an_address(first: list[str]) -> bool:
    return bool(set(ADDRESSES) & _named(first).keys())


def _named(first: list[str]) -> dict[str, int]:
    seen: dict[str, int] = {}
    for place, text in enumerate(first):
        seen.setdefault(plain(text), place)
    return {
        thing: next(seen[name] for name in names if name in seen)
        for thing, names in words()["columns"].items()
        if any(name in seen for name in names)
    }


def find(rows: list[list[str]], declared: str = "") -> Columns:
    """From the first rows. Without a header, one address in a row identifies the
    columns."""
    if declared:
        return _declared(rows[0] if rows else [], declared)
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        if looks := _by_looks(row):
            return Columns(looks)
        if names_an_address(row):
            return _by_names(row, place)
    raise NoColumn


def _by_names(row: list[str], place: int) -> Columns:
    places = _named(row)
    names = {thing: plain(row[at]) for thing, at in places.items()}
    known = [plain(each) for each in row]
    if any(known.count(names[thing]) > 1 for thing in DECIDING if thing in names):
        raise TwoColumns
    return Columns(
        places,
        start=place + 1,
        zero=place,
        says_out=names.get("phone", "").startswith("optedout"),
        error=names.get("error", ""),
        names=frozenset(known),
    )


def _by_looks(row: list[str]) -> dict[str, int]:
    """The first cell is an address; or only one cell is a whole phone number or an
    e-mail address; or the first is an area code and the second the rest of a number, as
    in the national do-not-call registry."""
    cells = [cell.strip().removeprefix("'") for cell in row]
    if cells and _is_address(cells[0]):
        return {"phone": 0}
    if len(cells) >= 2 and AREA.fullmatch(cells[0]) and LOCAL.fullmatch(cells[1]):
        return {"area_code": 0, "phone": 1}
    found = {
        name: [place for place, cell in enumerate(cells) if fits(cell)]
        for name, fits in (("phone", _is_international), ("email", _is_mail))
    }
    return {name: places[0] for name, places in found.items() if len(places) == 1}


def _is_address(text: str) -> bool:
    return _is_mail(text) or marks.phone(text) is not None


def _is_mail(text: str) -> bool:
    return "@" in text and marks.email(text) is not None


def _is_international(text: str) -> bool:
    """Ids and dates have digits too, so a number in the middle of a row must have its
    country code."""
    return text.startswith("+") and marks.phone(text) is not None


# --- as somebody declares ----------------------------------------------------------
def _declared(first: list[str], declared: str) -> Columns:
    """`phone=Rufnummer,occurred_at=3`: by name in the header, or by position from 1."""
    pairs = dict(_pairs(declared))
    by_place = all(said.isdigit() for said in pairs.values())
    places = {thing: _place(first, said) for thing, said in pairs.items()}
    is_data = by_place and _is_address(Columns(places).address(first)[1])
    return Columns(
        places,
        start=0 if is_data else 1,
        error=plain(first[places["error"]]) if "error" in places else "",
        names=frozenset() if is_data else frozenset(map(plain, first)),
    )


def _pairs(declared: str) -> Iterator[tuple[str, str]]:
    for pair in declared.split(","):
        thing, _, said = (part.strip() for part in pair.partition("="))
        if thing not in words()["columns"] or not said:
            raise UnknownColumn
        yield thing, said


def _place(first: list[str], said: str) -> int:
    names = [plain(text) for text in first]
    if plain(said) in names:
        return names.index(plain(said))
    if said.isdigit() and 1 <= int(said) <= len(first):
        return int(said) - 1
    raise UnknownColumn
