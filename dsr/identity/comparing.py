"""Points of data that a person told us, compared with what our stores hold of them.

Nobody is shown what is on file, and what they said is not kept: only whether it is the
same. Rows are found by the numbers and addresses that the request names, and every one
of these must lead to somebody whom the answer fits: whoever adds their own address to a
stranger's number matches nothing.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dsr.identity import onfile, rules
from dsr.models import IdentityDecision, Ticket
from privacy import identifiers, stores, subjects
from privacy.datamap import Map
from privacy.identifiers import Mark, NotAnIdentifier
from privacy.models import Column, Store, Table
from privacy.refusals import Refusal
from privacy.subjects.rows import Found, Place, by_key, chunks, values_of

Result = IdentityDecision.Compared
Words = set[str]
DIRECT = {"phone", "email"}  # written in many ways


class UnknownPoint(Refusal):
    """That is none of the points of data that can be matched."""


class TooLittle(Refusal):
    """That is too little to compare."""

    def __init__(self, point: str) -> None:
        hint = rules.compared()[point].hint
        super().__init__(f"{rules.points_of_data()[point]}: {hint}.")


class ComparedByUs(Refusal):
    """The portal compares this itself: write what they told you."""


class TooManyGuesses(Refusal):
    """Too much of what they told you about this request was wrong. Ask them for a code,
    a sign-in or a document."""


@dataclass
class Known:
    """Somebody under one or more of the numbers and addresses."""

    places: set[Place] = field(default_factory=set)
    rows: list[dict[str, Words]] = field(default_factory=list)  # words, by kind
    is_shared: bool = False


def comparable() -> dict[str, rules.Comparing]:
    """The points of which the data map has a column."""
    columns = Column.objects.filter(
        table__store__kind=Store.Kind.DATABASE, whose=Column.Whose.SUBJECT
    ).exclude(table__about=Table.About.CONTEXT)
    mapped = set(columns.order_by().values_list("identifier", flat=True).distinct())
    every = rules.compared().items()
    return {code: how for code, how in every if mapped & set(how.kinds)}


def refuse_word(points: Sequence[str]) -> None:
    """Staff's own word counts only for what the portal can't compare."""
    if points and set(points) & comparable().keys():
        raise ComparedByUs


def compare(
    *, ticket: Ticket, said: Mapping[str, str], now: dt.datetime
) -> dict[str, str]:
    """For each point, a `Result`. Raises `TooLittle`, `TooManyGuesses`."""
    if not said:
        return {}
    for point, text in said.items():
        if point not in rules.compared():
            raise UnknownPoint
        if not re.search(rules.compared()[point].least, text):
            raise TooLittle(point)
    _refuse_guesses(ticket)
    people = _people(ticket, now)
    return {point: _result(point, text, people) for point, text in said.items()}


def with_matches(points: Sequence[str], compared: Mapping[str, str]) -> list[str]:
    """What counts: what staff matched, and what the portal did."""
    ours = [point for point, result in compared.items() if result == Result.MATCH]
    return sorted({*points, *ours})


def _refuse_guesses(ticket: Ticket) -> None:
    before = IdentityDecision.objects.filter(ticket__request=ticket.request_id)
    results = [r for found in before for r in found.compared.values()]
    if results.count(Result.NO_MATCH) >= rules.limit("wrong_points"):
        raise TooManyGuesses


def _result(point: str, text: str, people: Sequence[Known]) -> str:
    how = rules.compared()[point]
    said = _words(how.kinds[0], text)
    held = [[_of(row, how.kinds) for row in known.rows] for known in people]
    if not any(words for rows in held for words in rows):
        return Result.NOT_ON_FILE
    if any(known.is_shared for known in people):
        return Result.SHARED
    fits = all(any(said <= words for words in rows) for rows in held)
    return Result.MATCH if said and fits else Result.NO_MATCH


def _of(row: dict[str, Words], kinds: Iterable[str]) -> Words:
    return set().union(*(row.get(kind, set()) for kind in kinds))


# --- who is known --------------------------------------------------------------------
def _people(ticket: Ticket, now: dt.datetime) -> list[Known]:
    """Each once, however many of their numbers and addresses are named."""
    people: list[Known] = []
    for row in ticket.identifiers.all():
        known = _known(identifiers.value(row), now)
        same = [each for each in people if each.places & known.places]
        for each in same:
            known.places |= each.places
            known.rows += each.rows
            known.is_shared |= each.is_shared
        if known.places:
            people = [each for each in people if each not in same] + [known]
    return people


def _known(mark: Mark, now: dt.datetime) -> Known:
    known = Known(is_shared=onfile.look(mark, at=now).is_shared)
    for store in Store.objects.filter(kind=Store.Kind.DATABASE):
        mapped = Map(store)
        with stores.reaching(store):
            found = subjects.linked(mapped=mapped, marks=[mark], at=now)
            for table in mapped.tables.values():
                _read(known, found, table)
    return known


def _read(known: Known, found: Found, table: Table) -> None:
    own = found.of(table)
    known.places |= {row.place for row in own}
    kinds = {kind for how in rules.compared().values() for kind in how.kinds}
    told = [
        column
        for column in found.mapped.columns(table)
        if column.whose == Column.Whose.SUBJECT
        and column.identifier in kinds
        and not subjects.is_several(column)
    ]
    for chunk in chunks([row.key for row in own]) if told else ():
        rows = found.mapped.rows(table).filter(by_key(table, chunk))
        for values in values_of(rows, [column.lookup for column in told]):
            known.rows.append(_kept(told, values))


def _kept(columns: Sequence[Column], values: Sequence[object]) -> dict[str, Words]:
    kept: dict[str, Words] = {}
    for column, value in zip(columns, values, strict=True):
        if value not in (None, ""):
            kept.setdefault(column.identifier, set()).update(
                _words(column.identifier, str(value))
            )
    return kept


def _words(kind: str, text: str) -> Words:
    """As they are compared: a number or an address as one, all else word by word."""
    if kind in DIRECT or kind == "contact":
        try:
            return {identifiers.understand(text).value}
        except NotAnIdentifier:
            return set()
    plain = unicodedata.normalize("NFKD", text).casefold()
    return set(re.findall(r"\w+", re.sub(r"[\u0300-\u036f]", "", plain)))
