"""What becomes of a new mail: a request, a follow-up, an opt-out, or a place in the
queue."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from consent import ledger
from consent.models import Channel, Event
from dsr import intake, notices, tickets
from dsr.deadlines import day_of
from dsr.mailbox import belonging, letter
from dsr.mailbox.belonging import Belonging
from dsr.mailbox.letter import Letter
from dsr.mailbox.understood import Understanding
from dsr.models import Mail, Ticket
from privacy import audit, holds, identifiers, plans
from privacy.identifiers import Kind, Mark
from privacy.models import Hold, LegalProcess, Plan
from privacy.providers import processes
from privacy.refusals import Refusal

Verdict = Mail.Verdict
ROUTE = "mail"
PRESERVING = "legal_process"
ANSWERS = {"dsr", "other"}  # categories: about a request, or anything at all
SAID_IN_ANSWERS = {"follow_up", "withdrawal_of_request"}
LONGEST_WORDS = 2000  # characters of a mail that are kept with an opt-out


@dataclass(frozen=True)
class Arrival:
    """A new mail and everything known about it while it is decided."""

    mail: Mail
    read: Letter
    found: Understanding
    belongs: Belonging
    by: str
    now: dt.datetime

    @property
    def is_from_the_person(self) -> bool:
        """From the very address that an earlier request is about, as far as we know."""
        return self.found.is_authentic and self.found.from_is_subject


def decide(arrival: Arrival) -> None:
    verdict, reason = _verdict(arrival)
    mail, settled = arrival.mail, verdict != Verdict.QUEUE
    mail.verdict, mail.reason = verdict, reason
    mail.settled_by = arrival.by if settled else ""
    mail.settled_at = arrival.now if settled else None
    mail.save()
    record(mail, by=arrival.by, now=arrival.now)


def record(mail: Mail, *, by: str, now: dt.datetime) -> None:
    audit.record(
        action="mail.taken",
        subject=f"mail:{mail.pk}",
        by=by,
        now=now,
        verdict=mail.verdict,
        category=mail.category,
        reason=mail.reason,
        tickets=[str(ticket) for ticket in mail.tickets.all()],
    )


def _verdict(arrival: Arrival) -> tuple[str, str]:
    """In this order: what needs nobody, what continues something, what is asked
    anew."""
    found, belongs = arrival.found, arrival.belongs
    arrival.mail.tickets.set(belongs.tickets)
    if found.category == "bounce" and not belongs:
        return Verdict.SET_ASIDE, found.reason
    if found.is_set_aside:
        return Verdict.SET_ASIDE, found.reason
    if found.category == PRESERVING:
        return Verdict.QUEUE, f"{found.reason} {_keep_for_now(arrival)}"
    if belongs.repeats or not belongs:
        return _asked(arrival)
    return _gone_on(arrival)


def _keep_for_now(arrival: Arrival) -> str:
    """A court or a lawyer may want it kept: nothing is lost by keeping it until Legal
    has read the letter, and a deletion meanwhile could not be undone."""
    writer = belonging.sender_of(arrival.read)
    named = [m for m in belonging.marks_of(arrival.found) if m not in writer]
    _register(arrival, _hold(arrival, named) if named else None)
    if not named:
        return (
            "It names nobody whose data could be put on hold by itself. It is in the "
            "register of legal process; Legal must read it and find whom it means."
        )
    return "The data it names is on hold until Legal has read it."


def _hold(arrival: Arrival, named: list[Mark]) -> Hold:
    return holds.place(
        matter=f"Mail {arrival.mail.pk}",
        identifiers=[
            identifiers.keep(mark, now=arrival.now, revive=True) for mark in named
        ],
        tables=[],
        by=arrival.by,
        now=arrival.now,
    )


def _register(arrival: Arrival, hold: Hold | None) -> None:
    """As it came: proof that we had it, and no ground to disclose anything."""
    mail = Mail.objects.get(pk=arrival.mail.pk)
    processes.record(
        reference=f"Mail {mail.pk}",
        kind=LegalProcess.Kind.LETTER,
        authority="Not known before somebody has read it",
        scope="As the letter says; nobody has read it yet.",
        received_on=day_of(mail.received_at),
        paper=letter.as_bytes(mail.raw.open())[: processes.LARGEST],
        by=arrival.by,
        now=arrival.now,
        hold=hold,
    )


def _gone_on(arrival: Arrival) -> tuple[str, str]:
    """It belongs to an earlier mail or request, which a person looks at again."""
    found, belongs = arrival.found, arrival.belongs
    name = str(belongs.tickets[0]) if belongs.tickets else "an earlier mail"
    if found.is_thanks:
        return Verdict.FOLLOW_UP, f"{found.reason} It belongs to {name}."
    if belongs.is_contested:
        return Verdict.QUEUE, f"Another address asks about the person of {name}."
    reason = f"{found.reason} It belongs to {name}."
    if "withdrawal_of_request" in found.types and _hold_back(arrival):
        reason += " Its plan is paused."
    if theirs := _conversation(arrival):
        arrival.mail.tickets.set(theirs)
        return Verdict.FOLLOW_UP, f"{reason} It joined the conversation."
    return Verdict.QUEUE, reason


def _conversation(arrival: Arrival) -> list[Ticket]:
    """The open requests that it answers, if it comes from where our letters about them
    go, and asks for nothing else: a new request needs its own clock."""
    found, belongs = arrival.found, arrival.belongs
    if not (belongs.is_answer and found.is_authentic) or found.is_for_legal:
        return []
    theirs = [
        ticket
        for ticket in belongs.tickets
        if ticket.is_open and arrival.read.sender in notices.correspondents(ticket)
    ]
    asks = set(found.types) - SAID_IN_ANSWERS - {ticket.right for ticket in theirs}
    return [] if asks or found.category not in ANSWERS else theirs


def _asked(arrival: Arrival) -> tuple[str, str]:
    found = arrival.found
    if found.opt_out and not found.is_dsr:
        return _opt_out(arrival)
    if not found.is_dsr:
        return Verdict.QUEUE, found.reason
    if found.doubts:
        return Verdict.QUEUE, " ".join([found.reason, *found.doubts])
    return _opened(arrival)


def _opened(arrival: Arrival) -> tuple[str, str]:
    """One ticket for each right that is not open already; all of them or none."""
    found = arrival.found
    known = {ticket.right for ticket in arrival.belongs.tickets}
    try:
        with transaction.atomic():
            if wanted := [each for each in found.rights if each not in known]:
                arrival.mail.tickets.add(*_open(arrival, wanted))
    except Refusal as refusal:
        return Verdict.QUEUE, f"{found.reason} {refusal}"
    if found.opt_out:
        _opt_out(arrival)
    if known >= set(found.rights):
        return Verdict.FOLLOW_UP, f"{found.reason} The same request is already open."
    return Verdict.REQUEST, found.reason


def _open(arrival: Arrival, rights: list[str]) -> list[Ticket]:
    read, found = arrival.read, arrival.found
    return intake.receive(
        rights=rights,
        regime=found.jurisdiction,
        marks=belonging.marks_of(found),
        received_at=arrival.mail.received_at,
        source=Ticket.Source.MAIL,
        by=arrival.by,
        now=arrival.now,
        name=read.sender_name,
        email=read.sender,
        text=read.text,
    )


def _opt_out(arrival: Arrival) -> tuple[str, str]:
    """For the number that is named; for the sender's address where a mailing list is
    left."""
    found = arrival.found
    wanted = Kind.EMAIL if found.category == "unsubscribe" else Kind.PHONE
    marks = [m for m in belonging.marks_of(found) if m.kind == wanted]
    if not marks or not found.is_sure or not arrival.is_from_the_person:
        return Verdict.QUEUE, f"{found.reason} It is unclear which number it is about."
    for number, mark in enumerate(marks):
        ledger.record(
            mark=mark,
            kind=Event.Kind.OPT_OUT,
            channel=Channel.SMS if wanted == Kind.PHONE else Channel.EMAIL,
            route=ROUTE,
            source=Event.Source.DIRECT,
            occurred_at=arrival.mail.received_at,
            idempotency_key=f"mail:{arrival.mail.pk}:{number}",
            evidence={"mail": arrival.mail.pk, "rule": found.category},
            words=arrival.read.text[:LONGEST_WORDS],
            by=arrival.by,
            now=arrival.now,
        )
    return Verdict.OPT_OUT, f"{found.reason} It is recorded."


def _hold_back(arrival: Arrival) -> bool:
    """What the same person withdraws is not carried out before somebody has looked.

    A wrong deletion can't be undone, a plan can be made again: so this is safe even if
    the mail was misread.
    """
    if not arrival.found.is_authentic:
        return False
    sender = arrival.mail.sender_id
    theirs = [
        ticket
        for ticket in arrival.belongs.tickets
        if ticket.plan and sender in {row.pk for row in ticket.identifiers.all()}
    ]
    return any([_taken_back(ticket, arrival) for ticket in theirs])


def _taken_back(ticket: Ticket, arrival: Arrival) -> bool:
    plan = ticket.plan
    try:
        with transaction.atomic():
            tickets.back(ticket=ticket, by=arrival.by, now=arrival.now)
            if plan is not None:
                plan.refresh_from_db()
                if plan.status != Plan.Status.CANCELLED:
                    plans.cancel(plan=plan, by=arrival.by, now=arrival.now)
    except Refusal:  # answered already, or too late: a person says so to the writer
        return False
    return True
