"""/suppressions: the platform's own contract, each address of it."""

import json
from pathlib import Path

import pytest
from django.test import Client

from consent import check
from consent.models import Event, Standing, Utterance
from consent.suppressions import entry_id
from privacy import apikeys, holds, identifiers
from privacy.models import AuditEvent, Disclosure, Provider
from tests.consent.factories import ACME, ADA, contracted, later, told

pytestmark = pytest.mark.django_db
BEA = "+12025550118"
CONTRACT = json.loads(
    (Path(__file__).parents[1] / "data" / "leadping" / "suppressions.json").read_text()
)
SCHEMAS = CONTRACT["components"]["schemas"]


@pytest.fixture
def platform(db, now):
    """The platform's own system: `platform.post(path, body)`, `platform.get(path)`."""
    contracted("Leadping", now)
    return Platform(key_of("Leadping", now))


def key_of(recipient, now):
    name, scopes = recipient.casefold() or "nobody", ["suppressions"]
    return apikeys.create(
        name=name, scopes=scopes, recipient=recipient, by="sam", now=now
    )


def restrict(number, now):
    holds.place(
        matter="They contest it", kind="restriction", tables=[], by="pia", now=now,
        identifiers=[identifiers.keep(identifiers.phone(number), now=now)],
    )  # fmt: skip


class Platform:
    def __init__(self, key):
        self.headers = {"authorization": f"Bearer {key}"}

    def post(self, path, body):
        return Client().post(
            f"/suppressions{path}", body, "application/json", headers=self.headers
        )

    def get(self, entry):
        return Client().get(f"/suppressions/{entry}", headers=self.headers)

    def suppress(self, **changed):
        return self.post("", ada(**changed))

    def listed(self, **options):
        return self.post("/all/my", options).json()


def ada(**changed):
    facts = {"organizationId": ACME, "phoneNumber": ADA, "channel": "SMS"}
    return {k: v for k, v in (facts | changed).items() if v is not None}


def fits(said, name):
    """Every field of the contract, and no other; of the types it names."""
    fields = SCHEMAS[name]["properties"]
    assert set(said) == set(fields)
    for field, schema in fields.items():
        types = schema.get("type")
        types = [types] if isinstance(types, str) else types
        assert kind(said[field]) in types, field


def kind(value):
    names = {
        bool: "boolean", int: "integer", str: "string", list: "array", dict: "object",
        type(None): "null",
    }  # fmt: skip
    return names[type(value)]


def test_suppress_check_get_list_and_release(platform):
    made = platform.suppress(reason="Asked at the counter")

    entry = made.json()
    assert made.status_code == 201
    fits(entry, "SuppressionEntryResponse")
    fits(entry["audit"][0], "SuppressionEntryAudit")
    assert (entry["status"], entry["channel"], entry["source"]) == (
        "active",
        "text",
        "platform",
    )
    assert entry["normalizedPhoneNumber"] == ADA
    assert entry["reason"] == "Asked at the counter"
    assert Utterance.objects.get().words.open() == "Asked at the counter"

    blocked = platform.post("/check", ada()).json()
    assert (blocked["allowed"], blocked["suppressionEntryId"]) == (False, entry["id"])
    assert platform.get(entry["id"]).json() == entry
    page = platform.listed(includeCount=True)
    fits(page, "PagedResultOfSuppressionEntryResponse")
    assert (page["items"], page["totalCount"]) == ([entry], 1)

    released = platform.post("/release", ada(reason="Entered by mistake"))
    after = released.json()
    assert released.status_code == 200
    fits(after, "SuppressionEntryResponse")
    assert (after["id"], after["status"]) == (entry["id"], "released")
    assert after["releasedAt"] > after["suppressedAt"]
    assert after["reason"] == "Entered by mistake"
    assert [each["status"] for each in after["audit"]] == ["active", "released"]
    assert platform.post("/check", ada()).json()["allowed"] is True
    assert platform.listed()["items"] == []
    assert platform.get(entry["id"]).json() == after


def test_a_person_s_own_stop_takes_over_and_is_not_released(platform):
    platform.suppress()
    own = told("opt_out", Event.objects.get().occurred_at, organization=ACME)

    refused = platform.post("/release", ada())

    assert (refused.status_code, Event.objects.count()) == (400, 2)
    assert [each["id"] for each in platform.listed()["items"]] == [entry_id(own)]


