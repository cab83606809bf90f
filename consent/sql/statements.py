"""Statements that the ORM can't say, each with its purpose and the index it uses."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection

from consent.models import Event
from consent.sql import scopes
from privacy.sql import prepared

# What an event says (`consent.standings.word_of`).
WORD = """
CASE WHEN {event}.kind = 'opt_out' AND {event}.route = 'platform'
    AND {event}.source = 'providers' AND NOT {event}.evidence ? 'log'
    THEN 'suppressed' ELSE {event}.kind END
"""
# The standings that follow from steps, which are what people said, and what it led to:
# of each person, channel and part of a sender, the step where the present state began.
# At the same instant an opt-out comes last, so it wins. A step that may not end what
# was (`words_v1.sql`) is only heard.
DERIVED = """
INSERT INTO consent_standing (identifier_id, channel, organization, part, state, since,
    event_id, renewed_at, heard_at)
SELECT DISTINCT ON (identifier_id, reached, organization, part)
       identifier_id, reached, organization, part, kind, occurred_at, sequence,
       renewed_at, nullif(heard_at, renewed_at)
FROM (
    SELECT s.*,
           lag(s.word) OVER in_order IS DISTINCT FROM s.word AS turned,
           max(s.renews_at) OVER of_whom AS renewed_at,
           bool_or(s.is_firm) OVER of_whom AS firm
    FROM (
        SELECT s.identifier_id, s.reached, s.organization, s.part, s.kind, s.word,
               s.occurred_at, s.sequence, s.kind = 'opt_out' AS stops,
               s.renewed_at AS renews_at, s.firm AS is_firm,
               consent_state_v1(s.word) OVER in_order AS state,
               max(s.renewed_at) OVER of_whom AS heard_at
        FROM {steps} s
        WINDOW of_whom AS (
            PARTITION BY s.identifier_id, s.reached, s.organization, s.part
        ), in_order AS (of_whom ORDER BY s.occurred_at, s.kind = 'opt_out', s.sequence)
    ) AS s
    WHERE s.state = s.word
    WINDOW of_whom AS (
        PARTITION BY s.identifier_id, s.reached, s.organization, s.part
    ), in_order AS (of_whom ORDER BY s.occurred_at, s.stops, s.sequence)
) AS turns
WHERE turned AND firm
ORDER BY identifier_id, reached, organization, part,
         occurred_at DESC, stops DESC, sequence DESC
"""
# Events as steps, without those that were taken back.
STEPS = f"""
SELECT e.identifier_id, r.reached, e.organization, p.part, e.kind, e.occurred_at,
       e.sequence, e.occurred_at AS renewed_at, p.firm, {WORD.format(event="e")} AS word
