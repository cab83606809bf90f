"""Ben texts STOP: from the carrier's call to the answer every other door gives."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from consent.models import Event, InboundMessage, Standing
from privacy.models import AuditEvent
from privacy.sample.cast import BEN
from tests.journeys.conftest import command

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a token of the carrier's for tests"
WEBHOOK = "/webhooks/twilio"
LOOKUP = "/admin/consent/standing/lookup/"
VECTORS = Path(__file__).parents[1] / "data" / "carriers" / "twilio.json"
SPELLINGS = ("+12025550117", "(202) 555-0117", "202.555.0117", " 1 202 555 0117 ")


@pytest.fixture
def carrier(visitor, sample, settings):
    """Twilio, with a text of Ben's to the business that has his opt-in."""
    settings.CARRIER_SECRETS = {"TWILIO_AUTH_TOKEN": [TOKEN]}
    settings.PUBLIC_URL = visitor.address
    our_number = sample.execute(
        "SELECT to_number FROM sms_events WHERE from_number = %s", [BEN.phone]
    ).fetchone()[0]

    def bring(text, number, *, token=TOKEN, posted=None, **changed):
        message = {
            "MessageSid": f"SM{number:032d}",
            "AccountSid": "AC" + "0" * 32,
            "From": BEN.phone,
            "To": our_number,
            "Body": text,
        } | changed
        signed = visitor.address + WEBHOOK
        signed += "".join(name + message[name] for name in sorted(message))
        digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
        return deliver(posted or message, base64.b64encode(digest).decode())

    def deliver(message, signature):
        form = "application/x-www-form-urlencoded"
        headers = {"content-type": form, "x-twilio-signature": signature}
        return visitor.ask(WEBHOOK, urlencode(message).encode(), headers)

    bring.unchecked = deliver
    return bring


@pytest.fixture
def platform(visitor):
    """Asks both doors that other systems use; service texts know no quiet hours."""
    scopes = ("--scope", "consent:check", "--scope", "suppressions")
    key = command("apikey", "create", "platform", *scopes)["key"]

    def ask(organization):
        asked = {"phone": "202-555-0117", "channel": "sms",
                 "purpose": "service", "organization": organization}  # fmt: skip
        ours = visitor.post_json("/api/v1/consent/check", asked, key)
        asked = {"phoneNumber": "(202) 555-0117", "channel": "SMS",
                 "organizationId": organization}  # fmt: skip
        theirs = visitor.post_json("/suppressions/check", asked, key)
        assert (ours.status, theirs.status) == (200, 200)
        return ours.json, theirs.json

    return ask


def rows():
    """How much is known of what people said."""
    models = (Event, InboundMessage, Standing)
    return [model.objects.count() for model in models]


def test_from_the_text_to_every_door(carrier, platform, sign_in, sample):
    organization = sample.execute(
        "SELECT organization_id::text FROM leads WHERE phone = %s", [BEN.phone]
    ).fetchone()[0]
    ours, theirs = platform(organization)
    assert (ours["allowed"], theirs["allowed"]) == (True, True)

    reply = carrier("Stop please.", 1)

    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/xml")
    assert "no more messages" in reply.body.decode()
    ours, theirs = platform(organization)
    assert (ours["allowed"], ours["reason"]) == (False, "opted_out")
    assert ours["decided_by"]["evidence"]["message"] == f"SM{1:032d}"
    assert (theirs["allowed"], theirs["source"]) == (False, "twilio")
    sam = sign_in("sam.support")
    sam.get(LOOKUP)
    for spelling in SPELLINGS:
        page = sam.submit(LOOKUP, address=spelling).page
        assert "No — do not text. Opted out by replying “STOP” to +1" in page
        assert f"message SM{1:032d}" in page
        assert "0117" not in page.replace(spelling.strip(), "")

    carrier("START", 2)

    ours, theirs = platform(organization)
    assert (ours["allowed"], theirs["allowed"]) == (True, True)
    page = sam.submit(LOOKUP, address=BEN.phone).page
    assert "Yes — you may text for every program of " in page
    assert "and for nobody else. Opted in by replying “START”" in page
    assert page.index("START") < page.index("“STOP”")
    assert command("audit", "verify")["whole"]


def test_help_is_answered_and_changes_nothing(carrier, sample):
    states = set(Standing.objects.values_list("pk", "state", "since"))

    reply = carrier("HELP", 1)

    assert "support@example.com" in reply.body.decode()
    assert set(Standing.objects.values_list("pk", "state", "since")) == states


def test_delivered_again_it_changes_nothing(carrier):
    carrier("START", 1)
    carrier("STOP", 2)
    before, told = rows(), AuditEvent.objects.count()

    again = [carrier("STOP", 2), carrier("START", 1), carrier("STOP", 2)]

    assert [answer.status for answer in again] == [200] * 3
    assert not any("<Message>" in answer.body.decode() for answer in again)
    assert (rows(), AuditEvent.objects.count()) == (before, told)
    last = Standing.objects.get(channel="sms", event__route="twilio")
    assert last.state == "opt_out"


def test_what_is_forged_or_was_signed_for_another_address_leaves_no_row(carrier):
    before, told = rows(), AuditEvent.objects.count()
    vectors = json.loads(VECTORS.read_text())
    published = vectors["published"]

    refused = [carrier("STOP", 1, token="another token")]
    refused += [carrier("hi", 1, posted={"Body": "STOP", "From": BEN.phone})]
    refused += [
        carrier.unchecked(published["params"], case["signature"])
        for case in published["cases"]
    ]
    refused += [
        carrier.unchecked(case["params"], case["headers"]["X-Twilio-Signature"])
        for case in vectors["made"]
        if "params" in case and "X-Twilio-Signature" in case["headers"]
    ]

    assert {answer.status for answer in refused} == {403}
    assert len(refused) > 10
    assert (rows(), AuditEvent.objects.count()) == (before, told)
