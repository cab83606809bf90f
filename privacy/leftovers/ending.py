"""Carries a decision out: rows by the one path, files that no row names, and then the
search that alone can say that an erasure is done."""

import datetime as dt
import json
import re
from collections.abc import Sequence

from django.db.models import Q

from privacy import destruction, plans
from privacy.datamap import Map
from privacy.destruction import Ending
from privacy.leftovers.deciding import AlreadyDecided, search_again
from privacy.leftovers.looking import Decision, column_of
from privacy.models import Leftover, Plan, Range, Table


def are_ended_by(plan: Plan) -> bool:
    return plan.ends.exists()


def ending(mapped: Map, table: Table, rows: Q, piece: Range) -> Ending:
    """What a range of such a plan does to its rows."""
    one = piece.plan.ends.exclude(table=None).first()
    if one is None:
        raise AlreadyDecided
    columns = [column_of(mapped, table, one.column, one.decision)]
    if one.decision != Decision.REDACT:
        return Ending(mapped, table, rows, columns)
    return Ending(mapped, table, rows, columns, pattern=_pattern(one))


def _pattern(leftover: Leftover) -> str:
    """The chosen words, in any case; punctuation is matched literally."""
    if leftover.words is None:
        raise AlreadyDecided
    lines = [line.strip() for line in leftover.words.open().splitlines()]
    plain = [re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", line) for line in lines if line]
    return "|".join(sorted(plain, key=len, reverse=True))


def close(plan: Plan, now: dt.datetime) -> list[str]:
    """Called when the plan's ranges are done: records what went, and which erasures are
    searched again. Returns what could not be done, in sentences."""
    held = plans.progress(plan)["held"]
    if held:
        return [f"{held} rows are kept by a legal hold."]
    some = list(plan.ends.select_related("plan", "storage"))
    if problem := _end_files(plan, some, now):
        return [problem]
    plan.ends.update(gone_at=now, words=None)
    for erasure in {each.plan for each in some}:
        search_again(erasure, plan.approved_by, now)
    return []


def _end_files(plan: Plan, some: Sequence[Leftover], now: dt.datetime) -> str:
    """Files that no row names; those that a row names go with the row."""
    paths = [json.loads(each.key.open())[0] for each in some if each.storage]
    if not paths or some[0].storage is None:
        return ""
    people = {row for each in some for row in each.plan.identifiers.all()}
    return destruction.end_files(
        plan=plan, store=some[0].storage, paths=paths, people=people, now=now
    )