def test_a_stop_that_we_learn_of_after_a_release_stands(platform):
    platform.suppress()
    platform.post("/release", ada())
    released = Event.objects.get(kind="release")
    own = told(
        "opt_out", later(released.occurred_at, microseconds=-1), organization=ACME,
        now=later(released.occurred_at, days=1),
    )  # fmt: skip

    assert platform.post("/check", ada()).json()["allowed"] is False
    (entry,) = platform.listed()["items"]
    assert (entry["id"], entry["status"]) == (entry_id(own), "active")
    page = platform.listed(filters=[{"field": "status", "value": "released"}])
    assert entry_id(own) not in [each["id"] for each in page["items"]]


def test_a_release_is_no_consent(platform, now):
    platform.suppress()
    platform.post("/release", ada())

    mark = identifiers.phone(ADA)
    at = Event.objects.first().occurred_at
    assert check.may_contact(mark, channel="sms", organization=ACME, now=at).reason == (
        "no_consent_on_record"
    )
    assert {row.state for row in Standing.objects.all()} == {"release"}


def test_suppressed_twice_is_one_entry_and_again_after_a_release_another(platform):
    first = platform.suppress().json()["id"]

    assert platform.suppress().json()["id"] == first
    assert Event.objects.count() == 1
    platform.post("/release", ada())
    again = platform.suppress().json()
    assert again["status"] == "active"
    assert again["id"] != first
    assert platform.post("/check", ada()).json()["suppressionEntryId"] == again["id"]


@pytest.mark.parametrize(
    ("channel", "name", "covers"),
    [
        ("SMS", "text", {"sms", "mms"}),
        ("voice", "voice", {"voice"}),
        ("all channels", "all", {"sms", "mms", "voice"}),
        (None, "all", {"sms", "mms", "voice"}),
    ],
)
def test_channels(platform, channel, name, covers):
    said = platform.suppress(channel=channel).json()

    assert said["channel"] == name
    assert set(Event.objects.get().covers) == covers


def test_a_recipient_by_mail_and_by_the_platforms_own_id(platform):
    both = platform.suppress(
        phoneNumber=None,
        email="Ada@Example.com",
        recipientIdentifier="lead-7",
        channel="all",
    ).json()

    assert both["normalizedEmail"] == "ada@example.com"
    assert both["recipientIdentifier"] == "lead-7"
    by_id = ada(phoneNumber=None, recipientIdentifier="lead-7", channel="voice")
    assert platform.post("/check", by_id).json()["allowed"] is False
    assert platform.listed()["items"][0]["recipientIdentifier"] == "lead-7"


def test_without_an_organization_every_sender_is_meant(platform):
    """So asks the newest of the platform's clients."""
    entry = platform.suppress(organizationId=None).json()

    assert entry["organizationId"] is None
    for organization in (None, ACME, "org_beta"):
        asked = ada(organizationId=organization)
        assert platform.post("/check", asked).json()["allowed"] is False
    assert platform.post("/release", ada(organizationId=None)).status_code == 200
    assert platform.post("/check", ada()).json()["allowed"] is True


# --- what cannot be released ----------------------------------------------------
def test_what_a_person_said_only_they_take_back(platform, now):
    told("opt_out", now, organization=ACME)

    answer = platform.post("/release", ada())

    assert answer.status_code == 400
    assert "only they can undo it" in answer.json()["detail"]
    assert Standing.objects.get(channel="sms").state == "opt_out"


def test_a_stop_to_every_sender_is_not_one_organizations_to_lift(platform, now):
    told("opt_out", now)

    assert "not suppressed" in platform.post("/release", ada()).json()["detail"]
    assert platform.post("/check", ada()).json()["allowed"] is False


def test_a_part_can_be_released(platform):
    entry = platform.suppress(channel="all").json()["id"]

    platform.post("/release", ada(channel="voice"))

    assert platform.get(entry).json()["status"] == "active"
    assert platform.post("/check", ada(channel="voice")).json()["allowed"] is True
    assert platform.post("/check", ada()).json()["allowed"] is False


# --- the list -------------------------------------------------------------------
@pytest.fixture
def several(now):
    """Five people's opt-outs, an hour apart; learnt in another order than they came."""
    for hour in (3, 1, 5, 2, 4):
        told(
            "opt_out",
            later(now, hours=-hour),
            number=f"+1202555010{hour}",
            organization=ACME if hour % 2 else "org_beta",
            now=now,
        )


