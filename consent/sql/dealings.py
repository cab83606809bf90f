"""Statements of an import of purchases and inquiries."""

from consent.sql import staged

# Each once, by the unique (identifier, organization, kind, happened_at); of the erased
# only what they did since. By the unique digest.
TAKE = f"""
WITH said AS (
    SELECT DISTINCT ON (i.id, s.organization, s.kind, s.occurred_at)
        i.id, s.organization, s.kind, s.occurred_at, s.evidence, s.key
    FROM consent_stage s
    {staged.WHOSE}
    WHERE s.occurred_at > coalesce(i.erased_at, '-infinity')
    ORDER BY i.id, s.organization, s.kind, s.occurred_at, s.line
), taken AS (
    INSERT INTO consent_dealing (identifier_id, organization, kind, happened_at,
        ends_at, citation, source, recorded_at, recorded_by)
    SELECT id, organization, kind, occurred_at,
        (evidence ->> 'ends_at')::timestamptz, evidence ->> 'citation',
        evidence ->> 'source', %(now)s, %(by)s
    FROM said ORDER BY id
    ON CONFLICT (identifier_id, organization, kind, happened_at) DO NOTHING
    RETURNING identifier_id, organization, kind, happened_at
)
INSERT INTO consent_touched (identifier_id, key)
SELECT t.identifier_id, s.key
FROM taken t JOIN said s ON s.id = t.identifier_id AND s.kind = t.kind
    AND s.organization = t.organization AND s.occurred_at = t.happened_at
"""  # noqa: S608 - of our own texts

# Other systems are told of what implies consent, of each row that is new.
TELL = """
INSERT INTO consent_delivery (endpoint_id, type, identifier_id, said, state, attempts,
    next_at)
SELECT p.id, 'dealing.recorded', d.identifier_id, jsonb_build_object('kind', d.kind,
    'organization', d.organization, 'since', d.happened_at, 'until', d.ends_at,
    'recorded_at', d.recorded_at), 'waiting', 0, %(now)s
FROM consent_touched t
JOIN consent_stage s ON s.key = t.key
JOIN consent_dealing d ON d.identifier_id = t.identifier_id AND d.kind = s.kind
    AND d.organization = s.organization AND d.happened_at = s.occurred_at
CROSS JOIN consent_endpoint p WHERE p.is_active
"""

# What somebody did before they were erased is not recorded again.
ERASED = f"""
SELECT s.key FROM consent_stage s
{staged.WHOSE}
WHERE s.occurred_at <= i.erased_at
"""  # noqa: S608 - of our own texts
