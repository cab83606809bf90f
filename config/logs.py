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
