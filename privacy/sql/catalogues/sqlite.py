"""SQLite's own catalogue tables, and the SQL that its tables were made with."""

import re
from typing import Any

from django.db import DatabaseError

# Tables, views, virtual tables and what belongs to those. Catalogue only.
RELATIONS = """
SELECT l.name, l.type, coalesce(m.sql, '')
FROM pragma_table_list AS l LEFT JOIN sqlite_master AS m ON m.name = l.name
 AND m.type IN ('table', 'view')
WHERE l.schema = 'main' AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY l.name
"""
COLUMNS = 'SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo({table})'
INDEXES = 'SELECT name, "unique", partial FROM pragma_index_list({table})'
INDEXED = "SELECT name FROM pragma_index_info({index})"
REFERENCES = """
SELECT id, "from", "table", "to" FROM pragma_foreign_key_list({table}) ORDER BY id, seq
"""
KINDS = {"table": "table", "view": "view", "virtual": "virtual", "shadow": "shadow"}
HIDDEN, COMPUTED = 1, (2, 3)  # `hidden` of inner and of generated columns
# By what the declared type says, the first that fits; SQLite takes any word as a type.
FIELDS = (
    (r"BOOL|^BIT$|^TINYINT\(1\)$", "BooleanField"),
    (r"INT|SERIAL", "BigIntegerField"),
    (r"^JSON", "JSONField"),
    (r"DATETIME|TIMESTAMP", "DateTimeField"),
    (r"^DATE", "DateField"),
    (r"^TIME", "TimeField"),
    (r"CHAR|^UUID|^GUID|^UNIQUEIDENTIFIER", "CharField"),
    (r"CLOB|TEXT|STRING|^ENUM|^INET", "TextField"),
    (r"BLOB|BINARY|BYTEA", "BinaryField"),
    (r"REAL|FLOA|DOUB", "FloatField"),
    (r"DEC|NUM|MONEY", "DecimalField"),
)
# What is kept in a column whose type says a date may be a number of seconds or days.
STORED = "SELECT DISTINCT typeof({column}) FROM (SELECT {column} FROM {table} LIMIT 99)"
SIZE = re.compile(r"\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")
QUOTED = re.compile(r"'((?:[^']|'')*)'")
NAME = r"""["'`\[]?{name}["'`\]]?"""
LISTED = r"CHECK\s*\(\s*\(?\s*{name}\s+IN\s*\(([^)]*)\)"
JSON = r"json_valid\s*\(\s*{name}\s*\)"
CHECK = r"CHECK\s*\([^;]*?(?<![\w]){name}(?![\w])"
Row = tuple[Any, ...]


def read(connection: Any) -> list[dict[str, Any]]:
    return [
        _relation(connection, name, kind, sql)
        for name, kind, sql in _rows(connection, RELATIONS)
    ]


def _rows(connection: Any, statement: str, **names: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(**names))
        return list(cursor.fetchall())


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _relation(connection: Any, name: str, kind: str, sql: str) -> dict[str, Any]:
    table = _text(name)
    columns = _columns(connection, table) if kind in ("table", "virtual") else []
    parts = sorted((row[3], row[0]) for row in columns if row[3])
    key = [column for _, column in parts]
    indexes = [] if kind != "table" else _indexes(connection, table)
    unique = [names for names, is_unique in indexes if is_unique]
    if key and key not in unique:
        unique.append(key)
    began = [names[0] for names, _ in indexes if names[0]]
    return {
        "schema": "",
        "name": name,
        "kind": KINDS.get(kind, "view"),
        "of": "",
        "rows": -1,
        "readable": True,
        "columns": [_column(connection, name, row, unique, sql) for row in columns],
        "key": key,
        "unique": [names for names in unique if None not in names],
        "indexed": began + key[:1],
        "references": _references(connection, name) if kind == "table" else [],
    }


def _columns(connection: Any, table: str) -> list[Row]:
    """Without the hidden columns of a virtual table; none if its module is not
    installed."""
    try:
        found = _rows(connection, COLUMNS, table=table)
    except DatabaseError:
        return []
    return [row for row in found if row[4] != HIDDEN]


