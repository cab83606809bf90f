"""The life of a request: which moves there are, who wins, what the table refuses."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from dsr import tickets
from dsr.models import Ticket
from privacy.models import AuditEvent, Plan
from tests.dsr.factories import LENA, MAX, NOW, asked
from tests.privacy import factories

pytestmark = pytest.mark.django_db
Status = Ticket.Status


def under_way(status):
    """A request as far as a status, with a plan that touches nothing."""
    ticket = asked()
    facts = {"status": status, "plan": factories.plan()}
    if status in (Status.ANSWERED, Status.REFUSED, Status.WITHDRAWN):
        facts |= {"decision": "Said why", "closed_at": NOW}
    Ticket.objects.filter(pk=ticket.pk).update(**facts)
    ticket.refresh_from_db()
    return ticket


# --- moves ------------------------------------------------------------------
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("to", Status)
def test_only_the_moves_of_the_table_are_made(status, to):
    ticket = under_way(status)
    is_allowed = to in tickets.MOVES.get(status, set())
    closed = to in (Status.ANSWERED, Status.REFUSED, Status.WITHDRAWN)
    changes = {"decision": "Said why", "closed_at": NOW} if closed else {}

    if is_allowed:
        tickets.move(ticket=ticket, to=to, by=LENA, now=NOW, **changes)
    else:
        with pytest.raises(tickets.NotNow):
            tickets.move(ticket=ticket, to=to, by=LENA, now=NOW, **changes)

    ticket.refresh_from_db()
    assert ticket.status == (to if is_allowed else status)
    told = AuditEvent.objects.filter(action=f"ticket.{to}", by=LENA)
    assert told.filter(subject=f"ticket:{ticket.reference}").exists() == (
        is_allowed or to == Status.RECEIVED
    )


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.REFUSED, Status.WITHDRAWN])
def test_what_is_closed_stays_closed(status):
    assert not tickets.MOVES.get(status)


def test_of_two_who_move_it_one_wins():
    ticket = under_way(Status.PLANNED)
    same = Ticket.objects.get(pk=ticket.pk)
    tickets.move(ticket=ticket, to=Status.APPROVED, by=MAX, now=NOW)

    with pytest.raises(tickets.NotNow, match="Approved"):
        tickets.move(ticket=same, to=Status.APPROVED, by=LENA, now=NOW)


# --- refusing and withdrawing -----------------------------------------------
def test_a_refusal_has_a_reason_and_an_end():
    ticket = asked()

    tickets.refuse(ticket=ticket, reason="Not this person", by=LENA, now=NOW)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.decision) == (Status.REFUSED, "Not this person")
    assert ticket.closed_at == NOW


@pytest.mark.parametrize("close", [tickets.refuse, tickets.withdraw])
@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_closed(close, reason):
    ticket = asked()

    with pytest.raises(tickets.ReasonNeeded):
        close(ticket=ticket, reason=reason, by=LENA, now=NOW)

    ticket.refresh_from_db()
    assert ticket.status == Status.RECEIVED


@pytest.mark.parametrize("close", [tickets.refuse, tickets.withdraw])
def test_a_closed_request_leaves_no_plan_that_could_still_run(close):
    ticket = under_way(Status.PLANNED)

    close(ticket=ticket, reason="She changed her mind", by=LENA, now=NOW)

    assert ticket.plan.status == Plan.Status.CANCELLED


def test_an_approved_request_that_is_withdrawn_erases_nothing():
    ticket = under_way(Status.APPROVED)
    Plan.objects.filter(pk=ticket.plan_id).update(
        status=Plan.Status.APPROVED, approved_by=MAX, approved_at=NOW
    )

    tickets.withdraw(ticket=ticket, reason="She called again", by=LENA, now=NOW)

    assert Plan.objects.get(pk=ticket.plan_id).status == Plan.Status.CANCELLED


# --- finding ----------------------------------------------------------------
def test_a_request_is_found_by_reference_and_by_number():
    ticket = asked()

    for name in (ticket.reference, f" {ticket.reference.lower()} ", str(ticket.pk)):
        assert tickets.find(name) == ticket


@pytest.mark.parametrize(
    "name", ["R-2026-999999", "999999", "", "letters", "²", "9" * 30]
)
def test_what_is_no_request_is_said(name):
    with pytest.raises(tickets.NoSuchTicket):
        tickets.find(name)


# --- what the table refuses -------------------------------------------------
def broken(constraint, **facts):
    ticket = asked()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(**facts)


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.REFUSED, Status.WITHDRAWN])
def test_what_is_closed_has_its_time(status):
    plan = factories.plan()
    broken(
        "dsr_ticket_closed_has_its_time", status=status, decision="Said why", plan=plan
    )


def test_what_is_open_has_no_end():
    broken("dsr_ticket_closed_has_its_time", closed_at=NOW)


@pytest.mark.parametrize("status", [Status.REFUSED, Status.WITHDRAWN])
def test_a_refusal_without_a_reason_is_no_row(status):
    broken("dsr_ticket_refused_has_its_reason", status=status, closed_at=NOW)


@pytest.mark.parametrize("status", [Status.PLANNED, Status.APPROVED, Status.FULFILLING])
def test_what_is_under_way_has_a_plan(status):
    broken("dsr_ticket_under_way_has_a_plan", status=status)


def test_a_number_is_given_once():
    first, second = asked(), asked()
    with pytest.raises(IntegrityError, match="reference"), transaction.atomic():
        Ticket.objects.filter(pk=second.pk).update(reference=first.reference)


def test_a_plan_answers_one_request():
    ticket = under_way(Status.PLANNED)
    broken("plan_id", plan=ticket.plan)


def test_a_request_is_open_until_it_is_closed():
    assert asked().is_open
    assert not under_way(Status.ANSWERED).is_open


def test_the_due_date_is_a_day_and_the_soonest_comes_first():
    later, sooner = asked(), asked(received_at=NOW - dt.timedelta(days=30))

    assert list(Ticket.objects.all()) == [sooner, later]
