"""MySQL's and MariaDB's information_schema: the one database of the address."""

import re
from collections import defaultdict
from typing import Any

# Views, tables and sequences of this database. Catalogue only.
RELATIONS = """
SELECT table_name, table_type, table_rows, create_options LIKE '%partitioned%'
FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name
"""
# The partitions of these tables, each once; asked only where there are any, because the
# server opens each table for it. Catalogue only, by schema and table.
PARTITIONS = """
SELECT DISTINCT table_name, partition_name FROM information_schema.partitions
WHERE table_schema = DATABASE() AND table_name IN ({names})
ORDER BY table_name, partition_name
"""
# Their columns in order. Catalogue only.
COLUMNS = """
SELECT table_name, column_name, data_type, column_type, is_nullable,
       character_maximum_length, numeric_precision, numeric_scale, extra,
       column_comment, privileges
FROM information_schema.columns WHERE table_schema = DATABASE()
ORDER BY table_name, ordinal_position
"""
# Indexes, the primary key among them. Catalogue only.
INDEXES = """
SELECT table_name, index_name, non_unique, column_name, sub_part
FROM information_schema.statistics WHERE table_schema = DATABASE()
ORDER BY table_name, index_name, seq_in_index
"""
# Foreign keys within this database. Catalogue only.
REFERENCES = """
SELECT table_name, constraint_name, column_name, referenced_table_name,
       referenced_column_name
FROM information_schema.key_column_usage
WHERE table_schema = DATABASE() AND referenced_table_schema = DATABASE()
ORDER BY table_name, constraint_name, ordinal_position
"""
# What values must be. MariaDB names the table, MySQL the constraint alone.
CHECKS = """
SELECT t.table_name, c.check_clause
FROM information_schema.check_constraints c
JOIN information_schema.table_constraints t
  ON t.constraint_schema = c.constraint_schema
 AND t.constraint_name = c.constraint_name AND t.constraint_type = 'CHECK' {and_table}
WHERE c.constraint_schema = DATABASE()
"""
KINDS = {"BASE TABLE": "table", "SYSTEM VERSIONED": "table", "VIEW": "view"}
FIELDS = {
    "tinyint": "SmallIntegerField",
    "smallint": "SmallIntegerField",
    "mediumint": "IntegerField",
    "year": "IntegerField",
    "int": "IntegerField",
    "bigint": "BigIntegerField",
    "decimal": "DecimalField",
    "float": "FloatField",
    "double": "FloatField",
    "char": "CharField",
    "varchar": "CharField",
    "tinytext": "TextField",
    "text": "TextField",
    "mediumtext": "TextField",
    "longtext": "TextField",
    "set": "CharField",
    "date": "DateField",
    "datetime": "DateTimeField",
    "timestamp": "DateTimeField",
    "time": "TimeField",
    "json": "JSONField",
    "uuid": "UUIDField",
    "inet4": "CharField",
    "inet6": "CharField",
    "bit": "BinaryField",
    "binary": "BinaryField",
    "varbinary": "BinaryField",
    "tinyblob": "BinaryField",
    "blob": "BinaryField",
    "mediumblob": "BinaryField",
    "longblob": "BinaryField",
    # Places and shapes, which the server does not cast to text.
    **dict.fromkeys(
        (
            "geometry", "point", "linestring", "polygon", "multipoint",
            "multilinestring", "multipolygon", "geometrycollection", "geomcollection",
        ),
        "BinaryField",
    ),
}  # fmt: skip
LARGER = {"smallint": "IntegerField", "int": "BigIntegerField"}  # where unsigned
LENGTHS = {"inet4": 15, "inet6": 39, "tinytext": 63}  # 255 bytes in utf8mb4
JSON = re.compile(r"^json_valid\(`((?:[^`]|``)+)`\)$", re.IGNORECASE)
NAMED = re.compile(r"`((?:[^`]|``)+)`")
LISTED = re.compile(r"^\(?`((?:[^`]|``)+)` in \((.+?)\)\)?$", re.IGNORECASE)
QUOTED = re.compile(r"'((?:[^']|'')*)'")

Row = tuple[Any, ...]


def read(connection: Any) -> list[dict[str, Any]]:
    if not connection.settings_dict["NAME"]:
        return []
    # MariaDB's names of constraints are unique in a table only.
    same = "AND t.table_name = c.table_name" if connection.mysql_is_mariadb else ""
    columns, indexes, references, checks = (
        _by_table(connection, statement)
        for statement in (COLUMNS, INDEXES, REFERENCES, CHECKS.format(and_table=same))
    )
    found = [row for row in _rows(connection, RELATIONS) if row[1] in KINDS]
    made = [
        _relation(name, kind, many, columns, indexes, references, checks)
        for name, kind, many, _ in found
    ]
    parted = [name for name, *_, is_parted in found if is_parted]
    return made + [_partition(*row) for row in _partitions(connection, parted)]


