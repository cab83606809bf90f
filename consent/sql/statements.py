"""Statements that the ORM can't say, each with its purpose and the index it uses."""

from django.db import connection

# Every standing from the events: of each person, channel and sender, the event where
# the present state began. At the same instant an opt-out comes last, so it wins.
# Reads the whole ledger once and sorts it; no index would help.
STANDINGS = """
INSERT INTO consent_standing
       (identifier_id, channel, organization, state, since, event_id, renewed_at)
SELECT DISTINCT ON (identifier_id, reached, organization)
       identifier_id, reached, organization, kind, occurred_at, sequence,
       renewed_at
FROM (
    SELECT e.identifier_id, r.reached, e.organization, e.kind,
           e.occurred_at, e.sequence,
           lag(e.kind) OVER in_order IS DISTINCT FROM e.kind AS turned,
           max(e.occurred_at) OVER (
               PARTITION BY e.identifier_id, r.reached, e.organization
           ) AS renewed_at
    FROM consent_event e CROSS JOIN LATERAL unnest(e.covers) AS r(reached)
    WHERE NOT EXISTS (
        SELECT FROM consent_event c
        WHERE c.identifier_id = e.identifier_id AND c.kind = 'correction'
          AND c.evidence ->> 'corrects' = e.sequence::text
    )
    WINDOW in_order AS (
        PARTITION BY e.identifier_id, r.reached, e.organization
        ORDER BY e.occurred_at, e.kind = 'opt_out', e.sequence
    )
) AS turns
WHERE turned
ORDER BY identifier_id, reached, organization,
         occurred_at DESC, kind = 'opt_out' DESC, sequence DESC
"""

# Queue behind whoever writes to the ledger or the audit trail, until commit; the
# ledger's trigger takes the same lock.
LOCK = "SELECT pg_advisory_xact_lock(7301, 1)"

# How many numbers are missing from the ledger's sequence; uses the primary key's index.
MISSING = "SELECT COALESCE(max(sequence), 0) - count(*) FROM consent_event"


def derive_standings() -> int:
    """How many rows were made."""
    with connection.cursor() as cursor:
        cursor.execute(STANDINGS)
        return int(cursor.rowcount)


def lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK)


def missing_events() -> int:
    with connection.cursor() as cursor:
        cursor.execute(MISSING)
        return int(cursor.fetchone()[0])
