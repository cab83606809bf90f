"""Legal holds: what must not be destroyed while a matter is open.

A hold is a condition that every destroying statement carries, made anew for each range
from the holds that are open at that moment. There is no other place where it is asked.

A restriction (GDPR Art. 18) is a hold that a person asked for: nothing is done with
their data but keeping it, so no sweep ends it; what they ask for themselves does.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    Func,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast
from django.db.models.lookups import In

from privacy import audit, identifiers, spellings
from privacy.datamap import Map, ends
from privacy.identifiers import AlreadyErased, Mark
from privacy.models import (
    Column,
    Hold,
    HoldReceipt,
    Identifier,
    Link,
    Plan,
    Range,
    Table,
)
from privacy.refusals import Refusal
from privacy.strategies.base import Matches
from privacy.subjects import by_key, equals, is_several, telling
from privacy.subjects.rows import chunks, matching

EVERY_ROW = ~Q(pk__in=[])
OF_A_REQUEST = "Request "  # how the matter of a restriction begins that one asked for


class NothingToHold(Refusal):
    """Say whose data or which table the hold is for."""


class NoMatter(Refusal):
    """Say for which matter the hold is."""


class AlreadyReleased(Refusal):
    """That hold was released before."""


class TellFirst(Refusal):
    """A restriction is lifted on its request, once the person has been told of it."""


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
    """`told_at` is when the person heard that their restriction ends (Art. 18(3))."""
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
    """A restriction that stands for no request: staff told the person themselves."""
    is_restriction = hold.kind == Hold.Kind.RESTRICTION
    return is_restriction and not hold.matter.startswith(OF_A_REQUEST)


def lift(*, hold: Hold, told_on: dt.date, by: str, now: dt.datetime) -> None:
    """End a restriction placed by hand; `told_on` is the day the person heard of it."""
    if not is_by_hand(hold):
        raise TellFirst
    told_at = dt.datetime.combine(told_on, dt.time.min, dt.UTC)
    release(hold=hold, by=by, now=now, told_at=told_at)


class IsTrue(Func):
    """Never unknown: where a held value is NULL, the row is not held."""

    template = "((%(expressions)s) IS TRUE)"
    output_field = BooleanField()


def condition(*, mapped: Map, table: Table, plan: Plan | None = None) -> Q | None:
    """The rows of a table that an open hold keeps; None when there is none.

    Restrictions count as well, unless the plan is what the person asked for.
    """
    holds = _open(plan)
    if not holds.exists():
        return None
    return EVERY_ROW if _is_about(plan, holds) else _kept_by(mapped, table, holds)


def _is_about(plan: Plan | None, holds: QuerySet[Hold]) -> bool:
    """An erasure of somebody held keeps whatever it found of them: also what it knows
    by an address of their rows, and where others wrote of them."""
    if plan is None or plan.kind != Plan.Kind.ERASURE or plan._state.adding:
        return False
    return plan.identifiers.filter(hold__in=holds).exists()


def held_marks() -> set[Mark]:
    """What the people are known by whom an erasure leaves alone."""
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
    rows = rows_of(mapped, table, marks) if marks else None
    return None if rows is None else Q(IsTrue(ExpressionWrapper(rows, BooleanField())))


def keep_receipts(
    *, mapped: Map, piece: Range, rows: QuerySet[Any], now: dt.datetime
) -> None:
    """Evidence that a hold was obeyed: which one kept how many rows of a range."""
    for hold in _open(piece.plan):
        one = Hold.objects.filter(pk=hold.pk)
        table = mapped.tables[piece.table.full_name]
        about = _is_about(piece.plan, one)
        kept = EVERY_ROW if about else _kept_by(mapped, table, one)
        if kept is not None and (count := rows.filter(kept).count()):
            HoldReceipt.objects.update_or_create(
                hold=hold, range=piece, defaults={"rows": count, "at": now}
            )


def covers(identifier: Identifier) -> bool:
    return identifier.hold_set.filter(released_at=None).exists()


def _held_marks(holds: QuerySet[Hold]) -> list[Mark]:
    """A person who is held can't be erased, so the values are there."""
    held = Identifier.objects.filter(hold__in=holds).distinct()
    return [mark for row in held if (mark := _value(row))]


