"""Statements about a carrier's block list: taken with an import, compared as sets."""

from typing import Any

from django.db import connection

from consent.sql import staged

# Of a staged chunk: all of it stands on the list now. What says nothing new is left
# out of the ledger: the person is opted out here, and has not asked for service
# messages since; or it has no date and stood on the
# list before, so that it can't undo a consent that came since. By the unique digest,
# and the unique keys of standings and of the list.
TAKE = f"""
WITH nothing_new AS (
    DELETE FROM consent_stage s USING privacy_identifier i
    WHERE i.kind = s.mark_kind AND i.digest = s.digest AND s.kind = 'opt_out' AND (
        EXISTS (
            SELECT FROM consent_standing t
            WHERE t.identifier_id = i.id AND t.channel = s.channel
                AND t.part = ''
                AND t.state = 'opt_out' AND t.organization IN ('', s.organization)
                AND NOT EXISTS (
                    SELECT FROM consent_standing a
                    WHERE a.identifier_id = i.id AND a.channel = s.channel
                        AND a.part = 'service' AND a.state = 'opt_in'
                        AND a.organization = s.organization
                        AND a.renewed_at > t.renewed_at
                )
        ) OR s.occurred_at = %(now)s AND EXISTS (
            SELECT FROM consent_blocked b
            WHERE b.carrier = %(carrier)s AND b.identifier_id = i.id
                AND b.organization = s.organization
                AND b.taken_id IN (%(previous)s, %(import)s)
        )
    )
)
INSERT INTO consent_blocked
    (carrier, organization, identifier_id, taken_id, first_seen_at)
SELECT DISTINCT %(carrier)s, s.organization, i.id, %(import)s::bigint, %(now)s
FROM consent_stage s
{staged.WHOSE}
WHERE s.kind = 'opt_out'
ON CONFLICT (carrier, identifier_id, organization)
DO UPDATE SET taken_id = excluded.taken_id
"""  # noqa: S608 - of our own texts

# Opt-outs of texts here that the carrier's list of that import has not, each person
# once; `before` is when it first was on a list that had it, if any had.
MISSING = """
SELECT DISTINCT ON (s.identifier_id) s.identifier_id, s.since, s.event_id,
    s.organization, (
        SELECT min(b.first_seen_at) FROM consent_blocked b
        WHERE b.carrier = %(carrier)s AND b.identifier_id = s.identifier_id
    ) AS before
FROM consent_standing s JOIN privacy_identifier i ON i.id = s.identifier_id
WHERE s.channel = 'sms' AND s.part = '' AND s.state = 'opt_out' AND i.kind = 'phone'
    AND i.erased_at IS NULL AND s.identifier_id > %(after)s
    AND (%(organization)s = '' OR s.organization IN ('', %(organization)s))
    AND NOT EXISTS (
        SELECT FROM consent_blocked b
        WHERE b.carrier = %(carrier)s AND b.identifier_id = s.identifier_id
            AND b.taken_id = %(import)s AND (
                s.organization = '' OR b.organization IN ('', s.organization)
            )
    )
ORDER BY s.identifier_id, s.since
"""
# Numbers on the list whose person consented here since, and has not said stop.
CONSENTED = """
SELECT DISTINCT ON (s.identifier_id) s.identifier_id, s.since, s.event_id,
    s.organization, b.first_seen_at AS before
FROM consent_blocked b JOIN consent_standing s ON s.identifier_id = b.identifier_id
WHERE b.carrier = %(carrier)s AND b.taken_id = %(import)s AND s.channel = 'sms'
    AND s.part = '' AND s.state = 'opt_in' AND s.identifier_id > %(after)s
    AND (b.organization = '' OR s.organization IN ('', b.organization))
    AND NOT EXISTS (
        SELECT FROM consent_standing o
        WHERE o.identifier_id = s.identifier_id AND o.channel = 'sms'
            AND o.state = 'opt_out' AND o.organization IN ('', s.organization)
            AND o.renewed_at >= s.renewed_at
    )
ORDER BY s.identifier_id, s.since
"""
LIMIT = " LIMIT %(most)s"
COUNT = "SELECT count(*) FROM ({}) AS found"
LISTED = "SELECT count(DISTINCT identifier_id) FROM consent_blocked WHERE taken_id = %s"

Row = tuple[Any, ...]


def missing(values: dict[str, Any]) -> list[Row]:
    return _rows(MISSING + LIMIT, values)


def consented(values: dict[str, Any]) -> list[Row]:
    return _rows(CONSENTED + LIMIT, values)


def _rows(statement: str, values: dict[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def counts(values: dict[str, Any]) -> tuple[int, int, int]:
    """On the list, missing from it, and on it though they consented."""
    with connection.cursor() as cursor:
        cursor.execute(LISTED, [values["import"]])
        found = [cursor.fetchone()[0]]
        for statement in (MISSING, CONSENTED):
            cursor.execute(COUNT.format(statement), {**values, "after": 0})
            found.append(cursor.fetchone()[0])
    return found[0], found[1], found[2]
