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

# What somebody did before they were erased is not recorded again.
ERASED = f"""
SELECT s.key FROM consent_stage s
{staged.WHOSE}
WHERE s.occurred_at <= i.erased_at
"""  # noqa: S608 - of our own texts
