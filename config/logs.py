"""Keeps the secret addresses of people's own pages out of the logs, and the messages
that carriers bring in the address."""

import logging
import re
from typing import Any

SECRET = re.compile(r"(/privacy/(?:request|confirm|preferences)/|/calendar/)[^\s/?]+")
MESSAGE = re.compile(r"(/webhooks/[^\s?]*\?).+", re.DOTALL)


class WithoutSecrets(logging.Filter):
    """Django logs the path of whatever it refused."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = without(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(without(each) for each in record.args)
        return True


def without(said: Any) -> Any:
    if not isinstance(said, str):
        return said
    return MESSAGE.sub(r"\1…", SECRET.sub(r"\1…", said))


def configured(level: str) -> dict[str, Any]:
    """Everything through one handler with the filter, also the lines of Django's own
    server."""
    handler = {"class": "logging.StreamHandler", "filters": ["without_secrets"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_secrets": {"()": "config.logs.WithoutSecrets"}},
        "handlers": {"console": handler},
        "loggers": {
            "fido2": {"level": "WARNING"},  # it would name people's keys
            "django.server": {"handlers": ["console"], "propagate": False},
        },
        "root": {"handlers": ["console"], "level": level},
    }