def numbers(page):
    return [each["normalizedPhoneNumber"][-1] for each in page["items"]]


def test_pages_go_on_where_the_last_ended(platform, several):
    found, token = [], None
    while True:
        page = platform.listed(pageSize=2, continuationToken=token)
        found += numbers(page)
        assert page["pageSize"] == 2
        token = page["continuationToken"]
        if token is None:
            break

    assert found == ["4", "2", "5", "1", "3"]


@pytest.mark.parametrize("name", ["orderBy", "filters", "rangeFilters"])
def test_what_is_null_asks_for_nothing(platform, several, name):
    assert len(platform.listed(**{name: None})["items"]) == 5
    assert len(platform.listed(**{name: [None]})["items"]) == 5


@pytest.mark.parametrize(("direction", "order"), [("desc", "12345"), ("asc", "54321")])
def test_ordered_by_when(platform, several, direction, order):
    by = [{"field": "suppressedAt", "direction": direction}]
    first = platform.listed(pageSize=3, orderBy=by)
    rest = platform.listed(
        pageSize=3, orderBy=by, continuationToken=first["continuationToken"]
    )

    assert "".join(numbers(first) + numbers(rest)) == order


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([{"field": "organizationId", "value": ACME}], {"1", "3", "5"}),
        ([{"field": "normalizedPhoneNumber", "value": "(202) 555-0102"}], {"2"}),
        ([{"field": "normalizedPhoneNumber", "value": "letters"}], set()),
        ([{"field": "normalizedEmail", "value": "ada@example.com"}], set()),
        ([{"field": "recipientIdentifier", "value": "lead-7"}], set()),
        ([{"field": "source", "value": "support"}], {"1", "2", "3", "4", "5"}),
        ([{"field": "channel", "value": "email"}], set()),
        ([{"field": "status", "value": "released"}], set()),
        ([{"field": "status", "value": "other"}], set()),
    ],
)
def test_filters(platform, several, filters, found):
    assert set(numbers(platform.listed(filters=filters))) == found


def test_ranges_search_and_count(platform, several, now):
    since = {
        "field": "suppressedAt",
        "greaterThanOrEqual": later(now, hours=-4).isoformat(),
        "lessThan": later(now, hours=-2).isoformat(),
    }

    page = platform.listed(rangeFilters=[since], includeCount=True, pageSize=1)

    assert (page["totalCount"], len(page["items"])) == (2, 1)
    assert numbers(platform.listed(search="+12025550103")) == ["3"]
    assert platform.listed(search="nobody")["items"] == []


def test_released_ones_on_request(platform):
    platform.suppress()
    platform.post("/release", ada())

    page = platform.listed(filters=[{"field": "status", "value": "released"}])

    assert [each["status"] for each in page["items"]] == ["released"]


def test_an_erased_person_is_an_entry_without_a_recipient(platform, now):
    event = told("opt_out", now, organization=ACME)
    identifiers.forget(identifier=event.identifier, by="sam", now=now)

    (entry,) = platform.listed()["items"]

    assert entry["normalizedPhoneNumber"] is None
    assert platform.post("/check", ada()).json()["allowed"] is False


# --- problems ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("", ada(organizationId="x" * 65), "organizationId: Ensure"),
        ("", {"organizationId": ACME}, "Give phoneNumber, email or"),
        ("", ada(phoneNumber="x"), "not a phone number"),
        ("", ada(channel="pigeon"), "The channel is one of"),
        ("", ada(channel="email"), "an e-mail address with e-mail"),
        ("/release", ada(), "has not suppressed this recipient"),
        (
            "/all/my",
            {"continuationToken": "x"},
            "did not issue this continuation token",
        ),
        (
            "/all/my",
            {"continuationToken": "WzEsMl0="},
            "did not issue this continuation token",
        ),
        ("/all/my", {"orderBy": [{"field": "reason"}]}, "can't be used so"),
        ("/all/my", {"filters": [{"field": "reason", "value": "x"}]}, "can't be used"),
        ("/all/my", {"filters": [{"field": "source", "value": 1}]}, "can't be used"),
        ("/all/my", {"filters": [{"field": "source", "value": "\ud800"}]}, "can't be"),
        (
            "/all/my",
            {"filters": [{"field": "id", "value": "supp_9"}]},
            "no suppression",
        ),
        ("/all/my", {"rangeFilters": [{"field": "id"}]}, "can't be used so"),
        ("/all/my", {"pageSize": "many"}, "pageSize: A valid integer"),
        (
            "/all/my",
            {"rangeFilters": [{"field": "suppressedAt", "lessThan": "noon"}]},
            "Write a time as",
        ),
    ],
)
def test_what_is_wrong_is_said_in_problem_details(platform, path, body, sentence):
    answer = platform.post(path, body)

    problem = answer.json()
    assert answer.status_code == problem["status"] == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert set(SCHEMAS["ProblemDetails"]["properties"]) <= set(problem)
    assert sentence in problem["detail"]
    assert problem["instance"] == f"/suppressions{path}"
    assert not Event.objects.exists()


