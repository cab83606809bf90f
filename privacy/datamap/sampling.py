"""Some values of a table, for discovery to look at. None of them is stored."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections

from privacy import stores
from privacy.datamap import contents
from privacy.datamap.maps import make_model
from privacy.datamap.schema import LiveTable
from privacy.models import Column, Store, Table
from privacy.refusals import Refusal
from privacy.sql.catalogues import CATALOGUES

ROWS = 500  # looked at in each table
HEAVY = 65536  # characters from which a document is not read
DEEPEST = 6  # levels of a JSON document
MOST_PATHS = 200
CODE = 5  # digits of a key that is a value, not a name
MOST_KEYS = 60  # different keys of one object; more are values and not names
EACH = "[]"  # the step into the elements of an array
ANY = "{}"  # the step into an object whose keys are values

Values = dict[str, list[str]]


class Sample(Values):
    """`lines` are the rows that were read, each a column-to-text mapping without
    NULL."""

    lines: Sequence[Mapping[str, str]] = ()


def beside(values: Values, one: str, other: str) -> list[tuple[str, str]]:
    """The values of two columns in the same rows."""
    if isinstance(values, Sample):
        return [
            (line[one], line[other])
            for line in values.lines
            if one in line and other in line
        ]
    some, others = values.get(one, []), values.get(other, [])
    return list(zip(some, others, strict=True)) if len(some) == len(others) else []


Path = tuple[str, ...]


class Unreadable(Refusal):
    """The table can't be read, so only its names and types were looked at."""


def sample(store: Store, table: LiveTable) -> Values:
    """Maps each column to the values of some rows, as texts without NULL.

    Raises `Unreadable` with the reason; the rest of the store can go on.
    """
    if not table.readable:
        raise Unreadable("This user may not read it (no SELECT permission)")
    columns = [(c.options.get("column", c.name), c.kind) for c in table.columns]
    if not columns:
        return {}
    connection = connections[stores.alias(store)]
    reader = CATALOGUES[connection.vendor].sample
    with stores.reaching(store):
        try:
            rows = reader(connection, table.schema, table.name, columns, ROWS)
        except DatabaseError as error:
            if connection.connection is None or not connection.is_usable():
                raise
            raise Unreadable(_why(error)) from None
    names = [c.name for c in table.columns]
    found = Sample()
    found.lines = [
        {n: str(v) for n, v in zip(names, row, strict=False) if v not in (None, "")}
        for row in rows
    ]
    for name in names:
        found[name] = [line[name] for line in found.lines if name in line]
    return found


def known(store: Store, table: LiveTable, name: str, values: Sequence[str]) -> int:
    """How many of these values occur in that column; 0 if that cannot be read."""
    columns = [Column(name=c.name, kind=c.kind, options=c.options)
               for c in table.columns if c.name == name]  # fmt: skip
    place = Table(store=store, schema=table.schema, name=table.name, key=[name])
    model: Any = make_model(place, columns)
    try:
        rows = model._base_manager.using(stores.alias(store))
        wanted = CATALOGUES[connections[stores.alias(store)].vendor].bytes_of
        is_binary = columns[0].kind == "BinaryField"
        some = list(map(wanted, values)) if is_binary else list(values)
        some = rows.filter(**{f"{name}__in": some})
        return int(some.order_by().values(name).distinct().count())
    except (DatabaseError, ValueError, ValidationError):
        return 0


def pairs(
    store: Store, table: LiveTable, name: str, other: str, values: Sequence[str]
) -> list[tuple[str, str]]:
    """The values of two columns in some rows that have these values in the first; empty
    if they cannot be read."""
    columns = [Column(name=c.name, kind=c.kind, options=c.options)
               for c in table.columns if c.name in (name, other)]  # fmt: skip
    place = Table(store=store, schema=table.schema, name=table.name, key=[name])
    model: Any = make_model(place, columns)
    try:
        rows = model._base_manager.using(stores.alias(store))
        wanted = CATALOGUES[connections[stores.alias(store)].vendor].bytes_of
        kinds = {column.name: column.kind for column in columns}
        is_binary = kinds.get(name) == "BinaryField"
        keys = list(map(wanted, values)) if is_binary else list(values)
        some = rows.filter(**{f"{name}__in": keys}).order_by()
        cells = some.values_list(name, other)[:ROWS]
        return [(str(one), str(two).casefold()) for one, two in cells if two]
    except (DatabaseError, ValueError, ValidationError):
        return []


def _why(error: DatabaseError) -> str:
    """The class of the failure; its message may hold values."""
    code = getattr(error.__cause__, "sqlstate", "")
    return {
        "57014": "It took too long to read",
        "42501": "This user may not read it (no SELECT permission)",
    }.get(code, "It could not be read")


def paths(texts: list[str]) -> dict[Path, list[str]]:
    """Maps each path in the documents to its values; `[]` stands for the elements of an
    array."""
    found: dict[Path, list[str]] = defaultdict(list)
    for text in texts:
        for path, value in _leaves(_document(text), ()):
            if path in found or len(found) < MOST_PATHS:
                found[path].append(value)
    return _folded(found)


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if len(path) > DEEPEST or value in (None, "", [], {}):
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, list):
        for inner in value[:20]:
            yield from _leaves(inner, (*path, EACH))
    else:
        yield path, str(value)


def _folded(found: dict[Path, list[str]]) -> dict[Path, list[str]]:
    """An object with very many keys is really a table: its keys are values. So is a key
    that is a number, a code or an address by its form."""
    keys: dict[Path, set[str]] = defaultdict(set)
    for path in found:
        for depth in range(len(path)):
            keys[path[:depth]].add(path[depth])
    wide = {parent for parent, names in keys.items() if len(names) > MOST_KEYS}
    folded: dict[Path, list[str]] = defaultdict(list)
    for path, values in found.items():
        steps: Path = ()
        for depth, step in enumerate(path):
            is_value = path[:depth] in wide or _is_value(step)
            steps = (*steps, ANY if is_value else step)
            if is_value:
                folded[steps].append(step)
        folded[steps] += values
    return dict(folded)


def _is_value(key: str) -> bool:
    is_code = sum(c.isdigit() for c in key) >= CODE
    return (
        key.isdecimal() or is_code or contents.of(key) in (*contents.CERTAIN, "phone")
    )
