"""One contract over every engine that a store can have, by other people's dumps."""

import json
from pathlib import Path

import pytest
from django.db import connections

from privacy import changes, erasure, identifiers, plans, stores
from privacy.datamap import Map, discovery
from privacy.models import Column, Plan
from tests import engines

pytestmark = pytest.mark.django_db
DATABASES = Path(__file__).resolve().parent.parent / "data" / "databases"
FILES = {
    "postgresql": "chinook_postgresql.sql",
    "mariadb": "chinook_mysql.sql",
    "sqlite": "chinook_sqlite.sql",
}
OLD = ("luisg@embraer.com.br", "Gonçalves", "3923-5555", "3923-5566")


def chinook_of(database):
    script = (DATABASES / FILES[database.engine]).read_text(encoding="utf-8-sig")
    if database.engine == "postgresql":
        script = "\n".join(script.splitlines()[28:])
    database.run(engines.without_database(script))
    return database


def table(database, words):
    """A name in the style of the engine's dump."""
    if database.engine == "postgresql":
        return words
    return "".join(word.capitalize() for word in words.split("_"))


@pytest.fixture(params=engines.ENGINES)
def chinook(request, database, now):
    made = chinook_of(database(request.param))
    store = stores.connect(name="chinook", url=made.url, by="pia", now=now)
    discovery.discover(store=store, by="pia", now=now)
    yield made
    connections[store.alias].close()


def planned(plan):
    return {t["table"].split(".")[1]: t["rows"] for t in plan.summary["tables"]}


def asked(now):
    return [identifiers.keep(identifiers.email(OLD[0]), now=now)]


def test_an_access_request_finds_exactly_what_sql_finds(chinook, now):
    plan = erasure.plan_access(
        identifiers=asked(now), title="Access", received_at=now, by="lena", now=now
    )

    expected = {"customer": 1, "invoice": 7, "invoice_line": 38}
    assert planned(plan) == {table(chinook, n): many for n, many in expected.items()}


def test_an_erasure_leaves_nothing_and_foreign_keys_hold(chinook, now):
    plan = erasure.plan(
        identifiers=asked(now), title="Erasure", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem, done.residue["found"]) == (
        Plan.Status.EXCEPTED,
        "",
        [],
    )
    customer = chinook.quoted(table(chinook, "customer"))
    text = str(chinook.rows(f"SELECT * FROM {customer}"))
    assert not [old for old in OLD if old in text]
    total, invoice = (chinook.quoted(table(chinook, n)) for n in ("total", "invoice"))
    [(money,)] = chinook.rows(f"SELECT sum({total}) FROM {invoice}")
    assert f"{money:.2f}" == "2328.60"
    if chinook.engine == "sqlite":
        assert chinook.rows("PRAGMA foreign_key_check") == []


