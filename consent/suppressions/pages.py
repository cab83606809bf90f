"""The suppression list, page by page, by keyset: every page costs the same."""

import base64
import binascii
import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from consent.instants import NotAnInstant, instant
from consent.models import Event, Standing
from consent.standings import PLATFORM
from consent.suppressions.entries import Kind, channels, entry_of
from privacy import identifiers
from privacy.identifiers import Mark, NotAnIdentifier
from privacy.models import Identifier
from privacy.refusals import Refusal

USUAL, MOST = 50, 500
HALF = re.compile("[\x00\ud800-\udfff]")  # what no database holds
NOBODY = Q(pk__in=[])
# The contract's names of what a list can be ordered by, and our columns.
ORDERS = {"id": "sequence", "suppressedAt": "occurred_at"}
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


@dataclass(frozen=True)
class Page:
    events: list[Event]
    size: int
    total: int | None
    cursor: str | None


def page(
    *,
    without: QuerySet[Identifier],
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
    rows = _entries((filters or {}).get("status", "active"))
    rows = rows.exclude(identifier__in=without)
    for field, value in (filters or {}).items():
        rows = rows.filter(_condition(field, value))
    for bounds in ranges:
        rows = rows.filter(_range(bounds))
    if search:
        rows = rows.filter(_search(search))
    column, descends = _order(order)
    size = min(size, MOST) if size > 0 else USUAL
    after = rows.filter(_after(column, descends, cursor)) if cursor else rows
    sign = "-" if descends else ""
    ordered = after.order_by(f"{sign}{column}", f"{sign}sequence")
    found = list(ordered.select_related("identifier")[: size + 1])
    return Page(
        events=found[:size],
        size=size,
        total=rows.count() if count else None,
        cursor=_cursor(found[size - 1]) if len(found) > size else None,
    )


def _entries(status: Any) -> QuerySet[Event]:
    """Active ones are those that a standing rests on. An opt-out from marketing alone
    is left to the check: whoever is on this list gets nothing."""
    stands = Standing.objects.filter(
        event=OuterRef("pk"), state=Standing.State.OPTED_OUT
    )
    events = Event.objects.filter(kind=Kind.OPT_OUT)
    events = events.exclude(scope=Event.Scope.MARKETING)
    if status == "active":
        return events.filter(Exists(stands))
    lifting = Event.objects.filter(
        identifier=OuterRef("identifier"),
        organization=OuterRef("organization"),
        occurred_at__gte=OuterRef("occurred_at"),
    )
    if status == "released":
        own = lifting.filter(kind=Kind.OPT_IN)
        release = lifting.filter(kind=Kind.RELEASE)
        lifted = Exists(own) | Q(route=PLATFORM) & Exists(release)
        return events.filter(~Exists(stands), lifted)
    return events.none()


def _condition(field: str, value: Any) -> Q:
    if field == "status":
        return Q()  # `_entries` has chosen by it
    if not isinstance(value, str) or HALF.search(value):
        raise UnknownField
    if field == "organizationId":
        return Q(organization=value)
    if field == "source":
        return Q(route=value)
    if field == "channel":
        return Q(covers__contains=list(channels(value))[:1])
    if field == "id":
        return Q(sequence=entry_of(value).sequence)
    if field in OF_WHOM:
        return _of_whom(OF_WHOM[field], value)
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


def _range(bounds: Mapping[str, Any]) -> Q:
    if bounds.get("field") != "suppressedAt":
        raise UnknownField
    found = Q()
    for name, suffix in BOUNDS.items():
        if bounds.get(name) is not None:
            found &= Q(**{f"occurred_at__{suffix}": instant(str(bounds[name]))})
    return found


def _order(order: tuple[str, str]) -> tuple[str, bool]:
    field, direction = order
    if field not in ORDERS or direction not in ("asc", "desc"):
        raise UnknownField
    return ORDERS[field], direction == "desc"


def _cursor(last: Event) -> str:
    said = json.dumps([last.occurred_at.isoformat(), last.sequence])
    return base64.urlsafe_b64encode(said.encode()).decode()


def _after(column: str, descends: bool, cursor: str) -> Q:
    moment, sequence = _place(cursor)
    compare = "lt" if descends else "gt"
    following = Q(**{f"sequence__{compare}": sequence})
    if column == "sequence":
        return following
    return Q(**{f"{column}__{compare}": moment}) | Q(**{column: moment}) & following


def _place(cursor: str) -> tuple[dt.datetime, int]:
    try:
        said, number = json.loads(base64.urlsafe_b64decode(cursor))
        return instant(str(said)), int(number)
    except (ValueError, TypeError, binascii.Error, NotAnInstant, RecursionError):
        raise BadCursor from None
