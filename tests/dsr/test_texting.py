"""Texts to people leave through the platform's own sender, signed."""

import base64
import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl

import pytest

from consent.carriers import standard
from consent.carriers.base import Call
from dsr import texting
from privacy import identifiers
from tests.dsr.factories import ADA

SECRET = "whsec_" + "c2lnbmVkIGJ5IHRoZSBwb3J0YWwgZm9yIHRoZSBwbGF0Zm9ybQ=="


ACCOUNT = "AC" + "0" * 32


@pytest.fixture
def twilio(platform, settings):
    settings.TEXTS_URL = settings.TEXTS_URL.replace(
        "/texts", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    )
    settings.CARRIER_SECRETS |= {texting.TOKENS: ["new token", "old token"]}
    settings.TEXTS_FROM = "+12025550100"
    return platform


@pytest.fixture
def platform(settings):
    """A server of this machine that keeps what it is told; it answers 202."""
    told = []

    class Keeper(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            told.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *said):
            pass

    server = HTTPServer(("127.0.0.1", 0), Keeper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.TEXTS_URL = f"http://127.0.0.1:{server.server_port}/texts"
    settings.CARRIER_SECRETS = settings.CARRIER_SECRETS | {texting.SECRETS: [SECRET]}
    yield told
    server.shutdown()
    server.server_close()


def test_a_text_is_handed_over_signed(platform):
    assert texting.send(identifiers.phone(ADA), "482913 is your code")

    headers, body = platform[0]
    assert json.loads(body)["data"] == {"to": ADA, "text": "482913 is your code"}
    call = Call(url="", headers=headers, body=body, received_at=dt.datetime.now(dt.UTC))
    assert standard.verify(call, [SECRET])


def test_a_sender_that_is_away_is_not_an_error(platform, settings, caplog):
    settings.TEXTS_URL = "http://127.0.0.1:9/texts"

    assert not texting.send(identifiers.phone(ADA), "482913 is your code")
    assert ADA not in caplog.text


def test_without_an_address_nothing_is_offered(settings):
    settings.TEXTS_URL = ""

    assert not texting.is_possible()
    assert not texting.send(identifiers.phone(ADA), "482913 is your code")


@pytest.mark.parametrize(
    ("ours", "name"),
    [("+12025550100", "From"), ("MG" + "a" * 32, "MessagingServiceSid")],
)
def test_a_sender_that_speaks_twilio_gets_its_form(twilio, settings, ours, name):
    settings.TEXTS_FROM = ours

    assert texting.send(identifiers.phone(ADA), "123456 is your code & more.")

    (headers, body) = twilio[0]
    user, _, token = base64.b64decode(headers["authorization"][6:]).partition(b":")
    assert (user.decode(), token.decode()) == (ACCOUNT, "new token")
    said = dict(parse_qsl(body.decode()))
    assert said == {"To": ADA, name: ours, "Body": "123456 is your code & more."}


def test_without_our_number_or_its_token_twilio_is_not_offered(twilio, settings):
    assert texting.is_possible()
    settings.TEXTS_FROM = ""
    assert not texting.is_possible()
    settings.TEXTS_FROM = "+12025550100"
    settings.CARRIER_SECRETS |= {texting.TOKENS: []}
    assert not texting.send(identifiers.phone(ADA), "x")
    assert twilio == []