# --- columns of every type ----------------------------------------------------------
TYPES = {
    "postgresql": """
CREATE TABLE "Odd One" ("Row Id" int PRIMARY KEY, "class" varchar(60), "first name_"
 varchar(60), "First Name" text, "user__mail" varchar(80), born date, seen timestamptz,
 score int, price numeric(9, 2), flag boolean, meta jsonb);
INSERT INTO "Odd One" VALUES (1, '+1 (202) 555-0143', 'Ada', 'Ada', 'Ada@Example.com',
 '1980-05-17', '2020-02-03 04:05:06+00', 37, 37.55, true,
 '{"mail": "ada@example.com", "keep": [1, {"a": null}], "n": null, "list":
 ["+12025550143", null], "people": [{"mail": "a@example.com", "age": 3,
 "tel": "202-555-0143", "tags": ["x", "y"]}, {"mail": null, "n": true}, 7, "p"]}');
""",
    "mariadb": """
CREATE TABLE `Odd One` (`Row Id` int unsigned PRIMARY KEY, `class` varchar(60),
 `first name_` varchar(60), `First Name` text, `user__mail` varchar(80), born date,
 seen timestamp NULL, score int, price decimal(9, 2), flag tinyint(1), meta json);
INSERT INTO `Odd One` VALUES (1, '+1 (202) 555-0143', 'Ada', 'Ada', 'Ada@Example.com',
 '1980-05-17', '2020-02-03 04:05:06', 37, 37.55, 1,
 '{"mail": "ada@example.com", "keep": [1, {"a": null}], "n": null, "list":
 ["+12025550143", null], "people": [{"mail": "a@example.com", "age": 3,
 "tel": "202-555-0143", "tags": ["x", "y"]}, {"mail": null, "n": true}, 7, "p"]}');
""",
    "sqlite": """
CREATE TABLE "Odd One" ("Row Id" integer PRIMARY KEY, "class" varchar(60),
 "first name_" varchar(60), "First Name" text, "user__mail" varchar(80), born date,
 seen datetime, score int, price numeric(9, 2), flag boolean, meta json);
INSERT INTO "Odd One" VALUES (1, '+1 (202) 555-0143', 'Ada', 'Ada', 'Ada@Example.com',
 '1980-05-17', '2020-02-03 04:05:06', 37, 37.55, 1,
 '{"mail": "ada@example.com", "keep": [1, {"a": null}], "n": null, "list":
 ["+12025550143", null], "people": [{"mail": "a@example.com", "age": 3,
 "tel": "202-555-0143", "tags": ["x", "y"]}, {"mail": null, "n": true}, 7, "p"]}');
""",
}
ENDINGS = [
    ("class", {"strategy": "pseudonym"}, "phone"),
    ("class", {"strategy": "fake_phone"}, "phone"),
    ("class", {"strategy": "redact"}, ""),
    ("first_name", {"strategy": "fake_name"}, "name"),
    ("First_Name", {"strategy": "truncate", "first": 1}, ""),
    ("First_Name", {"strategy": "pseudonym"}, ""),
    ("user_mail", {"strategy": "pseudonym"}, "email"),
    ("user_mail", {"strategy": "fake_email"}, "email"),
    ("user_mail", {"strategy": "constant", "value": "gone"}, ""),
    ("born", {"strategy": "generalise_date", "to": "decade"}, ""),
    ("born", {"strategy": "year"}, ""),
    ("seen", {"strategy": "generalise_date", "to": "month"}, ""),
    ("score", {"strategy": "generalise_number", "width": 10}, ""),
    ("score", {"strategy": "pseudonym"}, ""),
    ("price", {"strategy": "generalise_number", "width": 10}, ""),
    ("price", {"strategy": "coarsen", "decimals": 1}, ""),
    ("flag", {"strategy": "nullify"}, ""),
    ("meta", {"strategy": "redact"}, ""),
    ("meta.mail", {"strategy": "pseudonym"}, "email"),
    ("meta.mail", {"strategy": "nullify"}, ""),
    ("meta.n", {"strategy": "pseudonym"}, ""),
    ("meta.list.[]", {"strategy": "pseudonym"}, ""),
    ("meta.list.[]", {"strategy": "redact"}, ""),
    ("meta.people.[].mail", {"strategy": "pseudonym"}, "email"),
    ("meta.people.[].mail", {"strategy": "nullify"}, ""),
    ("meta.people.[].tags.[]", {"strategy": "constant", "value": "gone"}, ""),
    ("meta.mail.[]", {"strategy": "pseudonym"}, ""),
]


@pytest.fixture(params=engines.ENGINES)
def odd(request, database, now):
    made = database(request.param)
    made.run(TYPES[made.engine])
    store = stores.connect(name="odd", url=made.url, by="pia", now=now)
    discovery.discover(store=store, by="pia", now=now)
    yield made, Map(store)
    connections[store.alias].close()


def ending(mapped, name, treatment, identifier):
    column, *path = name.split(".")
    real = mapped.column(mapped.tables["Odd One"], column)
    kind = "JSONPath" if path else real.kind
    return Column(
        table=real.table, name=column, path=path, kind=kind, identifier=identifier,
        options=real.options, treatment=treatment,
    )  # fmt: skip


