"""One person with two numbers: what a STOP by one does to the other."""

import io
import json
import zipfile

import pytest
from django.utils import timezone

from consent import carrying, check, evidence, ledger, lookup, reasons, standings
from consent.models import Event, Standing
from consent.promises import stops
from consent.suppressions.sources import EVENTS
from privacy import identifiers, people
from privacy.datamap import files
from tests.consent.factories import ACME, ProgramFactory, later, sent, told
from tests.privacy import messaging
from tests.privacy.conftest import connect

__all__ = ["connect"]  # of the floor below
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]
ADA, HERS, BENS = "+12025550143", "+12025550188", "+12025550117"
SECOND = f"""
ALTER TABLE person ADD COLUMN second varchar(32);
UPDATE person SET second = '{HERS}' WHERE name = 'Ada Sample';
"""
MAP = messaging.MAP.replace(
    "      note: {",
    "      second: {category: profile_contact, identifier: phone, source: direct,\n"
    "               purposes: [provide], treatment: nullify}\n      note: {",
    1,
)


@pytest.fixture
def town(connect, now):
    _, direct = connect("town", messaging.SCRIPT + SECOND)
    files.load(text=MAP, by="pia", now=now)
    ProgramFactory(name="Offers")
    ProgramFactory(name="Visits", numbers=["+12025550101"], purpose="service")
    return direct


def reason(number, at, **asked):
    mark = identifiers.understand(number)
    asked = {"channel": "sms", "organization": ACME} | asked
    return check.may_contact(mark, now=at, **asked).reason


def test_49_a_stop_by_one_number_ends_marketing_to_the_other_and_no_service(town, now):
    told("opt_in", now, number=HERS, organization=ACME)
    sent("STOP", later(now, hours=1), number=ADA)
    at = later(now, hours=2)

    assert carrying.carry(now=at) == 1
    assert carrying.carry(now=at) == 0

    assert reason(HERS, at) == reason(HERS, at, program="Offers") == "opted_out"
    assert reason(HERS, at, purpose="service") == "opted_in"
    assert reason(HERS, at, program="Visits") == "opted_in"
    assert reason(HERS, at, organization="org_other") == "no_consent_on_record"
    assert reason(ADA, at, purpose="service") == "opted_out"
    first, event = Event.objects.filter(kind="opt_out").order_by("sequence")
    assert event.evidence["carries"] == str(first.sequence)
    assert EVENTS.rows("active", at).get() == first  # whose list ends everything

    found = lookup.look_up(text=HERS, by="sam", now=at)
    assert f"another number of theirs (event {first.sequence})" in found.words()
    assert "marketing of" in found.answer.sentence
    assert "Service messages to this number continue" in found.reach
    hers = identifiers.understand(HERS)
    pack = evidence.pack(mark=hers, reason="a suit", by="sam", now=at)
    with zipfile.ZipFile(io.BytesIO(pack)) as files_in:
        said = json.loads(files_in.read("evidence.json"))
    assert f"(event {first.sequence})" in said["events"][0]["sentence"]

    before = list(Standing.objects.order_by("pk").values_list("part", "state", "event"))
    standings.rebuild(by="lena", now=at)
    after = list(Standing.objects.order_by("pk").values_list("part", "state", "event"))
    assert sorted(after) == sorted(before)
    assert sent("STOP", at, number=HERS)  # its own STOP is confirmed, and ends service
    assert reason(HERS, at, purpose="service") == "opted_out"
    sent("START", later(at, hours=1), number=HERS)
    assert reason(HERS, later(at, hours=1), program="Offers") == "opted_in"


def test_49_a_number_that_somebody_else_has_too_is_left_alone(town, now):
    town.execute(f"UPDATE person SET phone = '{HERS}' WHERE name = 'Ben Sample'")
    sent("STOP", now, number=ADA)
    sent("STOP", now, number=BENS)

    assert carrying.carry(now=later(now, hours=1)) == 0
    assert not carrying.others_of(identifiers.understand(HERS), now=now)


def test_49_what_was_recorded_wrongly_is_taken_back_there_too(town, now):
    event = told("opt_out", now, number=ADA, organization=ACME)
    told("opt_out", now, number=ADA, organization="org_b", route="import")
    carrying.carry(now=now)
    assert reason(HERS, now, program="Offers") == "opted_out"

    ledger.correct(event=event, reason="a wrong number", by="sam", now=now)

    assert carrying.carry(now=now) == 1
    assert reason(HERS, now, program="Offers") == "no_consent_on_record"


