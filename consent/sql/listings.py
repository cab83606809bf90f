"""Statement of an import of numbers that must not be called."""

# Onto the list, each number once: the latest of the chunk. What was there stays, unless
# it has ended, or the person asked us again since; an undated row is no new request.
# By the unique digest, and the unique (identifier, list).
TAKE = """
WITH said AS (
    SELECT DISTINCT ON (i.id) i.id, s.key, s.occurred_at,
        (s.evidence ->> 'ends_at')::timestamptz AS ends_at
    FROM consent_stage s
    JOIN privacy_identifier i ON i.kind = s.mark_kind AND i.digest = s.digest
    ORDER BY i.id, s.occurred_at DESC, s.line
), taken AS (
    INSERT INTO consent_listing AS l (identifier_id, list, listed_at, ends_at, source,
        recorded_at, recorded_by)
    SELECT id, %(listing)s, occurred_at, ends_at, %(file)s, %(now)s, %(by)s
    FROM said ORDER BY id
    ON CONFLICT (identifier_id, list) DO UPDATE
    SET listed_at = excluded.listed_at, ends_at = excluded.ends_at,
        source = excluded.source, recorded_at = excluded.recorded_at,
        recorded_by = excluded.recorded_by
    WHERE l.ends_at <= excluded.recorded_at
        OR l.ends_at < excluded.ends_at AND excluded.listed_at < excluded.recorded_at
    RETURNING identifier_id
)
INSERT INTO consent_touched (identifier_id, key)
SELECT t.identifier_id, s.key FROM taken t JOIN said s ON s.id = t.identifier_id
"""
