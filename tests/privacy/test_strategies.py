"""Every strategy ends a value in the database, and can see that it has."""

import copy
import json
import re

import phonenumbers
import pytest
import yaml

from privacy import changes
from privacy.datamap import Map, discovery, files
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
    feeling mood, blob bytea, file_name text, unique_code varchar(60) UNIQUE,
    postcode char(5));
INSERT INTO thing (words, short, address, address_text, latitude, longitude, born, seen,
    number, flag, code, data, tags, feeling, blob, file_name, unique_code,
    postcode)
SELECT 'Call +1 (202) 555-0143 or ada@example.com', 'Ada ' || n, '203.0.113.77',
    CASE n WHEN 1 THEN '2001:db8:abcd:12::9' WHEN 2 THEN '::ffff:203.0.113.77'
           ELSE '203.0.113.77' END,
    38.907192, -77.036873, '1980-05-17', '2026-05-17T10:11:12Z', n, true,
    gen_random_uuid(),
    jsonb_build_object('place', jsonb_build_object('lat', 38.907192, 'ip',
        '203.0.113.77'), 'phone', '+12025550143', 'bare', 12025550143,
        'born', '1980-05-17', 'other', 'stays'),
    ARRAY['a', 'b'], 'glad', '\\x01', 'a.wav', 'code-' || n, '03601'
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
    raw = changes.still_raw(columns)
    rows = mapped.rows(table).filter(raw)
    return rows.update(**changes.assignments(columns))


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
    ("data", "redact", "", {}, "data->>'bare'", None),
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
    ("address", "truncate_ip", "", {"ipv4": 16}, "host(address)", "203.0.0.0"),
    ("address_text", "truncate_ip", "", {"ipv4": 8}, "address_text", "203.0.0.0"),
    ("words", "truncate", "", {"first": 4}, "words", "Call"),
    ("words", "truncate", "", {"first": 1, "last": 2}, "words", "Com"),
    ("data.phone", "truncate", "phone", {"last": 4}, "data->>'phone'", "0143"),
    ("born", "generalise_date", "", {"to": "month"}, "born", "1980-05-01"),
    ("born", "generalise_date", "", {"to": "decade"}, "born", "1980-01-01"),
    ("born", "generalise_date", "", {"years": 15}, "born", "1980-01-01"),
    ("born", "generalise_date", "", {"earliest": 1990}, "born", "1990-01-01"),
    ("seen", "generalise_date", "", {"to": "year"}, "seen", "2026-01-01 00:00:00+00"),
    ("data.born", "generalise_date", "", {"years": 7}, "data->>'born'", "1974-01-01"),
    ("number", "generalise_number", "", {"width": 2}, "number", "2"),
    ("number", "generalise_number", "", {"edges": [0, 2, 10]}, "number", "2"),
    ("latitude", "generalise_number", "", {"width": 5}, "latitude", "35.000000"),
    ("longitude", "generalise_number", "", {"width": 5}, "longitude", "-75"),
    ("data.bare", "generalise_number", "", {"width": 10**9}, "data->>'bare'",
     "12000000000"),
    ("data.born", "generalise_number", "", {"width": 10}, "data->>'born'", None),
    ("postcode", "postcode", "", {}, "postcode", "036"),
    ("postcode", "postcode", "", {"rule": "hipaa"}, "postcode", "000"),
    ("latitude", "constant", "", {"value": "1.5"}, "latitude", "1.500000"),
    ("born", "constant", "", {"value": "1970-01-01"}, "born", "1970-01-01"),
    ("data", "constant", "", {"value": {"a": 1}}, "data", '{"a": 1}'),
    ("words", "fake_name", "", {"part": "first"}, "words", re.compile("[A-Z][a-z]+")),
    ("words", "fake_name", "", {}, "words", re.compile("[A-Z][a-z]+ [A-Z][a-z]+")),
    ("words", "fake_phone", "", {}, "words", re.compile(r"\+1[2-9]\d\d55501\d\d")),
    ("words", "fake_email", "", {}, "words",
     re.compile(r"p-[0-9a-f]{16}@example\.com")),
]  # fmt: skip


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

    found = value(direct, at)
    assert after.fullmatch(found) if isinstance(after, re.Pattern) else found == after
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

    assert value(direct, "address_text", 1) == "2001:db8:abcd::"
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
        ("flag", "pseudonym"),
        ("unique_code", "constant"),
        ("flag", "coarsen"),
        ("number", "truncate_ip"),
        ("number", "redact"),
    ],
)
def test_a_strategy_refuses_a_type_that_it_can_not_end(things, name, strategy):
    mapped, _ = things
    one = column(mapped, name, strategy)

    with pytest.raises(Unsupported):
        changes.assignments([one])


NUMBERS = [
    ('{"n": -2718281828}', '{"n": null}'),
    ('{"n": [12025550143, 1]}', '{"n": [null, 1]}'),
    ("12025550143", "null"),
    ('{"n": 1202555.0143}', '{"n": null}'),
    ('{"n": "tell: 12025550143, now"}', '{"n": "tell: null, now"}'),
    ('{"n": "tell 12025550143"}', '{"n": "tell [redacted]"}'),
    ('{"n": "\\"12025550143"}', '{"n": "\\"[redacted]"}'),
]


@pytest.mark.parametrize(("before", "after"), NUMBERS)
def test_json_stays_json_when_numbers_are_taken_out_of_it(things, before, after):
    mapped, direct = things
    direct.execute("UPDATE thing SET data = %s WHERE id = 1", [before])

    apply(mapped, column(mapped, "data", "redact"))

    assert json.loads(value(direct, "data", 1)) == json.loads(after)


