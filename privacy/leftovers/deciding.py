"""Decisions about places; one that destroys becomes a plan for a second person to
approve."""

import contextlib
import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from privacy import audit, stores
from privacy.erasure import drafts, freezing, resuming
from privacy.leftovers.looking import Decision, column_of, possible, row_of
from privacy.leftovers.noting import STAYS, waiting
from privacy.models import Leftover, Plan
from privacy.refusals import Refusal
from privacy.subjects import Found

GROUNDS = (
    "GDPR Art. 17(3)(a): freedom of expression and information",
    "GDPR Art. 17(3)(b): a legal obligation",
    "GDPR Art. 17(3)(c): public health",
    "GDPR Art. 17(3)(d): archiving, research or statistics",
    "GDPR Art. 17(3)(e): legal claims",
    "CCPA, Cal. Civ. Code 1798.105(d)",
)


class AlreadyDecided(Refusal):
    """Somebody has already decided about it, or it is gone."""


class GroundNeeded(Refusal):
    """Say why it may stay: give a legal ground, or how you know that it is not
    theirs."""


class WordsNeeded(Refusal):
    """Say which words to remove, one a line."""


def decide(
    *,
    leftovers: Sequence[Leftover],
    decision: str,
    by: str,
    now: dt.datetime,
    ground: str = "",
    words: str = "",
) -> Plan:
    """One decision about places of the same column or storage. Returns the plan that a
    second person must approve, or the erasure where nothing is destroyed."""
    first = leftovers[0]
    _sound(first, Decision(decision), ground, words)
    with transaction.atomic():
        mine = waiting().select_for_update(of=("self",))
        some = list(mine.filter(pk__in=[each.pk for each in leftovers]))
        if len(some) < len(leftovers):
            raise AlreadyDecided
        ending = None if decision in STAYS else _plan(some, decision, by, now)
        sealed = words.strip() if decision == Decision.REDACT else None
        for each in some:
            each.decision, each.ground, each.words = decision, ground.strip(), sealed
            each.decided_by, each.decided_at, each.ending = by, now, ending
            each.save()
            audit.record(
                action="leftover.decided", subject=f"leftover:{each.pk}", by=by,
                now=now, decision=decision, ground=ground.strip(),
            )  # fmt: skip
        if ending is None:
            search_again(first.plan, by, now)
    return ending or first.plan


def _sound(first: Leftover, decision: Decision, ground: str, words: str) -> None:
    if decision in STAYS and not ground.strip():
        raise GroundNeeded
    if decision == Decision.REDACT and not words.split():
        raise WordsNeeded
    if why := possible(first)[decision]:
        raise Refusal(why)


def _plan(some: Sequence[Leftover], decision: str, by: str, now: dt.datetime) -> Plan:
    """What destroys is planned like everything else, for a second person to approve."""
    title = f"What was left of “{some[0].plan.title}”"[:200]
    if some[0].storage is not None:
        more = {"files": len(some), "storage": str(some[0].storage)}
        return freezing.freeze(Plan.Kind.SCRUB, [], [], title, now, by, now, **more)
    mapped, table, _ = row_of(some[0])
    column = column_of(mapped, table, some[0].column, decision)
    is_redacted = decision == Decision.REDACT
    action = drafts.REDACT if is_redacted else drafts.DEIDENTIFY
    rows = [row_of(each)[2] for each in some]
    part = drafts.Part(
        table, action, "Decided by a person who looked at it", rows, [column]
    )
    found = Found(mapped, [], now)
    return freezing.freeze(Plan.Kind.SCRUB, [found], [part], title, now, by, now)


def search_again(plan: Plan, by: str, now: dt.datetime) -> None:
    """Once nothing waits any more: only the search itself can say that it is done."""
    open_ = plan.leftovers.filter(gone_at=None).exclude(decision__in=STAYS)
    fresh = Plan.objects.get(pk=plan.pk)
    if fresh.status == Plan.Status.INCOMPLETE and not open_.exists():
        why_not = (resuming.RowsChanged, stores.StoreDown)  # "Try again" says it
        with contextlib.suppress(*why_not):
            resuming.retry(plan=fresh, by=by, now=now)
