"""The suppression list, page by page, by keyset: every page costs the same. Ids are in
the order of `SOURCES`, and of their numbers in each."""

import base64
import binascii
import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from consent.instants import NotAnInstant, instant
from consent.suppressions.entries import NoSuchEntry, channels
from consent.suppressions.sources import NOBODY, SOURCES, Source
from privacy import identifiers
from privacy.identifiers import Mark, NotAnIdentifier
from privacy.models import Identifier
from privacy.refusals import Refusal

USUAL, MOST = 50, 500
HALF = re.compile("[\x00\ud800-\udfff]")  # what no database holds
ORDERS = ("id", "suppressedAt")
BOUNDS = {
    "greaterThan": "gt",
    "greaterThanOrEqual": "gte",
    "lessThan": "lt",
    "lessThanOrEqual": "lte",
}


class UnknownField(Refusal):
    """That field can't be used so: order by id or suppressedAt, filter by
    organizationId, channel, source, status, id, recipientIdentifier,
    normalizedPhoneNumber or normalizedEmail, and range over suppressedAt."""


class BadCursor(Refusal):
    """The portal did not issue this continuation token."""


class Entry(NamedTuple):
    source: Source
    row: Any

    @property
    def place(self) -> tuple[dt.datetime, int, int]:
        rank = SOURCES.index(self.source)
        return self.source.since(self.row), rank, int(self.row.pk)


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    size: int
    total: int | None
    cursor: str | None


def entry(text: str, now: dt.datetime) -> Entry:
    """The entry with that id. Raises `NoSuchEntry`."""
    source, number = _named(text)
    row = source.rows("", now).select_related("identifier").filter(pk=number).first()
    if row is None:
        raise NoSuchEntry
    return Entry(source, row)


def _named(text: str) -> tuple[Source, int]:
    for source in SOURCES:
        if found := re.fullmatch(rf"{source.prefix}_([1-9]\d{{0,17}})", text, re.ASCII):
            return source, int(found[1])
    raise NoSuchEntry


def page(
    *,
    without: QuerySet[Identifier],
    now: dt.datetime,
    size: int = USUAL,
    cursor: str = "",
    order: tuple[str, str] = ("id", "desc"),
    filters: Mapping[str, Any] | None = None,
    ranges: Sequence[Mapping[str, Any]] = (),
    search: str = "",
    count: bool = False,
) -> Page:
    """`filters` are the contract's fields with the value each must have; `without` are
    people to leave out."""
    wanted = dict(filters or {})
    status = wanted.pop("status", "active")
    found = [
        source.rows(status, now)
        .exclude(identifier__in=without)
        .filter(*(_condition(source, *each, now) for each in wanted.items()))
        .filter(*(_range(source, bounds) for bounds in ranges))
        .filter(_search(search) if search else Q())
        for source in SOURCES
    ]
    by_when, descends = _order(order)
    size = min(size, MOST) if size > 0 else USUAL
    after = _place(cursor) if cursor else None
    entries = [
        Entry(source, row)
        for rank, (source, rows) in enumerate(zip(SOURCES, found, strict=True))
        for row in _first(source, rows, by_when, descends, rank, after)[: size + 1]
    ]
    entries.sort(key=lambda each: each.place[0 if by_when else 1 :], reverse=descends)
    return Page(
        entries=entries[:size],
        size=size,
        total=sum(rows.count() for rows in found) if count else None,
        cursor=_cursor(entries[size - 1]) if len(entries) > size else None,
    )


def _first(
    source: Source,
    rows: QuerySet[Any],
    by_when: bool,
    descends: bool,
    rank: int,
    after: tuple[dt.datetime, int, int] | None,
) -> QuerySet[Any]:
    """This source's rows in order, from behind that place on."""
    sign = "-" if descends else ""
    columns = [f"{sign}{source.at}"] if by_when else []
    if after:
        rows = rows.filter(_behind(source, by_when, descends, rank, after))
    return rows.order_by(*columns, f"{sign}pk").select_related("identifier")


def _behind(
    source: Source,
    by_when: bool,
    descends: bool,
    rank: int,
    after: tuple[dt.datetime, int, int],
) -> Q:
    moment, last, number = after
    compare = "lt" if descends else "gt"
    if rank == last:
        following = Q(**{f"pk__{compare}": number})
    else:
        following = Q() if (rank < last) == descends else NOBODY
    if not by_when:
        return following
    return (
        Q(**{f"{source.at}__{compare}": moment}) | Q(**{source.at: moment}) & following
    )


def _condition(source: Source, field: str, value: Any, now: dt.datetime) -> Q:
    if not isinstance(value, str) or HALF.search(value):
        raise UnknownField
    if field == "channel":
        return source.of_channel(channels(value)[0])
    if field == "id":
        found = entry(value, now)
        return Q(pk=found.row.pk) if found.source is source else NOBODY
    if field in OF_WHOM:
        return _of_whom(OF_WHOM[field], value)
    if field == "organizationId":
        return source.of_sender(value)
    if field == "source":
        return source.told_by(value)
    raise UnknownField


OF_WHOM = {
    "recipientIdentifier": Identifier.Kind.OTHER,
    "normalizedPhoneNumber": Identifier.Kind.PHONE,
    "normalizedEmail": Identifier.Kind.EMAIL,
}


def _of_whom(kind: str, text: str) -> Q:
    try:
        mark = (
            Mark(kind, text)
            if kind == Identifier.Kind.OTHER
            else identifiers.understand(text)
        )
    except NotAnIdentifier:
        return NOBODY
    return Q(identifier__kind=kind, identifier__digest__in=identifiers.digests(mark))


def _search(text: str) -> Q:
    """Values are sealed, so only a whole number or address is found."""
    found = NOBODY
    for kind in OF_WHOM.values():
        found |= _of_whom(kind, text)
    return found


def _range(source: Source, bounds: Mapping[str, Any]) -> Q:
    if bounds.get("field") != "suppressedAt":
        raise UnknownField
    found = Q()
    for name, suffix in BOUNDS.items():
        if bounds.get(name) is not None:
            found &= Q(**{f"{source.at}__{suffix}": instant(str(bounds[name]))})
    return found


def _order(order: tuple[str, str]) -> tuple[bool, bool]:
    """By when, not by id; and whether it descends."""
    field, direction = order
    if field not in ORDERS or direction not in ("asc", "desc"):
        raise UnknownField
    return field == "suppressedAt", direction == "desc"


def _cursor(last: Entry) -> str:
    moment, *place = last.place
    said = json.dumps([moment.isoformat(), *place])
    return base64.urlsafe_b64encode(said.encode()).decode()


def _place(cursor: str) -> tuple[dt.datetime, int, int]:
    try:
        said, rank, number = json.loads(base64.urlsafe_b64decode(cursor))
        return instant(str(said)), int(rank), int(number)
    except (ValueError, TypeError, binascii.Error, NotAnInstant, RecursionError):
        raise BadCursor from None
