"""A request and its plan never part: whatever happens to one, the other goes on."""

import contextlib

import pytest
from django.core import mail

from dsr import (
    identity,
    notices,
    packages,
    requests,
    tasks,
    tickets,
    together,
    withdrawals,
)
from dsr.models import Notice, Ticket
from privacy import erasure, identifiers, plans
from privacy import tasks as floor
from privacy.models import AuditEvent, Certificate, Instruction, Plan, Provider
from tests.dsr.factories import (
    ADA,
    ADAS_MAIL,
    LENA,
    MAX,
    NOW,
    answered,
    approved,
    asked,
    clock,
    planned,
    vouched,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]
Status = Ticket.Status


def people_called_ada(town):
    return town.execute(
        "SELECT count(*) FROM person WHERE name ILIKE 'ada%'"
    ).fetchone()[0]


def resumed(ticket):
    """As the task that runs every ten seconds does."""
    for waiting in requests.waiting():
        requests.fulfil(ticket=waiting, clock=clock)
    ticket.refresh_from_db()
    return ticket


# --- the plan ends first ----------------------------------------------------
def test_after_its_plan_was_cancelled_a_request_can_be_planned_again():
    ticket = planned()
    plans.cancel(plan=ticket.plan, by=MAX, now=NOW)

    requests.plan(ticket=ticket, by=LENA, now=NOW)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.plan.status) == (Status.PLANNED, Plan.Status.PLANNED)


def test_an_approved_plan_that_is_cancelled_gives_the_request_back(town):
    ticket = approved()
    plans.cancel(plan=ticket.plan, by=MAX, now=NOW)

    assert resumed(ticket).status == Status.RECEIVED
    assert people_called_ada(town) == 2


def test_a_plan_cancelled_half_way_gives_the_request_back():
    ticket = approved()
    tickets.move(ticket=ticket, to=Status.FULFILLING, by="worker", now=NOW)
    plans.cancel(plan=ticket.plan, by=MAX, now=NOW)

    assert resumed(ticket).status == Status.RECEIVED


def test_a_plan_approved_on_its_own_page_answers_its_request():
    ticket = planned()
    plans.approve(plan=ticket.plan, by=MAX, now=NOW)

    requests.approve(ticket=ticket, by=MAX, now=NOW)

    assert resumed(ticket).status == Status.ANSWERED


def test_a_plan_that_another_worker_carried_out_answers_its_request():
    ticket = approved()
    erasure.carry_out(plan=ticket.plan, clock=clock)

    assert resumed(ticket).status == Status.ANSWERED


def test_a_paused_plan_waits_and_goes_on():
    ticket = approved()
    plans.pause(plan=ticket.plan, by=MAX, now=NOW)
    assert resumed(ticket).status == Status.FULFILLING

    plans.resume(plan=ticket.plan, by=MAX, now=NOW)

    assert resumed(ticket).status == Status.ANSWERED


def refuse(**said):
    tickets.refuse(ground="OTHER", **said)


# --- the request ends first -------------------------------------------------
@pytest.mark.parametrize("close", [refuse, tickets.withdraw])
def test_what_a_closed_request_had_planned_can_not_be_approved(close):
    ticket = planned()
    plan = ticket.plan
    close(ticket=ticket, reason="She changed her mind", by=LENA, now=NOW)

    plan.refresh_from_db()
    with pytest.raises(plans.NotWaiting):
        plans.approve(plan=plan, by=MAX, now=NOW)


def test_a_withdrawn_request_erases_nothing(town):
    ticket = approved()
    tickets.withdraw(ticket=ticket, reason="She called again", by=LENA, now=NOW)

    for plan in plans.unfinished():  # as the ground floor's own task does
        erasure.carry_out(plan=plan, clock=clock)

    assert people_called_ada(town) == 2


def test_a_request_that_can_not_be_planned_leaves_no_plan_behind():
    ticket = asked()
    tickets.withdraw(ticket=ticket, reason="She called again", by=LENA, now=NOW)

    with pytest.raises(tickets.NotNow):
        requests.plan(ticket=ticket, by=LENA, now=NOW)

    assert not Plan.objects.exists()


