"""OpenDSR 2.0: its own examples go round, and what is wrong is said in its words."""

import base64
import json
from pathlib import Path

import pytest
from django.utils import timezone

from dsr import requests
from dsr.models import Exchange, Ticket
from dsr.protocols import certificates
from privacy import apikeys
from privacy.models import ApiKey, Disclosure, Provider
from tests.dsr.factories import LENA, MAX

pytestmark = pytest.mark.django_db
EXAMPLES = {
    each["section"].split()[0].strip("."): each
    for each in json.loads(
        (Path(__file__).parents[1] / "data/protocols/opendsr_examples.json").read_text()
    )
}
NUMBER = "a7551968-d5d6-44b2-9831-815ac9017798"


@pytest.fixture
def controller(client):
    """A customer's system with its key."""
    key = apikeys.create(
        name="tenant", scopes=["requests:write"], by=LENA, now=timezone.now()
    )

    def ask(method, path, document=None, key=key, at="/opendsr/"):
        body = document if isinstance(document, bytes) else json.dumps(document)
        said = {"HTTP_AUTHORIZATION": f"Bearer {key}"} if key else {}
        return client.generic(
            method, at + path, body if document is not None else "",
            content_type="application/json", **said,
        )  # fmt: skip

    return ask


def example(**changed):
    """7.2, without the comma too many that keeps it from being JSON."""
    said = json.loads(EXAMPLES["7.2"]["raw"].replace('"123456",', '"123456"'))
    return {key: v for key, v in (said | changed).items() if v is not None}


def signed(answer, name="OpenDSR"):
    """As 8.8 checks it: the signature is of the raw body, by the certificate's key."""
    signature = answer.headers[f"X-{name}-Signature"]
    assert answer.headers[f"X-{name}-Processor-Domain"] == certificates.domain()
    return certificates.is_signed(answer.content, signature, certificates.pem())


# --- the examples go round ------------------------------------------------------
def test_discovery_is_like_the_example(controller, client):
    answer = client.get("/opendsr/discovery")
    said = answer.json()

    assert set(said) == set(EXAMPLES["6.4"]["json"])
    assert {"identity_type": "email", "identity_format": "raw"} in said[
        "supported_identities"
    ]
    assert "erasure" in said["supported_subject_request_types"]
    assert signed(answer)
    pem = client.get("/opendsr/cert.pem").content.decode()
    assert pem == certificates.pem()


def test_the_request_of_the_example_is_taken_like_in_the_example(controller):
    answer = controller("POST", "requests", example())
    said = answer.json()

    assert answer.status_code == 201
    assert set(EXAMPLES["7.4"]["json"]) <= set(said)
    assert said["subject_request_id"] == NUMBER
    assert base64.b64decode(said["encoded_request"]) == json.dumps(example()).encode()
    assert signed(answer)
    without = {k: v for k, v in said.items() if k != "processor_signature"}
    assert certificates.is_signed(
        json.dumps(without).encode(), said["processor_signature"], certificates.pem()
    )
    ticket = Ticket.objects.get()
    assert (ticket.right, ticket.source) == ("erasure", "opendsr")
    assert ticket.received_at.isoformat() == "2018-10-02T15:00:00+00:00"


def test_its_status_and_its_cancellation_are_like_the_examples(controller):
    controller("POST", "requests", example())

    status = controller("GET", f"requests/{NUMBER}")
    cancelled = controller("DELETE", f"requests/{NUMBER}")
    after = controller("GET", f"status/{NUMBER}")

    wanted = set(EXAMPLES["8.4"]["json"]) - {"results_url", "results_count"}
    assert wanted <= set(status.json())
    assert status.json()["request_status"] == "pending"
    assert signed(status)
    assert cancelled.status_code == 202
    assert set(EXAMPLES["9.3"]["json"]) <= set(cancelled.json())
    assert after.json()["request_status"] == "cancelled"
    assert Ticket.objects.get().status == Ticket.Status.WITHDRAWN


def test_the_error_of_the_example_is_said_in_its_words(controller):
    answer = controller("POST", "requests", example(subject_request_id=None))

    said, wanted = answer.json()["error"], EXAMPLES["7.7"]["json"]["error"]
    assert answer.status_code == 400
    assert set(said) == set(wanted)
    assert said["message"].rstrip(".") == wanted["message"]
    assert set(said["errors"][0]) == set(wanted["errors"][0])


def test_the_names_of_opengdpr_still_work(controller):
    taken = controller("POST", "opengdpr_requests", example(), at="/opengdpr/v1/")
    status = controller("GET", f"opengdpr_requests/{NUMBER}", at="/opengdpr/v1/")

    assert (taken.status_code, status.status_code) == (201, 200)
    assert signed(status, "OpenGDPR")


# --- what the specification leaves open ---------------------------------------
def test_the_same_request_again_changes_nothing(controller):
    first = controller("POST", "requests", example()).json()
    again = controller("POST", "requests", example())
    other = controller("POST", "requests", example(subject_request_type="access"))

    assert (again.status_code, again.json()) == (201, first)
    assert other.status_code == 400
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    "how",
    [
        {
            "subject_identities": [
                {
                    "identity_type": "phone_number",
                    "identity_value": "+12025550143",
                    "identity_format": "raw",
                }
            ]
        },
        {
            "subject_identities": None,
            "extensions": {certificates.domain(): {"phone_number": "+12025550143"}},
        },
    ],
)
def test_a_phone_number_comes_as_an_identity_or_in_our_extension(controller, how):
    assert controller("POST", "requests", example(**how)).status_code == 201
    assert [row.kind for row in Ticket.objects.get().identifiers.all()] == ["phone"]


