"""PostgreSQL's catalogue: all tables, columns and constraints in one statement."""

import json
import re
from typing import Any

from django.db import transaction

# One row a relation that people made, its columns, constraints and indexes as JSON.
# Reads the catalogue only, by its own indexes on the relation (pg_attribute_relid_…).
RELATIONS = """
WITH relation AS (
    SELECT c.oid, c.relname, c.relkind, c.relispartition, n.nspname, c.reltuples,
           CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname END
               AS schema
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp\\_%'
)
SELECT r.schema, r.relname, r.relkind, r.reltuples,
       (SELECT p.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
        WHERE i.inhrelid = r.oid AND r.relispartition LIMIT 1) AS parent,
       (SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.objid = r.oid AND d.classid = 'pg_class'::regclass
          AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' LIMIT 1)
           AS extension,
       (SELECT CASE WHEN pn.nspname = current_schema() THEN '' ELSE pn.nspname END
               || '.' || p.relname
        FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
        JOIN pg_namespace pn ON pn.oid = p.relnamespace
        WHERE i.inhrelid = r.oid AND NOT r.relispartition LIMIT 1) AS inherits,
       has_schema_privilege(r.nspname, 'USAGE') AND has_table_privilege(r.oid, 'SELECT')
           AS readable,
       r.relkind IN ('r', 'p') AND row_security_active(r.oid) AS guarded,
       to_json(ARRAY(
           SELECT jsonb_build_object(
               'name', a.attname, 'null', NOT (a.attnotnull OR t.typnotnull),
               'type', format_type(a.atttypid, a.atttypmod),
               'base', b.typname, 'category', b.typcategory,
               'modifier', CASE WHEN t.typtype = 'd' THEN t.typtypmod
                                ELSE a.atttypmod END,
               'element', e.typname, 'strict', EXISTS (
                   SELECT 1 FROM pg_constraint d
                   WHERE d.contypid = m.oid AND d.contype = 'c'),
               'form', EXISTS (
                   SELECT 1 FROM pg_constraint d
                   WHERE d.contypid = t.oid AND d.contype = 'c'),
               'generated', a.attgenerated <> '',
               'identity', a.attidentity, 'comment', col_description(r.oid, a.attnum),
               'labels', (SELECT jsonb_agg(l.enumlabel ORDER BY l.enumsortorder)
                          FROM pg_enum l WHERE l.enumtypid = b.oid))
           FROM pg_attribute a
           JOIN pg_type t ON t.oid = a.atttypid
           JOIN pg_type b ON b.oid =
               CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
           LEFT JOIN pg_type m ON m.oid = b.typelem AND b.typcategory = 'A'
           LEFT JOIN pg_type e ON e.oid =
               CASE WHEN m.typtype = 'd' THEN m.typbasetype ELSE m.oid END
           WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
           ORDER BY a.attnum))::text AS columns,
       to_json(ARRAY(
           SELECT jsonb_build_object(
               'kind', k.contype, 'schema', CASE WHEN tn.nspname = current_schema()
                                            THEN '' ELSE tn.nspname END,
               'table', tc.relname,
               'check', CASE WHEN k.contype = 'c' THEN pg_get_constraintdef(k.oid) END,
               'own', ARRAY(SELECT a.attname
                            FROM unnest(k.conkey) WITH ORDINALITY u(n, i)
                            JOIN pg_attribute a ON a.attrelid = k.conrelid
                             AND a.attnum = u.n ORDER BY u.i),
               'theirs', ARRAY(SELECT a.attname
                            FROM unnest(k.confkey) WITH ORDINALITY u(n, i)
                            JOIN pg_attribute a ON a.attrelid = k.confrelid
                             AND a.attnum = u.n ORDER BY u.i))
           FROM pg_constraint k
           LEFT JOIN pg_class tc ON tc.oid = k.confrelid
           LEFT JOIN pg_namespace tn ON tn.oid = tc.relnamespace
           WHERE k.conrelid = r.oid AND k.contype IN ('p', 'f', 'c')
             AND k.conparentid = 0
           ORDER BY k.conname))::text AS constraints,
       to_json(ARRAY(
           SELECT jsonb_build_object(
               'unique', x.indisunique,
               'columns', ARRAY(SELECT a.attname
                            FROM unnest(x.indkey) WITH ORDINALITY u(n, i)
                            LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid
                             AND a.attnum = u.n AND u.n > 0
                            WHERE u.i <= x.indnkeyatts ORDER BY u.i))
           FROM pg_index x WHERE x.indrelid = r.oid AND x.indisvalid
           ORDER BY x.indexrelid))::text AS indexes
FROM relation r ORDER BY r.schema, r.relname
"""

KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view",
         "f": "foreign table"}  # fmt: skip
FIELDS = {
    "bool": "BooleanField",
    "int2": "SmallIntegerField",
    "int4": "IntegerField",
    "int8": "BigIntegerField",
    "numeric": "DecimalField",
    "float4": "FloatField",
    "float8": "FloatField",
    "varchar": "CharField",
    "bpchar": "CharField",
    "text": "TextField",
    "citext": "TextField",
    "name": "TextField",
    "date": "DateField",
    "timestamp": "DateTimeField",
    "timestamptz": "DateTimeField",
    "time": "TimeField",
    "interval": "DurationField",
    "uuid": "UUIDField",
    "json": "JSONField",
    "jsonb": "JSONField",
    "inet": "GenericIPAddressField",
    "bytea": "BinaryField",
}
LISTS = ("columns", "constraints", "indexes")
HEADER = 4  # bytes that a type's modifier counts beside the length
# CHECK (gender = ANY (ARRAY['f'::text, …])): a list of the words that are allowed.
LISTED = re.compile(r"= ANY \(+\(?ARRAY\[(.+)\]")
QUOTED = re.compile(r"'((?:[^']|'')*)'")


def read(connection: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(RELATIONS)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row |= {name: json.loads(row[name]) for name in LISTS}
    return [_relation(row) for row in rows]


def _relation(row: dict[str, Any]) -> dict[str, Any]:
    kind = KINDS[_text(row["relkind"])]
    if row["parent"]:
        kind = "partition"
    elif row["extension"]:
        kind = "extension"
    unique = [i["columns"] for i in row["indexes"] if i["unique"]]
    keys = [c["own"] for c in row["constraints"] if c["kind"] == "p"]
    return {
        "schema": row["schema"],
        "name": row["relname"],
        "kind": kind,
        "of": row["parent"] or row["extension"] or "",
        "inherits": (row["inherits"] or "").removeprefix("."),
        "rows": int(row["reltuples"]),
        "readable": row["readable"],
        "guarded": row["guarded"],
        "columns": _columns(row, unique),
        "key": keys[0] if keys else [],
        "unique": [names for names in unique if None not in names],
        "bound": [
            c["own"] for c in row["constraints"] if c["kind"] == "c" and c["own"][1:]
        ],
        "indexed": [i["columns"][0] for i in row["indexes"] if i["columns"][0]],
        "references": [
            [c["own"], c["schema"], c["table"], c["theirs"]]
            for c in row["constraints"]
            if c["kind"] == "f"
        ],
    }


def _text(value: Any) -> str:
    """The catalogue's one-letter type arrives as bytes or as text."""
    return value.decode() if isinstance(value, bytes) else str(value)


def _columns(row: dict[str, Any], unique: list[Any]) -> list[dict[str, Any]]:
    alone = {names[0] for names in unique if len(names) == 1}
    checks = [c for c in row["constraints"] if c["kind"] == "c"]
    made = []
    for said in row["columns"]:
        options = _options(said) | ({"unique": True} if said["name"] in alone else {})
        mine = [c["check"] for c in checks if said["name"] in c["own"]]
        if any(c["own"] == [said["name"]] for c in checks):
            options["checked"] = True  # its own form; others want it beside something
        if mine:
            options |= _listed(mine)
        made.append({"name": said["name"], "kind": _kind(said), "options": options})
    return made


def _kind(said: dict[str, Any]) -> str:
    return FIELDS.get(said["base"], "OtherField")


def _options(said: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {"null": said["null"], "type": said["type"]}
    modifier = said["modifier"]
    if said["base"] in ("varchar", "bpchar") and modifier > HEADER:
        options["max_length"] = modifier - HEADER
    if said["base"] == "numeric" and modifier > HEADER:
        digits = modifier - HEADER
        options["max_digits"], options["decimal_places"] = digits >> 16, digits & 0x7FF
    if said["element"]:
        options |= _element(said)
    if said["form"]:
        options["checked"] = True
    for name in ("labels", "comment", "generated"):
        if said[name]:
            options[name] = said[name]
    return options


def _element(said: dict[str, Any]) -> dict[str, Any]:
    """If a domain refuses some values, elements end with the whole array; if the array
    is required, nobody knows what may be in it."""
    if not said["strict"]:
        return {"element": FIELDS.get(said["element"], "OtherField")}
    if not said["null"]:
        return {"element": "OtherField"}
    return {"element": FIELDS.get(said["element"], "OtherField"), "checked": True}


def _listed(checks: list[str]) -> dict[str, Any]:
    for check in checks:
        if found := LISTED.search(check):
            words = [word.replace("''", "'") for word in QUOTED.findall(found[1])]
            return {"labels": words} if words else {}
    return {}


# --- a sample ------------------------------------------------------------------------
# Blocks of a table, those of its partitions together.
BLOCKS = """
SELECT coalesce(
    (SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree(%s::regclass)),
    pg_relation_size(%s::regclass)) / current_setting('block_size')::bigint
"""
# Random rows of random blocks, or of a small table: no index, at most SOME_BLOCKS read.
SAMPLE = "SELECT {columns} FROM {table} {blocks} ORDER BY random() LIMIT {limit}"
SOME_BLOCKS = 300
PATIENCE = 5000  # milliseconds that a sample may take
LONGEST = 4000  # characters of one value
HEAVY = 65536  # bytes from which a document is not read


def sample(
    connection: Any, schema: str, table: str, columns: list[tuple[str, str]], limit: int
) -> list[tuple[str | None, ...]]:
    """Random rows as texts, of (name, field) columns; read-only, bounded in time."""
    quote = connection.ops.quote_name
    name = f"{quote(schema)}.{quote(table)}" if schema else quote(table)
    chosen = ", ".join(_as_text(quote(column), kind) for column, kind in columns)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE)]
        )
        cursor.execute(BLOCKS, [name, name])
        blocks = cursor.fetchone()[0]
        share = 100 * SOME_BLOCKS / blocks if blocks > SOME_BLOCKS else 0
        random = f"TABLESAMPLE SYSTEM ({share:.6f})" if share else ""
        statement = SAMPLE.format(
            columns=chosen, table=name, blocks=random, limit=int(limit)
        )
        cursor.execute(statement)
        return list(cursor.fetchall())


def _as_text(column: str, field: str) -> str:
    if field == "BinaryField":
        return f"encode(substring({column} FROM 1 FOR 16), 'escape')"
    if field == "JSONField":
        return f"CASE WHEN pg_column_size({column}) < {HEAVY} THEN {column}::text END"
    return f"left({column}::text, {LONGEST})"


def bytes_of(text: str) -> bytes:
    """Out of a sample's text: zeros and high bytes are \\nnn there, \\ is doubled."""
    plain = re.sub(r"\\(\\|\d{3})", _byte, text)
    return plain.encode("latin-1")


def _byte(at: re.Match[str]) -> str:
    return at[1] if at[1] == "\\" else chr(int(at[1], 8))