@pytest.mark.parametrize("entry", ["supp_1", "supp_0", "x", "supp_" + "9" * 30, "1"])
def test_an_entry_that_is_none(platform, entry):
    answer = platform.get(entry)

    assert (answer.status_code, answer.json()["status"]) == (404, 404)


@pytest.mark.parametrize("path", ["", "/release", "/check", "/all/my", "/supp_1"])
def test_every_address_needs_a_key_with_the_scope(now, partner, path):
    key = apikeys.create(name="crm", scopes=["consent:check"], by="sam", now=now)
    ask = Client().get if path == "/supp_1" else Client().post

    nobody = ask(f"/suppressions{path}")
    other = ask(f"/suppressions{path}", headers={"authorization": f"Bearer {key}"})

    assert (nobody.status_code, other.status_code) == (401, 403)


def test_changes_are_audited_with_the_key_that_made_them(platform):
    platform.suppress(reason="Ada Sample asked")
    platform.post("/release", ada())

    rows = AuditEvent.objects.filter(action__startswith="consent.")
    assert [row.action for row in rows.order_by("pk")] == [
        "consent.opt_out",
        "consent.release",
    ]
    assert {row.by for row in rows} == {"apikey:leadping"}
    assert not any("Ada" in row.payload or "0117" in row.payload for row in rows)


# --- by the gate alone ------------------------------------------------------------
def test_the_list_and_an_entry_are_disclosures(platform, several):
    page = platform.post("/all/my", {"pageSize": 2})
    entry = platform.get(page.json()["items"][0]["id"])

    assert {a["Cache-Control"] for a in (page, entry)} == {"no-store"}
    rows = Disclosure.objects.order_by("pk")
    assert [(row.provider.name, row.people) for row in rows] == [
        ("Leadping", 2),
        ("Leadping", 1),
    ]
    assert {(row.purpose_id, row.made_by) for row in rows} == {
        ("compliance", "apikey:leadping")
    }


def test_what_names_its_own_people_is_none(platform):
    platform.suppress()
    platform.post("/check", ada())
    platform.post("/release", ada())

    assert not Disclosure.objects.exists()


def test_without_a_contract_no_list_leaves(platform, now):
    entry = platform.suppress().json()["id"]
    Provider.objects.update(contract_ends=later(now, days=-1))
    refused = [platform.post("/all/my", {}), platform.get(entry)]

    assert {answer.status_code for answer in refused} == {403}
    said = [answer.json()["detail"] for answer in refused]
    assert "has ended" in said[0] == said[1]
    assert not any(ADA in answer.text for answer in refused)
    assert not Disclosure.objects.exists()
    assert platform.post("/check", ada()).json()["allowed"] is False


def test_the_platforms_own_system_is_given_all_and_the_trail_says_so(db, now):
    own = Platform(key_of("", now))
    entry = own.suppress().json()["id"]
    restrict(ADA, now)

    kinds = [each["id"].rpartition("_")[0] for each in own.listed()["items"]]
    assert kinds == ["supp", "restriction"]
    assert own.get(entry).json()["normalizedPhoneNumber"] == ADA
    rows = AuditEvent.objects.filter(action="suppressions.read", by="apikey:nobody")
    assert rows.count() == 2
    assert not Disclosure.objects.exists()


def test_of_who_is_restricted_there_is_no_entry(platform, now):
    entry = platform.suppress().json()["id"]
    restrict(ADA, now)

    assert platform.listed(includeCount=True)["totalCount"] == 0
    assert platform.get(entry).status_code == 404
    assert platform.post("/check", ada()).json()["allowed"] is False
