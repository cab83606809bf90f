"""A plan, frozen: every row by key, under one digest.

The keys are sealed, each with a keyed fingerprint of its row's content, so that
execution can refuse when anything changed after the preview (law 8).
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from privacy import anonymity, audit, changes, plans, subjects
from privacy import identifiers as words
from privacy.datamap import Map, drift
from privacy.disclosure import NEVER_SENT
from privacy.erasure import fingerprints, unreached
from privacy.models import Column, Plan, PlannedRow, Range, Table
from privacy.refusals import Refusal
from privacy.strategies import STRATEGIES, Effect
from privacy.strategies.base import Unsupported
from privacy.subjects import Found, Key, Row

RANGE = 2000  # rows of a person in one statement
DELETE, DEIDENTIFY, REDACT = "delete", "deidentify", "redact"
KEEP, DISCLOSE, CORRECT = "keep", "disclose", "correct"
AFTER_RESTORE = "restore"  # who plans again what a backup brought back
HELD = "A legal hold is open"  # the ground of rows that wait for its end
OTHER_PARTY = "The row is somebody else's too: what is theirs in it stays"
ENDS = (DELETE, DEIDENTIFY, REDACT)
GONE = ("nullify", "pseudonym", "constant")  # nothing of the text is left
MOST_PATHS = 10  # ways to a table's rows that are shown

Prints = dict[int, dict[Key, str]]  # table to key to the fingerprint of its row


@dataclass
class Part:
    """What happens to the person's rows in one table."""

    table: Table
    action: str
    ground: str
    rows: list[Row]
    columns: list[Column]
    all_columns: Sequence[Column] = ()  # of the table


@dataclass
class Draft:
    """A plan before it is written down."""

    kind: Plan.Kind
    found: Sequence[Found]
    parts: Sequence[Part]
    title: str
    received_at: dt.datetime
    more: dict[str, Any] = field(default_factory=dict)


def freeze(
    kind: Plan.Kind,
    found: Sequence[Found],
    parts: Sequence[Part],
    title: str,
    received_at: dt.datetime,
    by: str,
    now: dt.datetime,
    **more: Any,
) -> Plan:
    """Keep what will happen, row by row, under one digest; `more` goes with it."""
    draft = Draft(kind, found, parts, title, received_at, more)
    return freeze_many([draft], by=by, now=now)[0]


def freeze_many(drafts: Sequence[Draft], *, by: str, now: dt.datetime) -> list[Plan]:
    """The same for many people; the stores are read once for all of them."""
    maps = {one.mapped.store.pk: one.mapped for each in drafts for one in each.found}
    unknown = {
        pk: drift.sentences(drift.problems(mapped)) for pk, mapped in maps.items()
    }
    prints = _prints_of(drafts, maps)
    with transaction.atomic():
        return [_write(draft, prints, unknown, by, now) for draft in drafts]


def _write(
    draft: Draft, prints: Prints, unknown: dict[int, list[str]], by: str, now: Any
) -> Plan:
    maps = {one.mapped.store.pk: one.mapped for one in draft.found}
    said = [_said(part, maps[part.table.store_id]) for part in draft.parts]
    summary = {
        **draft.more,
        "tables": said,
        "maps": {str(one.mapped.store): one.mapped.digest for one in draft.found},
        "moments": {str(one.mapped.store): one.moment for one in draft.found},
        "withheld": sum(len(one.withheld) for one in draft.found),
        "exceptions": list(dict.fromkeys(_exceptions(draft, unknown))),
    }
    made = Plan(kind=draft.kind, title=draft.title, summary=summary, is_cut=True)
    made.planned_by, made.planned_at, made.cutoff = by, now, draft.received_at
    lines = sorted(
        f"{part.table}:{part.action}:{prints[part.table.pk].get(row.key, '')}"
        for part in draft.parts
        for row in part.rows
    )
    made.digest = plans.freeze({"summary": summary, "rows": lines})
    made.save()
    marks = dict.fromkeys(mark for one in draft.found for mark in one.marks)
    made.identifiers.set([words.keep(mark, now=now, revive=True) for mark in marks])
    _keep_rows(made, draft.parts, prints)
    audit.record(
        action="plan.made", subject=f"plan:{made.pk}", by=by, now=now,
        kind=draft.kind, digest=made.digest, rows=len(lines),
    )  # fmt: skip
    return made


def _exceptions(draft: Draft, unknown: dict[int, list[str]]) -> Iterator[str]:
    """All that the plan does not reach, in sentences."""
    for one in draft.found:
        yield from unknown[one.mapped.store.pk]
        yield from one.said_doubts()
        yield from unreached.sealed(one.mapped)
    for part in draft.parts:
        if part.action in (DELETE, DEIDENTIFY):
            yield from unreached.files(part.table, part.all_columns, len(part.rows))


