"""Statements of the check: about many people at once, by digest."""

from typing import Any

from django.db import connection

# What is known of each person asked about, at an instant: a row a standing (`what` is
# empty), a list, an unclear message after which the person has told its sender nothing
# clear, and a restriction of processing (GDPR Art. 18); and a purchase or an inquiry
# that implies consent to its sender still. At last, what the rules of quiet hours are.
# By what was recorded until `known`; 'infinity' for all that we know at present.
# Identifiers are found once, by their unique (kind, digest); the rest by identifier.
# Of the ledger only the month is read that is needed: `events_v1.sql`, `events_v2.sql`.
AGAINST = """
UNION ALL
SELECT a.place, l.list, '', '', l.listed_at, l.ends_at, NULL {nothing}
FROM asked a JOIN consent_listing l ON l.identifier_id = a.id
WHERE l.listed_at <= %(at)s AND l.recorded_at <= %(known)s::timestamptz
    AND (l.ends_at IS NULL OR l.ends_at > %(at)s
        OR l.ended_by_id IS NOT NULL AND l.ends_at > %(known)s::timestamptz)
UNION ALL
SELECT a.place, 'held', '', '', m.received_at, NULL, NULL {nothing}
FROM asked a JOIN consent_inboundmessage m ON m.identifier_id = a.id
WHERE m.meaning = 'ambiguous' AND m.received_at <= least(%(at)s, %(known)s::timestamptz)
    AND NOT consent_spoke_v2(
        a.id, m.program_id, m.received_at, least(%(at)s, %(known)s::timestamptz))
UNION ALL
SELECT a.place, 'restricted', '', '', h.placed_at, NULL, NULL {nothing}
FROM asked a JOIN privacy_hold_identifiers w ON w.identifier_id = a.id
JOIN privacy_hold h ON h.id = w.hold_id
WHERE h.kind = 'restriction' AND h.placed_at <= least(%(at)s, %(known)s::timestamptz)
    AND (h.released_at IS NULL OR h.released_at > least(%(at)s, %(known)s::timestamptz))
UNION ALL
SELECT a.place, 'dealing', d.organization, d.citation, d.happened_at, d.ends_at,
    NULL {nothing}
FROM asked a JOIN consent_dealing d ON d.identifier_id = a.id
WHERE d.happened_at <= %(at)s AND d.ends_at > %(at)s
    AND d.recorded_at <= %(known)s::timestamptz
    AND d.happened_at > coalesce(a.erased_at, '-infinity')
"""

# What a list said before the number was put on it again, and messages that somebody set
# aside later: of an earlier instant, or by what we knew then. By identifier; nothing of
# it counts at present.
BEFORE = """
UNION ALL
SELECT a.place, b.list, '', '', b.listed_at, b.ends_at, NULL, NULL
FROM asked a JOIN consent_listingbefore b ON b.identifier_id = a.id
WHERE b.listed_at <= %(at)s AND b.recorded_at <= %(known)s::timestamptz
    AND (b.ends_at IS NULL OR b.ends_at > %(at)s)
    AND (b.until > %(known)s::timestamptz OR b.until > %(at)s)
UNION ALL
SELECT a.place, 'held', '', '', m.received_at, NULL, NULL, NULL
FROM asked a JOIN consent_inboundmessage m ON m.identifier_id = a.id
WHERE m.set_aside_at > least(%(at)s, %(known)s::timestamptz)
    AND m.received_at <= least(%(at)s, %(known)s::timestamptz)
    AND NOT consent_spoke_v2(
        a.id, m.program_id, m.received_at, least(%(at)s, %(known)s::timestamptz))
"""

# The version of the rules of quiet hours: a row is known by where it lies and who wrote
# it. Reads a few dozen rows.
HOURS = """(
    SELECT concat(sum(hashtextextended(concat(r.ctid, ' ', r.xmin), 0)), ' ', count(*))
    FROM consent_hoursrule r
)"""

# What somebody consented to before they were erased counts no more; their STOP does.
COUNTS = (
    "NOT (s.state = 'opt_in' AND s.renewed_at <= coalesce(a.erased_at, '-infinity'))"
)

