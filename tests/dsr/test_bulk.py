"""The same step for many requests: what can be done is done, and the rest is named."""

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from dsr import requests, tasks
from dsr.desk import NothingChosen, bulk
from dsr.models import Ticket
from privacy import identifiers
from privacy.models import Plan
from tests.dsr.factories import ADAS_MAIL, LENA, MAX, NOW, asked, planned, vouched

pytestmark = pytest.mark.django_db
ADAS = [identifiers.email(ADAS_MAIL)]
WHY = {"reason": "Many databases.", "by": LENA, "now": NOW}


def test_many_are_planned_in_one_reading(town):
    first, second = vouched(asked()), vouched(asked("access"))
    judged = asked("objection", regime="EU-GDPR")

    done = bulk.plan(tickets=[first, second, judged], by=LENA, now=NOW)

    assert done.tickets == [first, second]
    assert done.refused == [f"{judged} can't be planned together with others now."]
    assert Plan.objects.count() == 2


def test_a_second_person_approves_many_and_nobody_their_own(town):
    hers, his = planned(), planned("access")
    own = bulk.approve(tickets=[hers], by=LENA, now=NOW)
    assert "R-" in own.refused[0]

    done = bulk.approve(tickets=[hers, his], by=MAX, now=NOW)

    assert done.tickets == [hers, his]
    assert Ticket.objects.filter(status="approved").count() == 2


def test_a_plan_with_exceptions_is_read_before_it_is_approved(town):
    ticket = planned()
    Plan.objects.update(summary={**ticket.plan.summary, "exceptions": ["t.c"]})
    ticket.refresh_from_db()

    done = bulk.approve(tickets=[ticket], by=MAX, now=NOW)

    assert "approve it on its own" in done.refused[0]
    assert Ticket.objects.get().status == "planned"


def test_without_proof_of_who_asks_nothing_is_approved(town):
    ticket = asked("access", regime="EU-GDPR")
    requests.plan(ticket=ticket, by=LENA, now=NOW)

    done = bulk.approve(tickets=[ticket], by=MAX, now=NOW)

    assert "proofs of who they are" in done.refused[0]


def test_many_are_extended_and_each_person_is_told_why():
    some = [asked("access", regime="EU-GDPR", marks=ADAS) for _ in range(2)]

    done = bulk.extend(tickets=some, **WHY)
    again = bulk.extend(tickets=some, **WHY)

    assert (len(done.tickets), len(again.refused)) == (2, 2)
    assert not mail.outbox, "a worker sends them, not whoever pressed the button"
    for _ in range(2):
        tasks.send_notices()
    assert len(mail.outbox) == 2
    assert "Many databases." in mail.outbox[0].body


def test_many_are_refused_each_on_a_ground_that_its_law_has():
    european = asked("access", regime="EU-GDPR", marks=ADAS)
    erasure = asked("erasure", regime="US-CA")

    done = bulk.refuse(tickets=[european, erasure], ground="LEGAL_OBLIG", **WHY)

    assert done.tickets == [erasure]
    assert "no such ground" in done.refused[0]
    european.refresh_from_db()
    assert european.is_open
    with pytest.raises(NothingChosen):
        bulk.refuse(tickets=[], ground="OTHER", **WHY)


def signed_in(client, name, group):
    user, _ = User.objects.get_or_create(username=name, is_staff=True)
    user.groups.set([Group.objects.get(name=group)])
    client.force_login(user)
    return client


def test_the_desk_does_it_and_says_what_could_not_be(client, town):
    now = timezone.now()
    ticket = vouched(asked("access", regime="EU-GDPR", received_at=now, now=now))
    other = asked("objection", regime="EU-GDPR", received_at=now, now=now)
    ticked = {"tickets": [ticket.pk, other.pk]}
    desk = reverse("admin:dsr_ticket_desk")
    lena = signed_in(client, "lena", "Legal")

    said = lena.post(desk, {"do": "plan", **ticked}).text
    assert "1 requests are planned" in said
    assert f"{other} can&#x27;t be planned" in said
    assert "Tell the person why" in lena.post(desk, {"do": "extend", **ticked}).text
    refusal = {"do": "refuse", "ground": "UNFOUNDED", "why_not": "No.", **ticked}
    assert "2 requests are refused" in lena.post(desk, refusal).text


def test_who_may_not_approve_does_not_approve_many(client):
    ticket = asked()
    sam = signed_in(client, "sam", "Support")
    for do in ("plan", "approve", "extend", "refuse"):
        form = {"do": do, "tickets": [ticket.pk]}
        assert sam.post(reverse("admin:dsr_ticket_desk"), form).status_code == 403
