"""Whose a row is in stores that a newcomer invented: notes on appointments, merged
contacts, number plates, voices, pupils and their parents."""

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import Map, acceptance, discovery, drift
from privacy.models import Column, Link
from tests.privacy.conftest import DATABASES

pytestmark = pytest.mark.django_db
SCRIPT = (DATABASES / "invented" / "newcomers.sql").read_text()
# Table to the keys of the rows that change; no other row may.
CLIENT = {
    "salon.clients": {4},
    "salon.notes": {3, 12, 21, 104},
    "salon.photos": {3, 12, 21},
    "salon.stoplist": {4},
}
CONTACT = {"crm.contacts": {2, 11, 12, 14}, "crm.deals": {2, 11, 12, 14}}
DRIVER = {
    "traffic.driver": {4},
    "traffic.car": {3, 12},
    "traffic.fine": {2, 11, 14, 23},
    "traffic.parking": {2, 11, 14, 23},
}
SINGER = {"choir.singers": {4}, "choir.calls": {3, 12}}
PUPIL = {"school.pupils": {4}, "school.grades": {3, 12, 21}}
PUPIL["school.absences"] = {3, 12}
PATIENT = {
    "clinic.people": {4},
    "clinic.addresses": {4},
    "clinic.claims": {3, 12},
    "clinic.scans": {3, 12},
}
PEOPLE = {
    "client4@example.com": CLIENT,
    "contact2@example.com": CONTACT,
    "driver4@example.com": DRIVER,
    "singer4@example.com": SINGER,
    "pupil4@example.com": PUPIL,
    "person4@example.com": PATIENT,
    "parent4@example.com": {"school.parents": {4}},
    "staff4@example.org": {"salon.users": {4}},
}


@pytest.fixture
def newcomers(connect, now):
    store, direct = connect("newcomers", SCRIPT)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    assert drift.problems(Map(store)) == []
    return Map(store), direct


def rows(mapped, direct):
    return {
        (f"{table.schema}.{table.name}", row[0]): row
        for table in mapped.tables.values()
        for row in direct.execute(f"SELECT * FROM {table.schema}.{table.name}")
    }


def erased(who, now):
    mark = identifiers.keep(identifiers.email(who), now=now)
    said = {"title": "Moore", "received_at": now, "by": "lena", "now": now}
    plan = erasure.plan(identifiers=[mark], **said)
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)
    others = [text for text in done.summary["exceptions"] if "merged" in text]
    assert len(others) == ("contact2" in who or "older2" in who)
    assert (done.status in plans.COMPLETE, done.problem) == (True, "")


def test_just_the_rows_of_each_person_end(newcomers, now):
    changed = {}
    for who in PEOPLE:
        before = rows(*newcomers)
        erased(who, now)
        after = rows(*newcomers)
        assert after.keys() == before.keys()
        changed[who] = {}
        for (table, key), row in before.items():
            if after[table, key] != row:
                changed[who].setdefault(table, set()).add(key)

    assert changed == PEOPLE


def test_the_contact_that_was_merged_leads_to_the_one_it_was_merged_into(
    newcomers, now
):
    erased("older2@example.org", now)

    said = [row for (table, _), row in rows(*newcomers).items() if table[:4] == "crm."]
    assert not [row for row in said if "Moore2" in row or "Wants a discount 2" in row]
    assert len([row for row in said if "Moore3" in row or "Moore4" in row]) == 4


def test_a_number_that_only_seems_to_be_one_persons_waits_for_staff(newcomers):
    [link] = Link.objects.filter(table__name="payouts")

    assert (link.state, link.role, link.said) == (
        "proposed", "subject", "iban → newcomers.clinic.people.iban",
    )  # fmt: skip


def test_a_voice_is_a_recording_only_where_its_values_are(newcomers):
    columns = Column.objects.filter(name="voice")

    assert {c.table.name for c in columns if c.is_personal} == {"calls"}
