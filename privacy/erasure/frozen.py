"""Stores frozen plans, with one statement for each table: whose they are, their rows by
key and fingerprint, and the ranges that will end them."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db.models import F

from privacy import identifiers as words
from privacy import subjects
from privacy.erasure.drafts import (
    DEIDENTIFY,
    ENDS,
    GONE,
    OWN_TEXTS,
    RANGE,
    REDACT,
    Draft,
    Part,
)
from privacy.models import Link, Plan, PlannedRow, Range
from privacy.plans.ranges import FILES_BATCH
from privacy.subjects import Key

Prints = dict[int, dict[Key, str]]  # table to key to the fingerprint of its row
Made = tuple[Plan, Draft]


def keep_people(made: Sequence[Made], now: dt.datetime) -> None:
    """Stores whose plans they are: identifiers as given, and as their own rows say."""
    marks = {
        plan.pk: dict.fromkeys(mark for one in draft.found for mark in one.marks)
        for plan, draft in made
    }
    every = dict.fromkeys(mark for some in marks.values() for mark in some)
    rows = words.keep_many(every, now=now, revive=True)
    link = Plan.identifiers.through
    link.objects.bulk_create(
        link(plan_id=pk, identifier=rows[mark])
        for pk, some in marks.items()
        for mark in some
    )


def keep_rows(
    made: Sequence[Made], prints: Prints, after: Mapping[uuid.UUID, int] | None = None
) -> None:
    """Stores planned rows in ranges; the text of a de-identified row is read once more.

    `after` is the last range of a plan that already has some, for rows that come late.
    """
    within = Link.objects.filter(table=F("target"), is_constraint=True)
    tied = {link.table for link in within.select_related("table")}  # go together
    chunks = [
        (plan, part, part.rows[start : start + many])
        for plan, draft in made
        for part in draft.parts
        for many in [
            FILES_BATCH if part.table.files and part.table not in tied else RANGE
        ]
        for start in range(0, len(part.rows), many)
    ]
    pieces = _ranges([(plan, part) for plan, part, _ in chunks], after or {})
    PlannedRow.objects.bulk_create(
        (
            PlannedRow(
                plan=plan,
                table=part.table,
                range=piece,
                key=subjects.written_key(row.key),
                fingerprint=prints[part.table.pk].get(row.key, ""),
                path=row.path,
                action=part.action,
                ground=part.ground,
            )
            for (plan, part, chunk), piece in zip(chunks, pieces, strict=True)
            for row in chunk
        ),
        batch_size=5000,
    )


def _ranges(
    parts: Sequence[tuple[Plan, Part]], after: Mapping[uuid.UUID, int]
) -> list[Range | None]:
    """One for each part that changes rows, in the order of the plan."""
    pieces: list[Range | None] = []
    ordinals: Counter[uuid.UUID] = Counter(after)
    for plan, part in parts:
        piece = None
        if part.action in ENDS:
            ordinals[plan.pk] += 1
            ordinal = ordinals[plan.pk]
            piece = Range(
                plan=plan,
                table=part.table,
                action=part.action,
                ordinal=ordinal,
                lower=_lower(part, is_late=plan.pk in after),
            )
            ordinals[plan.pk] += _is_read_again(part)  # room for it
        pieces.append(piece)
    Range.objects.bulk_create([piece for piece in pieces if piece])
    Range.objects.bulk_create(
        Range(
            plan=plan,
            table=piece.table,
            action=REDACT,
            ordinal=piece.ordinal + 1,
            lower={"rows_of": piece.pk, "again": True},
        )
        for piece, (plan, part) in zip(pieces, parts, strict=True)
        if piece and _is_read_again(part)
    )
    return pieces


def _lower(part: Part, *, is_late: bool) -> dict[str, bool] | None:
    said = {"own": part.ground == OWN_TEXTS, "late": is_late}
    return {name: True for name, is_so in said.items() if is_so} or None


def _is_read_again(part: Part) -> bool:
    """A de-identified row may still say whose it was, unless all its texts are removed
    whole."""
    kinds = ("CharField", "TextField", "JSONField")
    gone = {c.name for c in part.columns if c.strategy["strategy"] in GONE}
    texts = {c.name for c in part.all_columns if c.kind in kinds and not c.path}
    return part.action == DEIDENTIFY and not texts <= gone
