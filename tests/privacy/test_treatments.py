"""The contract of every treatment on every type of column: it ends the value or refuses
in the map; it ends it once; nothing stays nothing; codes are stable."""

import datetime as dt
import decimal
import json
import re
import sys

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from privacy import changes, strategies
from privacy.datamap import Map, discovery, files
from privacy.models import Column
from privacy.strategies import STRATEGIES, Effect, Unsupported

pytestmark = pytest.mark.django_db

SCRIPT = """
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE DOMAIN handle AS varchar(40) CHECK (length(value) < 41);
CREATE TABLE cell (id int PRIMARY KEY,
    words text, short varchar(8), medium varchar(60), fixed char(20), named handle,
    small smallint, number int, large bigint, money numeric(9, 3), wide numeric,
    float double precision, flag boolean, day date, at timestamptz, local timestamp,
    clock time, span interval, code uuid, data jsonb, old_data json, tags text[],
    counts int[], address inet, blob bytea, feeling mood,
    unique_words text UNIQUE, unique_short varchar(24) UNIQUE,
    unique_number int UNIQUE, unique_large bigint UNIQUE, unique_code uuid UNIQUE,
    unique_address inet UNIQUE);
CREATE TABLE must (id int PRIMARY KEY,
    words text NOT NULL, short varchar(8) NOT NULL, medium varchar(60) NOT NULL,
    fixed char(20) NOT NULL, named handle NOT NULL, small smallint NOT NULL,
    number int NOT NULL, large bigint NOT NULL, money numeric(9, 3) NOT NULL,
    float double precision NOT NULL, flag boolean NOT NULL, day date NOT NULL,
    at timestamptz NOT NULL, clock time NOT NULL, span interval NOT NULL,
    code uuid NOT NULL, data jsonb NOT NULL, old_data json NOT NULL,
    tags text[] NOT NULL, counts int[] NOT NULL, address inet NOT NULL,
    blob bytea NOT NULL, feeling mood NOT NULL);
"""

# --- values ---------------------------------------------------------------------------
NO_ZERO = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
TEXTS = st.one_of(
    st.sampled_from(
        ["", " ", "007", "🙂", "👩‍👩‍👧", "é" * 7, "p-abc", "+1 (202) 555-0143",
         "a@example.com", "2001:db8::1", "203.0.113.77", "1980-05-17", "0000-01-01",
         "9999-12-31", "37.5", "-0", "1e3", "NaN", "\\", "'", "%s", "x" * 3000,
         "Ада", "p-" + "0" * 24]
    ),
    st.text(NO_ZERO, max_size=30),
)  # fmt: skip
DATES = st.one_of(
    st.sampled_from([dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(2000, 2, 29)]),
    st.dates(),
)
TIMES = st.datetimes(timezones=st.just(dt.UTC))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=4,
)
DATA = st.fixed_dictionaries({"a": JSON, "keep": st.just("me")})


