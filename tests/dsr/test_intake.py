"""How a request comes in: its number, its days, whom it is about."""

import datetime as dt

import pytest

from dsr import deadlines, intake
from dsr.models import Request, Ticket
from privacy import identifiers
from privacy.models import AuditEvent
from tests.dsr.factories import ADA, ADAS_MAIL, NOW, RECEIVED, asked

pytestmark = pytest.mark.django_db


def test_a_request_has_its_days_by_the_law_it_is_under():
    ticket = asked("erasure", regime="US-CA")

    assert ticket.due_date == dt.date(2027, 1, 7)
    assert ticket.acknowledge_date == dt.date(2026, 12, 8)
    assert ticket.extended_date == dt.date(2027, 2, 21)
    assert "11 CCR 7021" in ticket.arithmetic


def test_the_clock_starts_when_it_was_received_and_not_when_it_was_entered():
    late = asked(received_at=RECEIVED - dt.timedelta(days=10))

    assert late.due_date == dt.date(2026, 12, 28)


def test_the_day_of_receipt_is_the_day_where_we_are_a_controller(settings):
    settings.LEGAL_TIME_ZONE = "America/New_York"

    ticket = asked(received_at=dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC))

    assert ticket.due_date == dt.date(2027, 1, 7)  # received on the 23rd there


def test_numbers_follow_each_other_within_a_year():
    old = dt.datetime(2025, 12, 31, 12, 0, tzinfo=dt.UTC)

    references = [
        asked().reference,
        asked().reference,
        asked(received_at=old).reference,
    ]

    assert references == ["R-2026-000001", "R-2026-000002", "R-2025-000001"]


def test_who_asked_and_what_they_wrote_is_sealed():
    ticket = asked(name="Ada Sample", email=ADAS_MAIL, text="Delete all of it")

    fresh = Ticket.objects.get(pk=ticket.pk)
    assert ADAS_MAIL in fresh.requester.open()
    assert fresh.words.open() == "Delete all of it"
    stored = Request.objects.values_list("requester", "words")
    assert "Ada Sample" not in str(list(stored))
    assert ADAS_MAIL not in str(list(stored))
    assert "Delete" not in str(list(stored))


def test_the_trail_knows_that_it_came_and_not_from_whom():
    ticket = asked(email=ADAS_MAIL)

    event = AuditEvent.objects.get(action="ticket.received")
    assert event.subject == f"ticket:{ticket.reference}"
    assert "2027-01-07" in event.payload
    assert not {ADA, ADAS_MAIL} & set(event.payload.split('"'))


def test_whoever_was_erased_may_ask_again(now):
    row = identifiers.keep(identifiers.phone(ADA), now=now)
    identifiers.forget(identifier=row, by="max", now=now)

    ticket = asked()

    assert ticket.identifiers.get().value.open() == ADA


def test_one_person_may_be_named_twice():
    mark = identifiers.phone(ADA)

    assert asked(marks=[mark, mark]).identifiers.count() == 1


@pytest.mark.parametrize("said", ["gdpr", "GDPR", "EU-GDPR", "eu gdpr"])
def test_a_regime_may_be_said_loosely(said):
    assert asked(regime=said).regime == "EU-GDPR"


@pytest.mark.parametrize("said", ["ccpa", "cpra", "US-CA", "us-ca"])
def test_california_has_several_names(said):
    assert asked(regime=said).regime == "US-CA"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"marks": []}, intake.NobodyNamed),
        ({"right": "teleportation"}, intake.UnknownRight),
        ({"regime": "MARS"}, intake.UnknownRegime),
        ({"regime": ""}, intake.UnknownRegime),
        ({"received_at": NOW + dt.timedelta(minutes=1)}, intake.FromTheFuture),
        ({"received_at": RECEIVED.replace(year=1990)}, intake.UnknownRegime),
    ],
)
def test_what_can_not_be_a_request_is_refused_and_leaves_nothing(changed, refusal):
    with pytest.raises(refusal):
        asked(**changed)

    assert not Ticket.objects.exists()


def test_a_law_that_was_not_in_force_yet_is_not_called_unknown():
    with pytest.raises(intake.UnknownRegime, match="GDPR was not in force on 2016-"):
        asked(regime="GDPR", received_at=RECEIVED.replace(year=2016))
    with pytest.raises(intake.UnknownRegime, match="in force on 1990-"):
        asked(regime="GDPR", received_at=RECEIVED.replace(year=1990))


def test_a_time_without_its_zone_is_refused():
    with pytest.raises(deadlines.NoTimeZone):
        asked(received_at=RECEIVED.replace(tzinfo=None))
