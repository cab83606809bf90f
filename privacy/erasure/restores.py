"""After a restore: notice that a store has gone back in time, and erase again.

A backup is older than the erasures since, so its rows bring the erased people back. The
portal's own rows know what was erased, or the journal does if the portal was restored
as well. Two things tell who is back: rows that are byte for byte what they were before
they were erased, and values whose keyed digest is that of an erased identifier. What is
back is erased again under its old approval (EDPB and ICO guidance on GDPR Art. 17; CCPA
regulations 7022(d)). A row that may be new, because the person came back by themselves,
waits for a person to review it.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import transaction

from privacy import (
    audit,
    identifiers,
    instants,
    journal,
    plans,
    retention,
    stores,
    subjects,
)
from privacy.datamap import Map
from privacy.erasure import drafts, files_back, freezing, noticing, planning
from privacy.erasure.drafts import AFTER_RESTORE as BY
from privacy.identifiers import Mark
from privacy.journal import Erased
from privacy.models import Plan, Rule, Store, Table
from privacy.subjects import Found, Key, Role, Row

MAY_BE_NEW = "The person may have signed up again: check before you approve."
AGAIN = ", after a restore"
PATH = "It was erased before the restore"


@dataclass
class Back:
    """What of one erasure is there again, in one store."""

    mapped: Map
    rows: list[Row] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


@dataclass
class Replayed:
    """Plans that a replay made: approved as before, or waiting for a review."""

    stores: list[str]
    erasures: int = 0
    approved: list[Plan] = field(default_factory=list)
    drafts: list[Plan] = field(default_factory=list)
    sweeps: list[Plan] = field(default_factory=list)
    files: int = 0  # deleted again at once
    problems: list[str] = field(default_factory=list)  # why others were not


def replay_where_needed(*, now: dt.datetime) -> list[Plan]:
    """Called by the scheduler: replays in the stores where something is back. Files are
    listed once an hour, because a bucket may hold millions."""
    again: list[Plan] = []
    kinds = Store.Kind.values if now.minute < 5 else [Store.Kind.DATABASE]
    for name in noticing.notice(now=now, kinds=kinds):
        done = replay(store=stores.named(name), by=BY, now=now)
        again += done.approved + done.sweeps
    return again


# --- replaying ------------------------------------------------------------------


def replay(
    *, store: Store | None, by: str, now: dt.datetime, path: Path | None = None
) -> Replayed:
    """Plans again whatever is back in one store, or in all; a worker carries it out.

    `path` is the journal; its erasures count as well if the portal does not know them.
    A second call plans nothing twice.
    """
    every = [store] if store else list(Store.objects.all())
    looked_at = [each for each in every if each.kind == Store.Kind.DATABASE]
    erased = _everything(path or Path(settings.ERASURE_JOURNAL))
    done = Replayed([each.name for each in every], len(erased))
    maps = [Map(each) for each in looked_at]
    backs = [_look(mapped, erased) for mapped in maps]
    for index, one in enumerate(erased):
        back = [each[index] for each in backs if each[index].rows or each[index].marks]
        if back and (plan := _plan_again(one, back, by, now)):
            (done.approved if plan.approved_by else done.drafts).append(plan)
    for rule in Rule.objects.filter(table__store__in=looked_at):
        started, refused = retention.start_due(now=now, only=rule)
        done.sweeps += started
        done.problems += refused
    for each in every:
        if each.kind == Store.Kind.FILES:
            many, problems = files_back.end_again(store=each, path=path, by=by, now=now)
            done.files += many
            done.problems += problems
    return done


def _everything(path: Path) -> list[Erased]:
    """What was erased and is not already being replayed."""
    at_work = {
        str(key) for key in noticing.open_replays().values_list("replays", flat=True)
    }
    known = list(journal.known(list(noticing.erasures())))
    seen = {one.plan for one in known} | _not_ended()
    known += [one for one in journal.read(path) if one.plan not in seen]
    return [one for one in known if one.plan not in at_work]


def _not_ended() -> set[str]:
    """Plans that are under way, stopped by a person, or put back. A plan that only
    waits for approval is in the journal if the portal itself was restored."""
    erasures = Plan.objects.filter(kind=Plan.Kind.ERASURE)
    keys = erasures.exclude(status=plans.Status.PLANNED).values_list("pk", flat=True)
    return {str(key) for key in keys}


def _look(mapped: Map, erased: Sequence[Erased]) -> list[Back]:
    """For each erasure, what of it is back in one store; the store is read once."""
    with stores.reaching(mapped.store):
        known = _recognised(mapped, {d for one in erased for d in one.digests})
        return [_back(mapped, one, known) for one in erased]


def _back(mapped: Map, one: Erased, known: dict[str, Mark]) -> Back:
    back = Back(mapped)
    for (store, table), prints in one.rows.items():
        if store == mapped.store.name and table in mapped.tables:
            prints = {p: k for p, k in prints.items() if p not in one.unchanged}
            for key, found in noticing.same(mapped, table, prints).items():
                role = Role.SUBJECT if found in one.own else Role.PARTY
                back.rows.append(Row(mapped.tables[table], key, PATH, role))
    back.marks = [known[digest] for digest in sorted(one.digests) if digest in known]
    return back


def _recognised(mapped: Map, digests: set[str]) -> dict[str, Mark]:
    """Maps each digest to its value, for every identifier in the store, read once."""
    found: dict[str, Mark] = {}
    for table in mapped.tables.values():
        for column in subjects.identifying(mapped, table):
            rows = mapped.rows(table).exclude(**{column.lookup: None})
            values = rows.order_by().values_list(column.lookup, flat=True)
            for value in values.distinct().iterator(chunk_size=drafts.RANGE):
                if mark := subjects.read(column, value):
                    same = digests.intersection(identifiers.digests(mark))
                    found |= dict.fromkeys(same, mark)
    return found


def _plan_again(
    one: Erased, back: Sequence[Back], by: str, now: dt.datetime
) -> Plan | None:
    """The erasure of what is back; None if nothing would change."""
    found = _found(one, back)
    parts = [part for each in found for part in planning.erasure_parts(each)]
    if not any(part.action in journal.ENDS for part in parts):
        return None
    is_old = all(_is_old(one, each) for each in found) and _went(found, back)
    for each in found if not is_old else []:
        each.doubts.append(MAY_BE_NEW)
    title = f"{one.title.removesuffix(AGAIN)[:150]}{AGAIN}"
    with transaction.atomic():
        made = freezing.freeze(
            Plan.Kind.ERASURE, found, parts, title, one.asked_at, BY, now
        )
        made.replays = uuid.UUID(one.plan)
        made.save(update_fields=["replays"])
        audit.record(
            action="erasure.replayed", subject=f"plan:{made.pk}", by=by, now=now,
            replays=one.plan, approved=is_old,
        )  # fmt: skip
        if is_old:
            plans.approve(plan=made, by=one.approved_by, now=now)
    return made


def _found(one: Erased, back: Sequence[Back]) -> list[Found]:
    marks = list(dict.fromkeys(mark for each in back for mark in each.marks))
    if marks:
        found = subjects.everywhere(marks=marks, at=one.asked_at)
    else:
        found = [Found(each.mapped, [], one.asked_at) for each in back]
    for each in back:
        mine = next(f for f in found if f.mapped.store == each.mapped.store)
        for row in each.rows:
            _add(mine, row)
    return found


def _add(found: Found, row: Row) -> None:
    """Never more than what was approved: a row that was somebody else's too stays so,
    whatever leads to it now."""
    table = found.mapped.tables[row.table.full_name]
    mine = Row(table, row.key, row.path, row.role)
    if not row.is_own:
        found.rows.pop(mine.place, None)
    found.add(mine)


def _is_old(one: Erased, found: Found) -> bool:
    """Whether every row about the person existed before they were erased."""
    return all(
        _was_there(one, found, table, own)
        for table in found.mapped.tables.values()
        if (own := [row.key for row in found.of(table)])
    )


def _went(found: Sequence[Found], back: Sequence[Back]) -> bool:
    """Something is there that had gone. Rows that stayed, without the person, may have
    been filled anew by somebody, and a person must say which it was."""
    return any(each.rows for each in back) or any(
        planning.ending_of(each.mapped, table)[0] == drafts.DELETE
        for each in found
        for table in each.mapped.tables.values()
        if each.of(table)
    )


def _was_there(one: Erased, found: Found, table: Table, own: list[Key]) -> bool:
    """It is known by its key in the plan, or by its date where the journal withholds
    the keys. A row that was there and not in the plan was somebody else's."""
    prints = one.rows.get((found.mapped.store.name, table.full_name), {})
    known = {subjects.read_key(found.mapped, table, t) for t in prints.values() if t}
    rest = [key for key in own if key not in known]
    if not rest or planning.ending_of(found.mapped, table)[0] == drafts.KEEP:
        return True
    if not table.start or all(prints.values()):
        return False
    rows = found.mapped.rows(table).filter(subjects.by_key(table, rest))
    older = instants.before(found.mapped.column(table, table.start), one.at)
    return rows.filter(older).count() == rows.count()
