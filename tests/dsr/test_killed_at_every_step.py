"""A worker dies before every single write of every fulfilment, and around each letter.

Whoever takes it up finishes it: one decision, one letter, nothing done twice, nothing
closed that isn't done.
"""

import contextlib
import datetime as dt
import itertools

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connections

from consent.models import Event
from dsr import clocks, identity, intake, notices, requests, together
from dsr.fulfilment import FULFILMENTS, Way
from dsr.models import Notice, Ticket
from privacy import audit, identifiers
from privacy.correction import Change
from privacy.models import Certificate, Hold, Instruction, Objection, Plan, Provider
from tests.dsr.factories import LENA, MAX, NOW

pytestmark = pytest.mark.django_db(transaction=True)
WRITES = ("INSERT", "UPDATE", "DELETE")
LATER = NOW + dt.timedelta(minutes=11)  # leases have run out, and doubt has come up
MOST_STEPS = 150
REGIMES = {
    "appeal": "US-VA",
    "opt_out_sale": "US-CA",
    "limit_sensitive": "US-CA",
    "opt_out_targeted_ads": "US-VA",
    "opt_out_profiling": "US-VA",
    "complaint": "UK-GDPR",
}


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL; open transactions roll back."""


class Worker:
    """One that dies right before its step of that number."""

    def __init__(self, dies_at: int) -> None:
        self.dies_at, self.steps = dies_at, 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.dies_at:
            raise Killed

    def watch(self, execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(WRITES):
            self.step()
        return execute(sql, params, many, context)

    @contextlib.contextmanager
    def at_work(self, monkeypatch):
        send = EmailMessage.send

        def watched(message, *given, **named):
            self.step()
            count = send(message, *given, **named)
            self.step()
            return count

        with contextlib.ExitStack() as stack, monkeypatch.context() as patch:
            patch.setattr(EmailMessage, "send", watched)
            for alias in list(connections):
                stack.enter_context(connections[alias].execute_wrapper(self.watch))
            yield self


def person(town, number):
    """Somebody new in the town, with a message and a receipt."""
    phone, email = f"+1202555{1000 + number}", f"person{number}@example.com"
    town.execute(
        "WITH p AS (INSERT INTO person (org_id, name, phone, email, seen_at)"
        " VALUES (1, %s, %s, %s, '2026-11-01') RETURNING id),"
        " m AS (INSERT INTO message (person_id, from_number, to_number, body, sent_at)"
        " SELECT id, %s, '+12025550100', 'hi', '2026-11-01' FROM p)"
        " INSERT INTO receipt SELECT %s, id, 1 FROM p",
        [f"Person {number}", phone, email, phone, 1000 + number],
    )
    return phone, email


def decided(right, phone, email):
    """As far as people take it; the rest is the worker's."""
    ticket = intake.open(
        right=right,
        regime=REGIMES.get(right, "EU-GDPR"),
        marks=[identifiers.phone(phone)],
        received_at=NOW,
        source=Ticket.Source.STAFF,
        by=LENA,
        now=NOW,
        email=email,
    )
    identity.decide(
        ticket=ticket, accepted=True, may_act=True, is_vouched=True, reason="Known",
        by=LENA, now=NOW,
    )  # fmt: skip
    way = FULFILMENTS[right].way
    if way is Way.PLANNED:
        wrong = [Change("town.person.name", after="Right Name")]
        changes = wrong if right == "rectification" else []
        requests.plan(ticket=ticket, by=LENA, now=NOW, changes=changes)
        requests.approve(ticket=ticket, by=MAX, now=NOW)
    if way is Way.JUDGED:
        said = {"outcome": "whole", "reason": "You are right."}
        requests.decide(ticket=ticket, by=MAX, now=NOW, **said)
    return ticket


def taken_up(ticket):
    """What the clock does later, and what a person does about a letter in doubt."""
    for _ in range(3):
        requests.fulfil(ticket=ticket, clock=lambda: LATER)
        notices.send_waiting(ticket=ticket, now=LATER)
    later = LATER + notices.LONGEST_SENDING * 2
    for notice in notices.doubtful(now=later).filter(ticket=ticket):
        sent = notices.message_id(notice) in {
            message.extra_headers.get("Message-ID") for message in mail.outbox
        }
        notices.settle(notice=notice, was_sent=sent, by=MAX, now=later)
    notices.send_waiting(ticket=ticket, now=later)
    ticket.refresh_from_db()


