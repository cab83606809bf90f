"""The promise board: checks that each app registers, run, stored and shown.

A check looks at the data as it really is and returns an `Outcome`. What was not checked
is never called kept: a promise without a check is "not yet kept", and a check that
stops half-way is "could not be checked".
"""

import datetime as dt
import logging
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from privacy import audit
from privacy.models import Acknowledgement, Promise, PromiseCheck
from privacy.refusals import Refusal, reason_given

logger = logging.getLogger(__name__)
State = PromiseCheck.State
WHY_IT_STAYS = (
    "Say why this violation can stay, in a few words; the reason is recorded."
)


class NoSuchPromise(Refusal):
    """There is no promise of that name on the board; `promises list` shows them all."""


class NothingToJudge(Refusal):
    """The last check of this promise found nothing that a person can acknowledge."""


class AlreadyAcknowledged(Refusal):
    """This violation was already acknowledged."""


@dataclass(frozen=True)
class Remedy:
    """What to do, and the permission it needs; "" when nobody here can do it."""

    sentence: str
    needs: str = ""


@dataclass(frozen=True)
class Evidence:
    """A sentence without personal data, its count, and where to act on it.

    `subject` names one row by store and key if a person may acknowledge that row
    (`acknowledge`).
    """

    sentence: str
    count: int | None = None
    url: str = ""
    subject: str = ""
    remedy: Remedy | None = None


@dataclass(frozen=True)
class Outcome:
    state: str
    summary: str
    evidence: tuple[Evidence, ...] = ()


Check = Callable[..., Outcome]  # called as check(now=…)
CHECKS: dict[str, Check] = {}


def kept(summary: str, *evidence: Evidence) -> Outcome:
    return Outcome(State.KEPT, summary, evidence)


def broken(summary: str, *evidence: Evidence) -> Outcome:
    return Outcome(State.BROKEN, summary, evidence)


def register(code: str) -> Callable[[Check], Check]:
    """`@promises.register("stop-honoured")` above `def check(now: datetime)`."""

    def remember(check: Check) -> Check:
        if code in CHECKS:
            raise ValueError(f"{code} has two checks.")
        CHECKS[code] = check
        return check

    return remember


# --- looking ----------------------------------------------------------------
def run(*, code: str | None = None, now: dt.datetime) -> list[PromiseCheck]:
    """Checks one promise, or all of them in the order of the policy."""
    wanted = Promise.objects.all() if code is None else [named(code)]
    return [_keep(promise, _look(promise.code, now), now) for promise in wanted]


def named(code: str) -> Promise:
    try:
        return Promise.objects.get(code=code)
    except Promise.DoesNotExist:
        raise NoSuchPromise from None


def _look(code: str, now: dt.datetime) -> Outcome:
    check = CHECKS.get(code)
    if check is None:
        return Outcome(
            State.UNKEPT, "There is no automatic check for this promise yet."
        )
    try:
        with transaction.atomic():
            return check(now=now)
    except Refusal as refusal:
        return Outcome(State.UNKNOWN, str(refusal))
    except Exception as error:
        # The message of an error may hold a person's data; its place and kind do not.
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        logger.error("%s stopped: %s at %s:%s", code, kind, place.name, place.lineno)
        return Outcome(State.UNKNOWN, f"The check stopped half-way ({kind}).")


def _keep(promise: Promise, found: Outcome, now: dt.datetime) -> PromiseCheck:
    """Of equal results in a row, only the first and the latest are stored."""
    said = {
        "state": found.state,
        "summary": found.summary,
        "evidence": [asdict(each) for each in found.evidence],
    }
    last = promise.checks.order_by("-checked_at", "-id")[:2]
    if len(last) == 2 and all(_says(row, said) for row in last):
        last[0].checked_at = now
        last[0].save(update_fields=["checked_at"])
        return last[0]
    return promise.checks.create(checked_at=now, **said)


def _says(row: PromiseCheck, said: dict[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in said.items())


def latest() -> dict[str, PromiseCheck]:
    """The latest check of each promise, by its code."""
    rows = PromiseCheck.objects.order_by("promise_id", "-checked_at", "-id")
    return {row.promise_id: row for row in rows.distinct("promise_id")}


# --- what a person has judged -----------------------------------------------
def acknowledge(
    *, promise: Promise, subject: str, reason: str, by: str, now: dt.datetime
) -> Acknowledgement:
    """A violation that can't be undone stops counting; who acknowledged it and why is
    stored."""
    reason = reason_given(reason, WHY_IT_STAYS)
    with transaction.atomic():
        row, made = Acknowledgement.objects.get_or_create(
            promise=promise,
            subject=subject,
            defaults={
                "reason": reason,
                "acknowledged_by": by,
                "acknowledged_at": now,
            },
        )
        if not made:
            raise AlreadyAcknowledged
        audit.record(
            action="promise.acknowledged",
            subject=f"promise:{promise.pk}",
            by=by,
            now=now,
            acknowledgement=row.pk,
            reason=reason,
        )
    return row


def acknowledged(code: str) -> set[str]:
    """The subjects that a check of this promise leaves out."""
    rows = Acknowledgement.objects.filter(promise=code)
    return set(rows.values_list("subject", flat=True))
