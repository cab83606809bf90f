"""Texts to people leave through the platform's own sender, signed."""

import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from consent.carriers import standard
from consent.carriers.base import Call
from dsr import texting
from privacy import identifiers
from tests.dsr.factories import ADA

SECRET = "whsec_" + "c2lnbmVkIGJ5IHRoZSBwb3J0YWwgZm9yIHRoZSBwbGF0Zm9ybQ=="


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
