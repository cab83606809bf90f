"""Not verified: never disclosed, never changed, never erased; whoever approved it."""

import datetime as dt

import pytest
from django.utils import timezone

from dsr import identity, intake, links, requests, submissions, uploads
from dsr.identity import sending
from dsr.models import Message, Notice, Package, Proof, Ticket
from dsr.submissions import Submission
from privacy import identifiers, plans
from privacy.identifiers import AlreadyErased
from tests.dsr.factories import (
    ADA,
    ADAS_MAIL,
    LENA,
    MAX,
    NOW,
    RECEIVED,
    answered,
    approved,
    asked,
    clock,
)

pytestmark = pytest.mark.django_db
Status = Ticket.Status


@pytest.mark.parametrize("right", ["access", "erasure", "portability"])
def test_what_nobody_verified_can_not_be_approved(town, right):
    ticket = asked(right, regime="EU-GDPR")
    requests.plan(ticket=ticket, by=LENA, now=NOW)

    with pytest.raises(identity.NotVerified):
        requests.approve(ticket=ticket, by=MAX, now=NOW)


def test_nor_does_a_plan_approved_on_its_own_page_begin(town):
    ticket = asked("erasure", regime="EU-GDPR")
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    plans.approve(plan=ticket.plan, by=MAX, now=NOW)
    before = town.execute("SELECT count(*) FROM person WHERE phone = %s", [ADA])

    requests.fulfil(ticket=ticket, clock=clock)

    after = town.execute("SELECT count(*) FROM person WHERE phone = %s", [ADA])
    assert after.fetchone() == before.fetchone() != (0,)
    assert ticket.status == Status.PLANNED
    identity.decide(
        ticket=ticket, accepted=True, reason="She came in person", by=LENA, now=NOW
    )
    assert requests.fulfil(ticket=ticket, clock=clock).status == Status.ANSWERED


def test_an_access_that_was_refused_identity_makes_no_copy(town):
    ticket = asked("access", regime="EU-GDPR")
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    identity.decide(
        ticket=ticket, accepted=False, reason="The signature differs", by=LENA, now=NOW
    )
    plans.approve(plan=ticket.plan, by=MAX, now=NOW)

    requests.fulfil(ticket=ticket, clock=clock)

    assert not Package.objects.exists()


def test_a_right_that_is_weighed_is_granted_only_to_the_person():
    ticket = asked("objection", regime="EU-GDPR")

    with pytest.raises(identity.NotVerified):
        requests.decide(
            ticket=ticket, outcome="whole", reason="Granted", by=LENA, now=NOW
        )


def test_an_opt_out_is_done_at_once_and_asks_for_nothing(town):
    ticket = asked("opt_out_sale", regime="US-CA")

    assert requests.fulfil(ticket=ticket, clock=clock).status == Status.ANSWERED


def test_one_decision_holds_for_all_that_was_asked_together(town):
    first, second = intake.receive(
        rights=["access", "erasure"],
        regime="EU-GDPR",
        marks=[identifiers.phone(ADA)],
        received_at=RECEIVED,
        source=Ticket.Source.POST,
        by=LENA,
        now=NOW,
        known_by="She brought it herself",
    )

    identity.require(first)
    identity.require(second)


# --- several rights on one page -------------------------------------------------------
@pytest.fixture
def path():
    _, token = submissions.submit(
        submission=Submission(
            rights=["access", "opt_out_sale"],
            regime="EU-GDPR",
            marks=[identifiers.email(ADAS_MAIL)],
            language="en",
        ),
        now=NOW,
    )
    return f"/privacy/request/{token}"


def test_each_right_has_its_number_law_and_day_on_one_page(client, path):
    access, sale = Ticket.objects.order_by("pk")
    page = client.get(path).content.decode()

    assert access.request == sale.request
    assert (access.regime, sale.regime) == ("EU-GDPR", "unspecified")
    for words in ("See my data", "Do not sell", str(access), str(sale)):
        assert words in page


def test_withdrawing_ends_all_that_nobody_began(client, path):
    client.post(path, {"do": "withdraw", "withdraw-withdraw_sure": "on"})

    assert {t.status for t in Ticket.objects.all()} == {Status.WITHDRAWN}
    assert "You have withdrawn it" in client.get(path).content.decode()


def test_who_changes_their_mind_before_a_worker_begins_loses_nothing(client, town):
    ticket = approved()
    path = f"/privacy/request/{links.make(ticket=ticket, language='en', now=NOW)}"
    counting = "SELECT count(*) FROM message WHERE body IS NOT NULL"
    before = town.execute(counting).fetchone()

    assert "I want to withdraw it" in client.get(path).content.decode()
    client.post(path, {"do": "withdraw", "withdraw-withdraw_sure": "on"})

    ticket.refresh_from_db()
    assert (ticket.status, ticket.plan.status) == ("withdrawn", "cancelled")
    assert requests.fulfil(ticket=ticket, clock=clock).status == "withdrawn"
    assert town.execute(counting).fetchone() == before


