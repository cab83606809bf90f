"""Statements of an import: one chunk is staged by COPY, then distributed as sets."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from consent.sql import blocklists, dealings, listings, scopes, staged, statements

# A chunk of rows, read and fingerprinted; and the events that were new.
STAGE = """
CREATE TEMP TABLE IF NOT EXISTS consent_stage (
    line bigint, mark_kind text, digest text, key_id text, value bytea, hint text,
    kind text, channel text, covers text[], organization text,
    occurred_at timestamptz, key text, evidence jsonb, is_proven boolean);
CREATE TEMP TABLE IF NOT EXISTS consent_touched (
    identifier_id bigint, organization text, key text, sequence bigint, kind text,
    covers text[], occurred_at timestamptz, word text);
TRUNCATE consent_stage, consent_touched
"""
COPY = "COPY consent_stage FROM STDIN"
# Only what they are joined by: of sealed values and documents it would take long.
ANALYZE_STAGE = "ANALYZE consent_stage (mark_kind, digest, key)"
ANALYZE_TOUCHED = "ANALYZE consent_touched (identifier_id, organization)"

# The identifiers that are new, in the order of the unique (kind, digest).
IDENTIFIERS = """
INSERT INTO privacy_identifier (kind, digest, key_id, value, hint, created_at)
SELECT s.mark_kind, s.digest, s.key_id, s.value, s.hint, %(now)s
FROM consent_stage s
ORDER BY s.mark_kind, s.digest, s.line
ON CONFLICT (kind, digest) DO NOTHING
"""

# A consent without words of its own lifts no STOP that we know of, or that stands above
# it in the file: it becomes a claim, under a key of its own, so that the same row with
# its words counts. Nothing becomes of what is known already.
CLAIMED = ":claim"
CLAIMS = f"""
UPDATE consent_stage u SET kind = 'claim', covers = '{{}}', key = u.key || '{CLAIMED}'
FROM (
    SELECT s.line FROM consent_stage s
    {staged.WHOSE}
    JOIN consent_standing t ON t.identifier_id = i.id
    WHERE s.kind = 'opt_in' AND NOT s.is_proven
        AND t.state = 'opt_out' AND t.renewed_at <= s.occurred_at
        AND t.channel = ANY(s.covers) AND t.organization IN ('', s.organization)
    UNION
    SELECT s.line
    FROM consent_stage s
    JOIN consent_stage o ON o.mark_kind = s.mark_kind AND o.digest = s.digest
    WHERE s.kind = 'opt_in' AND NOT s.is_proven
        AND o.kind = 'opt_out' AND o.line < s.line AND o.occurred_at <= s.occurred_at
        AND o.covers && s.covers AND o.organization IN ('', s.organization)
) AS stopped
WHERE u.line = stopped.line AND NOT EXISTS (
    SELECT FROM consent_ledgerline l
    WHERE l.key = sha256(convert_to(u.key, 'UTF8'))
)
"""  # noqa: S608 - of our own texts

# The events that are new, by the unique key of their lines, in the order of the file;
# the ledger's trigger numbers them.
EVENTS = f"""
WITH fresh AS (
    INSERT INTO consent_event (identifier_id, channel, covers, kind, organization,
        source, route, occurred_at, recorded_at, recorded_by, idempotency_key, evidence)
    SELECT i.id, s.channel, s.covers, s.kind, s.organization,
        %(source)s, %(route)s, s.occurred_at, %(now)s, %(by)s, s.key, s.evidence
    FROM consent_stage s
    {staged.WHOSE}
    WHERE NOT (s.kind IN ('opt_in', 'claim') AND i.erased_at IS NOT NULL)
    AND NOT EXISTS (
        SELECT FROM consent_ledgerline l
        WHERE l.key = sha256(convert_to(s.key, 'UTF8'))
    )
    ORDER BY s.line
    RETURNING identifier_id, organization, idempotency_key, sequence, kind, covers,
        occurred_at, {statements.WORD.format(event="consent_event")}
)
INSERT INTO consent_touched SELECT * FROM fresh
"""  # noqa: S608 - of our own texts
# Other systems are told of these too.
DELIVERIES = """
INSERT INTO consent_delivery (endpoint_id, event_id, state, attempts, next_at)
SELECT p.id, t.sequence, 'waiting', 0, %(now)s
FROM consent_touched t CROSS JOIN consent_endpoint p WHERE p.is_active
"""
FRESH = "SELECT key FROM consent_touched"
# A list is nobody's own act: it gives the erased no consent. By the unique digest.
ERASED = f"""
SELECT s.key FROM consent_stage s
{staged.WHOSE}
WHERE s.kind IN ('opt_in', 'claim') AND i.erased_at IS NOT NULL
"""  # noqa: S608 - of our own texts

# What those said before of whom something older came.
LATE = """late l JOIN consent_event e
    ON e.identifier_id = l.identifier_id AND e.organization = l.organization"""
# Their standings, as `statements.STANDINGS` derives them, without reading what they
# told us before: a standing stands for all that led to it, as the step where its state
# began. It is looked up by its unique key; the limit says so, as in `staged.WHOSE`.
# Only where a new event happened before what the person last said (`late`) all is read,
# in every month, by the index on the identifier.
STANDINGS = f"""
WITH fresh AS MATERIALIZED (
    SELECT t.identifier_id, r.reached, t.organization, p.part, t.kind, t.occurred_at,
           t.sequence, t.word
    FROM consent_touched t CROSS JOIN LATERAL unnest(t.covers) AS r(reached)
    CROSS JOIN LATERAL unnest({scopes.WHOLE.format(event="t")}) AS p(part)
), known AS MATERIALIZED (
    SELECT s.*
    FROM (SELECT DISTINCT identifier_id, reached, organization, part FROM fresh) f
    CROSS JOIN LATERAL (
        SELECT * FROM consent_standing
        WHERE identifier_id = f.identifier_id AND channel = f.reached
            AND organization = f.organization AND part = f.part LIMIT 1
    ) AS s
), late AS MATERIALIZED (
    SELECT DISTINCT f.identifier_id, f.organization
    FROM fresh f JOIN known s ON s.identifier_id = f.identifier_id
        AND s.channel = f.reached AND s.organization = f.organization
        AND s.part = f.part
    WHERE f.occurred_at < s.renewed_at OR f.occurred_at = s.renewed_at
        AND s.state = 'opt_out' AND f.kind <> 'opt_out' OR f.occurred_at <= s.heard_at
), steps AS (
    SELECT f.identifier_id, f.reached, f.organization, f.part, f.kind, f.occurred_at,
           f.sequence, f.occurred_at AS renewed_at, true AS firm, f.word
    FROM fresh f
    WHERE (identifier_id, organization) NOT IN (SELECT * FROM late)
    UNION ALL
    SELECT s.identifier_id, s.channel, s.organization, s.part, s.state, s.since,
           s.event_id, s.renewed_at, true, CASE s.state WHEN 'opt_out' THEN (
               SELECT {statements.WORD.format(event="e")}
               FROM consent_event_of_v1(s.event_id) e
           ) ELSE s.state END
    FROM known s
    WHERE (identifier_id, organization) NOT IN (SELECT * FROM late)
    UNION ALL
    {statements.STEPS.format(events=LATE)}
)
{statements.DERIVED.format(steps="steps")}
ON CONFLICT (identifier_id, channel, organization, part) DO UPDATE
SET state = excluded.state, since = excluded.since, event_id = excluded.event_id,
    renewed_at = excluded.renewed_at, heard_at = excluded.heard_at
