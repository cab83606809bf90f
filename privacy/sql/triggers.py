"""What triggers of a store write when rows change, from its catalogue."""

import re
from typing import Any

ANY = {
    "postgresql": "SELECT EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal)",
    "mysql": "SELECT EXISTS (SELECT 1 FROM information_schema.triggers"
    " WHERE trigger_schema = DATABASE())",
    "sqlite": "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger')",
}

# The text of each trigger of one table that runs when rows are deleted or updated. In
# PostgreSQL the function's body, and its arguments as `INTO` each of them: extensions
# for histories are told their table so. `tgtype`: 8 is DELETE, 16 is UPDATE.
TEXTS = {
    "postgresql": """
SELECT f.prosrc || ' INTO ' || replace(encode(t.tgargs, 'escape'), '\\000', ' INTO ')
FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
WHERE t.tgrelid = %(table)s::regclass AND NOT t.tgisinternal AND t.tgenabled <> 'D'
  AND t.tgtype & CASE %(event)s WHEN 'DELETE' THEN 8 ELSE 16 END > 0
""",
    "mysql": """
SELECT action_statement FROM information_schema.triggers
WHERE trigger_schema = DATABASE() AND event_object_table = %(table)s
  AND event_manipulation = %(event)s
""",
    "sqlite": """
SELECT sql FROM sqlite_master
WHERE type = 'trigger' AND tbl_name = %(table)s
  AND upper(sql) LIKE '%%' || %(event)s || '%%ON%%'
""",
}
INTO = r"\bINTO\s+(?:[\"`\[]?\w+[\"`\]]?\s*\.\s*)?[\"`\[]?{name}\b"


def exist(connection: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ANY[connection.vendor])
        return bool(cursor.fetchone()[0])


def texts(connection: Any, table: str, event: str) -> list[str]:
    """Of the triggers on a table as it is written in SQL; `event` is DELETE or
    UPDATE."""
    with connection.cursor() as cursor:
        asked = {"table": table, "event": event}
        cursor.execute(TEXTS[connection.vendor], asked)
        return [str(text) for (text,) in cursor.fetchall()]


def writes_into(text: str, name: str) -> bool:
    """Whether a trigger's text has a statement that writes rows into that table. What
    it puts together only when it runs can't be seen."""
    return bool(re.search(INTO.format(name=re.escape(name)), text, re.IGNORECASE))