def test_of_two_who_plan_at_once_the_loser_leaves_no_plan_behind(monkeypatch):
    """The request is withdrawn between the preview and the move."""
    ticket = asked()
    made = erasure.plan_many

    def slowly(**facts):
        some = made(**facts)
        other = Ticket.objects.get(pk=ticket.pk)
        tickets.withdraw(ticket=other, reason="She called again", by=MAX, now=NOW)
        return some

    monkeypatch.setattr(erasure, "plan_many", slowly)
    with pytest.raises(tickets.NotNow):
        requests.plan(ticket=ticket, by=LENA, now=NOW)

    assert not Plan.objects.filter(status=Plan.Status.PLANNED).exists()


def nobody_verified():
    ticket = asked("erasure", regime="EU-GDPR")
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    plans.approve(plan=ticket.plan, by=MAX, now=NOW)
    return ticket


def somebody_took_it_back():
    ticket = approved()
    told = {"shown_by": "call", "heard": "Lena, by her voice", "reason": "She called."}
    withdrawals.note(ticket=ticket, said_on=NOW.date(), by=LENA, now=NOW, **told)
    return ticket


def a_copy_comes_first():
    ticket = approved()
    asked("access", request=ticket.request)
    return ticket


@pytest.mark.parametrize(
    "waits", [nobody_verified, somebody_took_it_back, a_copy_comes_first]
)
def test_no_worker_begins_a_plan_before_its_request(town, waits):
    """Approved on its own page, it would be found by the ground floor's own task."""
    ticket = waits()

    for plan in plans.unfinished():
        erasure.carry_out(plan=plan, clock=clock)

    ticket.plan.refresh_from_db()
    assert people_called_ada(town) == 2
    assert ticket.plan.status == Plan.Status.APPROVED
    assert str(ticket) in ticket.plan.waits


def test_what_a_hold_had_kept_waits_for_its_request_too(town):
    first = answered()
    draft = Plan.objects.create(
        kind="erasure", follows=first.plan, planned_by=LENA, planned_at=NOW
    )
    plans.approve(plan=draft, by=MAX, now=NOW)

    erasure.carry_out(plan=draft, clock=clock)

    draft.refresh_from_db()
    assert draft.status == Plan.Status.APPROVED


# --- whom it is about ------------------------------------------------------------
def left_out(ticket, which, by=LENA):
    row = ticket.identifiers.get(kind=which)
    identity.leave_out(
        ticket=ticket, identifier=row, reason="Not proved", by=by, now=NOW
    )
    return ticket


def of_two(**facts):
    """Ada gives a number of hers and an address that is Ben's."""
    marks = [identifiers.phone(ADA), identifiers.email("ben.sample@example.org")]
    return asked("erasure", marks=marks, **facts)


def test_who_is_left_out_of_a_request_is_in_no_plan_of_it(town):
    ticket = of_two()
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    before = ticket.plan

    left_out(ticket, "email")

    before.refresh_from_db()
    assert (ticket.status, ticket.plan) == (Status.RECEIVED, None)
    assert before.status == Plan.Status.CANCELLED


@pytest.mark.parametrize("plan", [requests.plan, together.plan])
def test_nor_when_they_are_left_out_while_it_is_planned(monkeypatch, town, plan):
    ticket = of_two()
    made = erasure.plan_many

    def slowly(**facts):
        some = made(**facts)
        left_out(Ticket.objects.get(pk=ticket.pk), "email", by=MAX)
        return some

    monkeypatch.setattr(erasure, "plan_many", slowly)
    with contextlib.suppress(tickets.OthersNow):
        asks = {"some": [ticket]} if plan is together.plan else {"ticket": ticket}
        assert plan(**asks, by=LENA, now=NOW) == []

    ticket.refresh_from_db()
    assert (ticket.status, ticket.plan) == (Status.RECEIVED, None)
    assert not Plan.objects.exclude(status=Plan.Status.CANCELLED).exists()


def of_two_approved():
    ticket = vouched(of_two())
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    requests.approve(ticket=ticket, by=MAX, now=NOW)
    return ticket


def test_who_is_left_out_after_the_approval_ends_it(town):
    ticket = left_out(of_two_approved(), "email")

    assert (ticket.status, ticket.plan) == (Status.RECEIVED, None)
    assert not plans.unfinished()


def test_who_turns_out_not_to_be_them_is_refused_after_the_approval_too(town):
    ticket = approved()
    why = "The signature differs"
    identity.decide(ticket=ticket, accepted=False, reason=why, by=LENA, now=NOW)
    assert resumed(ticket).status == Status.APPROVED

    requests.refuse(ticket=ticket, reason="No.", ground="ID_FAIL", by=LENA, now=NOW)

    assert not plans.unfinished()
    assert people_called_ada(town) == 2


