"""The database expressions that strategies need, for each engine a store can have.

Each is written for PostgreSQL; `as_mysql` serves MySQL and MariaDB, and `as_sqlite`
uses functions that the portal adds (`privacy.sql.engines.sqlite`).
"""

import copy
import re
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    DecimalField,
    Func,
    JSONField,
    TextField,
    Value,
)
from django.db.models.fields import Field
from django.db.models.fields.json import (  # type: ignore[attr-defined]
    KeyTextTransform,
    KeyTransform,
    compile_json_path,
)

NUMBERS = {
    "IntegerField", "BigIntegerField", "SmallIntegerField", "FloatField",
    "DecimalField",
}  # fmt: skip


# --- regular expressions ---------------------------------------------------------


def ignoring_case(pattern: str) -> str:
    """For engines whose expressions know Perl's flags and no `\\uXXXX`."""
    return "(?i)" + re.sub(r"\\u([0-9a-f]{4})", r"\\x{\1}", pattern)


class Pattern(Func):
    """A function of a text and a regular expression (a `Value`), ignoring case."""

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        text, pattern, *rest = self.get_source_expressions()
        ported = copy.copy(self)
        said = Value(ignoring_case(pattern.value), output_field=TextField())
        ported.set_source_expressions([text, said, *rest])
        return ported.as_sql(compiler, connection, **self.mysql, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, **self.sqlite, **context)

    mysql: dict[str, str] = {}
    sqlite: dict[str, str] = {}


class Matches(Pattern):
    """A regular expression as a condition, on text that is an expression."""

    template = "(%(expressions)s)"
    arg_joiner = " ~* "
    output_field = BooleanField()
    mysql = {"arg_joiner": " REGEXP "}
    sqlite = {"template": "text_matches(%(expressions)s)", "arg_joiner": ", "}


class Replace(Pattern):
    """Replaces every match by the third expression."""

    template = "regexp_replace(%(expressions)s, 'gi')"
    output_field = TextField()
    mysql = {"template": "REGEXP_REPLACE(%(expressions)s)"}
    sqlite = {"template": "text_replace(%(expressions)s)"}


class Swap(Replace):
    """As `Replace`, but only the first match; the new text may contain group
    references."""

    template = "regexp_replace(%(expressions)s, 'i')"


# --- JSON -------------------------------------------------------------------------


class ToJson(Func):
    """A value as JSON: a number stays a number, everything else becomes a string."""

    function = "to_jsonb"
    output_field = JSONField()

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        kind = _kind(self.get_source_expressions()[0])
        quoted = "CAST(%(expressions)s AS CHAR)" if kind in NUMBERS else None
        template = quoted or "JSON_QUOTE(%(expressions)s)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="json_quote", **context)


def _kind(expression: Any) -> str:
    field: Any = getattr(expression, "_output_field_or_none", None)
    return field.get_internal_type() if isinstance(field, Field) else ""


class JsonSet(Func):
    """Replaces what is at a path; creates nothing, and keeps NULL as NULL.

    Document and new value are JSON.
    """

    output_field = JSONField()

    def __init__(self, document: Any, path: Sequence[str], new: Any) -> None:
        super().__init__(document, new)
        self.path = list(path)

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        at: Any = Value(self.path, output_field=ArrayField(TextField()))
        return self._put(compiler, at, "jsonb_set({0}, {1}, {2}, false)")

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "JSON_REPLACE({0}, {1}, JSON_EXTRACT({2}, '$'))"
        return self._put(compiler, Value(compile_json_path(self.path)), template)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        at = Value(compile_json_path(self.path))
        return self._put(compiler, at, "json_replace({0}, {1}, json({2}))")

    def _put(self, compiler: Any, at: Any, template: str) -> Any:
        document, new = self.get_source_expressions()
        at = at.resolve_expression(compiler.query)
        parts = [compiler.compile(each) for each in (document, at, new)]
        values = tuple(value for _, some in parts for value in some)
        return template.format(*(sql for sql, _ in parts)), values


class JsonText(KeyTextTransform):
    """The value of a key as text; NULL where JSON says null."""

    def get_lookup(self, lookup_name: str) -> Any:
        """The look-ups of a text, not those that Django has for JSON."""
        return self.output_field.get_lookup(lookup_name)

    def as_mysql(self, compiler: Any, connection: Any) -> Any:
        text, values, keys = self.preprocess_lhs(compiler, connection)
        found = f"JSON_EXTRACT({text}, %s)"
        some = (*values, compile_json_path(keys))
        sql = (
            f"(CASE WHEN JSON_TYPE({found}) = 'NULL' THEN NULL"
            f" ELSE JSON_UNQUOTE({found}) END)"
        )
        return sql, some + some

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return _arrow(self, compiler, connection, "->>")


