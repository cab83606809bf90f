"""How a request comes in: its number, its days, whom it is about."""

import datetime as dt
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from dsr import clocks, deadlines, intake, mailbox
from dsr.models import Request, Ticket
from privacy import apikeys, identifiers
from privacy.models import AuditEvent
from tests.dsr.factories import ADA, ADAS_MAIL, LENA, NOW, RECEIVED, asked
from tests.dsr.mails import mail
from tests.privacy import factories as staff

pytestmark = pytest.mark.django_db
LACKING = {"rights": ["restriction"], "regime": "US-VA"}


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


# --- a right that the law named does not give ----------------------------------------
def by_form(client):
    said = {"capacity": "self", "place": LACKING["regime"], "reply": ADAS_MAIL}
    client.post(
        "/privacy/request", {"rights": LACKING["rights"], "email": ADAS_MAIL} | said
    )


def by_mail(client):
    law = "Virginia Consumer Data Protection Act"
    words = f"Under the {law}, please restrict the processing of my personal data."
    mailbox.ingest(mail(words), by="mailbox", now=timezone.now())


def by_staff(client):
    said = {"email": ADAS_MAIL, "received_at": "2026-11-23 09:00", "source": "post"}
    lena = staff.signed_in(staff.LENA)
    lena.post("/admin/dsr/ticket/receive/", LACKING | said)


def by_api(client):
    held = apikeys.create(
        name="crm", scopes=["requests:write"], by=LENA, now=timezone.now()
    )
    client.post(
        "/api/v1/requests",
        json.dumps(LACKING | {"emails": [ADAS_MAIL]}),
        content_type="application/json",
        headers={"authorization": f"Bearer {held}"},
    )


def by_command(client):
    asks = [
        "--right",
        *LACKING["rights"],
        "--regime",
        LACKING["regime"],
        "--email",
        ADAS_MAIL,
    ]
    call_command("dsr", "new", *asks, "--json")


@pytest.mark.parametrize("comes", [by_form, by_mail, by_staff, by_api, by_command])
def test_what_the_law_named_does_not_give_is_our_own_promise(client, comes):
    comes(client)

    ticket = Ticket.objects.get()
    assert (ticket.right, ticket.regime) == ("restriction", "unspecified")
    assert ticket.asked_under == "US-VA"
    assert ticket.arithmetic.startswith(
        "Virginia Consumer Data Protection Act gave no such right on"
    )
    assert (ticket.due_date - deadlines.day_of(ticket.received_at)).days == 28


def test_it_is_still_said_when_the_days_are_counted_anew():
    ticket = asked("objection_marketing", regime="DE-KDG")

    clocks.identified(ticket=ticket, on=NOW.date(), by=LENA, now=NOW)

    assert "gave no such right" in ticket.arithmetic


def test_of_one_request_each_right_is_under_the_law_that_gives_it():
    marks = [identifiers.phone(ADA)]
    opened = intake.receive(
        rights=["access", "opt_out_profiling"],
        regime="US-CA",
        marks=marks,
        received_at=RECEIVED,
        source="staff",
        by=LENA,
        now=NOW,
    )

    assert [each.regime for each in opened] == ["US-CA", "unspecified"]
    assert [each.asked_under for each in opened] == ["", "US-CA"]


# --- two at once ----------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_mail_and_a_form_at_once_wait_for_each_other_only_one_way(monkeypatch):
    """A mail has noted its writer, and then asks for a number; the form has a number,
    and then notes who it is about. Each holds what the other wants next."""
    ada, writer = identifiers.phone(ADA), identifiers.email("writer@example.org")
    identifiers.keep(ada, now=NOW)
    noted, numbered = threading.Event(), threading.Event()
    number = intake._reference

    def slowly(year):
        said = number(year)
        numbered.set()
        noted.wait(1)
        return said

    def by_form():
        monkeypatch.setattr(intake, "_reference", slowly)
        return asked(marks=[ada])

    def by_mail():
        numbered.wait(1)
        with transaction.atomic():
            identifiers.keep(writer, now=NOW)
            noted.set()
            return asked(marks=[writer])

    def closed(work):
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        opened = list(threads.map(closed, [by_form, by_mail]))

    assert len({ticket.reference for ticket in opened}) == 2
