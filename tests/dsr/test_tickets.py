"""The life of a request: which moves there are, who wins, what the table refuses."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from dsr import identity, links, requests, submissions, tickets
from dsr.identity import deciding
from dsr.models import Ground, Ticket
from privacy import plans
from privacy.models import AuditEvent, Plan
from tests.dsr.factories import LENA, MAX, NOW, asked, vouched
from tests.privacy import factories

pytestmark = pytest.mark.django_db
Status = Ticket.Status


OUTCOMES = {
    Status.ANSWERED: "whole",
    Status.REFUSED: "denied",
    Status.WITHDRAWN: "none",
}


def ended(status):
    """What a closed request has, and an open one has not."""
    if status not in OUTCOMES:
        return {"closed_at": None, "outcome": ""}
    said = {"decision": "Said why", "closed_at": NOW, "outcome": OUTCOMES[status]}
    if status == Status.REFUSED:
        said["ground"] = Ground.objects.get(code="OTHER")
    return said


def refuse(**said):
    tickets.refuse(ground="OTHER", **said)


def under_way(status):
    """A request as far as a status, with a plan that touches nothing."""
    ticket = asked()
    facts = {"status": status, "plan": factories.plan()}
    facts |= ended(status)
    Ticket.objects.filter(pk=ticket.pk).update(**facts)
    ticket.refresh_from_db()
    return ticket


# --- moves ------------------------------------------------------------------
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("to", Status)
def test_only_the_moves_of_the_table_are_made(status, to):
    ticket = under_way(status)
    is_allowed = to in tickets.MOVES.get(status, set())
    changes = ended(to)

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


def test_what_was_taken_back_stays_closed():
    assert not tickets.MOVES.get(Status.WITHDRAWN)


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.REFUSED])
def test_an_answer_is_final_unless_a_hold_had_kept_a_part_of_it(status):
    ticket = under_way(status)
    draft = factories.plan()

    said = {"ticket": ticket, "plan": draft, "by": LENA, "now": NOW}
    with pytest.raises(tickets.NotNow):
        tickets.planned(**said, people=tickets.named(ticket))
    with pytest.raises(tickets.NotNow):
        tickets.reopen(**said)
    draft.follows = ticket.plan
    draft.save()
    tickets.reopen(ticket=ticket, plan=draft, by=LENA, now=NOW)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.round) == (Status.PLANNED, 2)
    assert (ticket.closed_at, ticket.outcome, ticket.due_date) == (
        None,
        "",
        under_way(Status.RECEIVED).due_date,
    )


def test_of_two_who_move_it_one_wins():
    ticket = under_way(Status.PLANNED)
    same = Ticket.objects.get(pk=ticket.pk)
    tickets.move(ticket=ticket, to=Status.APPROVED, by=MAX, now=NOW)

    with pytest.raises(tickets.NotNow, match="Approved"):
        tickets.move(ticket=same, to=Status.APPROVED, by=LENA, now=NOW)


# --- refusing and withdrawing -----------------------------------------------
def test_a_refusal_has_a_reason_and_an_end():
    ticket = asked()

    tickets.refuse(
        ticket=ticket, reason="Not this person", ground="id_fail", by=LENA, now=NOW
    )

    ticket.refresh_from_db()
    assert (ticket.status, ticket.decision) == (Status.REFUSED, "Not this person")
    assert (ticket.outcome, ticket.ground.code) == ("denied", "ID_FAIL")
    assert (ticket.decided_by, ticket.decided_at) == (LENA, NOW)
    assert ticket.closed_at == NOW


@pytest.mark.parametrize("close", [refuse, tickets.withdraw])
@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_closed(close, reason):
    ticket = asked()

    with pytest.raises(tickets.ReasonNeeded):
        close(ticket=ticket, reason=reason, by=LENA, now=NOW)

    ticket.refresh_from_db()
    assert ticket.status == Status.RECEIVED


@pytest.mark.parametrize("close", [refuse, tickets.withdraw])
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
    said = {**ended(status), "closed_at": None}
    broken("dsr_ticket_closed_has_its_time", status=status, plan=plan, **said)


def test_what_is_open_has_no_end():
    broken("dsr_ticket_closed_has_its_time", closed_at=NOW)


@pytest.mark.parametrize("status", [Status.REFUSED, Status.WITHDRAWN])
def test_a_refusal_without_a_reason_is_no_row(status):
    said = {**ended(status), "decision": ""}
    broken("dsr_ticket_refused_has_its_reason", status=status, **said)


@pytest.mark.parametrize("status", OUTCOMES)
@pytest.mark.parametrize("outcome", Ticket.Outcome)
def test_each_end_has_an_outcome_of_its_kind(status, outcome):
    kind = {"denied": Status.REFUSED, "none": Status.WITHDRAWN}
    if kind.get(outcome, Status.ANSWERED) == status:
        return
    ground = Ground.objects.get(code="OTHER")
    said = {**ended(status), "outcome": outcome, "ground": ground}
    plan = factories.plan()
    broken("dsr_ticket_closed_has_its_outcome", status=status, plan=plan, **said)


@pytest.mark.parametrize("outcome", ["part", "denied"])
def test_what_is_not_done_has_a_ground(outcome):
    broken("dsr_ticket_not_done_has_its_ground", outcome=outcome)


@pytest.mark.parametrize(
    "facts",
    [
        {"extended_at": NOW},
        {"extension_reason": "Many records"},
        {"extended_at": NOW, "extension_reason": "Many", "extended_date": None},
    ],
)
def test_an_extension_has_its_reason_and_its_day(facts):
    broken("dsr_ticket_extension_has_its_reason", **facts)


@pytest.mark.parametrize("facts", [{"decided_by": MAX}, {"decided_at": NOW}])
def test_a_decision_is_somebodys(facts):
    broken("dsr_ticket_decision_is_signed", **facts)


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


# --- two at once ----------------------------------------------------------------------
def accepted(ticket):
    said = {"accepted": True, "reason": "Compared with the account"}
    identity.decide(ticket=ticket, by=LENA, now=NOW, **said)


def approved(ticket):
    requests.approve(ticket=ticket, by=MAX, now=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("first", "place", "name"),
    [
        (accepted, deciding, "_remove_proofs"),
        (approved, plans, "approve"),
    ],
)
def test_of_two_who_change_a_request_one_waits_and_neither_for_the_other(
    monkeypatch, first, place, name
):
    """One stops in the middle, with its first row of the trail written; the other, who
    withdraws both rights, may not have a row by then that the first still needs."""
    late, soon = two_rights()
    link = links.find(links.make(ticket=late, language="en", now=NOW))
    in_the_middle, done = threading.Event(), threading.Event()
    real = getattr(place, name)

    def slowly(*args, **said):
        try:
            return real(*args, **said)
        finally:
            if not in_the_middle.is_set():
                in_the_middle.set()
                done.wait(1)

    def withdrawn():
        assert in_the_middle.wait(5)
        submissions.withdraw(link=link, now=NOW)
        done.set()

    def closed(work):
        try:
            work()
        finally:
            connection.close()

    monkeypatch.setattr(place, name, slowly)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(closed, [lambda: first(soon), withdrawn]))

    late.refresh_from_db()
    assert late.status == Status.WITHDRAWN


def two_rights():
    """Of one request; what was asked first is due last."""
    late = vouched(asked("access", regime="EU-GDPR"))
    soon = asked("erasure", regime="EU-GDPR", request=late.request)
    soon_due = late.due_date - dt.timedelta(days=9)
    plan = factories.plan()
    changes = {"due_date": soon_due, "plan": plan, "status": Status.PLANNED}
    Ticket.objects.filter(pk=soon.pk).update(**changes)
    return late, Ticket.objects.get(pk=soon.pk)
