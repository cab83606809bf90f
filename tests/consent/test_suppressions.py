"""/suppressions/check, as the platform's own contract has it."""

import pytest

from consent.models import Event
from consent.suppressions import entries
from privacy.models import Identifier
from tests.consent.factories import ACME, ADA, ProgramFactory, later, told

pytestmark = pytest.mark.django_db
PATH = "/suppressions/check"
FIELDS = {
    "allowed",
    "organizationId",
    "recipientIdentifier",
    "normalizedPhoneNumber",
    "normalizedEmail",
    "channel",
    "suppressionEntryId",
    "source",
    "suppressedAt",
    "customerReason",
}


def test_a_suppressed_recipient(now, partner):
    event = told("opt_out", now, organization=ACME)
    question = {"organizationId": ACME, "phoneNumber": "202-555-0117", "channel": "SMS"}

    answer = partner(PATH, question)

    said = answer.json()
    assert answer.status_code == 200
    assert set(said) == FIELDS
    assert said["allowed"] is False
    assert said["normalizedPhoneNumber"] == ADA
    assert said["suppressionEntryId"] == f"supp_{event.sequence}"
    assert (said["source"], said["suppressedAt"]) == ("support", "2026-11-24T09:00:00Z")
    assert said["customerReason"].startswith("No — do not text.")


@pytest.mark.parametrize(
    "changed",
    [
        {"organizationId": "org_beta"},
        {"phoneNumber": "+12025550118"},
        {"phoneNumber": None, "email": "ada@example.com", "channel": None},
        {"phoneNumber": None, "recipientIdentifier": "lead-7", "channel": ""},
        {"phoneNumber": ADA, "channel": "Email"},
    ],
)
def test_anybody_else_may_be_contacted_without_consent(now, partner, changed):
    told("opt_out", now, organization=ACME)
    question = {"organizationId": ACME, "phoneNumber": ADA, "channel": "sms"}

    said = partner(PATH, question | changed).json()

    assert said["allowed"] is True
    assert said["suppressionEntryId"] is said["suppressedAt"] is said["source"] is None
    assert Identifier.objects.count() == 1


@pytest.mark.parametrize("channel", ["All channels", "all", "", "Voice", "phone"])
def test_channels_as_the_platform_writes_them(now, partner, channel):
    told("opt_out", now)
    question = {"organizationId": ACME, "phoneNumber": ADA, "channel": channel}

    assert partner(PATH, question).json()["allowed"] is False


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ({"phoneNumber": ADA, "organizationId": "x" * 65}, "organizationId: Ensure"),
        ({"organizationId": ACME}, "Give phoneNumber, email or recipientIdentifier."),
        ({"organizationId": ACME, "phoneNumber": "abc"}, "not a phone number"),
        (
            {"organizationId": ACME, "phoneNumber": ADA, "channel": "pigeon"},
            "The channel is one of",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_problem(partner, question, sentence):
    answer = partner(PATH, question)

    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]


def test_the_scope_is_its_own(partner):
    assert partner(PATH, {}, scopes=["consent:check"]).status_code == 403


def test_vendor_json_is_read_too(partner):
    question = '{"organizationId": "a", "phoneNumber": "+12025550117"}'

    answer = partner(PATH, question, content_type="application/vnd.api+json")

    assert answer.status_code == 200


def test_an_opt_in_to_another_program_does_not_lift_an_entry(now):
    """Nor does one to the whole sender; a START to that program does."""
    alerts = ProgramFactory(name="Alerts")
    offers = ProgramFactory(name="Offers", numbers=["+12025550101"])
    chosen = {"program": alerts, "scope": "program", "covers": ("sms", "mms")}
    stop = told("opt_out", now, organization=ACME, **chosen)

    def status():
        return entries.shown(Event.objects.get(pk=stop.pk))["status"]

    told("opt_in", later(now, hours=1), organization=ACME, program=offers)
    told("opt_in", later(now, hours=2), organization=ACME)
    assert status() == "active"

    told("opt_in", later(now, hours=3), organization=ACME, program=alerts)
    assert status() == "released"
