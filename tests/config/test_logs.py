"""What a log never says."""

import datetime as dt
import logging
import runpy
from types import SimpleNamespace

import pytest
from django.urls import get_resolver
from gunicorn.config import Config

from config.logs import WithoutSecrets, without


def test_every_public_address_with_a_token_in_it_is_hidden():
    """Of all addresses the portal answers, so that a new one is not forgotten."""
    with_token = [
        f"/{str(each.pattern).replace('<str:token>', 'abcDEF-123_x')}"
        for part in get_resolver().url_patterns
        for each in getattr(part, "url_patterns", [])
        if "<str:token>" in str(each.pattern)
    ]

    assert len(with_token) > 3
    assert not [path for path in with_token if "abcDEF-123_x" in without(path)]


def test_the_address_of_a_request_is_hidden():
    record = logging.LogRecord(
        "django.request", logging.WARNING, "", 1, "%s: %s",
        ("Not Found", "/privacy/request/abcDEF-123_x"), None,
    )  # fmt: skip

    WithoutSecrets().filter(record)

    assert record.getMessage() == "Not Found: /privacy/request/…"


def test_other_lines_stay_as_they_are():
    record = logging.LogRecord("x", logging.INFO, "", 1, "%d rows", (3,), None)

    assert WithoutSecrets().filter(record)
    assert record.getMessage() == "3 rows"


# --- a message that a carrier brings in the address -----------------------------
CALL = "/webhooks/vonage?msisdn=12025550117&text=STOP it&sig=0"


def test_the_query_of_a_carriers_call_is_hidden():
    record = logging.LogRecord(
        "gunicorn.error", logging.ERROR, "", 1, "Error handling request %s %s",
        ("GET", CALL), None,
    )  # fmt: skip

    WithoutSecrets().filter(record)

    assert record.getMessage() == "Error handling request GET /webhooks/vonage?…"


@pytest.mark.parametrize(
    "line",
    ["%(r)s", "%(U)s", "%(q)s", "%(f)s", "%({raw_uri}e)s", "%({query_string}e)s"],
)
def test_the_web_servers_own_log_says_no_query_and_no_secret(line, capsys):
    """Whatever its line is set to."""
    config = Config()
    for name, value in runpy.run_path("gunicorn.conf.py").items():
        if name in config.settings:
            config.set(name, value)
    config.set("access_log_format", f"{line} end")
    config.set("accesslog", "-")
    path, _, query = CALL.partition("?")
    called = {"REQUEST_METHOD": "GET", "RAW_URI": CALL, "SERVER_PROTOCOL": "HTTP/1.1",
              "PATH_INFO": path, "QUERY_STRING": query,
              "HTTP_REFERER": "/privacy/request/abcDEF-123_x"}  # fmt: skip
    answer = SimpleNamespace(status="200 OK", sent=0, headers=[])

    log = config.logger_class(config)
    log.access(answer, SimpleNamespace(headers=[]), called, dt.timedelta(0))

    said = capsys.readouterr().out
    assert said.endswith("end\n")
    assert not {part for part in ("0117", "STOP", "abcDEF") if part in said}


def test_every_handler_has_the_filter(settings):
    handlers = settings.LOGGING["handlers"].values()

    assert all("without_secrets" in handler["filters"] for handler in handlers)
