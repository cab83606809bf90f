"""Freezes a plan: every row by key, under one digest.

The keys are sealed, each with a keyed fingerprint of its row's content, so that
execution can refuse if anything changed after the preview (law 8).
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction

from privacy import anonymity, audit, changes, plans
from privacy.datamap import Map, drift
from privacy.disclosure import NEVER_SENT
from privacy.erasure import fingerprints, frozen, naming, unreached
from privacy.erasure.drafts import (
    CORRECT,
    DEIDENTIFY,
    DELETE,
    DISCLOSE,
    ENDS,
    KEEP,
    OTHER_PARTY,
    REDACT,
    Draft,
    Part,
)
from privacy.erasure.frozen import Made, Prints
from privacy.models import Column, Plan, Table
from privacy.refusals import Refusal
from privacy.strategies import STRATEGIES, Effect
from privacy.strategies.base import Unsupported
from privacy.subjects import Found, Key

OUT_OF_LIST = "The person's key removed from the list"
MOST_PATHS = 10  # ways to a table's rows that are shown


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
    """Stores what will happen, row by row, under one digest; `more` is stored with
    it."""
    draft = Draft(kind, found, parts, title, received_at, more)
    return freeze_many([draft], by=by, now=now)[0]


def freeze_many(drafts: Sequence[Draft], *, by: str, now: dt.datetime) -> list[Plan]:
    """The same for many people: the stores are read once for all of them, and the rows
    are written with one statement for each table."""
    for table, some in _by_table(drafts).items():
        for action in {part.action for part in some} & set(ENDS):
            _supported(table, [part for part in some if part.action == action])
    maps = {one.mapped.store.pk: one.mapped for each in drafts for one in each.found}
    unknown = {
        pk: drift.sentences(drift.problems(mapped)) for pk, mapped in maps.items()
    }
    prints = _prints_of(drafts, maps)
    made = [_plan(draft, maps, prints, unknown, by, now) for draft in drafts]
    for plan, names in zip(made, naming.of(drafts), strict=True):
        plan.names = names
    with transaction.atomic():
        _write(list(zip(made, drafts, strict=True)), prints, by, now)
    return made


def _plan(
    draft: Draft,
    maps: dict[int, Map],
    prints: Prints,
    unknown: dict[int, list[str]],
    by: str,
    now: dt.datetime,
) -> Plan:
    """The plan as it will be stored."""
    summary = {
        **draft.more,
        "tables": [_said(part, maps[part.table.store_id]) for part in draft.parts],
        "maps": {str(one.mapped.store): one.mapped.digest for one in draft.found},
        "moments": {str(one.mapped.store): one.moment for one in draft.found},
        "withheld": sum(len(one.withheld) for one in draft.found),
        "exceptions": list(dict.fromkeys(_exceptions(draft, unknown))),
    }
    lines = sorted(
        f"{part.table}:{part.action}:{prints[part.table.pk].get(row.key, '')}"
        for part in draft.parts
        for row in part.rows
    )
    return Plan(
        kind=draft.kind,
        title=draft.title,
        summary=summary,
        is_cut=True,
        planned_by=by,
        planned_at=now,
        cutoff=draft.received_at,
        digest=plans.freeze({"summary": summary, "rows": lines}),
    )


def _write(made: Sequence[Made], prints: Prints, by: str, now: dt.datetime) -> None:
    """The audit row comes last: everyone else who writes to the trail waits until this
    commits."""
    Plan.objects.bulk_create(plan for plan, _ in made)
    frozen.keep_people(made, now)
    frozen.keep_rows(made, prints)
    audit.record_many(
        audit.event(
            action="plan.made", subject=f"plan:{plan.pk}", by=by, now=now,
            kind=draft.kind, digest=plan.digest,
            rows=sum(len(part.rows) for part in draft.parts),
        )
        for plan, draft in made
    )  # fmt: skip


def _exceptions(draft: Draft, unknown: dict[int, list[str]]) -> Iterator[str]:
    """Everything that the plan does not reach, in sentences."""
    for one in draft.found:
        yield from unknown[one.mapped.store.pk]
        yield from one.said_doubts()
        yield from unreached.sealed(one.mapped)
        yield from unreached.undecided(one)
    for part in draft.parts:
        if part.action in (DELETE, DEIDENTIFY):
            yield from unreached.files(part.table, part.all_columns, len(part.rows))
        if part.action in (KEEP, DEIDENTIFY) and draft.kind == Plan.Kind.ERASURE:
            yield from unreached.kept(part.table, part.all_columns, len(part.rows))
        if part.ground == OTHER_PARTY and draft.kind == Plan.Kind.ERASURE:
            yield unreached.shared(part.table, len(part.rows))


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
        ]
        + [
            {
                "name": c.full_name,
                "category": c.category_id or "",
                "what": OUT_OF_LIST,
                "effect": Effect.DELETED,
                "why": "",
            }
            for c in part.lists
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
    """What the value may be called afterwards."""
    if part.action == REDACT:
        return STRATEGIES["redact"].effect
    if part.action in (KEEP, DISCLOSE):
        return Effect.KEPT
    return anonymity.effect(column)


def _effect_of_rows(part: Part) -> str:
    """What a row may be called: it is as anonymous as its least anonymous value."""
    if part.action == DELETE:
        return Effect.DELETED
    return anonymity.weakest([Effect(_effect(part, c)) for c in part.columns])


def _supported(table: Table, parts: Sequence[Part]) -> None:
    """Refuses a treatment that is impossible for its column before anything is
    approved."""
    columns = {column.pk: column for part in parts for column in part.columns}
    pattern = "x" if parts[0].action == REDACT else ""
    try:
        changes.assignments(list(columns.values()), pattern=pattern)
        changes.still_raw(list(columns.values()), pattern=pattern)
    except Unsupported as error:
        raise Refusal(f"{table}: {error} Correct its treatment.") from None


def _by_table(drafts: Sequence[Draft]) -> dict[Table, list[Part]]:
    found: dict[Table, list[Part]] = defaultdict(list)
    for draft in drafts:
        for part in draft.parts:
            found[part.table].append(part)
    return found


def _prints_of(drafts: Sequence[Draft], maps: dict[int, Map]) -> Prints:
    """Fingerprints of all rows of all drafts, each table read once."""
    keys: dict[Table, dict[Key, None]] = defaultdict(dict)
    for table, parts in _by_table(drafts).items():
        for part in parts:
            keys[table].update(dict.fromkeys(row.key for row in part.rows))
    return {
        table.pk: fingerprints.of_rows(maps[table.store_id], table, list(some))
        for table, some in keys.items()
    }