def beside(document, column):
    """A JSON document without the path that was ended."""
    said = json.loads(document) if isinstance(document, str) else document
    return {key: value for key, value in said.items() if key not in column.path}


def test_every_type_of_column_ends_once_and_nothing_beside_it(odd):
    made, mapped = odd
    table = mapped.tables["Odd One"]
    quoted = made.quoted("Odd One")
    problems = []
    for name, treatment, identifier in ENDINGS:
        made.run(f"DELETE FROM {quoted};" + TYPES[made.engine].split(";", 1)[1])
        one = ending(mapped, name, treatment, identifier)
        rows = mapped.rows(table)
        before = made.rows(f"SELECT * FROM {quoted}")
        try:
            raw = rows.filter(changes.still_raw([one]))
            changed = raw.update(**changes.assignments([one]))
            again = raw.update(**changes.assignments([one]))
        except Exception as error:
            problems.append((name, treatment, repr(error)))
            continue
        [new], [old] = made.rows(f"SELECT * FROM {quoted}"), before
        differ = sum(a != b for a, b in zip(old, new, strict=True))
        nothing = name in ("meta.n", "meta.mail.[]")  # null, and no array
        if (changed, again, differ) != ((0, 0, 0) if nothing else (1, 0, 1)):
            problems.append((name, treatment, changed, again, new))
        if one.path and beside(new[-1], one) != beside(old[-1], one):
            problems.append((name, "changed beside", new[-1]))
    assert problems == []


def test_elements_of_arrays_end_each_in_its_place(odd):
    made, mapped = odd
    one = ending(mapped, "meta.people.[].mail", {"strategy": "nullify"}, "email")
    same = {"strategy": "constant", "value": "gone"}
    two = ending(mapped, "meta.people.[].tags.[]", same, "")

    all_ = ending(mapped, "meta", {"strategy": "redact"}, "")

    new = changes.assignments([all_, one, two])
    mapped.rows(mapped.tables["Odd One"]).update(**new)

    [(said,)] = made.rows(f"SELECT meta FROM {made.quoted('Odd One')}")
    document = json.loads(said) if isinstance(said, str) else said
    assert document["people"] == [
        {"mail": None, "age": 3, "tel": "[redacted]", "tags": ["gone", "gone"]},
        {"mail": None, "n": True},
        7,
        "p",
    ]
    assert document["list"] == ["[redacted]", None]


WRITTEN = [
    ("mail m@x.example now", "mail [redacted] now"),
    (
        'a:2:{s:1:"e";s:11:"m@x.example";s:1:"t";s:4:"dark";}',
        'a:2:{s:1:"e";s:10:"[redacted]";s:1:"t";s:4:"dark";}',
    ),
    (
        'a:1:{s:1:"h";s:25:"<a href="m@x.example">é</a";}',
        'a:1:{s:1:"h";s:10:"[redacted]";}',
    ),
    (
        'a:1:{s:1:"d";s:33:"a:1:{s:1:"e";s:11:"m@x.example";}";}',
        'a:1:{s:1:"d";s:10:"[redacted]";}',
    ),
    ('{"p":12025550143,"e":"m@x.example"}', '{"p":null,"e":"[redacted]"}'),
]


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_what_a_program_wrote_down_it_can_still_read(engine, database, now):
    made = database(engine)
    made.run("CREATE TABLE options (id int PRIMARY KEY, said text)")
    for number, (before, _) in enumerate(WRITTEN):
        made.rows("INSERT INTO options VALUES (%s, %s) RETURNING id", number, before)
    made.direct.commit()
    store = stores.connect(name="php", url=made.url, by="pia", now=now)
    discovery.discover(store=store, by="pia", now=now)
    mapped = Map(store)
    said = mapped.column(mapped.tables["options"], "said")
    said.treatment = {"strategy": "redact", "pattern": "m@x[.]example|12025550143"}

    mapped.rows(mapped.tables["options"]).update(**changes.assignments([said]))

    left = made.rows("SELECT said FROM options ORDER BY id")
    assert [text for (text,) in left] == [after for _, after in WRITTEN]
    connections[store.alias].close()
