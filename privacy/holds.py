"""Legal holds: what must not be destroyed while a matter is open.

A hold is a condition of every destroying statement, made anew for each range from the
holds that are open at that moment. There is no other place where holds are checked. A
restriction (GDPR Art. 18) is a hold that the person asked for: their data is only kept,
so no sweep removes it; their own requests still do.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    Func,
    Q,
    QuerySet,
)

from privacy import audit, held, identifiers
from privacy.datamap import Map
from privacy.identifiers import AlreadyErased, Mark
from privacy.models import (
    Hold,
    HoldReceipt,
    Identifier,
    Plan,
    Range,
    Table,
)
from privacy.refusals import Refusal

EVERY_ROW = ~Q(pk__in=[])
MENTIONS = (
    "People are on hold (hold {numbers}), and rows about them stay until it is "
    "released. A row about somebody else that only mentions them, such as a note, is "
    "not protected and goes when it is due; if it must stay, put a hold on its table."
)
OF_A_REQUEST = "Request "  # how the matter of a restriction begins that one asked for


class NothingToHold(Refusal):
    """Say whose data, or which table, the hold is for."""


class NoMatter(Refusal):
    """Say for which matter the hold is."""


class AlreadyReleased(Refusal):
    """That hold was already released."""


class TellFirst(Refusal):
    """Lift a restriction from its request, once the person has been told."""


def place(
    *,
    matter: str,
    identifiers: Sequence[Identifier],
    tables: Sequence[Table],
    by: str,
    now: dt.datetime,
    kind: Hold.Kind = Hold.Kind.LEGAL,
) -> Hold:
    if not matter.strip():
        raise NoMatter
    if not (identifiers or tables):
        raise NothingToHold
    with transaction.atomic():
        hold = Hold.objects.create(
            kind=kind, matter=matter.strip(), placed_by=by, placed_at=now
        )
        hold.identifiers.set(identifiers)
        hold.tables.set(tables)
        audit.record(
            action="hold.placed",
            subject=f"hold:{hold.pk}",
            by=by,
            now=now,
            kind=kind,
            identifiers=len(identifiers),
            tables=[str(table) for table in tables],
        )
    return hold


def release(
    *, hold: Hold, by: str, now: dt.datetime, told_at: dt.datetime | None = None
) -> None:
    """`told_at` is when the person was told that their restriction ends (Art.
    18(3))."""
    if hold.kind == Hold.Kind.RESTRICTION and (told_at is None or told_at > now):
        raise TellFirst
    with transaction.atomic():
        open_ = Hold.objects.filter(pk=hold.pk, released_at=None)
        if not open_.update(released_at=now, released_by=by):
            raise AlreadyReleased
        told = {"told_at": told_at.isoformat()} if told_at else {}
        subject = f"hold:{hold.pk}"
        audit.record(action="hold.released", subject=subject, by=by, now=now, **told)


def is_by_hand(hold: Hold) -> bool:
    """A restriction that belongs to no request: staff told the person themselves."""
    is_restriction = hold.kind == Hold.Kind.RESTRICTION
    return is_restriction and not hold.matter.startswith(OF_A_REQUEST)


def lift(*, hold: Hold, told_on: dt.date, by: str, now: dt.datetime) -> None:
    """Ends a restriction placed by hand; `told_on` is the day the person was told."""
    if not is_by_hand(hold):
        raise TellFirst
    told_at = dt.datetime.combine(told_on, dt.time.min, dt.UTC)
    release(hold=hold, by=by, now=now, told_at=told_at)


class IsTrue(Func):
    """Never NULL: where a held value is NULL, the row is not held."""

    template = "((%(expressions)s) IS TRUE)"
    output_field = BooleanField()


def condition(*, mapped: Map, table: Table, plan: Plan | None = None) -> Q | None:
    """The condition for the rows of a table that an open hold keeps; None when there is
    none.

    Restrictions count too, unless the plan is what the person asked for.
    """
    holds = _open(plan)
    if not holds.exists():
        return None
    return EVERY_ROW if _is_about(plan, holds) else _kept_by(mapped, table, holds)


def _is_about(plan: Plan | None, holds: QuerySet[Hold]) -> bool:
    """An erasure of a person on hold keeps whatever it found about them, including what
    it knows by an address in their rows, and where others wrote about them. So does the
    end of what was left of it: their rows may say nothing any more that leads there."""
    if plan is None or plan._state.adding:
        return False
    if plan.kind == Plan.Kind.SCRUB:
        return plan.ends.filter(plan__identifiers__hold__in=holds).exists()
    if plan.kind != Plan.Kind.ERASURE:
        return False
    return plan.identifiers.filter(hold__in=holds).exists()


def held_marks() -> set[Mark]:
    """The identifiers of people whom an erasure must leave alone."""
    return set(_held_marks(_open(Plan(kind=Plan.Kind.ERASURE))))


def _open(plan: Plan | None) -> QuerySet[Hold]:
    holds = Hold.objects.filter(released_at=None)
    if plan is not None and plan.kind in (Plan.Kind.ERASURE, Plan.Kind.CORRECTION):
        return holds.exclude(kind=Hold.Kind.RESTRICTION)
    return holds


def _kept_by(mapped: Map, table: Table, holds: QuerySet[Hold]) -> Q | None:
    if holds.filter(tables=table).exists():
        return EVERY_ROW
    marks = _held_marks(holds)
    known = held.known_as(mapped, marks, holds) if marks else []
    rows = held.rows_of(mapped, table, known) if known else None
    return None if rows is None else Q(IsTrue(ExpressionWrapper(rows, BooleanField())))


def unreached() -> list[str]:
    """What the open holds do not protect from a sweep, in sentences."""
    on_people = _open(None).filter(identifiers__isnull=False).distinct()
    numbers = sorted(on_people.values_list("pk", flat=True))
    return [MENTIONS.format(numbers=", ".join(map(str, numbers)))] if numbers else []


def keep_receipts(
    *, mapped: Map, piece: Range, rows: QuerySet[Any], now: dt.datetime
) -> None:
    """Evidence that a hold was obeyed: which hold kept how many rows of a range."""
    for hold in _open(piece.plan):
        one = Hold.objects.filter(pk=hold.pk)
        table = mapped.tables[piece.table.full_name]
        about = _is_about(piece.plan, one)
        kept = EVERY_ROW if about else _kept_by(mapped, table, one)
        if kept is not None and (count := rows.filter(kept).count()):
            HoldReceipt.objects.update_or_create(
                hold=hold, range=piece, defaults={"rows": count, "at": now}
            )


def are_open() -> bool:
    return Hold.objects.filter(released_at=None).exists()


def covers(identifier: Identifier) -> bool:
    return identifier.hold_set.filter(released_at=None).exists()


def _held_marks(holds: QuerySet[Hold]) -> list[Mark]:
    """A person on hold can't be erased, so the values still exist."""
    held = Identifier.objects.filter(hold__in=holds).distinct()
    return [mark for row in held if (mark := _value(row))]


def _value(row: Identifier) -> Mark | None:
    try:
        return identifiers.value(row)
    except AlreadyErased:
        return None
