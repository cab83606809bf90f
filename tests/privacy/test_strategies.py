"""Every strategy ends a value in the database, and can see that it has."""

import copy
import re

import pytest

from privacy import destruction
from privacy.datamap import Map, discovery
from privacy.models import Column
from privacy.strategies import STRATEGIES, Unsupported

pytestmark = pytest.mark.django_db

TYPES = """
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE TABLE thing (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    words text, short varchar(40) NOT NULL, address inet, address_text text,
    latitude numeric(9, 6), longitude double precision, born date, seen timestamptz,
    number integer NOT NULL, flag boolean, code uuid, data jsonb, tags text[],
    feeling mood, blob bytea, file_name text, unique_code varchar(60) UNIQUE);
INSERT INTO thing (words, short, address, address_text, latitude, longitude, born, seen,
    number, flag, code, data, tags, feeling, blob, file_name, unique_code)
SELECT 'Call +1 (202) 555-0143 or ada@example.com', 'Ada ' || n, '203.0.113.77',
    CASE n WHEN 1 THEN '2001:db8:abcd:12::9' WHEN 2 THEN '::ffff:203.0.113.77'
           ELSE '203.0.113.77' END,
    38.907192, -77.036873, '1980-05-17', '2026-05-17T10:11:12Z', n, true,
    gen_random_uuid(),
    jsonb_build_object('place', jsonb_build_object('lat', 38.907192, 'ip',
        '203.0.113.77'), 'phone', '+12025550143', 'bare', 12025550143,
        'born', '1980-05-17', 'other', 'stays'),
    ARRAY['a', 'b'], 'glad', '\\x01', 'a.wav', 'code-' || n
FROM generate_series(1, 3) n;
INSERT INTO thing (short, number) VALUES ('', 9);
"""


@pytest.fixture
def things(connect, now):
    store, direct = connect("things", TYPES)
    discovery.discover(store=store, by="pia", now=now)
    return Map(store), direct


def column(mapped, name, strategy, identifier="", **options):
    first, *path = name.split(".")
    found = copy.copy(mapped.column(mapped.tables["thing"], first))
    found.treatment = {"strategy": strategy, **options}
    found.identifier = identifier
    if path:
        found.path, found.kind, found.options = path, "JSONPath", {"null": True}
    return found


def apply(mapped, *columns):
    table = mapped.tables["thing"]
    raw = destruction.still_raw(columns)
    rows = mapped.rows(table).filter(raw)
    return rows.update(**destruction.assignments(columns))


def value(direct, expression, row=3):
    statement = f"SELECT ({expression})::text FROM thing WHERE id = {row}"
    return direct.execute(statement).fetchone()[0]


CASES = [
    ("words", "nullify", "", {}, "words", None),
    ("short", "nullify", "", {}, "short", ""),
    ("number", "nullify", "", {}, "number", "0"),
    ("flag", "nullify", "", {}, "flag", None),
    ("code", "nullify", "", {}, "code", None),
    ("data", "nullify", "", {}, "data", None),
    ("tags", "nullify", "", {}, "tags", None),
    ("feeling", "nullify", "", {}, "feeling", None),
    ("blob", "nullify", "", {}, "blob", None),
    ("seen", "nullify", "", {}, "seen", None),
    ("latitude", "nullify", "", {}, "latitude", None),
    ("address", "nullify", "", {}, "address", None),
    ("data.phone", "nullify", "", {}, "data->>'phone'", None),
    ("short", "constant", "", {"value": "erased"}, "short", "erased"),
    ("data.phone", "constant", "", {"value": "gone"}, "data->>'phone'", "gone"),
    ("words", "redact", "", {}, "words", "Call [redacted] or [redacted]"),
    ("data", "redact", "", {}, "data->>'bare'", "[redacted]"),
    ("data", "redact", "", {}, "data->>'other'", "stays"),
    ("address", "truncate_ip", "", {}, "host(address)", "203.0.113.0"),
    ("address_text", "truncate_ip", "", {}, "address_text", "203.0.113.0"),
    ("data.place.ip", "truncate_ip", "", {}, "data#>>'{place,ip}'", "203.0.113.0"),
    ("latitude", "coarsen", "", {}, "latitude", "38.900000"),
    ("longitude", "coarsen", "", {"decimals": 1}, "longitude", "-77"),
    ("data.place.lat", "coarsen", "", {}, "data#>>'{place,lat}'", "38.9"),
    ("born", "year", "", {}, "born", "1980-01-01"),
    ("data.born", "year", "", {}, "data->>'born'", "1980-01-01"),
    ("file_name", "drop_file", "", {}, "file_name", None),
]


@pytest.mark.parametrize(
    ("name", "strategy", "identifier", "options", "at", "after"), CASES
)
def test_a_strategy_ends_the_value_once(
    things, name, strategy, identifier, options, at, after
):
    mapped, direct = things
    one = column(mapped, name, strategy, identifier, **options)

    changed = apply(mapped, one)
    again = apply(mapped, one)

    assert value(direct, at) == after
    assert (changed >= 3, again) == (True, 0)


@pytest.mark.parametrize(
    ("name", "identifier", "shape"),
    [
        ("words", "phone", r"\+999\d{11}"),
        ("unique_code", "email", r"[0-9a-f]{16}@pseudonym\.invalid"),
        ("short", "name", r"p-[0-9a-f]{24}"),
        ("data.phone", "phone", r"\+999\d{11}"),
    ],
)
def test_a_pseudonym_is_stable_shaped_and_not_made_twice(
    things, name, identifier, shape
):
    mapped, direct = things
    one = column(mapped, name, "pseudonym", identifier)
    at = "data->>'phone'" if "." in name else name

    assert apply(mapped, one) >= 3
    first = value(direct, at, 1)
    assert apply(mapped, one) == 0
    assert re.fullmatch(shape, first)
    if name != "short" and name != "unique_code":
        assert value(direct, at, 2) == first


def test_all_forms_of_an_address_are_shortened(things):
    mapped, direct = things

    apply(mapped, column(mapped, "address_text", "truncate_ip"))

    assert value(direct, "address_text", 1) == "2001:db8::"
    assert value(direct, "address_text", 2) == "203.0.113.0"


def test_paths_of_one_json_column_end_together_and_the_rest_stays(things):
    mapped, direct = things
    paths = [
        column(mapped, "data.phone", "nullify"),
        _copy(column(mapped, "data", "keep"), "place.lat", "coarsen"),
    ]

    apply(mapped, *paths)

    assert value(direct, "data->>'phone'") is None
    assert value(direct, "data#>>'{place,lat}'") == "38.9"
    assert value(direct, "data->>'other'") == "stays"


def _copy(found, path, strategy):
    return Column(
        table=found.table, name=found.name, path=path.split("."), kind="JSONPath",
        options={"null": True}, treatment={"strategy": strategy},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "strategy"),
    [
        ("number", "pseudonym"),
        ("unique_code", "constant"),
        ("words", "coarsen"),
        ("words", "year"),
        ("number", "truncate_ip"),
        ("number", "redact"),
    ],
)
def test_a_strategy_refuses_a_type_that_it_can_not_end(things, name, strategy):
    mapped, _ = things
    one = column(mapped, name, strategy)

    with pytest.raises(Unsupported):
        destruction.assignments([one])


def test_every_strategy_has_a_name_and_words_for_lawyers():
    assert all(s.name == key and s.label for key, s in STRATEGIES.items())