def test_49_many_opt_outs_are_carried_over_in_one_go(town, now, monkeypatch):
    monkeypatch.setattr(carrying, "AT_ONCE", 2)
    for number in range(9):
        told("opt_out", now, number=f"+1202555010{number}", organization="org_b")
    told("opt_out", now, number=ADA, organization=ACME)

    assert carrying.carry_all(clock=lambda: now) == 1
    assert (
        carrying._seen()
        == (Event.objects.get(route="support", organization=ACME).pk,) * 2
    )
    assert carrying.carry_all(clock=lambda: now) == 0


def test_49_who_says_stop_now_does_not_wait_for_a_long_backlog(town, now, monkeypatch):
    monkeypatch.setattr(carrying, "AT_ONCE", 2)
    for number in range(9):
        told("opt_out", now, number=f"+1202555010{number}", organization="org_b")
    told("opt_out", now, number=ADA, organization=ACME)

    assert carrying.carry(now=now) == 1
    assert reason(HERS, now, program="Offers") == "opted_out"
    told("opt_out", later(now, hours=1), number=HERS, organization="org_c")
    made = [carrying.carry(now=later(now, hours=1)) for _ in range(8)]

    assert made[0] == 1
    assert carrying.waiting(now=later(now, hours=2)) == (0, None)
    assert Event.objects.filter(route="carried").count() == 2


def test_49_the_board_says_that_opt_outs_wait_for_a_store(town, now):
    told("opt_out", now, number=ADA, organization=ACME)

    found = stops.marketing_can_be_stopped(later(now, hours=1))
    assert "are waiting to be applied" in found.summary
    assert found.evidence[-1].count == 1

    carrying.carry(now=later(now, hours=1))
    found = stops.marketing_can_be_stopped(later(now, hours=1))
    assert "are waiting to be applied" not in found.summary


# --- ids of the platform --------------------------------------------------------------
HER_ID, PATH = "00000000-0000-4000-8000-000000000001", "/suppressions"


def asks(partner, **named):
    question = {"organizationId": ACME, "channel": "SMS"} | named
    return partner(f"{PATH}/check", question).json()["allowed"]


def test_an_id_of_the_platform_is_suppressed_and_released_with_its_owners_numbers(
    town, partner, django_capture_on_commit_callbacks
):
    body = {"organizationId": ACME, "recipientIdentifier": HER_ID, "channel": "SMS"}

    with django_capture_on_commit_callbacks(execute=True):
        assert partner(PATH, body).status_code == 201
    carrying.carry(now=timezone.now())

    assert not asks(partner, phoneNumber=ADA)
    assert not asks(partner, phoneNumber=HERS)
    assert asks(partner, phoneNumber=BENS)
    assert asks(partner, phoneNumber=ADA, organizationId="org_other")
    assert asks(partner, phoneNumber=ADA, channel="Voice")
    hers = Event.objects.filter(identifier__kind="phone").first()
    assert "through the platform (event 1)" in reasons.how(hers)

    assert partner(f"{PATH}/release", body).status_code == 200
    carrying.carry(now=timezone.now())
    assert asks(partner, phoneNumber=ADA)
    assert asks(partner, phoneNumber=HERS)
    assert carrying.carry(now=timezone.now()) == 0


def test_the_release_of_an_id_lifts_nobodys_own_word(town, partner, now):
    body = {"organizationId": ACME, "recipientIdentifier": HER_ID, "channel": "SMS"}
    partner(PATH, body)
    carrying.carry(now=timezone.now())
    told("opt_out", timezone.now(), number=ADA, organization=ACME)

    partner(f"{PATH}/release", body)
    carrying.carry(now=timezone.now())

    assert not asks(partner, phoneNumber=ADA)
    assert asks(partner, phoneNumber=HERS)


def test_who_is_asked_about_by_an_id_is_asked_about_by_their_number_too(
    town, partner, now
):
    assert asks(partner, recipientIdentifier=HER_ID)
    told("opt_out", now, number=ADA, organization=ACME)

    assert not asks(partner, recipientIdentifier=HER_ID)
    assert asks(partner, recipientIdentifier=HER_ID.replace("1", "3"))


def test_an_id_that_records_of_several_people_have_ends_marketing_to_each(
    town, partner, now, monkeypatch
):
    """As the key 7 of a lead and of a user."""
    whose = [{identifiers.phone(ADA)}, {identifiers.phone(BENS)}]
    monkeypatch.setattr(people, "called", lambda text, *, now: whose)
    body = {"organizationId": ACME, "recipientIdentifier": "7", "channel": "SMS"}

    partner(PATH, body)
    carrying.carry(now=timezone.now())

    at = timezone.now()
    assert reason(ADA, at) == reason(BENS, at) == "opted_out"
    assert reason(BENS, at, purpose="service") == "no_consent_needed"
    finding = lookup.look_up(text=BENS, by="sam", now=at)
    assert "records of several people" in finding.reach