def test_a_refusal_can_be_appealed_where_the_law_says_so(client):
    _, token = submissions.submit(
        submission=Submission(
            rights=["access"],
            regime="US-VA",
            marks=[identifiers.email(ADAS_MAIL)],
            language="en",
        ),
        now=NOW,
    )
    first = Ticket.objects.get()
    requests.refuse(
        ticket=first, reason="We can't be sure", ground="ID_FAIL", by=LENA, now=NOW
    )
    path = f"/privacy/request/{token}"
    assert "Send the appeal" in client.get(path).content.decode()

    form = {"do": "appeal", "appeal-appeal_reason": "It is me!"}
    stranger = client.post(path, {**form, "appeal-appeal_which": "R-2026-999999"})
    done = client.post(path, {**form, "appeal-appeal_which": str(first)})

    assert stranger.status_code == 422
    appeal = Ticket.objects.get(right="appeal")
    assert appeal.about == first
    assert "done=asked" in done["Location"]
    twice = client.post(path, {**form, "appeal-appeal_which": str(first)})
    assert twice.status_code == 422
    assert "Send the appeal" not in client.get(path).content.decode()
    assert Ticket.objects.filter(right="appeal").count() == 1
    assert not Message.objects.exists()


def test_an_erasure_can_be_appealed_when_nothing_names_the_person_any_more(
    client, town
):
    first = answered(regime="US-VA", email=ADAS_MAIL)
    path = f"/privacy/request/{links.make(ticket=first, language='en', now=NOW)}"
    (row,) = first.identifiers.all()
    assert row.erased_at is not None
    form = {"do": "appeal", "appeal-appeal_reason": "Something is left!"}

    done = client.post(path, {**form, "appeal-appeal_which": str(first)})

    assert "done=asked" in done["Location"]
    appeal = Ticket.objects.get(right="appeal")
    assert (appeal.about, list(appeal.identifiers.all())) == (first, [row])
    assert Notice.objects.filter(ticket=appeal, kind="receipt").exists()

    said = {"outcome": "whole", "reason": "You are right.", "by": "nora"}
    requests.decide(ticket=appeal, now=timezone.now(), **said)
    requests.fulfil(ticket=appeal, clock=timezone.now)
    again = Ticket.objects.get(about=appeal)
    assert (again.right, list(again.identifiers.all())) == ("erasure", [row])
    with pytest.raises(AlreadyErased, match="enter it as a request"):
        requests.plan(ticket=again, by=LENA, now=NOW)

    asked("complaint", regime="UK-GDPR")  # with her number
    requests.plan(ticket=again, by=LENA, now=timezone.now())


# --- the clock ------------------------------------------------------------------------
def test_in_the_uk_the_clock_starts_when_it_is_known_who_asks(town):
    """Edge case 10: asked at once, shown on 10 December, due on Monday 11 January."""
    first = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)
    known = dt.datetime(2026, 12, 10, 9, tzinfo=dt.UTC)
    facts = {"marks": [identifiers.email(ADAS_MAIL)], "received_at": first}
    british = asked("erasure", regime="UK-GDPR", now=first, **facts)
    american = asked("erasure", regime="US-CA", now=first, **facts)
    for ticket in (british, american):
        row = ticket.identifiers.get()
        proof = identity.ask(
            ticket=ticket, identifier_id=row.pk, method="mail", now=known
        )
        code = Proof.objects.get(pk=proof.pk).code.open()
        identity.confirm(ticket=ticket, proof_id=proof.pk, code=code, now=known)
    sending.check_confirmed(now=known)

    british.refresh_from_db()
    american.refresh_from_db()
    assert british.due_date == dt.date(2027, 1, 11)
    assert american.due_date == dt.date(2027, 1, 15)  # edge case 11


def test_it_starts_when_the_document_came_and_not_when_somebody_looked_at_it():
    first, came, seen = [
        dt.datetime(2026, 12, day, 9, tzinfo=dt.UTC) for day in (1, 10, 21)
    ]
    ticket = asked("erasure", regime="UK-GDPR", received_at=first, now=first)
    paper = uploads.File("passport.pdf", b"%PDF-1.7 paper", 14)
    uploads.keep(ticket=ticket, files=[paper], purpose="identity", now=came)

    identity.decide(
        ticket=ticket, accepted=True, reason="Her passport", by=LENA, now=seen
    )

    ticket.refresh_from_db()
    assert ticket.identified_on == came.date()
    assert ticket.due_date == dt.date(2027, 1, 11)


def test_who_was_known_from_the_start_has_lost_no_time():
    ticket = asked("erasure", regime="UK-GDPR")
    before = ticket.due_date
    identity.decide(
        ticket=ticket, accepted=True, reason="An old client", by=LENA, now=NOW
    )

    ticket.refresh_from_db()
    assert ticket.due_date == before
