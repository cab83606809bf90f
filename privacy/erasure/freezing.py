"""A plan, frozen: every row by key, under one digest.

The keys are sealed, each with a keyed fingerprint of its row's content, so that
execution can refuse when anything changed after the preview (law 8).
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from privacy import anonymity, audit, destruction, plans, subjects
from privacy import identifiers as words
from privacy.datamap import Map, drift
from privacy.models import Column, Plan, PlannedRow, Range, Table
from privacy.models.sealing import ring
from privacy.refusals import Refusal
from privacy.strategies import STRATEGIES, Effect
from privacy.strategies.base import Unsupported
from privacy.subjects import Found, Key, Row

RANGE = 2000  # rows of a person in one statement
DELETE, DEIDENTIFY, REDACT = "delete", "deidentify", "redact"
KEEP, DISCLOSE = "keep", "disclose"
AFTER_RESTORE = "restore"  # who plans again what a backup brought back
HELD = "A legal hold is open"  # the ground of rows that wait for its end


@dataclass
class Part:
    """What happens to the person's rows in one table."""

    table: Table
    action: str
    ground: str
    rows: list[Row]
    columns: list[Column]


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
    summary = {
        **more,
        "tables": [_said(part) for part in parts],
        "maps": {str(one.mapped.store): one.mapped.digest for one in found},
        "withheld": sum(len(one.withheld) for one in found),
        "exceptions": [text for one in found for text in _exceptions(one)],
    }
    maps = {one.mapped.store.pk: one.mapped for one in found}
    with transaction.atomic():
        made = Plan(kind=kind, title=title, summary=summary, is_cut=True)
        made.planned_by, made.planned_at, made.cutoff = by, now, received_at
        made.save()
        marks = dict.fromkeys(mark for one in found for mark in one.marks)
        made.identifiers.set([words.keep(mark, now=now, revive=True) for mark in marks])
        lines = [line for part in parts for line in _keep_rows(made, part, maps)]
        made.digest = plans.freeze({"summary": summary, "rows": sorted(lines)})
        made.save(update_fields=["digest"])
        audit.record(
            action="plan.made", subject=f"plan:{made.pk}", by=by, now=now,
            kind=kind, digest=made.digest, rows=len(lines),
        )  # fmt: skip
    return made


def _exceptions(found: Found) -> list[str]:
    """What keeps the plan from being complete; a named person must accept it."""
    unknown = [str(problem) for problem in drift.problems(found.mapped)]
    return unknown + found.doubts


def _said(part: Part) -> dict[str, Any]:
    """One table in words."""
    return {
        "table": str(part.table),
        "title": part.table.title,
        "rows": len(part.rows),
        "action": part.action,
        "ground": part.ground,
        "effect": _effect_of_rows(part),
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
    if part.action == DISCLOSE:
        return "Left out" if column.identifier == "credential" else "Copied"
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


def _keep_rows(made: Plan, part: Part, maps: dict[int, Map]) -> Iterator[str]:
    """Planned rows in ranges; the text of a de-identified row is read once more."""
    mapped = maps[part.table.store_id]
    for start in range(0, len(part.rows), RANGE):
        chunk = part.rows[start : start + RANGE]
        piece = None
        if part.action in (DELETE, DEIDENTIFY, REDACT):
            _supported(part)
            piece = _range(made, part.table, part.action)
            if part.action == DEIDENTIFY:
                again = {"rows_of": piece.pk, "again": True}
                _range(made, part.table, REDACT, lower=again)
        prints = fingerprints(mapped, part.table, [row.key for row in chunk])
        PlannedRow.objects.bulk_create(
            PlannedRow(
                plan=made,
                table=part.table,
                range=piece,
                key=subjects.written_key(row.key),
                fingerprint=prints[row.key],
                path=row.path,
                action=part.action,
                ground=part.ground,
            )
            for row in chunk
        )
        yield from (f"{part.table}:{part.action}:{p}" for p in prints.values())


def _supported(part: Part) -> None:
    """A treatment that can't end its column is refused before anything is approved."""
    pattern = "x" if part.action == REDACT else ""
    try:
        destruction.assignments(part.columns, pattern=pattern)
        destruction.still_raw(part.columns, pattern=pattern)
    except Unsupported as error:
        raise Refusal(f"{part.table}: {error} Correct its treatment.") from None


def _range(made: Plan, table: Table, action: str, lower: Any = None) -> Range:
    ordinal = made.ranges.count() + 1
    return Range.objects.create(
        plan=made, table=table, action=action, ordinal=ordinal, lower=lower
    )


def fingerprints(
    mapped: Map, table: Table, keys: Sequence[Key], *, secret: bytes = b""
) -> dict[Key, str]:
    """Key to keyed digest of the row's whole content, under the newest key or this."""
    secret = secret or next(iter(ring(tuple(settings.IDENTIFIER_KEYS)).values()))
    names = [c.name for c in mapped.columns(table) if not c.path]
    found = {}
    rows = mapped.rows(table).filter(subjects.by_key(table, keys)).values(*names)
    for row in rows.order_by().iterator(chunk_size=RANGE):
        said = json.dumps(row, cls=DjangoJSONEncoder, sort_keys=True, default=str)
        key = tuple(row[name] for name in table.key)
        found[key] = hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()
    return found
