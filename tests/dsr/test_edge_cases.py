"""Edge cases of requests that software gets wrong, under the numbers of their list.

Those of deadlines are with the clocks.
"""

import csv
import datetime as dt
import io
import json
import zipfile

import pytest

from consent.models import Standing
from dsr import (
    deadlines,
    grounds,
    identity,
    packages,
    requests,
    submissions,
    tickets,
)
from dsr.desk import reminding
from dsr.models import Reminder, Representative, Ticket
from privacy import holds, identifiers
from privacy.models import Category, Column, Plan, Provider
from tests.dsr.factories import ADA, ADAS_MAIL, LENA, MAX, NOW, asked, clock, vouched

pytestmark = pytest.mark.django_db


def met(ticket):
    requests.plan(ticket=vouched(ticket), by=LENA, now=NOW)
    requests.approve(ticket=ticket, by=MAX, now=NOW)
    return requests.fulfil(ticket=ticket, clock=clock)


def opened(done):
    raw = b"".join(packages.stream(ticket=done, by=LENA, now=NOW))
    return zipfile.ZipFile(io.BytesIO(raw))


def submitted(regime, now):
    """Ada asks for a copy by the form."""
    said = submissions.Submission(
        rights=["access"],
        regime=regime,
        marks=[identifiers.email(ADAS_MAIL)],
        language="en",
    )
    return submissions.submit(submission=said, now=now)


def test_08_thirty_days_would_be_later_than_a_month():
    received = dt.date(2027, 1, 31)
    at = dt.datetime(2027, 1, 31, 12, tzinfo=dt.UTC)

    law = deadlines.for_request(
        regime="EU-GDPR", right="access", received_at=at, home="DE"
    )

    assert law.due_at == dt.date(2027, 3, 1)
    assert deadlines.due(received, quantity=30, unit="cal_days") > law.due_at


@pytest.mark.parametrize(
    ("regime", "is_offered"),
    [("US-OR", True), ("US-CO", True), ("US-CA", False), ("US-UT", False)],
)
def test_20_an_appeal_is_offered_where_the_law_has_one(client, regime, is_offered):
    ticket, token = submitted(regime, NOW)
    requests.refuse(
        ticket=ticket, reason="We can't be sure", ground="ID_FAIL", by=LENA, now=NOW
    )

    page = client.get(f"/privacy/request/{token}").content.decode()

    assert ("Send the appeal" in page) is is_offered


@pytest.mark.parametrize(
    ("asked_on", "regime"),
    [(dt.date(2026, 12, 31), "unspecified"), (dt.date(2027, 1, 1), "US-OK")],
)
def test_21_a_law_is_chosen_from_its_first_day(asked_on, regime):
    """Before it we answer all the same, by our own promise."""
    now = dt.datetime.combine(asked_on, dt.time(18), dt.UTC)

    assert submitted("US-OK", now)[0].regime == regime


@pytest.mark.parametrize("regime", ["US-OR", "US-MD"])
def test_23_who_exactly_got_the_data_is_answered_by_name(town, regime):
    """Oregon wants the list of third parties. For Maryland their categories would do:
    there, as everywhere, the names are given."""
    profile = Category.objects.get(code="profile_contact")
    for name, is_active in (("Example Carrier", True), ("Former Carrier", False)):
        provider = Provider.objects.create(name=name, way="task", is_active=is_active)
        provider.categories.add(profile)
    payment = Provider.objects.create(name="Example Bank", way="task")
    payment.categories.add(Category.objects.exclude(code="profile_contact").first())

    done = met(asked("access", regime=regime))

    annex = json.loads(opened(done).read("annex.json"))
    assert "Example Carrier" in annex["recipients"]
    assert "Former Carrier" not in annex["recipients"]


def test_27_a_copy_goes_back_as_far_as_the_data(town):
    """The law asks for all since 2022-01-01; we give what is older as well."""
    town.execute("UPDATE person SET seen_at = '2021-04-01' WHERE name = 'Ada Sample'")
    for year in (2021, 2022, 2025):
        town.execute(
            "INSERT INTO message (person_id, from_number, to_number, body, sent_at)"
            " SELECT id, '+12025550100', phone, %s, %s FROM person"
            " WHERE name = 'Ada Sample'",
            [f"Sent in {year}", dt.date(year, 5, 1)],
        )

    done = met(asked("access"))

    rows = json.loads(opened(done).read("data.json"))["tables"]["town.message"]
    bodies = {row["body"] for row in rows}
    assert {"Sent in 2021", "Sent in 2022", "Sent in 2025"} <= bodies