# Of many people. `digests` are joined by commas, those of all people under each key in
# turn; `place` is the person's place in the question.
KNOWN = f"""
WITH asked AS MATERIALIZED (
    SELECT (a.number - 1) %% %(people)s AS place, i.id, i.erased_at
    FROM unnest(string_to_array(%(digests)s, ',')) WITH ORDINALITY AS a(digest, number)
    JOIN privacy_identifier i ON i.kind = %(kind)s AND i.digest = a.digest
)
SELECT a.place, '' AS what, s.organization, s.state, s.since, s.renewed_at, s.event_id,
    s.part
FROM asked a JOIN consent_standing s ON s.identifier_id = a.id
WHERE %(standings)s AND s.channel = %(channel)s AND {COUNTS}
    AND (%(organization)s = '' OR s.organization IN ('', %(organization)s))
{AGAINST.format(nothing=", NULL")}
{BEFORE}
UNION ALL
SELECT 0, 'hours', '', {HOURS}, NULL, NULL, NULL, NULL
"""  # noqa: S608 - of our own texts

# How many months the consent of a standing lasts, for whichever program may send: the
# shortest of those that it is about (`consent.expiry.Periods`).
MONTHS = """
CASE s.state WHEN 'opt_in' THEN (
    SELECT min(p.consent_months) FROM consent_program p
    WHERE p.consent_months > 0
        AND p.organization = coalesce(nullif(s.organization, ''), %(organization)s)
        AND (s.part IN ('', '*', 'marketing', 'service') OR s.part = 'p' || p.id
            OR s.part = ANY(p.numbers))
) END
"""

# Of one person, with the event behind each standing; a statement to prepare. A person
# has one row a key at most: with the limit PostgreSQL expects about one, and keeps its
# plan; without, it expects ten, and plans anew each time. Who asks by a key has to have
# it still, with the scope; of nobody else's question is the person looked up. By the
# key's unique digest.
EVENT = (
    "kind", "covers", "source", "route", "occurred_at", "recorded_at", "evidence",
    "scope", "program_id",
)  # fmt: skip
ONE = f"""
WITH holder AS MATERIALIZED (
    SELECT id FROM privacy_apikey
    WHERE digest = %(key)s AND revoked_at IS NULL AND %(scope)s = ANY(scopes)
), asked AS MATERIALIZED (
    SELECT 0 AS place, id, erased_at FROM privacy_identifier
    WHERE (%(key)s = '' OR EXISTS (SELECT FROM holder))
        AND kind = %(kind)s AND digest = ANY(%(digests)s) LIMIT %(keys)s
)
SELECT a.place, '' AS what, s.organization, s.state, s.since, s.renewed_at, s.event_id,
    s.part, {MONTHS}, e.channel, (
        SELECT p.name FROM consent_program p
        WHERE p.organization = s.organization ORDER BY p.id LIMIT 1
    ), {", ".join(f"e.{name}" for name in EVENT)}
FROM asked a JOIN consent_standing s ON s.identifier_id = a.id
CROSS JOIN LATERAL consent_event_of_v1(s.event_id) e
WHERE s.channel = %(channel)s AND {COUNTS}
{AGAINST.format(nothing=", NULL" * (4 + len(EVENT)))}
UNION ALL
SELECT 0, 'key', '', '', NULL, NULL, id {", NULL" * (4 + len(EVENT))} FROM holder
UNION ALL
SELECT 0, 'hours', '', {HOURS}, NULL, NULL, NULL {", NULL" * (4 + len(EVENT))}
"""  # noqa: S608 - likewise

# Where one person stands with a sender and with every sender, on texts; to prepare.
TEXTS_OF = f"""
SELECT s.organization, s.state, s.since, s.renewed_at, s.event_id, s.part
FROM (
    SELECT id, erased_at FROM privacy_identifier
    WHERE kind = %(kind)s AND digest = ANY(%(digests)s) LIMIT %(keys)s
) AS a JOIN consent_standing s ON s.identifier_id = a.id
WHERE {COUNTS} AND s.channel = 'sms' AND s.organization IN ('', %(organization)s)
"""  # noqa: S608 - likewise


def rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