@pytest.mark.parametrize(
    ("regulation", "regime"),
    [("gdpr", "EU-GDPR"), ("ccpa", "US-CA"), (None, "unspecified")],
)
def test_the_regulation_is_the_law(controller, regulation, regime):
    said = {"regulation": regulation, "submitted_time": "2026-01-02T15:00:00Z"}
    controller("POST", "requests", example(**said))

    assert Ticket.objects.get().regime == regime


@pytest.mark.parametrize(
    "changed",
    [
        {"subject_request_id": "A7551968-D5D6-44B2-9831-815AC9017798"},
        {"subject_request_id": "a7551968-d5d6-14b2-9831-815ac9017798"},
        {"subject_request_id": "x"},
        {"subject_request_type": None},
        {"subject_request_type": "rectification"},
        {"subject_request_type": []},
        {"submitted_time": None},
        {"submitted_time": "yesterday"},
        {"submitted_time": "2018-10-02T15:00:00"},
        {"submitted_time": "0001-01-01T00:00:00+14:00"},
        {"subject_identities": None},
        {"subject_identities": "x"},
        {"subject_identities": ["x"]},
        {"subject_identities": [{"identity_type": "roku_publisher_id"}]},
        {"regulation": "common sense"},
        {"status_callback_urls": "x"},
        {"status_callback_urls": [1]},
        {"status_callback_urls": ["ftp://x.example"]},
    ],
)
def test_what_is_wrong_is_one_error_and_opens_nothing(controller, changed):
    answer = controller("POST", "requests", example(**changed))

    assert answer.status_code == 400
    assert answer.json()["error"]["message"].endswith(".")
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 99_999])
def test_what_is_no_json_object_is_an_error(controller, body):
    assert controller("POST", "requests", body).status_code == 400


@pytest.mark.parametrize("key", ["", "sk_guess"])
def test_without_a_key_nobody_asks(controller, key):
    answer = controller("POST", "requests", example(), key=key)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == 401


def test_another_controller_does_not_see_it(controller):
    controller("POST", "requests", example())
    other = apikeys.create(
        name="other", scopes=["requests:write"], by=LENA, now=timezone.now()
    )

    assert controller("GET", f"requests/{NUMBER}", key=other).status_code == 404


def test_what_is_under_way_is_not_cancelled(controller, town):
    controller("POST", "requests", example())
    ticket = Ticket.objects.get()
    requests.plan(ticket=ticket, by=LENA, now=timezone.now())
    requests.approve(ticket=ticket, by=MAX, now=timezone.now())

    assert controller("GET", f"requests/{NUMBER}").json()["request_status"] == (
        "in_progress"
    )
    assert controller("DELETE", f"requests/{NUMBER}").status_code == 400
    requests.fulfil(ticket=ticket, clock=timezone.now)
    done = controller("GET", f"requests/{NUMBER}").json()
    assert done["request_status"] == "completed"


def test_a_copy_says_how_many_results_there_are(controller, town):
    controller("POST", "requests", example(subject_request_type="access"))
    ticket = Ticket.objects.get()
    requests.plan(ticket=ticket, by=LENA, now=timezone.now())
    requests.approve(ticket=ticket, by=MAX, now=timezone.now())
    requests.fulfil(ticket=ticket, clock=timezone.now)

    assert controller("GET", f"requests/{NUMBER}").json()["results_count"] == 0


def test_the_controller_vouches_for_the_person(controller):
    controller("POST", "requests", example())

    assert Ticket.objects.get().decisions.get().accepted
    assert not Exchange.objects.get().needs_verification


def test_a_controller_that_gets_nothing_any_more_is_told_nothing(controller):
    controller("POST", "requests", example())
    where = f"requests/{NUMBER}"
    recipient = Provider.objects.create(name="Example", way="task", owner="lena")
    ApiKey.objects.update(recipient=recipient)

    assert [controller("GET", where).status_code for _ in range(2)] == [200, 200]
    assert Disclosure.objects.get().provider == recipient
    Provider.objects.update(is_active=False)
    refused = controller("GET", where)
    assert refused.status_code == 403
    assert "no longer gets anything" in refused.json()["error"]["message"]


def test_without_a_certificate_it_says_that_it_is_not_set_up(client, settings):
    settings.OPENDSR_KEY = ""
    answer = client.get("/opendsr/discovery")

    assert answer.status_code == 503
    assert "OPENDSR_CERTIFICATE" in answer.json()["error"]["message"]


def test_a_certificate_of_an_authority_is_used_as_it_is(client, settings, tmp_path):
    file = tmp_path / "cert.pem"
    file.write_text("-----BEGIN CERTIFICATE-----")
    settings.OPENDSR_CERTIFICATE = str(file)

    assert client.get("/opendsr/cert.pem").content == file.read_bytes()
