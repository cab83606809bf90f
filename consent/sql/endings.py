"""Statements that remove a month of the ledger; `consent/months/ending.py` says when.

All of them run in one transaction and name the instant after the month `%(end)s`.
"""

import datetime as dt
from typing import Any

from django.db import connection

from consent.sql import months, statements

# What the month holds, and all that was carried into it. Reads two partitions.
COUNT = "SELECT count(*) FROM consent_event WHERE recorded_at < %(end)s"

# Months that have a partition, the oldest first. Catalogue only.
MONTHS = """
SELECT to_date(right(c.relname, 7), 'YYYY_MM') FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'consent_event'::regclass
    AND c.relname ~ '^consent_event_[0-9]{4}_[0-9]{2}$'
ORDER BY 1
"""

# People of whom everything stays: those on hold; those who told a part of a sender what
# they did not tell the rest (`consent.scopes`; whoever asked for its service messages
# and told it nothing else, told it to no rest); and those of whom we learnt later what
# had happened before the month was over, or that something before was wrong. The last
# part reads all later months once.
WHOLE = """
DROP TABLE IF EXISTS consent_whole;
CREATE TEMP TABLE consent_whole ON COMMIT DROP AS
SELECT w.identifier_id FROM privacy_hold_identifiers w
JOIN privacy_hold h ON h.id = w.hold_id WHERE h.released_at IS NULL
UNION
SELECT s.identifier_id FROM consent_standing s
WHERE s.part <> '' AND (s.part <> 'service' OR EXISTS (
    SELECT FROM consent_standing o
    WHERE o.identifier_id = s.identifier_id AND o.organization = s.organization
        AND o.part <> 'service'
))
UNION
SELECT e.identifier_id FROM consent_event e
WHERE e.recorded_at >= %(end)s AND (
    e.occurred_at < %(end)s OR e.kind = 'correction' AND (
        SELECT l.recorded_at FROM consent_ledgerline l
        WHERE l.sequence = (e.evidence ->> 'corrects')::bigint
    ) < %(end)s
)
"""

# What each event said of each channel it reaches, in the order of the fold: its place
# there, whether it said something new, and what came before; apart from these, what was
# only heard, and changed nothing. Reads and sorts what is older than the month's end.
STEPS = f"""
DROP TABLE IF EXISTS consent_step;
CREATE TEMP TABLE consent_step ON COMMIT DROP AS
WITH old AS MATERIALIZED (
    SELECT e.sequence, e.identifier_id, e.organization, e.kind, e.occurred_at, e.covers,
        e.evidence, {statements.WORD.format(event="e")} AS word
    FROM consent_event e WHERE e.recorded_at < %(end)s
), told AS (
    SELECT o.*, r.reached, o.kind = 'opt_out' AS stops,
           consent_state_v1(o.word) OVER fold = o.word AS counts
    FROM old o CROSS JOIN LATERAL unnest(o.covers) AS r(reached)
    WHERE NOT EXISTS (
        SELECT FROM old c
        WHERE c.identifier_id = o.identifier_id AND c.kind = 'correction'
          AND c.evidence ->> 'corrects' = o.sequence::text
    )
    WINDOW fold AS (
        PARTITION BY o.identifier_id, r.reached, o.organization
        ORDER BY o.occurred_at, o.kind = 'opt_out', o.sequence
    )
)
SELECT o.sequence, o.identifier_id, o.reached, o.organization, o.word, o.occurred_at,
       o.counts,
       row_number() OVER fold AS place,
       lag(o.sequence) OVER fold AS before,
       lag(o.word) OVER fold IS DISTINCT FROM o.word AS turned
FROM told o
WINDOW fold AS (
    PARTITION BY o.identifier_id, o.reached, o.organization, o.counts
    ORDER BY o.occurred_at, o.stops, o.sequence
);
CREATE INDEX ON consent_step (identifier_id, reached, organization, place);
CREATE INDEX ON consent_step (sequence);
ANALYZE consent_step
"""  # noqa: S608 - of our own texts

# Where each channel stood with each sender when the month was over: the event where
# that state began.
BEGAN = """
DROP TABLE IF EXISTS consent_began;
CREATE TEMP TABLE consent_began ON COMMIT DROP AS
SELECT DISTINCT ON (identifier_id, reached, organization) *
FROM consent_step WHERE turned AND counts
ORDER BY identifier_id, reached, organization, place DESC;
ANALYZE consent_began
"""

# What stays: that event, the one that last said so, and what was last heard since. And
# everything of some people.
STAYING = """
DROP TABLE IF EXISTS consent_staying;
CREATE TEMP TABLE consent_staying ON COMMIT DROP AS
WITH latest AS (
    SELECT DISTINCT ON (identifier_id, reached, organization, counts) *
    FROM consent_step
    ORDER BY identifier_id, reached, organization, counts, place DESC
)
SELECT sequence FROM consent_began UNION SELECT sequence FROM latest WHERE counts
UNION
SELECT heard.sequence
FROM latest heard JOIN latest USING (identifier_id, reached, organization)
WHERE NOT heard.counts AND latest.counts AND heard.occurred_at > latest.occurred_at
UNION
SELECT sequence FROM consent_event
WHERE recorded_at < %(end)s
    AND identifier_id IN (SELECT identifier_id FROM consent_whole);
CREATE UNIQUE INDEX ON consent_staying (sequence);
ANALYZE consent_staying
"""