@pytest.mark.parametrize("right", FULFILMENTS)
def test_wherever_it_dies_it_is_done_once_and_told_once(town, right, monkeypatch):
    Provider.objects.create(name="Store-It", way="task")
    deaths = 0
    for number in itertools.count(1):
        phone, email = person(town, number)
        ticket = decided(right, phone, email)
        worker, mail.outbox = Worker(number), []
        with worker.at_work(monkeypatch), contextlib.suppress(Killed):
            requests.fulfil(ticket=ticket, clock=lambda: NOW)
        died = worker.steps == number
        deaths += died
        ticket.refresh_from_db()
        if ticket.status == Ticket.Status.ANSWERED:
            assert_is_done(ticket, town, number)

        taken_up(ticket)

        assert ticket.status == Ticket.Status.ANSWERED, number
        assert_is_done(ticket, town, number)
        assert [message.to for message in mail.outbox] == [[email]], number
        assert Notice.objects.get(ticket=ticket).sent_at
        if not died:
            break
        assert number < MOST_STEPS
    assert deaths > 5
    assert audit.verify()
    assert clocks.of(ticket)[-1].done_on


@pytest.mark.parametrize("right", ["access", "erasure"])
def test_wherever_it_dies_with_two_requests_each_is_done_once(town, right, monkeypatch):
    Provider.objects.create(name="Store-It", way="task")
    deaths = 0
    for number in itertools.count(1):
        people = {2 * number + each: person(town, 2 * number + each) for each in (0, 1)}
        both = {each: decided(right, *marks) for each, marks in people.items()}
        worker, mail.outbox = Worker(number), []
        with worker.at_work(monkeypatch), contextlib.suppress(Killed):
            together.fulfil(first=both[2 * number], clock=lambda: NOW)
        died = worker.steps == number
        deaths += died
        for each, ticket in both.items():
            ticket.refresh_from_db()
            if ticket.status == Ticket.Status.ANSWERED:
                assert_is_done(ticket, town, each)

        together.fulfil(first=both[2 * number], clock=lambda: LATER)
        for ticket in both.values():
            taken_up(ticket)

        for each, ticket in both.items():
            assert ticket.status == Ticket.Status.ANSWERED, number
            assert_is_done(ticket, town, each)
            assert Notice.objects.get(ticket=ticket).sent_at
        told = sorted(message.to for message in mail.outbox)
        assert told == sorted([email] for _, email in people.values()), number
        if not died:
            break
        assert number < MOST_STEPS
    assert deaths > 5
    assert audit.verify()


def assert_is_done(ticket, town, number):
    """Done, whole, and once; whatever the right is."""
    right = ticket.right
    plan = Plan.objects.filter(ticket=ticket).first()
    assert plan is None or plan.status == Plan.Status.DONE
    told = Instruction.objects.filter(subject=f"ticket:{ticket.reference}")
    assert told.count() == (right in TOLD)
    stopped = Event.objects.filter(evidence__ticket=ticket.reference)
    assert stopped.count() == EVENTS.get(right, 0)
    forbidden = Objection.objects.filter(because=f"ticket:{ticket.reference}")
    assert forbidden.count() == (right in EVENTS)
    held = Hold.objects.filter(matter__contains=ticket.reference)
    assert held.count() == (right in ("restriction", "objection"))
    if right == "erasure":
        assert Certificate.objects.filter(plan=plan).count() == 1
        name = f"Person {number}"
        left = town.execute("SELECT count(*) FROM person WHERE name = %s", [name])
        assert left.fetchone()[0] == 0
    if right in ("access", "portability"):
        assert ticket.package.size
    if right == "rectification":
        query = "SELECT name FROM person WHERE phone = %s"
        found = town.execute(query, [f"+1202555{1000 + number}"]).fetchall()
        assert found == [("Right Name",)]


TOLD = (
    "erasure", "rectification", "restriction", "objection", "opt_out_sale",
    "opt_out_targeted_ads", "opt_out_profiling", "limit_sensitive",
    "objection_marketing", "consent_withdrawal",
)  # fmt: skip
EVENTS = {
    "objection": 2,
    "objection_marketing": 2,
    "consent_withdrawal": 2,
    "opt_out_sale": 1,
    "opt_out_targeted_ads": 1,
    "opt_out_profiling": 1,
    "limit_sensitive": 1,
}
