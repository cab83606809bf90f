"""Django's engine on PyMySQL, a driver without a C library.

Impossible dates (0000-00-00) and times of more than a day arrive as the server writes
them, not as an error.
"""

import datetime as dt
from typing import Any

import pymysql

pymysql.install_as_MySQLdb()

from django.db.backends import utils  # noqa: E402
from django.db.backends.mysql import base, operations  # noqa: E402
from pymysql.constants import FIELD_TYPE  # noqa: E402


class DatabaseOperations(operations.DatabaseOperations):
    def convert_datetimefield_value(
        self, value: Any, expression: Any, connection: Any
    ) -> Any:
        if not isinstance(value, dt.datetime):
            return value
        return super().convert_datetimefield_value(value, expression, connection)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        said = super().get_connection_params()
        return {**said, "conv": {**said["conv"], FIELD_TYPE.TIME: _time}}


def _time(text: str) -> Any:
    try:
        return utils.typecast_time(text)
    except ValueError:
        return text
