"""An appeal that gives the number of the decision: which one it is, who may decide it,
and when what was refused must be answered."""

import datetime as dt

import pytest
from django.urls import reverse

from dsr import appeals, identity, intake, requests, submissions
from dsr.models import Right, Ticket
from dsr.submissions import Submission
from privacy import identifiers
from tests.dsr.factories import ADA, ADAS_MAIL, LENA, MAX, NOW, asked, clock

pytestmark = pytest.mark.django_db
ADAS = [identifiers.phone(ADA)]
NEW = [identifiers.email("ada.new@example.com")]
SAID = {"reason": "x", "ground": "DECISION_STANDS"}


def refused(marks=ADAS):
    first = asked("erasure", regime="US-VA", marks=marks)
    requests.refuse(ticket=first, reason="No.", ground="UNFOUNDED", by=LENA, now=NOW)
    return first


def appealed(first, marks=ADAS, **changed):
    said = {"regime": "US-VA", "marks": marks, "against": str(first)}
    return asked("appeal", **(said | changed))


def known(ticket, accepted=True):
    identity.decide(ticket=ticket, accepted=accepted, reason="Her voice", by=MAX,
        now=NOW, points=["name"])  # fmt: skip


@pytest.mark.parametrize("outcome", ["whole", "denied"])
def test_the_number_finds_the_decision_of_a_known_person(outcome):
    first = refused()
    appeal = appealed(first)
    identity.decide(ticket=appeal, accepted=True, reason="Known", by=MAX, now=NOW)

    with pytest.raises(requests.SomebodyElse):
        requests.decide(ticket=appeal, outcome=outcome, by=LENA, now=NOW, **SAID)
    requests.decide(ticket=appeal, outcome=outcome, by=MAX, now=NOW, **SAID)

    appeal.refresh_from_db()
    assert appeal.about == first


@pytest.mark.parametrize("marks", [ADAS, NEW])
def test_the_first_decider_refuses_no_appeal_whose_number_names_their_decision(marks):
    """Not even while nobody knows who is asking."""
    appeal = appealed(refused(), marks)

    with pytest.raises((requests.SomebodyElse, appeals.WhichDecision)):
        requests.refuse(ticket=appeal, by=LENA, now=NOW, **SAID)

    appeal.refresh_from_db()
    assert (appeal.is_open, appeal.about) == (True, None)  # anybody could have typed it


def test_the_number_alone_proves_nothing_from_another_address():
    first = refused()
    appeal = appealed(first, NEW)

    with pytest.raises(appeals.AboutAnother):
        appeals.name(appeal=appeal, reference=str(first), by=MAX, now=NOW)
    known(appeal, accepted=False)
    with pytest.raises(appeals.AboutAnother):
        appeals.name(appeal=appeal, reference=str(first), by=MAX, now=NOW)

    assert not appeal.appeals.exists()
    assert submissions.may_appeal(first, on=NOW.date())  # for the person themselves


def test_from_another_address_it_counts_once_somebody_knows_who_it_is():
    first = refused()
    appeal = appealed(first, NEW)
    known(appeal)

    with pytest.raises(appeals.WhichDecision):
        requests.decide(ticket=appeal, outcome="whole", by=MAX, now=NOW, **SAID)
    appeals.name(appeal=appeal, reference=str(first).lower(), by=MAX, now=NOW)
    requests.decide(ticket=appeal, outcome="whole", by=MAX, now=NOW, **SAID)
    requests.fulfil(ticket=appeal, clock=clock)

    again = Ticket.objects.get(about=appeal)
    theirs = {*first.identifiers.all(), *appeal.identifiers.all()}
    assert set(again.identifiers.all()) == theirs


def test_what_is_opened_again_has_all_its_time():
    """The appeal was decided on its last day; what it opens is not late at birth."""
    first = refused()
    appeal = appealed(first)
    identity.decide(ticket=appeal, accepted=True, reason="Known", by=MAX, now=NOW)
    last = NOW + dt.timedelta(days=59)
    requests.decide(ticket=appeal, outcome="whole", by=MAX, now=last, **SAID)

    requests.fulfil(ticket=appeal, clock=lambda: last)

    again = Ticket.objects.get(about=appeal)
    assert again.received_at == last
    assert again.due_date == (last + dt.timedelta(days=45)).date()


# --- wherever it comes from -------------------------------------------------
def test_the_form_takes_the_number_and_is_the_same_whether_it_exists_or_not(client):
    url = "/privacy/request"
    form = {"rights": "appeal", "capacity": "self", "place": "US-VA", "phone": ADA}
    first = refused()

    wrong = client.post(url, form | {"against": "123"})
    assert "it looks like R-2026-000123" in wrong.content.decode()
    answers = [
        client.post(url, form | {"against": number}, follow=True)
        for number in (f" {str(first).lower()} ", "R-2026-999999")
    ]

    said = [each.content.decode() for each in answers]
    assert len({len(each) for each in said}) == 1
    assert str(first) not in said[0]
    kept = Ticket.objects.filter(right="appeal").order_by("pk")
    assert [each.against for each in kept] == [str(first), "R-2026-999999"]


def test_only_the_appeal_of_a_request_has_the_number():
    said = Submission(
        rights=["appeal", "access"], regime="US-VA", marks=ADAS, language="en",
        email=ADAS_MAIL, against="r-2026-000009",
    )  # fmt: skip
    submissions.submit(submission=said, now=NOW)

    found = dict(Ticket.objects.values_list("right", "against"))
    assert found == {Right.APPEAL: "R-2026-000009", Right.ACCESS: ""}


def test_staff_read_the_number_and_name_another_decision(admin_client):
    first = refused()
    opened = intake.receive(
        rights=["appeal"], regime="US-VA", marks=NEW, received_at=NOW, source="post",
        by=LENA, now=NOW, against=str(first),
    )  # fmt: skip
    url = reverse("admin:dsr_ticket_against", args=[opened[0].pk])

    assert f'value="{first}"' in admin_client.get(url).text
    neither = admin_client.post(url, {"reference": "", "another": ""})
    assert "Choose one" in neither.text
    refusal = admin_client.post(url, {"another": str(first)})
    assert "Decide first who is asking" in refusal.text
    known(opened[0])
    admin_client.post(url, {"another": str(first)})

    opened[0].refresh_from_db()
    assert opened[0].about == first
