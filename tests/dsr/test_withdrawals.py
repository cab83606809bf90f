"""A person takes a request back, and says so to us: evidence, a second person, a
letter, and the way to go on."""

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from dsr import desk, identity, messages, requests, tickets, withdrawals
from dsr.models import Message, Notice, Ticket, Withdrawal
from privacy import identifiers
from privacy.models import AuditEvent
from tests.dsr.factories import (
    ADAS_MAIL,
    LENA,
    MAX,
    NOW,
    RECEIVED,
    approved,
    asked,
    clock,
    vouched,
)

pytestmark = pytest.mark.django_db
CALL = {"shown_by": "call", "heard": "Lena; she named her last order."}
WORDS = {"reason": "You told us on the phone.", "said_on": NOW.date()}
MAILED = {"marks": [identifiers.email(ADAS_MAIL)], "regime": "EU-GDPR"}


def noted(ticket, **said):
    return withdrawals.note(
        ticket=ticket, by=LENA, now=NOW, **({**CALL, **WORDS} | said)
    )


def wrote(ticket, text="Never mind."):
    messages.write(ticket=ticket, text=text, now=NOW)
    return Message.objects.latest("pk")


# --- evidence ---------------------------------------------------------------
@pytest.mark.parametrize(
    "said",
    [
        {"shown_by": "call", "heard": "  "},
        {"shown_by": "message"},
        {"shown_by": "paper"},
        {"shown_by": "gossip"},
    ],
)
def test_nothing_is_taken_back_without_evidence(said):
    ticket = asked()

    with pytest.raises(withdrawals.NoEvidence):
        noted(ticket, **said)

    assert not Withdrawal.objects.exists()


def test_a_message_about_another_request_proves_nothing():
    ticket, message = asked(), wrote(asked("access"))

    with pytest.raises(withdrawals.NoEvidence):
        noted(ticket, shown_by="message", message=message)


def test_what_we_wrote_ourselves_is_no_word_of_theirs():
    ticket = asked()
    messages.write(ticket=ticket, text="You take it back.", by=LENA, now=NOW)

    with pytest.raises(withdrawals.NoEvidence):
        noted(ticket, shown_by="message", message=Message.objects.get())


@pytest.mark.parametrize("day", ["2026-11-22", "2026-11-25"])
def test_nobody_takes_back_before_they_asked_or_after_today(day):
    with pytest.raises(withdrawals.NotThatDay):
        noted(asked(), said_on=type(NOW.date()).fromisoformat(day))


def test_the_table_itself_wants_evidence_and_two_people():
    row = noted(asked())
    for constraint, facts in {
        "dsr_withdrawal_has_its_evidence": {"shown_by": "message"},
        "dsr_withdrawal_check_is_signed": {"is_so": True},
        "dsr_withdrawal_seen_by_two": {
            "is_so": True,
            "checked_by": LENA,
            "checked_at": NOW,
        },
    }.items():
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Withdrawal.objects.filter(pk=row.pk).update(**facts)


# --- a second person --------------------------------------------------------
def test_until_a_second_person_looked_nothing_is_closed_and_nothing_carried_out(town):
    ticket = approved()
    noted(ticket)

    requests.fulfil(ticket=ticket, clock=clock)

    assert ticket.status == Ticket.Status.APPROVED
    assert ticket not in requests.waiting()
    assert [each.queue for each in desk.placed(on=NOW.date())] == ["taken_back"]


@pytest.mark.parametrize("right", ["erasure", "objection"])
def test_what_may_be_taken_back_is_not_approved_or_decided(town, right):
    ticket = vouched(asked(right, **MAILED))
    if right == "erasure":
        requests.plan(ticket=ticket, by=LENA, now=NOW)
    noted(ticket)

    said = {"outcome": "whole", "reason": "Yes"} if right == "objection" else {}
    go_on = requests.decide if said else requests.approve
    with pytest.raises(withdrawals.Withdrawing):
        go_on(ticket=ticket, by=MAX, now=NOW, **said)


