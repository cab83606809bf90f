"""Statements of the reach of events; `consent.scopes` says what the parts are."""

from typing import Any

from privacy.sql import prepared

# The rules of the reach of a STOP, and each exempted program with its sender; a handful
# of rows, of which the second are found by their partial index.
KNOWN = """
SELECT name, valid_from, valid_to, after_consented, after_exempted, NULL::bigint
FROM consent_scoperule
UNION ALL
SELECT organization, NULL, NULL, '', '', id FROM consent_program WHERE exemption <> ''
"""

# The parts of an event `e`, with the last opt-in of its program apart: it is `soft`,
# and counts only beside what the person said of that program otherwise.
ENDED = """
LEFT JOIN jsonb_to_recordset(%(scopes)s::jsonb -> 'ended')
    AS x(program bigint, begins date, ends date, parts text[])
ON e.kind = 'opt_out' AND e.scope = '' AND e.organization <> ''
    AND x.program = e.program_id
    AND (e.occurred_at AT TIME ZONE 'UTC')::date BETWEEN x.begins AND x.ends
"""
WHOLE = """
CASE WHEN {event}.organization <> '' AND %(scopes)s::jsonb -> 'exempting'
    ? {event}.organization::text THEN ARRAY['', '*'] ELSE ARRAY[''] END
"""
PARTS = f"""
CROSS JOIN LATERAL (
    SELECT unnest(CASE e.scope
        WHEN 'program' THEN ARRAY['p' || e.program_id]
        WHEN 'marketing' THEN ARRAY['marketing']
        WHEN 'sender' THEN ARRAY[coalesce(e.evidence ->> 'our_number', '')]
        WHEN '' THEN CASE WHEN e.kind = 'opt_in' AND e.organization <> ''
            AND %(scopes)s::jsonb -> 'service' @> to_jsonb(e.program_id)
            THEN ARRAY['service'] ELSE coalesce(x.parts, {WHOLE.format(event="e")}) END
        ELSE coalesce(x.parts, {WHOLE.format(event="e")}) END) AS part, true AS firm
    UNION ALL
    SELECT 'p' || e.program_id, false
    WHERE e.kind = 'opt_in' AND e.scope = '' AND e.program_id IS NOT NULL
        AND e.organization <> ''
) AS p
"""


def known() -> list[tuple[Any, ...]]:
    return prepared.rows(KNOWN, {})