def whole(bits):
    edge = 2 ** (bits - 1)
    return st.one_of(st.sampled_from([0, -1, 37]), st.integers(1 - edge, edge // 4))


def fitting(many):
    return TEXTS.map(lambda text: text[:many])


def decimals(places, largest):
    return st.decimals(-largest, largest, places=places, allow_nan=False)


VALUES = {
    "words": TEXTS, "short": fitting(8), "medium": fitting(60), "fixed": fitting(20),
    "named": fitting(40), "small": whole(16), "number": whole(32).map(abs),
    "large": whole(64), "money": decimals(3, 10**6 - 1),
    "wide": decimals(8, 10**12) | st.just(decimal.Decimal("NaN")),
    "float": st.floats(), "flag": st.booleans(), "day": DATES, "at": TIMES,
    "local": st.datetimes(), "clock": st.times(),
    "span": st.timedeltas(dt.timedelta(-999), dt.timedelta(9999)),
    "code": st.uuids(version=4), "data": DATA.map(Jsonb), "old_data": DATA.map(Jsonb),
    "tags": st.lists(TEXTS | st.none(), max_size=3),
    "counts": st.lists(whole(32) | st.none(), max_size=3),
    "address": st.ip_addresses().map(str), "blob": st.binary(max_size=20),
    "feeling": st.sampled_from(["glad", "sad"]),
}  # fmt: skip
VALUES |= {
    "unique_words": VALUES["words"], "unique_short": fitting(24),
    "unique_number": VALUES["number"], "unique_large": VALUES["large"],
    "unique_code": VALUES["code"], "unique_address": VALUES["address"],
}  # fmt: skip
PATHS = ("data.a", "old_data.a")

# --- settings and what must be possible ---------------------------------------------
TEXT = {"words", "medium", "fixed", "named", "data.a", "old_data.a"}
WORDS = {"feeling"}
ALL = {*VALUES, *PATHS}
CASES = {
    "nullify": ({}, "", ALL),
    "take_out": ({}, "", TEXT | {"short", "data"}),
    "constant": ({"value": "1"}, "", TEXT | {"short", "small", "large", "money"}),
    "pseudonym": ({}, "", TEXT | {"tags", "number", "large", "wide", "code", "address",
                                  "unique_words", "unique_short", "unique_large",
                                  "unique_code", "unique_address"}),
    "fake_phone": ({}, "phone", TEXT),
    "fake_email": ({}, "email", TEXT - {"fixed"}),
    "fake_name": ({}, "name", TEXT - {"fixed"}),
    "redact": ({}, "", TEXT | {"short", "data", "tags"}),
    "truncate": ({"first": 2, "last": 1}, "", TEXT | {"short", "tags"}),
    "truncate_ip": ({}, "ip", TEXT | {"address"}),
    "coarsen": ({"decimals": 1}, "", {"money", "wide", "float", *PATHS}),
    "year": ({}, "", {"day", "at", "local", *PATHS}),
    "generalise_date": ({"years": 7, "earliest": 1900}, "",
                        TEXT | {"day", "at", "local"}),
    "generalise_number": ({"width": 10}, "", TEXT | {"small", "number", "large", "wide",
                                                     "money", "float", "counts"}),
    "postcode": ({"rule": "hipaa"}, "postcode", TEXT | {"short"}),
    "drop_file": ({}, "", {"words", "medium", "data.a"}),
    "keep": ({}, "", ALL),
}  # fmt: skip

tried = settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def cells(connect, now):
    store, direct = connect("cells", SCRIPT)
    discovery.discover(store=store, by="pia", now=now)
    return Map(store), direct


def column(mapped, table, full_name, treatment, identifier):
    name, *path = full_name.split(".")
    real = mapped.column(mapped.tables[table], name)
    options = {"null": True, "type": real.options["type"]} if path else real.options
    return Column(
        table=real.table, name=name, path=path, identifier=identifier,
        kind="JSONPath" if path else real.kind, options=options, treatment=treatment,
    )  # fmt: skip


def can_end(one):
    """Whether the map takes it; a refusal is one sentence."""
    try:
        strategies.check(changes.place_of(one), one.treatment)
    except Unsupported as refusal:
        return not re.fullmatch(r"[^\n]+\.", str(refusal))
    return True


def filled(direct, table, names, rows):
    direct.execute(f"TRUNCATE {table}")
    marks = ", ".join(["%s"] * (len(names) + 1))
    with direct.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (id, {', '.join(names)}) VALUES ({marks})"
            " ON CONFLICT DO NOTHING",
            [(n, *row) for n, row in enumerate(rows)],
        )


def seen(direct, table, one):
    """Row to text of the value; NULL and JSON's null are None."""
    at = one.name if not one.path else f"{one.name} #>> '{{{','.join(one.path)}}}'"
    rows = direct.execute(f"SELECT id, ({at})::text FROM {table} ORDER BY id")
    return {key: "0" if text == "-0" else text for key, text in rows}  # one number


def run(mapped, one):
    rows = mapped.rows(mapped.tables[one.table.name])
    raw = rows.filter(changes.still_raw([one]))
    return raw.update(**changes.assignments([one])), raw.count()


def ended(mapped, direct, table, one):
    """The contract, for one column with values in it."""
    before = seen(direct, table, one)
    changed, left = run(mapped, one)
    after = seen(direct, table, one)

    assert left == 0, "raw values are left"
    assert run(mapped, one) == (0, 0), "a second run changes something"
    assert seen(direct, table, one) == after
    assert changed == sum(before[n] != after[n] for n in before) or one.path
    assert all(after[n] is None for n in before if before[n] is None)
    if STRATEGIES[one.treatment["strategy"]].effect == Effect.DELETED:
        assert len(set(after.values()) - {None, ""}) <= 1
    codes = {}
    for n, value in before.items():
        assert codes.setdefault(value, after[n]) == after[n], "not the same for all"


def test_the_table_of_cases_has_every_strategy():
    assert set(CASES) == set(STRATEGIES)


@pytest.mark.parametrize("name", sorted(CASES))
@tried
@given(rows=st.lists(st.tuples(*(st.none() | v for v in VALUES.values())), max_size=4))
def test_a_treatment_ends_every_type_that_it_takes(cells, name, rows):
    mapped, direct = cells
    treatment, identifier, must = CASES[name]
    filled(direct, "cell", VALUES, rows)
    taken = set()
    for full_name in ALL:
        one = column(mapped, "cell", full_name, {"strategy": name, **treatment},
                     identifier)  # fmt: skip
        if can_end(one):
            taken.add(full_name)
            ended(mapped, direct, "cell", one)
    assert must <= taken, f"{name} refuses {must - taken}"


@pytest.mark.parametrize("identifier", ["phone", "email", "ip"])
def test_a_short_column_of_unique_values_takes_words_as_codes(cells, identifier):
    mapped, direct = cells
    values = [("+12025550143",), ("a@x.example",), ("203.0.113.77",)]
    filled(direct, "cell", ["unique_short"], values)
    one = column(mapped, "cell", "unique_short", {"strategy": "pseudonym"}, identifier)
    one.options = {**one.options, "max_length": 12}

    assert can_end(one)
    ended(mapped, direct, "cell", one)

    codes = seen(direct, "cell", one).values()
    assert all(re.fullmatch("p-[0-9a-f]{10}", code) for code in codes)
    assert len(set(codes)) == 3


@pytest.mark.parametrize("room", [6, 10, 11])
def test_people_do_not_become_alike_where_a_code_has_little_room(cells, room):
    mapped, direct = cells
    values = ["2025550143"[-room:], "2025550144"[-room:], "2025550117"[-room:]]
    filled(direct, "cell", ["unique_short"], [(value,) for value in values])
    one = column(mapped, "cell", "unique_short", {"strategy": "keep"}, "phone")
    one.options = {**one.options, "max_length": room}
    rows = mapped.rows(mapped.tables["cell"])

    for pattern in values[:2]:
        raw = rows.filter(changes.still_raw([one], pattern=pattern))
        assert raw.update(**changes.assignments([one], pattern=pattern)) == 1
        assert not raw.exists()

    first, second, third = seen(direct, "cell", one).values()
    assert first != second
    assert third == values[2]
    assert all(re.fullmatch(f"p-[0-9a-f]{{{room - 2}}}", v) for v in (first, second))


def test_people_who_are_taken_out_of_unique_texts_do_not_become_alike(cells):
    mapped, direct = cells
    texts = ["Call +12025550143", "Call +12025550144", "Call nobody"]
    filled(direct, "cell", ["unique_words"], [(text,) for text in texts])
    one = column(mapped, "cell", "unique_words", {"strategy": "keep"}, "")
    rows = mapped.rows(mapped.tables["cell"])

    for pattern in ("2025550143", "2025550144"):
        raw = rows.filter(changes.still_raw([one], pattern=pattern))
        assert raw.update(**changes.assignments([one], pattern=pattern)) == 1
        assert not raw.exists()

    first, second, third = seen(direct, "cell", one).values()
    assert first != second
    assert first.startswith("p-")
    assert third == texts[2]


OPTIONAL = {"local", "wide", *(name for name in VALUES if name.startswith("unique_"))}
MUST = {name: VALUES[name] for name in VALUES if name not in OPTIONAL}


@pytest.mark.parametrize("name", sorted(CASES))
@tried
@given(rows=st.lists(st.tuples(*MUST.values()), max_size=3))
def test_a_treatment_keeps_what_must_not_be_null(cells, name, rows):
    mapped, direct = cells
    treatment, identifier, _ = CASES[name]
    filled(direct, "must", MUST, rows)
    for full_name in MUST:
        one = column(mapped, "must", full_name, {"strategy": name, **treatment},
                     identifier)  # fmt: skip
        if can_end(one):
            ended(mapped, direct, "must", one)
        else:
            assert name not in ("nullify", "take_out") or full_name == "feeling"


LAST = [sys.float_info.max, -sys.float_info.max, sys.float_info.min, float("nan"),
        float("inf"), 4.5733955163500184e16, 1.79769313486231e308]  # fmt: skip


@pytest.mark.parametrize("name", ["coarsen", "generalise_number"])
def test_doubles_at_the_end_of_their_range_stay_in_it(cells, name):
    mapped, direct = cells
    filled(direct, "cell", ["float"], [(number,) for number in LAST])
    treatment = {"strategy": name, **CASES[name][0]}
    one = column(mapped, "cell", "float", treatment, "")

    ended(mapped, direct, "cell", one)

    (largest,) = direct.execute("SELECT float FROM cell WHERE id = 0").fetchone()
    assert largest == pytest.approx(sys.float_info.max)


# --- constraints ------------------------------------------------------------------
GUARDED = """
CREATE TABLE org (id int PRIMARY KEY);
CREATE TABLE member (
    id int PRIMARY KEY, org_id int REFERENCES org, boss_id int NOT NULL REFERENCES org,
    phone text CHECK (phone ~ '^[+]1'), score int CHECK (score > 0),
    state text NOT NULL CHECK (state IN ('on', 'off')), email text,
    shout text GENERATED ALWAYS AS (upper(email)) STORED, nick text,
    UNIQUE (org_id, email));
CREATE UNIQUE INDEX ON member (lower(nick));
INSERT INTO org VALUES (1);
INSERT INTO member (id, org_id, boss_id, phone, score, state, email, nick) VALUES
    (1, 1, 1, '+12025550143', 5, 'on', 'ada@example.com', 'Ada'),
    (2, 1, 1, '+12025550144', 6, 'on', 'bob@example.com', 'Bob');
"""
LOADED = {"category": "voluntary", "source": "direct", "purposes": ["provide"]}
CONSTRAINED = [
    ("id", "nullify", "tells rows apart as their key"),
    ("boss_id", "nullify", "refers to a row"),
    ("org_id", "pseudonym", "refers to a row"),
    ("org_id", "nullify", ""),
    ("phone", "pseudonym", "has a constraint that this treatment breaks"),
    ("phone", "nullify", ""),
    ("score", "pseudonym", "has a constraint that this treatment breaks"),
    ("score", {"strategy": "constant", "value": 7}, ""),
    ("score", {"strategy": "constant", "value": -7}, "has a constraint"),
    ("state", "nullify", "takes one of these words only: on, off"),
    ("state", {"strategy": "constant", "value": "off"}, ""),
    ("email", {"strategy": "constant", "value": "x"}, "must be unique"),
    ("email", "pseudonym", ""),
    ("nick", "pseudonym", ""),
    ("nick", {"strategy": "constant", "value": "x"}, "has a constraint"),
    ("shout", "nullify", "is computed by the database"),
]


@pytest.mark.parametrize(("name", "treatment", "sentence"), CONSTRAINED)
def test_constraints_of_the_store_are_kept_or_refused_in_the_map(
    connect, now, name, treatment, sentence
):
    store, direct = connect("guarded", GUARDED)
    discovery.discover(store=store, by="pia", now=now)
    document = yaml.safe_load(files.dump(store))
    columns = document["tables"]["member"]["columns"]
    columns |= {each: {"not_personal": "-"} for each in columns}
    columns[name] = LOADED | {"treatment": treatment}
    before = direct.execute("SELECT * FROM member").fetchall()

    if sentence:
        with pytest.raises(files.BadMap, match=sentence):
            files.load(text=yaml.safe_dump(document), by="pia", now=now)
    else:
        files.load(text=yaml.safe_dump(document), by="pia", now=now)
        mapped = Map(store)
        run(mapped, mapped.column(mapped.tables["member"], name))
        assert direct.execute("SELECT * FROM member").fetchall() != before
        return
    assert direct.execute("SELECT * FROM member").fetchall() == before


# --- arrays -----------------------------------------------------------------------
LISTS = """
CREATE TABLE list (id int PRIMARY KEY, tags text[], counts int[], data jsonb,
    old_data json);
INSERT INTO list VALUES
    (1, ARRAY['call +12025550143', NULL, 'ok'], ARRAY[37, NULL, 3],
     '{"to": [{"phone": "+12025550143", "n": 1}, {"n": 2}, "x"], "tags": ["Ada", 5],
       "deep": [{"of": [{"ip": "203.0.113.77"}]}, {"of": []}]}',
     '{"to": [{"phone": "+12025550143"}]}'),
    (2, '{}', '{}', '{"to": "none"}', '{}'), (3, NULL, NULL, NULL, NULL);
"""
INSIDE = [
    ("tags", {"strategy": "redact"}, "", "{\"call [redacted]\",NULL,ok}"),
    ("tags", {"strategy": "truncate", "first": 2}, "", "{ca,NULL,ok}"),
    ("counts", {"strategy": "generalise_number", "width": 10}, "", "{30,NULL,0}"),
    ("data.to.[].phone", {"strategy": "truncate", "last": 4}, "phone",
     [{"n": 1, "phone": "0143"}, {"n": 2}, "x"]),
    ("data.to.[].phone", {"strategy": "nullify"}, "phone",
     [{"n": 1, "phone": None}, {"n": 2}, "x"]),
    ("data.tags.[]", {"strategy": "constant", "value": "gone"}, "", ["gone", "gone"]),
    ("data.deep.[].of.[].ip", {"strategy": "truncate_ip", "ipv4": 16}, "ip",
     [{"of": [{"ip": "203.0.0.0"}]}, {"of": []}]),
    ("old_data.to.[].phone", {"strategy": "nullify"}, "", [{"phone": None}]),
]  # fmt: skip


@pytest.mark.parametrize(("full_name", "treatment", "identifier", "after"), INSIDE)
def test_elements_of_arrays_end_each_by_itself(
    connect, now, full_name, treatment, identifier, after
):
    store, direct = connect("lists", LISTS)
    discovery.discover(store=store, by="pia", now=now)
    mapped = Map(store)
    one = column(mapped, "list", full_name, treatment, identifier)
    at = one.name if not one.path else f"{one.name} -> '{one.path[0]}'"
    others = direct.execute("SELECT * FROM list WHERE id > 1 ORDER BY id").fetchall()

    assert can_end(one)
    assert run(mapped, one) == (1, 0)
    assert run(mapped, one) == (0, 0)

    found = direct.execute(f"SELECT ({at})::text FROM list WHERE id = 1").fetchone()[0]
    assert (json.loads(found) if one.path else found) == after
    left = direct.execute("SELECT * FROM list WHERE id > 1 ORDER BY id").fetchall()
    assert left == others


def test_what_is_no_array_is_left_alone_beside_a_raw_value(connect, now):
    store, direct = connect("lists", LISTS)
    discovery.discover(store=store, by="pia", now=now)
    mapped = Map(store)
    direct.execute("""UPDATE list SET data = '{"to": "none", "a": 1, "tags": []}'""")
    some = [
        column(mapped, "list", "data.a", {"strategy": "nullify"}, ""),
        column(mapped, "list", "data.to.[].phone", {"strategy": "nullify"}, "phone"),
        column(mapped, "list", "data.tags.[]", {"strategy": "redact"}, ""),
        column(mapped, "list", "tags", {"strategy": "redact"}, ""),
    ]

    mapped.rows(mapped.tables["list"]).update(**changes.assignments(some))

    rows = direct.execute("SELECT data, tags FROM list ORDER BY id").fetchall()
    assert all(data == {"to": "none", "a": None, "tags": []} for data, _ in rows)
    assert [tags for _, tags in rows][1:] == [[], None]


def test_a_number_that_is_done_stays_a_number_beside_one_that_is_raw(connect, now):
    store, direct = connect("lists", LISTS)
    discovery.discover(store=store, by="pia", now=now)
    direct.execute("""UPDATE list SET data = '{"a": 38.9, "b": 1.234}'""")
    mapped, coarse = Map(store), {"strategy": "coarsen", "decimals": 1}
    both = [column(mapped, "list", f"data.{key}", coarse, "") for key in "ab"]

    rows = mapped.rows(mapped.tables["list"])
    rows.filter(changes.still_raw(both)).update(**changes.assignments(both))

    found = direct.execute("SELECT data FROM list WHERE id = 1").fetchone()[0]
    assert found == {"a": 38.9, "b": 1.2}


# --- rarer types ---------------------------------------------------------------------
RARE = """
CREATE TYPE point3 AS (x int, y int);
CREATE TYPE temper AS ENUM ('glad', 'sad');
CREATE TABLE rare (id int PRIMARY KEY, single real, net cidr, card macaddr,
    card8 macaddr8, cost money, ages int4range, stay daterange, span tstzrange,
    days datemultirange, flags bit(4), more varbit, at timetz, words tsvector,
    codes uuid[], nets inet[], born date[], tempers temper[], place point, made point3,
    path text[][], exact numeric[], ok boolean[]);
"""
ROWS = """
INSERT INTO rare VALUES (1, 1.26, '203.0.113.0/24', '08:00:2b:01:02:03',
    '08:00:2b:01:02:03:04:05', 12.34, '[3, 9)', '[2020-01-01, 2020-02-01)',
    '[2020-01-01, 2020-02-01)', '{[2020-01-01, 2020-02-01)}', B'1010', B'11',
    '04:05:06+02', to_tsvector('simple', 'ada'),
    ARRAY[gen_random_uuid(), NULL], ARRAY['203.0.113.7'::inet],
    ARRAY[date '1980-05-17'],
    ARRAY['glad', NULL]::temper[], point(1, 2), ROW(1, 2), ARRAY[['a', 'b']],
    ARRAY[1.25, NULL], ARRAY[true, NULL]);
INSERT INTO rare (id) VALUES (2);
"""
RARE_CASES = {name: settings for name, (settings, _, _) in CASES.items()}


def test_rarer_types_end_too_or_are_refused_in_the_map(connect, now):
    """Ranges, network cards, money, arrays of anything: nothing fails later."""
    store, direct = connect("rare", RARE + ROWS)
    discovery.discover(store=store, by="pia", now=now)
    mapped, taken, problems = Map(store), {}, []
    for real in mapped.columns(mapped.tables["rare"]):
        if real.name == "id" or real.path:
            continue
        for name, options in RARE_CASES.items():
            one = column(mapped, "rare", real.name, {"strategy": name, **options}, "")
            if not can_end(one):
                continue
            taken.setdefault(real.name, set()).add(name)
            direct.execute("DELETE FROM rare;" + ROWS)
            try:
                before = seen(direct, "rare", one)
                first, again = run(mapped, one), run(mapped, one)
                if first[1] or again != (0, 0) or seen(direct, "rare", one)[2]:
                    problems.append((real.name, name, first, again))
                if name == "nullify" and seen(direct, "rare", one)[1] == before[1]:
                    problems.append((real.name, name, "still there"))
            except Exception as error:
                problems.append((real.name, name, repr(error)[:200]))
    assert not problems, "\n".join(map(str, problems))
    assert all("nullify" in names for names in taken.values())
    assert {"coarsen", "generalise_number"} <= taken["single"]
    assert len(taken) == 22
