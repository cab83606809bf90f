"""What a log never says."""

import logging

from config.logs import WithoutSecrets


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


def test_every_handler_has_the_filter(settings):
    handlers = settings.LOGGING["handlers"].values()

    assert all("without_secrets" in handler["filters"] for handler in handlers)
