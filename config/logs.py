"""Keeps the secret addresses of people's own pages out of the logs."""

import logging
import re
from typing import Any

SECRET = re.compile(r"(/privacy/(?:request|confirm|preferences)/|/calendar/)[^\s/?]+")


class WithoutSecrets(logging.Filter):
    """Django logs the path of whatever it refused."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = without(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(without(each) for each in record.args)
        return True


def without(said: Any) -> Any:
    return SECRET.sub(r"\1…", said) if isinstance(said, str) else said
