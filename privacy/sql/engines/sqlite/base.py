"""Adds regular expressions and HMAC to SQLite as functions.

SQLite also stores any value in any column, so a value that can't be read as its
declared type is returned unchanged.
"""

import hashlib
import re
from functools import cache
from typing import Any

from django.db.backends.sqlite3 import base, operations

Text = str | int | float | bytes | None
UNREADABLE = (ValueError, TypeError, AttributeError, ArithmeticError)


class DatabaseOperations(operations.DatabaseOperations):
    def get_db_converters(self, expression: Any) -> list[Any]:
        return [_gentle(each) for each in super().get_db_converters(expression)]


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        same = {"deterministic": True}
        connection.create_function("text_matches", 2, matches, **same)
        connection.create_function("regexp", 2, regexp, **same)
        connection.create_function("text_replace", 3, replace, **same)
        connection.create_function("translate", 3, translate, **same)
        connection.create_function("text_hmac", 3, keyed, **same)
        connection.create_function("texts_together", -1, together, **same)
        return connection


def _gentle(convert: Any) -> Any:
    def converted(value: Any, expression: Any, connection: Any) -> Any:
        try:
            return convert(value, expression, connection)
        except UNREADABLE:
            return value

    return converted


@cache
def _pattern(text: str, flags: int) -> re.Pattern[str]:
    return re.compile(text, flags)


def matches(text: Text, pattern: str) -> bool | None:
    if text is None:
        return None
    return bool(_pattern(pattern, re.IGNORECASE).search(_text(text)))


def regexp(pattern: str, text: Text) -> bool | None:
    """Django's own function returns NULL for an empty text."""
    return None if text is None else bool(_pattern(pattern, 0).search(_text(text)))


def replace(text: Text, pattern: str, by: str) -> str | None:
    if text is None:
        return None
    return _pattern(pattern, re.IGNORECASE).sub(by, _text(text))


def translate(text: Text, letters: str, others: str) -> str | None:
    """As PostgreSQL's: a character without a counterpart is removed."""
    if text is None:
        return None
    gone = letters[len(others) :]
    return _text(text).translate(str.maketrans(letters[: len(others)], others, gone))


def keyed(text: Text, inner: str, outer: str) -> str | None:
    """HMAC-SHA256 (RFC 2104) from the two padded keys."""
    if text is None:
        return None
    inside = hashlib.sha256(bytes.fromhex(inner) + _text(text).encode()).digest()
    return hashlib.sha256(bytes.fromhex(outer) + inside).hexdigest()


def together(between: str, *texts: Text) -> str:
    return between.join(_text(text) for text in texts if text is not None)


def _text(value: str | int | float | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