def test_24_a_power_of_attorney_ends_all_further_proof():
    """And none is asked for one: `has_power_of_attorney` is what a paper shows."""
    ticket = asked("erasure")
    Representative.objects.create(
        ticket=ticket, capacity="agent", details="{}", has_power_of_attorney=True
    )
    assert not identity.standing(ticket).is_enough
    identity.decide(
        ticket=ticket,
        accepted=True,
        has_power_of_attorney=True,
        reason="Seen the paper",
        by=LENA,
        now=NOW,
    )
    assert identity.standing(ticket).is_enough


def test_25_who_can_not_be_verified_gets_the_categories_and_no_data(town):
    ticket = asked("access", email=ADAS_MAIL)
    requests.refuse(
        ticket=ticket, reason="We are not sure.", ground="ID_FAIL", by=LENA, now=NOW
    )

    letter = ticket.notices.get().text.open()
    assert "Profile" in letter
    assert "/privacy" in letter
    assert "Ada" not in letter
    assert ADA not in letter


def test_25_elsewhere_the_letter_has_no_categories(town):
    ticket = asked("erasure", email=ADAS_MAIL)
    requests.refuse(
        ticket=ticket, reason="We are not sure.", ground="ID_FAIL", by=LENA, now=NOW
    )
    assert "categories" not in ticket.notices.get().text.open()


def test_26_what_may_never_be_sent_is_said_to_be_held(town):
    town.execute("UPDATE person SET note = '078-05-1120' WHERE name = 'Ada Sample'")
    Column.objects.filter(name="note").update(identifier="government_id")

    done = met(asked("access"))

    archive = opened(done)
    rows = json.loads(archive.read("data.json"))["tables"]["town.person"]
    assert {row["note"] for row in rows} == {"[held, and never sent]", None}
    text = b"".join(archive.read(name) for name in archive.namelist())
    assert b"078-05-1120" not in text
    assert done.ground.code == "NEVER_DISCLOSED"
    table = next(n for n in archive.namelist() if n.endswith("person.csv"))
    assert list(csv.reader(io.StringIO(archive.read(table).decode())))


def test_29_what_a_customer_decides_is_passed_on_and_nothing_is_deleted(town):
    ticket = asked("erasure")
    requests.refuse(
        ticket=ticket,
        reason="We have passed it on to Bright Homes.",
        ground="PROCESSOR_ONLY",
        by=LENA,
        now=NOW,
    )
    assert not Plan.objects.exists()
    assert "Bright Homes" in ticket.notices.get().text.open()


def test_59_a_hold_makes_it_a_denial(town):
    row = identifiers.keep(identifiers.phone(ADA), now=NOW)
    holds.place(matter="Case", identifiers=[row], tables=[], by=MAX, now=NOW)

    done = met(asked("erasure"))

    assert (done.outcome, done.ground.code) == ("denied", "LEGAL_CLAIM")
    kept = [part.what for part in done.withheld.all()]
    assert len(kept) == len(set(kept)) > 1, "own rows and others' of one table together"


def test_79_the_record_of_a_request_is_not_erased_for_another():
    """The ground exists in every law, and says why."""
    found = grounds.named(
        "SUPPRESSION_RECORD", regime="US-CA", right="erasure", on=NOW.date()
    )
    assert "7101" in found.citation


def test_80_an_objection_is_done_at_once_and_survives_the_erasure(town):
    stop = asked("objection_marketing", regime="EU-GDPR")
    erase = asked("erasure", regime="EU-GDPR")
    requests.fulfil(ticket=stop, clock=clock)
    stop.refresh_from_db()
    assert stop.status == Ticket.Status.ANSWERED
    met(erase)

    row = identifiers.find(identifiers.phone(ADA))
    assert row.value is None
    assert Standing.objects.filter(identifier=row, state="opt_out").exists()


def test_28_a_request_is_never_closed_by_time_alone():
    """Its clock runs from receipt, staff are reminded, a decision alone closes it."""
    ticket = asked("erasure")
    requests.fulfil(ticket=ticket, clock=clock)
    assert ticket.due_date == dt.date(2027, 1, 7)
    for days in (-7, -1, 1, 400):
        at = dt.datetime.combine(ticket.due_date, dt.time(12), dt.UTC)
        reminding.remind(now=at + dt.timedelta(days=days))
    told = Reminder.objects.filter(ticket=ticket, due_date=ticket.due_date)
    late = {"late", "late, 58"}  # told again each week
    assert {each.occasion for each in told} == {"one week", "one day", *late}
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.RECEIVED
    with pytest.raises(tickets.ReasonNeeded):
        requests.refuse(ticket=ticket, reason="", ground="OTHER", by=LENA, now=NOW)
