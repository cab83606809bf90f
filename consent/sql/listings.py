"""Statements of an import of numbers that must not be called."""

from typing import Any

from django.db import connection

from consent.sql import staged

# Onto the list, each number once: the latest of the chunk. What was there stays, unless
# it has ended, or the person asked us again since; an undated row is no new request.
# By the unique digest, and the unique (identifier, list).
TAKE = f"""
WITH said AS (
    SELECT DISTINCT ON (i.id) i.id, s.key, s.occurred_at,
        (s.evidence ->> 'ends_at')::timestamptz AS ends_at
    FROM consent_stage s
    {staged.WHOSE}
    ORDER BY i.id, s.occurred_at DESC, s.line
), taken AS (
    INSERT INTO consent_listing AS l (identifier_id, list, listed_at, ends_at, source,
        recorded_at, recorded_by)
    SELECT id, %(listing)s, occurred_at, ends_at, %(file)s, %(now)s, %(by)s
    FROM said ORDER BY id
    ON CONFLICT (identifier_id, list) WHERE ended_by_id IS NULL DO UPDATE
    SET listed_at = excluded.listed_at, ends_at = excluded.ends_at,
        source = excluded.source, recorded_at = excluded.recorded_at,
        recorded_by = excluded.recorded_by
    WHERE l.ends_at <= excluded.recorded_at
        OR l.ends_at < excluded.ends_at AND excluded.listed_at < excluded.recorded_at
    RETURNING identifier_id
)
INSERT INTO consent_touched (identifier_id, key)
SELECT t.identifier_id, s.key FROM taken t JOIN said s ON s.id = t.identifier_id
"""  # noqa: S608 - of our own texts

# Other systems are told of who is on a list of our own.
TELL = """
INSERT INTO consent_delivery (endpoint_id, type, identifier_id, said, state, attempts,
    next_at)
SELECT p.id, 'list.changed', l.identifier_id, jsonb_build_object('list', l.list,
    'since', l.listed_at, 'until', l.ends_at, 'recorded_at', l.recorded_at),
    'waiting', 0, %(now)s
FROM consent_touched t
JOIN consent_listing l ON l.identifier_id = t.identifier_id
    AND l.list = %(listing)s AND l.ended_by_id IS NULL
CROSS JOIN consent_endpoint p WHERE p.is_active
"""

# The file is the whole of a list: which of its copies had a number last.
SEE = f"""
UPDATE consent_listing l SET seen_in_id = %(import)s
FROM consent_stage s
{staged.WHOSE}
WHERE l.identifier_id = i.id AND l.list = %(listing)s AND l.ended_by_id IS NULL
"""  # noqa: S608 - of our own texts

# Numbers that earlier copies of the same list had and this one has no more, by the
# index on the copy. What came onto the list at this very instant stays.
END = """
UPDATE consent_listing l SET ends_at = %(now)s, ended_by_id = %(import)s
FROM consent_import i
WHERE l.seen_in_id = i.id AND i.id <> %(import)s AND l.list = %(listing)s
    AND i.options ->> 'whole' = %(whole)s AND l.ended_by_id IS NULL
    AND l.listed_at < %(now)s
"""


def end(values: dict[str, Any]) -> int:
    """How many numbers left the list whose newest copy `import` took in."""
    with connection.cursor() as cursor:
        cursor.execute(END, values)
        return cursor.rowcount