FROM {{events}} CROSS JOIN LATERAL unnest(e.covers) AS r(reached)
{scopes.ENDED} {scopes.PARTS}
WHERE NOT EXISTS (
    SELECT FROM consent_event c
    WHERE c.identifier_id = e.identifier_id AND c.kind = 'correction'
      AND c.evidence ->> 'corrects' = e.sequence::text
)
"""  # noqa: S608 - of our own texts
# Every standing. Reads the whole ledger once and sorts it; no index would help.
STANDINGS = DERIVED.format(steps=f"({STEPS.format(events='consent_event e')})")

# Beside an event that is `made`: a letter to each endpoint that is told of changes, a
# handful of rows; and the standings carried on, where the event is after all that are
# in them, in the order of the fold: by time, at the same instant an opt-out last. By
# the unique (identifier, channel, organization, part). A row that the event came too
# late for is left alone, and one that rests on the platform's opt-out, which the
# person's own takes over. Says how many rows it carried on.
FOLLOW = f"""
told AS (
INSERT INTO consent_delivery (endpoint_id, event_id, state, attempts, next_at)
SELECT e.id, made.sequence, 'waiting', 0, %(recorded_at)s
FROM made CROSS JOIN consent_endpoint e WHERE e.is_active
), followed AS (
INSERT INTO consent_standing AS s (identifier_id, channel, organization, part, state,
    since, event_id, renewed_at)
SELECT %(identifier_id)s, reached, %(organization)s, part, %(kind)s, %(occurred_at)s,
    made.sequence, %(occurred_at)s
FROM made, (SELECT DISTINCT unnest(%(covers)s::text[])) AS c(reached),
    unnest(%(parts)s::text[]) AS p(part)
ON CONFLICT (identifier_id, channel, organization, part) DO UPDATE
SET state = excluded.state, renewed_at = excluded.renewed_at, heard_at = NULL,
    since = CASE s.state WHEN excluded.state THEN s.since ELSE excluded.since END,
    event_id = CASE s.state WHEN excluded.state THEN s.event_id
               ELSE excluded.event_id END
WHERE (s.renewed_at < excluded.renewed_at
   OR s.renewed_at = excluded.renewed_at
      AND (s.state <> 'opt_out' OR excluded.state = 'opt_out'))
   AND (s.heard_at IS NULL OR s.heard_at < excluded.renewed_at)
   AND NOT (s.state = 'opt_out' AND excluded.state = 'opt_out' AND EXISTS (
        SELECT FROM consent_event_of_v1(s.event_id) e
        WHERE {WORD.format(event="e")} = 'suppressed'))
RETURNING 1
) SELECT made.*, (SELECT count(*) FROM followed) FROM made
"""  # noqa: S608 - of our own texts

# Events by their numbers, each from its own month; see `events_v1.sql`.
EVENTS = """
SELECT {columns} FROM unnest(%(numbers)s::bigint[]) AS wanted(number)
CROSS JOIN LATERAL consent_event_of_v1(wanted.number) e
"""

# The line of a key; by its unique index.
LINE = "SELECT sequence, recorded_at FROM consent_ledgerline WHERE key = %(key)s"

# Queue behind whoever writes to the ledger or the audit trail, until commit; the
# ledger's trigger takes the same lock.
LOCK = "SELECT pg_advisory_xact_lock(7301, 1)"

# How many numbers have no line; how many lines no event, where the record has begun;
# and how many events are lost of those that were carried into it. Reads the lines once,
# and a primary key of each month.
MISSING = """
SELECT l.numbers - l.lines
    + l.since - (SELECT count(*) FROM consent_event WHERE recorded_at >= m.began)
    + m.kept - (SELECT count(*) FROM consent_event WHERE recorded_at < m.began)
FROM (
    SELECT COALESCE(max(first + interval '1 month') AT TIME ZONE 'UTC', '-infinity')
        AS began, COALESCE(max(kept), 0) AS kept
    FROM (
        SELECT first, kept FROM consent_ledgermonth WHERE ended_at IS NOT NULL
        ORDER BY first DESC LIMIT 1
    ) AS latest
) AS m CROSS JOIN LATERAL (
    SELECT COALESCE(max(sequence), 0) AS numbers, count(*) AS lines,
           count(*) FILTER (WHERE recorded_at >= m.began) AS since
    FROM consent_ledgerline
) AS l
"""


def derive_standings(table: str) -> int:
    """How many rows were made. `table` is that of `Scopes`."""
    with connection.cursor() as cursor:
        cursor.execute(STANDINGS, {"scopes": table})
        return int(cursor.rowcount)


def add(event: Event, parts: Sequence[str]) -> int:
    """How many standings for these parts of its sender it extended."""
    (followed,) = prepared.add_with(event, FOLLOW, parts=list(parts))
    return int(followed)


def line(key: bytes) -> tuple[int, dt.datetime] | None:
    """The number and instant of what was recorded with that key."""
    found = prepared.rows(LINE, {"key": key})
    return found[0] if found else None


def events(sequences: Sequence[int]) -> list[Event]:
    return prepared.read(Event, EVENTS, {"numbers": list(sequences)})


def lock() -> None:
    prepared.run(LOCK, {})


def missing_events() -> int:
    with connection.cursor() as cursor:
        cursor.execute(MISSING)
        return int(cursor.fetchone()[0])
