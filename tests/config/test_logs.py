"""What a log never says."""

import logging

from django.urls import get_resolver

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


def test_every_handler_has_the_filter(settings):
    handlers = settings.LOGGING["handlers"].values()

    assert all("without_secrets" in handler["filters"] for handler in handlers)