def _partitions(connection: Any, names: list[str]) -> list[Row]:
    if not names:
        return []
    statement = PARTITIONS.format(names=", ".join(["%s"] * len(names)))
    return _rows(connection, statement, names)


def _partition(table: str, name: str) -> dict[str, Any]:
    """It has no rows or columns but the table's."""
    lists = ("columns", "key", "unique", "bound", "indexed", "references")
    said = {"schema": "", "name": f"{table}.{name}", "kind": "partition", "of": table}
    return {**said, "rows": -1, "readable": True, **{each: [] for each in lists}}


def _by_table(connection: Any, statement: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for name, *rest in _rows(connection, statement):
        found[name].append(tuple(rest))
    return found


def _rows(connection: Any, statement: str, values: Any = None) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _relation(
    name: str,
    kind: str,
    many: int | None,
    columns: dict[str, list[Row]],
    indexes: dict[str, list[Row]],
    references: dict[str, list[Row]],
    checks: dict[str, list[Row]],
) -> dict[str, Any]:
    mine = _grouped(indexes[name])
    unique = [
        [column for _, column, _ in parts]
        for parts in mine.values()
        if not parts[0][0] and all(part is None for _, _, part in parts)
    ]
    clauses = [clause for (clause,) in checks[name]]
    return {
        "schema": "",
        "name": name,
        "kind": KINDS[kind],
        "of": "",
        "rows": -1 if many is None else int(many),
        "readable": all("select" in row[-1].lower() for row in columns[name]),
        "columns": [_column(row, unique, clauses) for row in columns[name]],
        "key": [column for _, column, _ in mine.get("PRIMARY", [])],
        "unique": [names for names in unique if None not in names],
        "bound": _bound([row[0] for row in columns[name]], clauses),
        "indexed": [parts[0][1] for parts in mine.values() if parts[0][1]],
        "references": [
            [[p[0] for p in parts], "", parts[0][1], [p[2] for p in parts]]
            for parts in _grouped(references[name]).values()
        ],
    }


def _bound(names: list[str], clauses: list[str]) -> list[list[str]]:
    """The columns of each CHECK that is about several of them."""
    found = [[n for n in names if n in _names(clause)] for clause in clauses]
    return [some for some in found if some[1:]]


def _grouped(rows: list[Row]) -> dict[str, list[Row]]:
    """By the name of the index or constraint."""
    found: dict[str, list[Row]] = defaultdict(list)
    for name, *rest in rows:
        found[name].append(tuple(rest))
    return found


def _column(row: Row, unique: list[Any], clauses: list[str]) -> dict[str, Any]:
    name, base, said, null, length, digits, decimals, extra, comment, _ = row
    options: dict[str, Any] = {"null": null == "YES", "type": said}
    kind = _kind(base, said)
    if kind == "CharField" or base in LENGTHS:
        options["max_length"] = LENGTHS.get(base, length)
    if kind == "DecimalField":
        options["max_digits"], options["decimal_places"] = int(digits), int(decimals)
    if base == "enum":
        options["labels"] = _words(said)
    if "GENERATED" in extra.upper() and "DEFAULT_GENERATED" not in extra.upper():
        options["generated"] = True
    if comment:
        options["comment"] = comment
    if [name] in unique:
        options["unique"] = True
    mine = [clause for clause in clauses if name in _names(clause)]
    kind, checked = _checked(name, kind, mine)
    return {"name": name, "kind": kind, "options": {**options, **checked}}


def _kind(base: str, said: str) -> str:
    if said == "tinyint(1)":
        return "BooleanField"
    if "unsigned" in said and base in LARGER:
        return LARGER[base]
    return FIELDS.get(base, "OtherField")


def _names(clause: str) -> list[str]:
    return [name.replace("``", "`") for name in NAMED.findall(clause)]


def _checked(name: str, kind: str, clauses: list[str]) -> tuple[str, dict[str, Any]]:
    """MariaDB's JSON is text with a CHECK; a CHECK may also list the allowed words."""
    said: dict[str, Any] = {}
    for clause in clauses:
        if JSON.match(clause):
            kind = "JSONField"
            continue
        said["checked"] = True
        if (found := LISTED.match(clause)) and _names(clause) == [name]:
            said["labels"] = _words(found[2])
    return kind, said


def _words(text: str) -> list[str]:
    return [word.replace("''", "'") for word in QUOTED.findall(text)]


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
    statement = SAMPLE.format(columns=chosen, table=quote(table), limit=int(limit))
    return _rows(connection, statement)


def _as_text(column: str, field: str) -> str:
    if field == "BinaryField":
        return f"HEX(LEFT({column}, 16))"
    return f"LEFT(CAST({column} AS CHAR), {LONGEST})"


def bytes_of(text: str) -> bytes:
    """Bytes from a sample's text."""
    return bytes.fromhex(text)