def _value(row: Identifier) -> Mark | None:
    try:
        return identifiers.value(row)
    except AlreadyErased:
        return None


def rows_of(
    mapped: Map,
    table: Table,
    marks: Sequence[Mark],
    seen: Sequence[int] = (),
    *,
    times: int = 1,
) -> Q | None:
    """The person's rows as one condition: by what the row says, or by its links.

    A way leads through no table of `seen` more than so many times: twice once a word
    said which table is meant, as the preview of a picture is a picture again.
    """
    parts = [
        _holds_one_of(column, wanted)
        for column in telling(mapped, table)
        if (wanted := [m for m in marks if m.kind == column.identifier])
    ]
    for link in mapped.links_of(table):
        is_chain = link.target_id == table.pk
        often = 2 if link.when else times
        is_new = seen.count(link.target_id) < often and not is_chain
        if link.role == Link.Role.SUBJECT and is_new:
            above = _owned_by(mapped, link, marks, [*seen, table.pk], often)
            parts += [above & Q(**link.when)] if above is not None else []
    if not parts:
        return None
    condition = parts[0]
    for part in parts[1:]:
        condition |= part
    return condition | _chained(mapped, table, condition)


def _holds_one_of(column: Column, marks: Sequence[Mark]) -> Q:
    """By an index; of arrays, by reading them."""
    if not is_several(column):
        return equals(column, [text for m in marks for text in spellings.written(m)])
    said = Cast(column.name, TextField())
    return Q(Matches(said, Value(spellings.any_of(marks))))


def _chained(mapped: Map, table: Table, above: Q) -> Q:
    """Rows that refer to rows of their own table (an answer to an answer) are the
    person's down to the last: followed level by level, right before the statement."""
    links = [
        link
        for link in mapped.links_to(table)
        if link.table_id == table.pk and link.role == Link.Role.SUBJECT
    ]
    if not links:
        return Q()
    rows = mapped.rows(table)
    held = level = set(rows.filter(above).values_list(*table.key))
    while level:
        below = {key for link in links for key in _answers(rows, table, link, level)}
        level = below - held
        held = held | level
    return by_key(table, list(held))


def _answers(
    rows: QuerySet[Any], table: Table, link: Link, keys: set[Any]
) -> Iterator[Any]:
    for some in chunks(keys):
        said = rows.filter(by_key(table, some)).values_list(*link.target_columns)
        own = rows.filter(matching(link.lookups, list(said)), **link.when)
        yield from own.values_list(*table.key)


def _owned_by(
    mapped: Map, link: Link, marks: Sequence[Mark], seen: Sequence[int], times: int
) -> Q | None:
    """What a link makes the person's. The two ends may be of different types; rows of
    another store are named by what they say."""
    there = mapped if link in mapped.links else Map(link.target.store)
    target = there.by_id(link.target_id)
    above = rows_of(there, target, marks, seen, times=times)
    if above is None:
        return None
    owners = there.rows(target).filter(above)
    if len(link.columns) > 1 and there is mapped:
        pairs = zip(link.target_columns, link.lookups, strict=True)
        return Q(Exists(owners.filter(**{own: OuterRef(up) for own, up in pairs})))
    own, up = (ends.text(name) for name in (link.lookups[0], link.target_columns[0]))
    said: Any = owners.annotate(said=up).values("said")
    if there is not mapped:
        said = list(said.values_list("said", flat=True))
    mine = mapped.by_id(link.table_id)
    if ends.are_alike(
        (mapped, mine, link.lookups[0]), (there, target, link.target_columns[0])
    ):
        values = owners.values(link.target_columns[0])
        return Q(**{f"{link.lookups[0]}__in": values if there is mapped else said})
    return Q(In(own, said))