class PathField(TextField):
    """The value at a key, as text; further keys lead into it if it is a document."""

    def get_transform(self, lookup_name: str) -> Any:
        return super().get_transform(lookup_name) or at_key(lookup_name)


class DocumentField(JSONField):
    """JSON of which `document__key` is a text. PostgreSQL cannot compare `json`, and
    SQLite nothing at all if one of the values is not JSON."""

    def get_transform(self, lookup_name: str) -> Any:
        return super(JSONField, self).get_transform(lookup_name) or at_key(lookup_name)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """PostgreSQL's driver has already parsed `json`; other engines may store what
        is not JSON."""
        if not isinstance(value, str):
            return value
        try:
            return super().from_db_value(value, expression, connection)
        except ValueError:
            return value


class PathText(JsonText):
    output_field = PathField()


def at_key(key: str) -> Any:
    return lambda *sources, **_: PathText(key, *sources)


class JsonAt(KeyTransform):
    """The value at a key, as JSON."""

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return _arrow(self, compiler, connection, "->")


COLUMN = re.compile(r'[\w. "]+')  # and no expression, which would be written twice


def _arrow(at: Any, compiler: Any, connection: Any, arrow: str) -> Any:
    """NULL where the column holds what is not JSON, as in other engines."""
    text, values, keys = at.preprocess_lhs(compiler, connection)
    if values or not COLUMN.fullmatch(text):
        return f"({text} {arrow} %s)", (*values, compile_json_path(keys))
    sql = f"(CASE WHEN json_valid({text}) THEN {text} {arrow} %s END)"
    return sql, (compile_json_path(keys),)


# --- numbers ----------------------------------------------------------------------


class Numeric(Func):
    """For a float its first 15 digits, which are those it holds exactly."""

    template = "(%(expressions)s)::numeric"
    output_field = DecimalField()

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "((%(expressions)s) + 0e0)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(%(expressions)s AS NUMERIC)"
        return self.as_sql(compiler, connection, template=template, **context)


# --- digests ----------------------------------------------------------------------


class Hmac(Func):
    """HMAC-SHA256 in hexadecimal, of a text in UTF-8, from the two padded keys.

    In core SQL it is sha256(outer || sha256(inner || value)); RFC 2104.
    """

    template = (
        "encode(sha256(decode('%(outer)s', 'hex') || sha256(decode('%(inner)s', 'hex')"
        " || convert_to(%(expressions)s, 'UTF8'))), 'hex')"
    )
    output_field = TextField()

    def __init__(self, text: Any, *, inner: bytes, outer: bytes) -> None:
        super().__init__(text, inner=inner.hex(), outer=outer.hex())

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        text = "CAST(CONVERT(%(expressions)s USING utf8mb4) AS BINARY)"
        inside = f"UNHEX(SHA2(CONCAT(UNHEX('%(inner)s'), {text}), 256))"
        template = f"SHA2(CONCAT(UNHEX('%(outer)s'), {inside}), 256)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "text_hmac(%(expressions)s, '%(inner)s', '%(outer)s')"
        return self.as_sql(compiler, connection, template=template, **context)


class Digits(Func):
    """Hexadecimal to digits of the same length: a to f become 0 to 5."""

    template = "translate(%(expressions)s, 'abcdef', '012345')"
    output_field = TextField()

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "%(expressions)s"
        for digit, letter in enumerate("abcdef"):
            template = f"replace({template}, '{letter}', '{digit}')"
        return self.as_sql(compiler, connection, template=template, **context)


# --- texts ------------------------------------------------------------------------


class Lettered(Func):
    """A text compared letter by letter. In MySQL a column and an expression of it may
    have different collations, which can't be compared."""

    template = "%(expressions)s"

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CONVERT(%(expressions)s USING utf8mb4) COLLATE utf8mb4_bin"
        return self.as_sql(compiler, connection, template=template, **context)


class Together(Func):
    """All texts in one, joined by the first expression; NULL is left out."""

    function = "concat_ws"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="texts_together", **context)
