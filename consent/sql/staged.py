"""What statements about the staged chunk of an import have in common."""

# Whose a staged row `s` is, by the unique (kind, digest). The limit says that it is
# looked up: without it PostgreSQL reads all identifiers to join a chunk with them.
WHOSE = """CROSS JOIN LATERAL (
        SELECT id, erased_at FROM privacy_identifier
        WHERE kind = s.mark_kind AND digest = s.digest LIMIT 1
    ) AS i"""
