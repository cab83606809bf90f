"""Statement that fingerprints the events of one chunk of a list."""

from typing import Any

from django.db import connection

MOMENT = """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""
# In the order of their numbers, which follow each other: a chunk is written under the
# ledger's lock. By the primary key, in one month. `tools/verify_audit.py` makes the
# same text from a pack.
LEAVES = f"""
SELECT e.sequence, sha256(convert_to(jsonb_build_array(
    e.sequence, e.identifier_id, e.kind, e.channel, to_jsonb(e.covers),
    e.organization, e.source, e.route, {MOMENT.format("e.occurred_at")},
    {MOMENT.format("e.recorded_at")}, e.evidence)::text, 'UTF8'))
FROM consent_event e
WHERE e.sequence BETWEEN %(first)s AND %(last)s AND e.recorded_at = %(recorded_at)s
ORDER BY e.sequence
"""  # noqa: S608 - of our own texts
# The chunk that was just written by `imports.spread`; nothing for numbers not to call.
TOUCHED = "SELECT min(sequence), max(sequence) FROM consent_touched"


def touched() -> tuple[int | None, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED)
        first, last = cursor.fetchone()
        return first, last


def leaves(**values: Any) -> list[tuple[int, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(LEAVES, values)
        return [(number, bytes(leaf)) for number, leaf in cursor.fetchall()]
