"""The promise board: each sentence of the policy, and what a machine found out.

Every app registers its checks when it starts, the way Django's system checks are:

    promises.register("stop-honoured")(messages.stop_honoured)

A check is `check(*, now) -> Outcome` and reads the data as it is. It may take long and
may fail; what failed is shown as "could not be checked". Only a check that ran and
found nothing makes a promise green.
"""

import dataclasses
import datetime as dt
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery

from privacy import audit
from privacy.models import Acknowledgement, Promise, PromiseCheck
from privacy.refusals import Refusal

log = logging.getLogger(__name__)
State = PromiseCheck.State


class NoSuchPromise(Refusal):
    """The policy makes no promise of that name; `promises list` shows them all."""


class ReasonNeeded(Refusal):
    """Say why this finding is settled; the reason is recorded."""


class NotAFinding(Refusal):
    """The latest check of this promise does not report that finding."""


class AlreadyAcknowledged(Refusal):
    """Somebody acknowledged this finding before."""


class CheckedTwice(Exception):
    """Two checks were registered for one promise: make them one."""


@dataclass(frozen=True)
class Evidence:
    """A sentence with its number and the page where something can be done about it.

    No personal data. `subject` names a single finding that a person may acknowledge
    (`store.table:key`); leave it empty for what has to be repaired.
    """

    sentence: str
    count: int | None = None
    url: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Outcome:
    state: State
    summary: str
    evidence: tuple[Evidence, ...] = ()


class Check(Protocol):
    def __call__(self, *, now: dt.datetime) -> Outcome: ...


SomeCheck = TypeVar("SomeCheck", bound=Check)
CHECKS: dict[str, Check] = {}


def kept(summary: str, *evidence: Evidence) -> Outcome:
    return Outcome(State.KEPT, summary, evidence)


def broken(summary: str, *evidence: Evidence) -> Outcome:
    return Outcome(State.BROKEN, summary, evidence)


def unkept(summary: str, *evidence: Evidence) -> Outcome:
    """Nothing is there yet that could keep it: no store, no program, no contract."""
    return Outcome(State.UNKEPT, summary, evidence)


def register(code: str) -> Callable[[SomeCheck], SomeCheck]:
    def add(check: SomeCheck) -> SomeCheck:
        if code in CHECKS:
            raise CheckedTwice(code)
        CHECKS[code] = check
        return check

    return add


# --- looking ----------------------------------------------------------------
def run(*, now: dt.datetime, code: str | None = None) -> list[PromiseCheck]:
    """Check all promises, or one; each answer is stored as soon as it is there."""
    wanted = Promise.objects.all() if code is None else Promise.objects.filter(pk=code)
    if code is not None and not wanted:
        raise NoSuchPromise
    return [_store(promise, _look(promise.code, now), now) for promise in wanted]


def _look(code: str, now: dt.datetime) -> Outcome:
    check = CHECKS.get(code)
    if check is None:
        return unkept("No machine checks this promise yet.")
    try:
        return check(now=now)
    except Exception as error:  # whatever it is, it is not green
        return _could_not(code, error)


def _could_not(code: str, error: Exception) -> Outcome:
    """Kind and place of the error; its message could quote somebody's data."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    kind = type(error).__name__
    log.error("check of %s: %s at %s:%s", code, kind, place.filename, place.lineno)
    return Outcome(
        State.UNKNOWN,
        f"The check stopped with {kind}; the log says where."
        " Until it runs again, nobody knows whether the promise is kept.",
    )


def _store(promise: Promise, outcome: Outcome, now: dt.datetime) -> PromiseCheck:
    return PromiseCheck.objects.create(
        promise=promise,
        state=outcome.state,
        summary=outcome.summary,
        evidence=[dataclasses.asdict(each) for each in outcome.evidence],
        checked_at=now,
    )


def latest() -> dict[str, PromiseCheck]:
    """Code to its newest check: one index seek a promise, however long the history."""
    newest = PromiseCheck.objects.filter(promise=OuterRef("pk"))
    ids = Promise.objects.values_list(
        Subquery(newest.order_by("-checked_at", "-id").values("pk")[:1])
    )
    checks = PromiseCheck.objects.filter(pk__in=[pk for (pk,) in ids if pk])
    return {check.promise_id: check for check in checks}


# --- acknowledging ----------------------------------------------------------
def findings(promise: Promise) -> list[str]:
    """The subjects its latest check reports and a person may acknowledge."""
    check = latest().get(promise.code)
    evidence = check.evidence if check and check.state == State.BROKEN else []
    return [each["subject"] for each in evidence if each["subject"]]


def acknowledged(code: str) -> set[str]:
    """Subjects that a check leaves out, because a person judged them."""
    rows = Acknowledgement.objects.filter(promise_id=code)
    return set(rows.values_list("subject", flat=True))


def acknowledge(
    *, promise: Promise, subject: str, reason: str, by: str, now: dt.datetime
) -> Acknowledgement:
    """For what can't be undone, such as a message that was sent."""
    if len(reason.strip()) < 5:  # shorter than any reason
        raise ReasonNeeded
    if acknowledged(promise.code) & {subject}:
        raise AlreadyAcknowledged
    if subject not in findings(promise):
        raise NotAFinding
    try:
        with transaction.atomic():
            return _acknowledge(promise, subject, reason.strip(), by, now)
    except IntegrityError:  # somebody else was first
        raise AlreadyAcknowledged from None


def _acknowledge(
    promise: Promise, subject: str, reason: str, by: str, now: dt.datetime
) -> Acknowledgement:
    """The trail gets the row's number, not its subject: keys can be e-mails."""
    row = Acknowledgement.objects.create(
        promise=promise,
        subject=subject,
        reason=reason,
        acknowledged_by=by,
        acknowledged_at=now,
    )
    audit.record(
        action="promise.acknowledged",
        subject=f"promise:{promise.code}",
        by=by,
        now=now,
        acknowledgement=row.pk,
        reason=reason,
    )
    return row