"""  # noqa: S608 - of our own texts

# Of digests under keys that are being rotated out, those that are in use.
IN_USE = """
SELECT digest FROM privacy_identifier
WHERE kind = %(kind)s AND digest = ANY(%(digests)s)
"""


def spread(lines: Iterable[str], values: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Stages the lines and records them. Returns the keys of those that were new, and
    of consents that are refused because the person was erased. `scopes` is the table of
    `Scopes`. With a `carrier`, the lines are its block list. With a `listing`, they are
    numbers on that list, and part of a complete copy if it is `whole`. With a
    `dealing`, they are purchases and inquiries."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy(COPY) as copy:
            copy.write("".join(lines))
        cursor.execute(ANALYZE_STAGE)
        cursor.execute(IDENTIFIERS, values)
        if values.get("listing"):
            cursor.execute(listings.TAKE, values)
            if values["listing"] == "requested":
                cursor.execute(listings.TELL, values)
            if values["whole"]:
                cursor.execute(listings.SEE, values)
            return _keys(cursor, FRESH), set()
        if values.get("dealing"):
            cursor.execute(dealings.TAKE, values)
            cursor.execute(dealings.TELL, values)
            return _keys(cursor, FRESH), _keys(cursor, dealings.ERASED)
        if values.get("carrier"):
            cursor.execute(blocklists.TAKE, values)
        cursor.execute(CLAIMS)
        cursor.execute(EVENTS, values)
        cursor.execute(ANALYZE_TOUCHED)
        cursor.execute(STANDINGS, values)
        cursor.execute(DELIVERIES, values)
        return _keys(cursor, FRESH), _keys(cursor, ERASED)


def _keys(cursor: Any, query: str) -> set[str]:
    cursor.execute(query)
    return {key for (key,) in cursor.fetchall()}


def in_use(kind: str, digests: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(IN_USE, {"kind": kind, "digests": digests})
        return {digest for (digest,) in cursor.fetchall()}
