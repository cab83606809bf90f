"""Plans for people who ask, one or many at once: drafts that change nothing."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from privacy import identifiers as words
from privacy import subjects, undo
from privacy.erasure import copying, planning
from privacy.erasure.drafts import Draft
from privacy.erasure.freezing import freeze_many
from privacy.models import Identifier, Plan
from privacy.refusals import Refusal
from privacy.subjects import Found


class NobodyNamed(Refusal):
    """A request needs at least one identifier of the person."""


@dataclass(frozen=True)
class Ask:
    """One person's request.

    `follows` is the earlier plan some of whose rows a hold had kept. An erasure can be
    undone for `undo_days` after its end. `sources` limits an access request to personal
    data from these sources; none means all.
    """

    identifiers: Sequence[Identifier]
    title: str
    received_at: dt.datetime
    follows: Plan | None = None
    undo_days: int = 0
    sources: Sequence[str] = ()


def plan(
    *,
    identifiers: Sequence[Identifier],
    title: str,
    received_at: dt.datetime,
    by: str,
    now: dt.datetime,
    follows: Plan | None = None,
    undo_days: int = 0,
) -> Plan:
    """An erasure's plan: a draft that changes nothing until it is approved."""
    ask = Ask(identifiers, title, received_at, follows, undo_days)
    return plan_many(asks=[ask], by=by, now=now)[0]


def plan_many(*, asks: Sequence[Ask], by: str, now: dt.datetime) -> list[Plan]:
    """The plans of many erasures, in order; each store is read once for all of them."""
    found = _find(asks)
    held = planning.Held([one for each in found for one in each])
    drafts = [
        Draft(
            Plan.Kind.ERASURE,
            each,
            [part for one in each for part in planning.erasure_parts(one, held)],
            ask.title,
            ask.received_at,
            {"acted": acted} if (acted := copying.acted(each)) else {},
        )
        for ask, each in zip(asks, found, strict=True)
    ]
    with transaction.atomic():
        made = freeze_many(drafts, by=by, now=now)
        for one, ask in zip(made, asks, strict=True):
            undo.prepare(plan=one, days=ask.undo_days)
            if ask.follows is not None:
                one.follows = ask.follows
                one.save(update_fields=["follows"])
    return made


def plan_access(
    *,
    identifiers: Sequence[Identifier],
    title: str,
    received_at: dt.datetime,
    by: str,
    now: dt.datetime,
    sources: Sequence[str] = (),
) -> Plan:
    """An access request's plan: the rows of which the person will get a copy."""
    ask = Ask(identifiers, title, received_at, sources=sources)
    return plan_access_many(asks=[ask], by=by, now=now)[0]


def plan_access_many(*, asks: Sequence[Ask], by: str, now: dt.datetime) -> list[Plan]:
    """The plans of many access requests, in order; each store is read once for all of
    them."""
    drafts = [
        Draft(
            Plan.Kind.ACCESS,
            each,
            [p for one in each for p in copying.access_parts(one, ask.sources)],
            ask.title,
            ask.received_at,
            {"sources": list(ask.sources)} if ask.sources else {},
        )
        for ask, each in zip(asks, _find(asks), strict=True)
    ]
    return freeze_many(drafts, by=by, now=now)


def _find(asks: Sequence[Ask]) -> list[list[Found]]:
    if not all(ask.identifiers for ask in asks):
        raise NobodyNamed
    people = [
        ([words.value(row) for row in ask.identifiers], ask.received_at) for ask in asks
    ]
    return subjects.for_many(people=people)
