"""Statements about the months of the ledger, each a partition; see `months_v1.sql`."""

import datetime as dt
from typing import Any

from django.db import connection

# Whoever needs the ledger for itself gives up before anybody waits for long, and long
# before two that wait for each other would be found; the clock comes again.
HURRY = "SET LOCAL lock_timeout = '300ms'"
# Foreign keys come and go with a partition, which locks what they refer to. Writers
# take people first and then the ledger; once we have the people, nobody is halfway.
ALONE = """
LOCK TABLE privacy_identifier, consent_program, consent_event IN ACCESS EXCLUSIVE MODE
"""
THERE = "SELECT to_regclass(consent_month_name_v1(%s)) IS NOT NULL"
# What the transaction did before is checked now: no table with open checks is altered.
CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE"
MAKE = "SELECT consent_month_v1(%s)"
FILE = "SELECT consent_file_v1()"
# How many events have no month, and the oldest of them. The table is empty, or small.
UNFILED = "SELECT count(*), min(recorded_at) FROM consent_event_unfiled"


def make(month: dt.date) -> bool:
    """False when the partition already exists."""
    return bool(_row(MAKE, [month])[0])


def file() -> int:
    """How many events were filed under a month. Call it in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(CHECK_NOW)
    return int(_row(FILE)[0])


def hurry() -> None:
    with connection.cursor() as cursor:
        cursor.execute(HURRY)


def alone() -> None:
    """Nobody else reads or writes the ledger until commit: be quick. Raises
    `OperationalError` when others are busy for long (`hurry`)."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE)


def is_there(month: dt.date) -> bool:
    return bool(_row(THERE, [month])[0])


def unfiled() -> tuple[int, dt.datetime | None]:
    count, oldest = _row(UNFILED)
    return int(count), oldest


def _row(statement: str, values: list[Any] | None = None) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return tuple(cursor.fetchone())
