"""Where the recipients of many messages stand, and who of them asked to be left
alone."""

from typing import Any

from django.db import connection

# Of each number of a chunk, by the unique (kind, digest) and the unique standing.
STANDINGS = """
SELECT a.place, i.id, s.organization, s.state, s.since, s.renewed_at, s.event_id, s.part
FROM unnest(%(digests)s::text[]) WITH ORDINALITY AS d(digest, number)
CROSS JOIN LATERAL (SELECT (d.number - 1) %% %(people)s AS place) a
JOIN privacy_identifier i ON i.kind = 'phone' AND i.digest = d.digest
JOIN consent_standing s ON s.identifier_id = i.id AND s.channel = 'sms'
"""
# Likewise, by the unique (identifier, list).
REQUESTS = """
SELECT a.place, i.id, l.id, l.listed_at, l.ends_at
FROM unnest(%(digests)s::text[]) WITH ORDINALITY AS d(digest, number)
CROSS JOIN LATERAL (SELECT (d.number - 1) %% %(people)s AS place) a
JOIN privacy_identifier i ON i.kind = 'phone' AND i.digest = d.digest
JOIN consent_listing l ON l.identifier_id = i.id AND l.list = 'requested'
"""


def standings(digests: list[str], people: int) -> list[tuple[Any, ...]]:
    """`digests` are those of all people under each key in turn."""
    return _rows(STANDINGS, digests, people)


def requests(digests: list[str], people: int) -> list[tuple[Any, ...]]:
    return _rows(REQUESTS, digests, people)


def _rows(query: str, digests: list[str], people: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"digests": digests, "people": people})
        return list(cursor.fetchall())
