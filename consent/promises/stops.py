"""The promise checks of opt-outs: obeyed at all, and in time."""

import datetime as dt

from django.db.models import QuerySet
from django.urls import reverse

from consent import carrying, honour, listings, reasons, reconcile, review
from consent.models import LateMessage, MessageLog, OptLog
from privacy import promises
from privacy.models import PromiseCheck
from privacy.promises import Evidence, Outcome, Remedy

FETCH = Remedy(
    "Fetch today's list from the registry and import it.", needs="consent.add_event"
)
REACH = Remedy(
    "Check that every store can be reached and that a worker is running; then it "
    "continues by itself.",
    needs="privacy.view_store",
)
State = PromiseCheck.State
STOP = "stop-honoured"
MOST_SHOWN = 50
JUDGE = Remedy(
    "A message can't be unsent: find out why it was sent, make sure it can't happen "
    "again, then press “Acknowledge” and give the reason.",
    needs="privacy.add_acknowledgement",
)
READ = Remedy(
    "Press “Decide what they mean”: until then nobody knows whether the person said "
    "stop, and service messages go on.",
    needs="consent.add_event",
)
EXCUSE = Remedy(
    "Find out why we learned of it so late and what was sent in the meantime, then "
    "press “Acknowledge” and give the reason.",
    needs="privacy.add_acknowledgement",
)


def stop_is_honoured(now: dt.datetime) -> Outcome:
    """No message to a person after their opt-out took effect; none took effect later
    than the law allows, whoever told us of it; and none may be waiting to be read."""
    reconcile.look(now=now)
    honour.look(now=now)
    sent = _late(STOP, LateMessage.objects.filter(sent_at__lte=now))
    others = {
        "Opt-outs took effect too late.": _taken_up_late(),
        "What may be an opt-out has waited too long to be read.": _unread(now),
    }
    wrong = {said: evidence for said, evidence in others.items() if evidence}
    if not wrong:
        return sent
    if sent.state == State.BROKEN:
        wrong = {sent.summary: list(sent.evidence)} | wrong
    evidence = [each for some in wrong.values() for each in some]
    return promises.broken(" ".join(wrong), *evidence)


def _unread(now: dt.datetime) -> list[Evidence]:
    return [
        Evidence(
            f"An unclear message of {reasons.moment(row.received_at)} waits to be "
            f"read; a stop would have had to be obeyed by {last:%-d %B %Y}",
            1,
            reverse("admin:consent_inboundmessage_changelist") + "?waits=yes",
            remedy=READ,
        )
        for row, last in review.overdue(now=now, most=MOST_SHOWN)
    ]


def _taken_up_late() -> list[Evidence]:
    """Each list that told us is judged as a whole."""
    judged = promises.acknowledged(STOP)
    return [
        Evidence(
            f"{_named(each['source'], each['route'])}: received on "
            f"{reasons.moment(each['received'])}, in force since "
            f"{reasons.moment(each['enforced'])}, which is later than the law allows",
            each["count"],
            judging(STOP),
            subject=each["source"],
            remedy=EXCUSE,
        )
        for each in honour.sources(MOST_SHOWN, without=judged)
    ]


def _named(source: str, route: str) -> str:
    kind, _, number = source.partition(":")
    if kind == "event":
        return f"The opt-out of event {number}"
    of = "" if route == "import" else f" of {route}"
    return f"Opt-outs of the list{of} that import {number} took in, the first"


def marketing_can_be_stopped(now: dt.datetime) -> Outcome:
    """The same for marketing alone; and the do-not-call registry in use is recent
    enough."""
    reconcile.look(now=now)
    sent = _late("marketing-optout", LateMessage.objects.filter(is_marketing=True))
    old = [
        Evidence(
            f"{name}: our copy is of {taken:%-d %B %Y}, older than {rule} allows",
            url=reverse("admin:consent_listupload_upload"),
            remedy=FETCH,
        )
        for name, taken, rule in listings.too_old(now=now)
    ]
    if not old:
        return _carried(sent, now)
    summary = "Our copy of a do-not-call registry is too old."
    if sent.state == State.BROKEN:
        summary = f"{sent.summary} {summary}"
    return promises.broken(summary, *sent.evidence, *old)


def _carried(sent: Outcome, now: dt.datetime) -> Outcome:
    """A STOP that waits to be carried over to a person's other numbers: the store that
    knows them can't be reached, or no scheduler runs."""
    many, since = carrying.waiting(now=now)
    if since is None:
        return sent
    waits = Evidence(
        f"Opt-outs have been waiting since {reasons.moment(since)} to be applied to "
        "the same people's other numbers",
        many,
        reverse("admin:privacy_store_changelist"),
        remedy=REACH,
    )
    summary = "Opt-outs are waiting to be applied to the same people's other numbers."
    if sent.state == State.BROKEN:
        summary = f"{sent.summary} {summary}"
    return promises.broken(summary, *sent.evidence, waits)


def judging(code: str) -> str:
    return reverse("admin:privacy_promise_acknowledge", args=[code])


def _late(code: str, late: QuerySet[LateMessage]) -> Outcome:
    """What a person has acknowledged no longer counts; a message can't be unsent."""
    if not MessageLog.objects.exists():
        return Outcome(
            State.UNKNOWN, "No table of any store is marked as the message log."
        )
    if OptLog.objects.filter(taken_at=None).exists():
        return Outcome(
            State.UNKNOWN,
            "The platform's own opt-outs are still being taken over; until that is "
            "done, nobody can say what was sent after one.",
        )
    judged = promises.acknowledged(code)
    left = [
        (each, str(each))
        for each in late.select_related("log__table__store").order_by("pk").iterator()
        if str(each) not in judged
    ]
    found = [
        Evidence(
            f"{each.log.table}: sent {reasons.moment(each.sent_at)}, after the "
            "opt-out took effect",
            1,
            judging(code),
            subject=subject,
            remedy=JUDGE,
        )
        for each, subject in left[:MOST_SHOWN]
    ]
    if found:
        many = "1 message" if len(left) == 1 else f"{len(left)} messages"
        return promises.broken(f"{many} went out after an opt-out.", *found)
    judged_too = f" A person acknowledged {len(judged)} of them." if judged else ""
    return promises.kept(f"No message went out after an opt-out.{judged_too}")
