"""Edge cases of requests that software gets wrong, under the numbers of their list.

Those of deadlines are with the clocks.
"""

import csv
import io
import json
import zipfile

import pytest

from consent.models import Standing
from dsr import grounds, identity, packages, requests, tickets
from dsr.models import Representative, Ticket
from privacy import holds, identifiers
from privacy.models import Column, Plan
from tests.dsr.factories import ADA, ADAS_MAIL, LENA, MAX, NOW, asked, clock, vouched

pytestmark = pytest.mark.django_db


def met(ticket):
    requests.plan(ticket=vouched(ticket), by=LENA, now=NOW)
    requests.approve(ticket=ticket, by=MAX, now=NOW)
    return requests.fulfil(ticket=ticket, clock=clock)


def opened(done):
    raw = packages.content(ticket=done, by=LENA, now=NOW)
    return zipfile.ZipFile(io.BytesIO(raw))


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


def test_59_a_hold_makes_it_a_denial_in_part(town):
    row = identifiers.keep(identifiers.phone(ADA), now=NOW)
    holds.place(matter="Case", identifiers=[row], tables=[], by=MAX, now=NOW)

    done = met(asked("erasure"))

    assert (done.outcome, done.ground.code) == ("part", "LEGAL_CLAIM")


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
    """Its clock runs from receipt, and only a decision closes it."""
    ticket = asked("erasure")
    requests.fulfil(ticket=ticket, clock=clock)
    assert ticket.status == Ticket.Status.RECEIVED
    with pytest.raises(tickets.ReasonNeeded):
        requests.refuse(ticket=ticket, reason="", ground="OTHER", by=LENA, now=NOW)