def test_whoever_noted_it_cannot_confirm_it():
    ticket = asked()
    noted(ticket)

    with pytest.raises(withdrawals.SomebodyElse):
        withdrawals.confirm(ticket=ticket, by=LENA, now=NOW)

    ticket.refresh_from_db()
    assert ticket.is_open


def test_a_second_person_ends_it_and_the_letter_says_how_to_go_on():
    ticket = asked(email=ADAS_MAIL, **MAILED)
    noted(ticket, shown_by="message", message=wrote(ticket), heard="")

    withdrawals.confirm(ticket=ticket, by=MAX, now=NOW)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.decision) == ("withdrawn", WORDS["reason"])
    (letter,) = mail.outbox
    assert letter.to == [ADAS_MAIL]
    assert "Did you not ask for this?" in letter.body
    assert WORDS["reason"] in letter.body
    assert "complain" not in letter.body
    assert AuditEvent.objects.filter(action="withdrawal.noted", by=LENA).exists()


def test_it_goes_on_when_they_did_not_say_that(town):
    ticket = approved()
    noted(ticket)

    withdrawals.dismiss(ticket=ticket, by=LENA, now=NOW)

    assert requests.fulfil(ticket=ticket, clock=clock).status == "answered"
    with pytest.raises(withdrawals.NothingNoted):
        withdrawals.confirm(ticket=ticket, by=MAX, now=NOW)


def test_what_is_closed_already_is_not_taken_back():
    ticket = asked()
    Ticket.objects.filter(pk=ticket.pk).update(status="withdrawn", outcome="none",
        decision="Gone", closed_at=NOW)  # fmt: skip

    with pytest.raises(tickets.NotNow):
        noted(ticket)


def test_it_is_noted_once():
    ticket = asked()
    noted(ticket)

    with pytest.raises(withdrawals.NotedAlready):
        noted(ticket)


# --- the way back -----------------------------------------------------------
def test_what_was_not_taken_back_goes_on_with_the_first_clock_and_proofs():
    ticket = vouched(asked())
    noted(ticket)
    withdrawals.confirm(ticket=ticket, by=MAX, now=NOW)

    again = withdrawals.go_on(ticket=ticket, by=LENA, now=NOW)

    assert (again.right, again.due_date) == (ticket.right, ticket.due_date)
    assert again.received_at == RECEIVED
    assert identity.standing(again).is_enough
    with pytest.raises(withdrawals.NotTakenBack):
        withdrawals.go_on(ticket=ticket, by=LENA, now=NOW)


# --- pages ------------------------------------------------------------------
def page(verb, ticket):
    return reverse(f"admin:dsr_ticket_{verb}", args=[ticket.pk])


def signed_in(client, name):
    user, _ = User.objects.get_or_create(username=name, is_staff=True)
    user.groups.set([Group.objects.get(name="Legal")])
    client.force_login(user)
    return client


def test_two_people_on_the_pages(client):
    now = timezone.now()
    ticket = asked(received_at=now, now=now)
    form = {"shown_by": "call", "heard": "Lena", "said_on": now.date(), "reason": "So."}

    signed_in(client, "lena")
    refused = client.post(page("withdraw", ticket), form | {"heard": ""})
    assert "Name the message" in refused.content.decode()
    client.post(page("withdraw", ticket), form)
    own = client.get(page("taken_back", ticket)).content.decode()
    assert "Somebody else must look at it" in own
    client.post(page("taken_back", ticket), {"is_so": "yes"})
    assert Ticket.objects.get().is_open
    signed_in(client, "max")
    client.post(page("taken_back", ticket), {"is_so": "yes"})

    assert Ticket.objects.get().status == "withdrawn"
    assert Notice.objects.get().kind == "withdrawn"
    shown = client.post(page("go_on", ticket), follow=True).content.decode()
    assert "goes on with it" in shown