def _said(part: Part, mapped: Map) -> dict[str, Any]:
    """One table in words."""
    return {
        "table": str(part.table),
        "title": part.table.title,
        "rows": fingerprints.count(mapped, part.table, [r.key for r in part.rows]),
        "action": part.action,
        "ground": part.ground,
        "effect": _effect_of_rows(part),
        "paths": Counter(row.path for row in part.rows).most_common(MOST_PATHS),
        "fields": [
            {
                "name": c.full_name,
                "category": c.category_id or "",
                "what": _what(part, c),
                "effect": _effect(part, c),
                "why": c.ground or c.reason,
            }
            for c in part.columns
        ],
    }


def _what(part: Part, column: Column) -> str:
    if part.action == REDACT:
        return STRATEGIES["redact"].label
    if part.action == CORRECT:
        return "Corrected"
    if part.action == DISCLOSE:
        return "Left out" if column.identifier in NEVER_SENT else "Copied"
    return STRATEGIES[column.strategy["strategy"]].label


def _effect(part: Part, column: Column) -> str:
    """What the value may call itself afterwards."""
    if part.action == REDACT:
        return STRATEGIES["redact"].effect
    if part.action in (KEEP, DISCLOSE):
        return Effect.KEPT
    return anonymity.effect(column)


def _effect_of_rows(part: Part) -> str:
    """Of a row: as anonymous as the value that says most."""
    if part.action == DELETE:
        return Effect.DELETED
    return anonymity.weakest([Effect(_effect(part, c)) for c in part.columns])


def _keep_rows(made: Plan, parts: Sequence[Part], prints: Prints) -> None:
    """Planned rows in ranges; the text of a de-identified row is read once more."""
    chunks = [
        (part, part.rows[start : start + RANGE])
        for part in parts
        for start in range(0, len(part.rows), RANGE)
    ]
    for part in parts:
        if part.action in ENDS:
            _supported(part)
    pieces = _ranges(made, [part for part, _ in chunks])
    PlannedRow.objects.bulk_create(
        (
            PlannedRow(
                plan=made,
                table=part.table,
                range=piece,
                key=subjects.written_key(row.key),
                fingerprint=prints[part.table.pk].get(row.key, ""),
                path=row.path,
                action=part.action,
                ground=part.ground,
            )
            for (part, chunk), piece in zip(chunks, pieces, strict=True)
            for row in chunk
        ),
        batch_size=5000,
    )


def _ranges(made: Plan, parts: Sequence[Part]) -> list[Range | None]:
    """One for each part that changes rows, in their order."""
    pieces: list[Range | None] = []
    ordinal = 0
    for part in parts:
        piece = None
        if part.action in ENDS:
            ordinal += 1
            piece = Range(
                plan=made, table=part.table, action=part.action, ordinal=ordinal
            )
            ordinal += _is_read_again(part)  # room for it
        pieces.append(piece)
    Range.objects.bulk_create([piece for piece in pieces if piece])
    Range.objects.bulk_create(
        Range(
            plan=made,
            table=piece.table,
            action=REDACT,
            ordinal=piece.ordinal + 1,
            lower={"rows_of": piece.pk, "again": True},
        )
        for piece, part in zip(pieces, parts, strict=True)
        if piece and _is_read_again(part)
    )
    return pieces


def _is_read_again(part: Part) -> bool:
    """A de-identified row whose texts do not all go as a whole may still say whose it
    was."""
    kinds = ("CharField", "TextField", "JSONField")
    gone = {c.name for c in part.columns if c.strategy["strategy"] in GONE}
    texts = {c.name for c in part.all_columns if c.kind in kinds and not c.path}
    return part.action == DEIDENTIFY and not texts <= gone


def _supported(part: Part) -> None:
    """A treatment that can't end its column is refused before anything is approved."""
    pattern = "x" if part.action == REDACT else ""
    try:
        changes.assignments(part.columns, pattern=pattern)
        changes.still_raw(part.columns, pattern=pattern)
    except Unsupported as error:
        raise Refusal(f"{part.table}: {error} Correct its treatment.") from None


def _prints_of(drafts: Sequence[Draft], maps: dict[int, Map]) -> Prints:
    """Fingerprints of all rows of all drafts, each table read once."""
    keys: dict[Table, dict[Key, None]] = defaultdict(dict)
    for draft in drafts:
        for part in draft.parts:
            keys[part.table].update(dict.fromkeys(row.key for row in part.rows))
    return {
        table.pk: fingerprints.of_rows(maps[table.store_id], table, list(some))
        for table, some in keys.items()
    }