def test_once_a_worker_has_begun_nobody_is_left_out_or_refused(town):
    ticket = of_two_approved()
    tickets.move(ticket=ticket, to=Status.FULFILLING, by="worker", now=NOW)

    with pytest.raises(tickets.NotNow):
        left_out(ticket, "email")
    with pytest.raises(tickets.NotNow):
        requests.refuse(ticket=ticket, reason="No.", ground="OTHER", by=LENA, now=NOW)

    ticket.refresh_from_db()
    assert ticket.status == Status.FULFILLING
    assert ticket.plan.status == Plan.Status.APPROVED
    assert not Notice.objects.exists()


# --- workers that die -------------------------------------------------------
def test_a_worker_that_dies_before_the_answer_is_followed_by_another(monkeypatch):
    ticket = approved(email=ADAS_MAIL)
    real = notices.answer

    def power_cut(**facts):
        raise SystemError("power cut")

    monkeypatch.setattr(notices, "answer", power_cut)
    with pytest.raises(SystemError):
        requests.fulfil(ticket=ticket, clock=clock)
    assert Plan.objects.get(pk=ticket.plan_id).status == Plan.Status.DONE
    monkeypatch.setattr(notices, "answer", real)

    assert resumed(ticket).status == Status.ANSWERED
    assert Notice.objects.filter(ticket=ticket).count() == 1
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_down_loses_no_answer(monkeypatch):
    def down(*_, **__):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", down)
        ticket = approved(email=ADAS_MAIL)
        with contextlib.suppress(ConnectionRefusedError):
            requests.fulfil(ticket=ticket, clock=clock)
    ticket.refresh_from_db()
    assert ticket.status == Status.ANSWERED
    assert Notice.objects.get().sent_at is None  # so that it is sent again


def test_answering_twice_writes_once():
    ticket = answered(email=ADAS_MAIL)

    for _ in range(2):
        requests.fulfil(ticket=ticket, clock=clock)

    assert (Notice.objects.count(), len(mail.outbox)) == (1, 1)


# --- two requests of one person ---------------------------------------------
def test_a_copy_asked_for_beside_an_erasure_comes_back_to_staff(town):
    """The erasure destroyed the number that the copy would have been found by."""
    copy = approved("access")
    answered("erasure")

    assert resumed(copy).status == Status.RECEIVED


def test_a_copy_made_first_is_there_after_the_erasure():
    copy = answered("access")
    answered("erasure")

    assert b"".join(packages.stream(ticket=copy, by=LENA, now=NOW)).startswith(b"PK")


# --- the tasks of both floors on one plan -------------------------------------
def below(ticket):
    """As `privacy.resume_work` does every ten seconds, whatever a request says."""
    for plan in plans.unfinished():
        floor.work(str(plan.pk))


def above(ticket):
    tasks.fulfil(ticket.pk)


@pytest.fixture(params=[(below, above), (above, below)], ids=["below", "above"])
def work(request, monkeypatch):
    """Both, twice, beginning with the one or the other."""
    monkeypatch.setattr(floor.prove, "delay", floor.prove)
    Provider.objects.create(name="Store-It", way="task", owner=LENA)

    def do(ticket):
        for step in request.param * 2:
            step(ticket)
        ticket.refresh_from_db()
        return ticket

    return do


def is_done_once(ticket, town):
    assert ticket.status == Status.ANSWERED
    assert people_called_ada(town) == 0
    assert Certificate.objects.filter(plan=ticket.plan).count() == 1
    assert Instruction.objects.count() == 1
    assert Notice.objects.filter(ticket=ticket, kind="answer").count() == 1
    begun = AuditEvent.objects.filter(action="ticket.fulfilling")
    assert begun.count() == 1
    return True


def test_both_together_do_an_erasure_once(town, work):
    ticket = work(approved("erasure", regime="EU-GDPR", email=ADAS_MAIL))

    assert is_done_once(ticket, town)
    assert [each.subject for each in mail.outbox].count(f"Your request {ticket}") == 1


def test_neither_begins_before_it_is_known_who_asks(town, work):
    ticket = asked("erasure", regime="EU-GDPR", email=ADAS_MAIL)
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    plans.approve(plan=ticket.plan, by=MAX, now=NOW)

    work(ticket)

    assert (ticket.status, people_called_ada(town)) == (Status.PLANNED, 2)
    assert "once it is known who asks" in Plan.objects.get().waits
    assert not Instruction.objects.exists()
    assert is_done_once(work(vouched(ticket)), town)