SPELLINGS = ["+12025550143", "(202) 555-0143", "1 202.555.0143", "011 1 2025550143"]


BRITISH = ["+447700900417", "07700 900417", "0044 7700 900417", "+44 (0)7700 900417"]
IN_LEEDS = ["+441134960417", "0113 496 0417"]


@pytest.mark.parametrize(
    ("spelled", "region"), [(SPELLINGS, ""), (BRITISH, "GB"), (IN_LEEDS, "GB")]
)
def test_one_number_has_one_pseudonym_in_every_spelling(things, spelled, region):
    mapped, direct = things
    direct.execute("DELETE FROM thing")
    for said in spelled:
        direct.execute("INSERT INTO thing (words, short, number) VALUES (%s, '', 1)",
                       [said])  # fmt: skip
    one = column(mapped, "words", "pseudonym", "phone")
    one.options = one.options | ({"region": region} if region else {})

    apply(mapped, one)

    assert len(direct.execute("SELECT DISTINCT words FROM thing").fetchall()) == 1


def test_values_that_are_done_stay_when_another_of_the_row_is_raw(things):
    mapped, direct = things
    words = column(mapped, "words", "pseudonym", "phone")
    apply(mapped, words)
    before = value(direct, "words", 1)
    direct.execute("UPDATE thing SET words = NULL WHERE id = 2")

    apply(mapped, words, column(mapped, "short", "pseudonym", "name"))

    assert value(direct, "words", 1) == before
    assert value(direct, "words", 2) is None
    assert value(direct, "short", 2).startswith("p-")


SCRIPTS = {
    "Ada Lovelace": r"[A-Z][a-z]+ [A-Z][a-z]+",
    "Ада Лавлейс": r"[\u0410-\u044f]+ [\u0410-\u044f]+",
    "Άντα": r"[\u0370-\u03ff]+ [\u0370-\u03ff]+",
    "山田太郎": r"[\u4e00-\u9fff]+",
    "김민수": r"[\uac00-\ud7a3]+",
    "やまだ": r"[\u3040-\u30ff]+",
    "محمد": r"[\u0600-\u06ff]+ [\u0600-\u06ff]+",
}


@pytest.mark.parametrize(("name", "shape"), SCRIPTS.items())
def test_an_invented_name_is_in_the_script_of_the_real_one(things, name, shape):
    mapped, direct = things
    direct.execute("UPDATE thing SET words = %s WHERE id = 1", [name])

    apply(mapped, column(mapped, "words", "fake_name", "name"))

    assert re.fullmatch(shape, value(direct, "words", 1))


COUNTRIES = {
    "+1 202 555 0143": "US", "+44 20 7946 0000": "GB", "+49 30 23125 0": "DE",
    "+33 1 99 00 12 34": "FR", "+61 2 5550 1234": "AU", "+46 31 390 06 00": "SE",
}  # fmt: skip


@pytest.mark.parametrize(("number", "region"), COUNTRIES.items())
def test_an_invented_number_is_one_of_the_same_country(things, number, region):
    mapped, direct = things
    direct.execute("UPDATE thing SET words = %s WHERE id = 1", [number + " "])

    apply(mapped, column(mapped, "words", "fake_phone", "phone"))

    made = phonenumbers.parse(value(direct, "words", 1))
    assert made.country_code == phonenumbers.country_code_for_region(region)
    assert phonenumbers.is_possible_number(made)


REFUSED = [
    ("words", {"strategy": "coarsen", "decimals": 99},
     "decimals of coarsen must be a whole number from 0 to 6"),
    ("words", {"strategy": "truncate"}, "Say how many characters"),
    ("words", {"strategy": "truncate", "keep": 3}, "no setting called keep"),
    ("number", {"strategy": "truncate", "first": 1}, "is not text"),
    ("number", {"strategy": "constant", "value": "x"}, "can't hold it"),
    ("number", {"strategy": "generalise_number"}, "Say the width"),
    ("number", {"strategy": "generalise_number", "edges": [3, 1]}, "must rise"),
    ("number", {"strategy": "generalise_number", "edges": [0, 2**40]}, "can't hold"),
    ("unique_code", {"strategy": "truncate", "first": 3}, "must be unique"),
    ("unique_code", {"strategy": "fake_phone"}, "must be unique"),
    ("postcode", {"strategy": "fake_email"}, "no room"),
    ("postcode", {"strategy": "fake_name"}, "no room"),
    ("flag", {"strategy": "generalise_date"}, "is not a date"),
    ("words", {"strategy": "shuffle"}, "no treatment called shuffle"),
    ("words", {"strategy": "sha256"}, "hash without a key"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "treatment", "sentence"), REFUSED)
def test_what_can_not_be_done_is_refused_in_the_map(
    things, now, name, treatment, sentence
):
    mapped, _ = things
    document = yaml.safe_load(files.dump(mapped.store))
    document["tables"]["thing"]["columns"][name] = {
        "category": "voluntary", "source": "direct", "purposes": ["provide"],
        "treatment": treatment,
    }  # fmt: skip
    before = Map(mapped.store).digest

    with pytest.raises(files.BadMap, match=sentence):
        files.load(text=yaml.safe_dump(document), by="pia", now=now)
    assert Map(mapped.store).digest == before


def test_every_strategy_has_a_name_and_words_for_lawyers():
    assert all(s.name == key and s.label for key, s in STRATEGIES.items())