# An older event may stay for another channel and say the same of this one: then what
# came in between, and ended that, stays too, or the state would begin with the older
# one. And what counts only after something else stays with that. What is added may do
# the same elsewhere: until nothing is added.
BETWEEN = """
INSERT INTO consent_staying
SELECT DISTINCT began.before FROM consent_began began
WHERE began.before IS NOT NULL
    AND NOT EXISTS (SELECT FROM consent_staying k WHERE k.sequence = began.before)
    AND EXISTS (
        SELECT FROM consent_step s JOIN consent_staying k ON k.sequence = s.sequence
        WHERE s.identifier_id = began.identifier_id AND s.reached = began.reached
            AND s.organization = began.organization AND s.word = began.word
            AND s.counts AND s.place < began.place
    )
UNION
SELECT s.before FROM consent_step s
JOIN consent_staying k ON k.sequence = s.sequence
WHERE s.counts AND s.word IN ('expiry', 'release', 'suppressed')
    AND s.before IS NOT NULL
    AND NOT EXISTS (SELECT FROM consent_staying k WHERE k.sequence = s.before)
"""
KEPT = "SELECT count(*) FROM consent_staying"

# The newest number among them; nothing that is older has a higher one.
NEWEST = """
SELECT COALESCE(max(sequence), 0) FROM consent_event WHERE recorded_at < %(end)s
"""

# Standings that rest on an event which would go: there is none, unless a standing is
# not what the ledger says.
UNDONE = """
SELECT count(*) FROM consent_standing s
JOIN consent_ledgerline l ON l.sequence = s.event_id
WHERE s.event_id <= %(newest)s AND l.recorded_at < %(end)s
    AND NOT EXISTS (SELECT FROM consent_staying k WHERE k.sequence = s.event_id)
"""

# What came since `WHOLE` was read, and adds people to it. By the primary keys of the
# months from then on, and the holds.
LAST = "SELECT COALESCE(max(sequence), 0) FROM consent_ledgerline"
ARRIVED = """
SELECT EXISTS (
    SELECT FROM consent_event e
    WHERE e.sequence > %(last)s AND (e.occurred_at < %(end)s OR e.kind = 'correction')
) OR EXISTS (
    SELECT FROM privacy_hold_identifiers w JOIN privacy_hold h ON h.id = w.hold_id
    WHERE h.released_at IS NULL
        AND w.identifier_id NOT IN (SELECT identifier_id FROM consent_whole)
)
"""

# The table that takes the place of all that was, made with every check of a partition,
# so that nothing is checked while others wait. What a worker that died left is dropped.
PREPARE = "SELECT consent_prepare_v1(%(end)s)"
# A copy of what stays.
COPY = """
INSERT INTO consent_event_carried
SELECT e.* FROM consent_event e JOIN consent_staying k ON k.sequence = e.sequence
WHERE e.recorded_at < %(end)s
"""

# Words of what goes. By the primary keys.
WORDS = """
DELETE FROM consent_utterance u USING consent_ledgerline l
WHERE u.event_id <= %(newest)s AND l.sequence = u.event_id
    AND l.recorded_at < %(end)s
    AND NOT EXISTS (SELECT FROM consent_staying k WHERE k.sequence = u.event_id)
"""
# Letters about what is this old, some at a time; by the index on the event. Those about
# something else are few, and read through.
LETTERS = """
DELETE FROM consent_delivery WHERE id IN (
    SELECT d.id FROM consent_delivery d
    JOIN consent_ledgerline l ON l.sequence = d.event_id
    WHERE d.event_id <= %(newest)s AND l.recorded_at < %(end)s
    UNION ALL
    SELECT d.id FROM consent_delivery d WHERE d.event_id IS NULL AND d.next_at < %(end)s
    LIMIT 10000
)
"""

# The month goes, and what was carried into it; what stays takes their place.
SWAP = "SELECT consent_end_month_v2(%(month)s)"


def months_there() -> list[dt.date]:
    return [month for (month,) in _rows(MONTHS)]


def count(end: dt.datetime) -> int:
    return int(_rows(COUNT, end=end)[0][0])


def staying(end: dt.datetime) -> int:
    """How many events stay; which ones is remembered until the transaction ends."""
    _run(WHOLE, end=end)
    _run(STEPS, end=end)
    _run(BEGAN)
    _run(STAYING, end=end)
    while _run(BETWEEN):
        pass
    return int(_rows(KEPT)[0][0])


def newest(end: dt.datetime) -> int:
    return int(_rows(NEWEST, end=end)[0][0])


def undone(end: dt.datetime, newest: int) -> int:
    return int(_rows(UNDONE, end=end, newest=newest)[0][0])


def last() -> int:
    return int(_rows(LAST)[0][0])


def arrived(end: dt.datetime, since: int) -> bool:
    return bool(_rows(ARRIVED, end=end, last=since)[0][0])


def prepare(end: dt.datetime) -> None:
    _run(months.CHECK_NOW)
    _run(PREPARE, end=end)


def copy(end: dt.datetime) -> None:
    """With its foreign keys checked, before anybody waits."""
    _run(months.CHECK_NOW)
    _run(COPY, end=end)


def forget_letters(end: dt.datetime, newest: int) -> int:
    return _run(LETTERS, end=end, newest=newest)


def forget_words(end: dt.datetime, newest: int) -> int:
    return _run(WORDS, end=end, newest=newest)


def swap(month: dt.date) -> None:
    _run(months.CHECK_NOW)
    _run(SWAP, month=month)


def _run(statement: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
