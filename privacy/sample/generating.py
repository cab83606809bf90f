"""Makes the whole platform: equal inputs give equal bytes."""

import datetime as dt
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from privacy.refusals import Refusal
from privacy.sample import businesses, leads, life, scenes, staff
from privacy.sample.making import Making
from privacy.sample.planted import Planted
from privacy.sample.recordings import Recordings
from privacy.sample.rows import Rows
from privacy.sample.times import Times

HERE = Path(__file__).parent
BUILDING = "SET LOCAL maintenance_work_mem = '256MB'"
PAST_THEIR_PERIOD = (
    "organizations", "users", "phone_numbers", "leads", "conversations", "sms_events",
    "call_events", "consent_events", "payment_methods", "transactions",
    "device_sessions", "web_events", "notifications", "support_tickets",
    "survey_answers", "lead_tags", "lead_status_changes",
)  # fmt: skip
TABLES = """
SELECT count(*) FROM information_schema.tables
WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
"""


class NotEmpty(Refusal):
    """The database is not empty; the sample platform needs one of its own."""


class BadScale(Refusal):
    """The scale must be a number from 0.01 to 100."""


@dataclass(frozen=True)
class Summary:
    """What was made: rows by table, files, and the planted trouble."""

    tables: dict[str, int]
    recordings: int
    planted: list[Planted]
    seconds: float

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def generate(
    connection: psycopg.Connection[Any],
    *,
    seed: int,
    scale: float,
    now: dt.datetime,
    recordings: Path,
) -> Summary:
    """Fills an empty database; scale 1 is 10,000 leads and about 150,000 rows.

    One transaction: an interruption leaves the database as empty as it was.
    """
    if not 0.01 <= scale <= 100:
        raise BadScale
    began = time.monotonic()
    with connection.transaction():
        if _one(connection, TABLES):
            raise NotEmpty
        connection.execute((HERE / "schema.sql").read_bytes())
        making = Making(
            random=Random(seed),  # noqa: S311 - it must be repeatable
            times=Times(now),
            rows=Rows(connection),
            recordings=Recordings(recordings),
        )
        _fill(making, scale)
        connection.execute(BUILDING)
        connection.execute((HERE / "keys.sql").read_bytes())
    return Summary(
        tables=dict(sorted(making.rows.counts.items())),
        recordings=making.recordings.made,
        planted=making.planted,
        seconds=time.monotonic() - began,
    )


def _fill(making: Making, scale: float) -> None:
    businesses.make(making, scale=scale)
    staff.make(making, scale=scale)
    scenes.play(making)
    open_ones = making.open_businesses
    for number in range(round(leads.LEADS * scale)):
        life.live(making, number, open_ones)
        making.rows.flush_when_full()
    making.rows.close()
    _over_all(making, round(leads.LEADS * scale))


def _over_all(making: Making, entered: int) -> None:
    """Trouble that is spread over whole tables has no single key."""
    exact = sum(leads.is_exact(number) for number in range(entered))
    sentence = f"{exact} leads have a position to the metre."
    making.planted.append(Planted("exact_position", "leads", "", sentence))
    for table in PAST_THEIR_PERIOD:
        sentence = "10 to 20 of a hundred rows are past their period."
        making.planted.append(Planted("past_period", table, "", sentence))


def _one(connection: psycopg.Connection[Any], statement: str) -> Any:
    row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None
