"""An index of the numbers and addresses in the texts of a table.

PostgreSQL only, with nothing outside its core. Without it every row is read for a
person (`spotting`); with it only rows that may hold what is looked for.
"""

from typing import Any

# One column of a row. A column of numbers says nothing where it holds nothing but one:
# that is looked up by equality.
TEXT = "coalesce({column}::text, '')"
NUMBER = (
    "CASE WHEN ltrim({column}::text, '+0123456789') <> ''"
    " THEN {column}::text ELSE '' END"
)
BETWEEN = " || ' x ' || "  # a letter, so that digits on both sides are not one run

# Seven digits and more with anything but small letters between them, cut in blocks of
# four; what stands before an @ (or %40 in an address of the web) and right after it;
# and that a text is longer than a vector may be. A word that is longer than any address
# is left out, as an index can't hold it. Most texts have none of it and cost next to
# nothing.
WORDS = r"""
CASE WHEN length({text}) > 100000 THEN '{long}' ELSE
CASE WHEN {text} ~ '[0-9]([^0-9a-z]*[0-9]){{6}}' THEN
    regexp_replace(regexp_replace(regexp_replace({text},
        '[^0-9a-z]+', '', 'g'), '[a-z]+', ' ', 'g'), '[0-9]{{4}}', '\& ', 'g')
ELSE '' END ||
CASE WHEN {text} ~ '@|%40' THEN ' ' ||
    regexp_replace(regexp_replace(regexp_replace(lower(replace({text}, '%40', '@')),
        '[^a-z0-9._%+\-@]+', ' ', 'g'), '@[a-z0-9\-]*', '\& ', 'g'),
        '(?<![a-z0-9._%+\-@])[a-z0-9._%+\-]+(?= |$)|[^ ]{{200,}}', '', 'g')
ELSE '' END END
"""
KEYS = "array_to_tsvector(array_remove(string_to_array({words}, ' '), ''))"
LONG = "long"  # of a text that is always read
BLOCK, SHORTEST = 4, 7  # digits; fewer than seven may hold no whole block

SOUGHT = "({keys} @@ %s::tsquery)"
CREATE = "CREATE INDEX CONCURRENTLY {name} ON {table} USING gin (({keys}))"

# Indexes by this name that are whole. Catalogue only.
PREFIX = "privacy_texts_"
THERE = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE starts_with(c.relname, %s) AND i.indisvalid
"""
# About how many rows a table has, its partitions together. Catalogue only.
ROWS = """
SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class
WHERE relkind = 'r' AND (oid = to_regclass(%(table)s)
    OR oid IN (SELECT relid FROM pg_partition_tree(to_regclass(%(table)s))))
"""


def keys(parts: list[str]) -> str:
    """The expression of the index; `parts` are the columns as `TEXT` or `NUMBER`."""
    text = f"({BETWEEN.join(parts)})"
    words = WORDS.format(text=text, long=LONG).strip()
    return KEYS.format(words=words)


def there(connection: Any) -> set[str]:
    """The names of such indexes that a database has."""
    if connection.vendor != "postgresql":
        return set()
    with connection.cursor() as cursor:
        cursor.execute(THERE, [PREFIX])
        return {name for (name,) in cursor.fetchall()}


def rows(connection: Any, table: str) -> int:
    """The estimated number of rows. `table` is quoted. None where it is gone or was
    never analysed."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"table": table})
        return int(cursor.fetchone()[0])