def _indexes(connection: Any, table: str) -> list[tuple[list[Any], bool]]:
    """Columns of each, and whether they are unique in all rows."""
    return [
        (
            [c for (c,) in _rows(connection, INDEXED, index=_text(name))] or [None],
            bool(unique) and not partial,
        )
        for name, unique, partial in _rows(connection, INDEXES, table=table)
    ]


def _references(connection: Any, name: str) -> list[list[Any]]:
    """A foreign key that names no column means the primary key."""
    found: dict[int, list[Row]] = {}
    for number, own, table, theirs in _rows(connection, REFERENCES, table=_text(name)):
        found.setdefault(number, []).append((own, table, theirs))
    made = []
    for parts in found.values():
        target = _real_name(connection, parts[0][1])
        real = _rows(connection, COLUMNS, table=_text(target))
        key = [c for _, c in sorted((row[3], row[0]) for row in real if row[3])]
        names = {row[0].lower(): row[0] for row in real}
        theirs = [names.get((p[2] or "").lower()) for p in parts]
        theirs = key if None in theirs else theirs
        if real and len(theirs) == len(parts):
            made.append([[p[0] for p in parts], "", target, theirs])
    return made


def _real_name(connection: Any, name: str) -> str:
    """Names ignore case; the catalogue has the name as the table was made."""
    names = [row[0] for row in _rows(connection, RELATIONS)]
    return next((each for each in names if each.lower() == name.lower()), name)


def _column(
    connection: Any, table: str, row: Row, unique: list[Any], sql: str
) -> dict[str, Any]:
    name, declared, not_null, in_key, hidden = row
    said = declared.upper()
    kind = next((k for p, k in FIELDS if re.search(p, said)), "TextField")
    options: dict[str, Any] = {"null": not (not_null or in_key), "type": declared}
    if (size := SIZE.search(said)) and kind == "CharField":
        options["max_length"] = int(size[1])
    if size and kind == "DecimalField":
        options["max_digits"] = int(size[1])
        options["decimal_places"] = int(size[2] or 0)
    if hidden in COMPUTED:
        options["generated"] = True
    if [name] in unique:
        options["unique"] = True
    if kind in ("DateTimeField", "DateField", "TimeField"):
        kind = _stored(connection, table, name, kind)
    kind, checked = _checked(name, kind, sql)
    return {"name": name, "kind": kind, "options": {**options, **checked}}


def _stored(connection: Any, table: str, column: str, kind: str) -> str:
    quote = connection.ops.quote_name
    found = _rows(connection, STORED, column=quote(column), table=quote(table))
    types = {each for (each,) in found} - {"null"}
    return {"integer": "BigIntegerField", "real": "FloatField"}.get(
        "".join(types), kind
    )


def _checked(name: str, kind: str, sql: str) -> tuple[str, dict[str, Any]]:
    """The values that the table's own SQL allows."""
    own = NAME.format(name=re.escape(name))
    if re.search(JSON.format(name=own), sql, re.IGNORECASE):
        return "JSONField", {}
    if not re.search(CHECK.format(name=own), sql, re.IGNORECASE | re.DOTALL):
        return kind, {}
    listed = re.search(LISTED.format(name=own), sql, re.IGNORECASE)
    words = QUOTED.findall(listed[1]) if listed else []
    labels = {"labels": [word.replace("''", "'") for word in words]} if words else {}
    return kind, {"checked": True, **labels}


# --- a sample ------------------------------------------------------------------------
# The first rows as they lie: no sort, read only as far as asked.
SAMPLE = "SELECT {columns} FROM {table} LIMIT {limit}"
LONGEST = 4000  # characters of one value


def sample(
    connection: Any, schema: str, table: str, columns: list[tuple[str, str]], limit: int
) -> list[Row]:
    """Rows as texts, of (name, field) columns; read-only, bounded in size."""
    quote = connection.ops.quote_name
    chosen = ", ".join(_as_text(quote(name), kind) for name, kind in columns)
    return _rows(
        connection, SAMPLE, columns=chosen, table=quote(table), limit=str(int(limit))
    )


def _as_text(column: str, field: str) -> str:
    if field == "BinaryField":
        return f"hex(substr({column}, 1, 16))"
    return f"substr(CAST({column} AS text), 1, {LONGEST})"


def bytes_of(text: str) -> bytes:
    """Bytes from a sample's text."""
    return bytes.fromhex(text)
