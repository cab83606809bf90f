"""/suppressions/check, as the platform's own contract has it."""

import pytest

from consent import listings
from consent.models import Event
from consent.suppressions import entries
from privacy import holds, identifiers
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


# --- what forbids contact though nobody told us to stop -------------------------------
def asks(partner, **changed):
    question = {"organizationId": ACME, "phoneNumber": ADA, "channel": "SMS"}
    return partner(PATH, question | changed).json()


def our_list(mark, now):
    listings.request(mark=mark, source="letter", asked_at=now, by="sam", now=now)


def reassigned(mark, now):
    facts = {"name": "reassigned", "listed_at": now, "source": "rnd"}
    listings.put(mark=mark, by="sam", now=now, **facts)


def restricted(mark, now):
    holds.place(
        matter="They contest it", kind="restriction", tables=[], by="pia", now=now,
        identifiers=[identifiers.keep(mark, now=now)],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("forbid", "reason"),
    [
        (our_list, "do_not_call"),
        (reassigned, "reassigned"),
        (restricted, "restricted"),
    ],
)
def test_a_person_who_must_not_be_contacted_is_on_the_list(
    now, partner, forbid, reason
):
    told("opt_in", later(now, days=-9), organization=ACME)
    assert asks(partner)["allowed"] is True
    forbid(identifiers.phone(ADA), now)

    said = asks(partner)

    assert (said["allowed"], said["source"]) == (False, reason)
    assert said["customerReason"].startswith("No — do not text")
    assert said["suppressedAt"] == "2026-11-24T09:00:00Z"
    listed = partner("/suppressions/all/my", {"includeCount": True}).json()
    (entry,) = listed["items"]
    assert (entry["id"], listed["totalCount"]) == (said["suppressionEntryId"], 1)
    assert (entry["normalizedPhoneNumber"], entry["status"]) == (ADA, "active")
    wanted = {"source": reason, "id": entry["id"], "channel": "voice"}
    filters = [{"field": field, "value": value} for field, value in wanted.items()]
    again = partner("/suppressions/all/my", {"filters": filters}).json()
    assert again["items"] == [entry]
    if reason != "restricted":
        told("opt_in", later(now, hours=1), organization=ACME)
        assert asks(partner)["allowed"] is True, "they have asked for it since"


def test_a_national_registry_is_no_suppression(now, partner):
    listings.put(
        mark=identifiers.phone(ADA), name="do_not_call", listed_at=now, source="ftc",
        by="sam", now=now,
    )  # fmt: skip

    assert asks(partner)["allowed"] is True
    assert partner("/suppressions/all/my", {}).json()["items"] == []


@pytest.mark.parametrize("by", ["id", "suppressedAt"])
def test_all_kinds_of_entries_page_by_page(now, partner, by):
    for number, forbid, hours in (
        ("1", restricted, 2), ("2", restricted, 5), ("3", our_list, 1),
        ("4", our_list, 4), ("5", None, 6),
    ):  # fmt: skip
        mark, at = identifiers.phone(f"+1202555010{number}"), later(now, hours=-hours)
        if forbid:
            forbid(mark, at)
        else:
            told("opt_out", later(now, hours=-0.5), number=mark.value)
    told("opt_out", later(now, hours=-6), number="+12025550105", organization="x")
    pages = {"asc": [], "desc": []}
    for direction, found in pages.items():
        token = None
        for _ in range(9):
            question = {"pageSize": 2, "continuationToken": token}
            question["orderBy"] = [{"field": by, "direction": direction}]
            page = partner("/suppressions/all/my", question).json()
            found += [each["id"] for each in page["items"]]
            token = page["continuationToken"]
            if not token:
                break

    assert pages["asc"] == pages["desc"][::-1]
    assert len(set(pages["asc"])) == 6


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        ("(202) 555-0117", {}),
        ("ada@example.com", {"email": "Ada@example.com", "phoneNumber": None,
                             "channel": "email"}),
    ],
)  # fmt: skip
def test_a_number_given_as_the_recipient_s_id_is_that_number(
    now, partner, named, asked
):
    channel = asked.get("channel", "SMS")
    body = {"organizationId": ACME, "recipientIdentifier": named, "channel": channel}

    made = partner("/suppressions", body)

    assert (made.status_code, made.json()["recipientIdentifier"]) == (201, named)
    assert asks(partner, **asked)["allowed"] is False
    by_id = {"recipientIdentifier": named, "phoneNumber": None, "channel": channel}
    assert asks(partner, **by_id)["allowed"] is False


def test_digits_alone_may_be_the_key_of_somebody_else(now, partner):
    body = {"organizationId": ACME, "recipientIdentifier": "2025550117"}

    assert partner("/suppressions", body | {"channel": "SMS"}).status_code == 201
    assert asks(partner)["allowed"] is True
