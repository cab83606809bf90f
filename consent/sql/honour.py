"""Opt-outs that took effect late: found as sets, a range of the ledger at a time."""

import datetime as dt
from typing import Any

from django.db import connection

# When we received what an event says: with its list, where one told us of it; a list
# without a day of its own came when it was taken in.
RECEIVED = """CASE WHEN e.evidence ? 'import' THEN greatest(e.occurred_at, least(
    (e.evidence ->> 'received')::timestamp AT TIME ZONE %(zone)s, e.recorded_at))
    ELSE e.occurred_at END"""
# Days on which we received an opt-out that we did not know the same day, with the kind
# of exempted program that was answered. By the index on the number.
DAYS_OF_EVENTS = """
SELECT DISTINCT ({received} AT TIME ZONE %(zone)s)::date, coalesce(p.exemption, '')
FROM consent_event e LEFT JOIN consent_program p ON p.id = e.program_id
WHERE e.sequence > %(after)s AND e.sequence <= %(until)s AND e.kind = 'opt_out'
    AND e.recorded_at > e.occurred_at
"""
# The same of opt-outs after which messages went out.
DAYS_OF_MESSAGES = """
SELECT DISTINCT ({received} AT TIME ZONE %(zone)s)::date, coalesce(p.exemption, '')
FROM consent_latemessage m JOIN consent_event e ON e.sequence = m.event_id
LEFT JOIN consent_program p ON p.id = e.program_id
"""
# What a platform's own log says, the platform knew when it heard it: only messages that
# it sent then show that it did not obey. What was corrected never was.
LATE = """
WITH limits AS (
    SELECT * FROM unnest(%(days)s::date[], %(exemptions)s::text[], %(lasts)s::date[],
        %(rules)s::bigint[]) AS l(day, exemption, last_day, rule)
), told AS (
    SELECT e.*, l.last_day, l.rule, {source} AS told_by, {received} AS received,
        CASE WHEN e.evidence ? 'log' THEN e.occurred_at ELSE e.recorded_at END AS known,
        {sent} AS sent
    FROM {ledger} LEFT JOIN consent_program p ON p.id = e.program_id
    JOIN limits l ON l.day = ({received} AT TIME ZONE %(zone)s)::date
        AND l.exemption = coalesce(p.exemption, '')
    WHERE e.kind = 'opt_out' AND {wanted} AND NOT EXISTS (
        SELECT FROM consent_event c
        WHERE c.identifier_id = e.identifier_id AND c.kind = 'correction'
            AND c.evidence ->> 'corrects' = e.sequence::text
    )
)
INSERT INTO consent_lateoptout (event_id, identifier_id, organization, program_id,
    route, source, received_at, known_at, enforced_at, last_day, rule_id)
SELECT sequence, identifier_id, organization, program_id, route, told_by, received,
    known, greatest(known, sent), last_day, rule
FROM told WHERE (greatest(known, sent) AT TIME ZONE %(zone)s)::date > last_day
ON CONFLICT (event_id) DO UPDATE SET enforced_at = excluded.enforced_at
"""
SOURCE = """CASE WHEN e.evidence ? 'import' THEN 'import:' || (e.evidence ->> 'import')
    ELSE 'event:' || e.sequence END"""
# A range of the ledger, by the index on the number.
IN_LEDGER = LATE.format(
    received=RECEIVED,
    source=SOURCE,
    sent="e.recorded_at",
    ledger="consent_event e",
    wanted="e.sequence > %(after)s AND e.sequence <= %(until)s"
    " AND e.recorded_at > e.occurred_at AND NOT e.evidence ? 'log'",
)
# After messages: a carrier's confirmation is none of them, see `consent.reconcile`.
BY_MESSAGES = LATE.format(
    received=RECEIVED,
    source="''",
    sent="m.last",
    ledger="(SELECT event_id, max(sent_at) AS last FROM consent_latemessage"
    " GROUP BY event_id) m JOIN consent_event e ON e.sequence = m.event_id",
    wanted="true",
)
# What was taken back since, what went with its month, and what only messages showed
# that are not there any more.
GONE = """
DELETE FROM consent_lateoptout t
WHERE NOT EXISTS (SELECT FROM consent_event e WHERE e.sequence = t.event_id)
    OR EXISTS (
        SELECT FROM consent_event c
        WHERE c.identifier_id = t.identifier_id AND c.kind = 'correction'
            AND c.evidence ->> 'corrects' = t.event_id::text
    )
    OR (t.known_at AT TIME ZONE %(zone)s)::date <= t.last_day AND NOT EXISTS (
        SELECT FROM consent_latemessage m WHERE m.event_id = t.event_id
    )
"""

Limits = list[tuple[dt.date, str]]


def days(after: int, until: int, zone: str) -> Limits:
    return _rows(DAYS_OF_EVENTS, {"after": after, "until": until, "zone": zone})


def days_of_messages(zone: str) -> Limits:
    return _rows(DAYS_OF_MESSAGES, {"zone": zone})


def find(values: dict[str, Any]) -> None:
    """In a range: `after`, `until`, `zone`, and the limits as four lists of equal
    length."""
    with connection.cursor() as cursor:
        cursor.execute(IN_LEDGER, values)


def find_by_messages(values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BY_MESSAGES, values)


def forget(zone: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(GONE, {"zone": zone})


def _rows(query: str, values: dict[str, Any]) -> Limits:
    with connection.cursor() as cursor:
        cursor.execute(query.format(received=RECEIVED), values)
        return list(cursor.fetchall())
