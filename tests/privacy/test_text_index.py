"""An index of texts finds whoever reading all of them finds, and is used."""

import io
import re

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from privacy import identifiers, subjects
from privacy.datamap import Map, files
from privacy.identifiers import Kind, Mark
from privacy.models import Store
from privacy.sql import textindex
from privacy.subjects import indexed
from privacy.subjects.spotting import Spotter

pytestmark = pytest.mark.django_db

ADA, BEN = Mark(Kind.PHONE, "+12025550143"), Mark(Kind.PHONE, "+4915112345678")
OSLO = Mark(Kind.PHONE, "+4722225555")
MAIL, ODD = Mark(Kind.EMAIL, "ada.sample@example.com"), Mark(Kind.EMAIL, "ö'z@a-b.test")
MARKS = [ADA, BEN, OSLO, MAIL, ODD]
DIGITS = {"+12025550143": "2025550143", "+4915112345678": "15112345678"}
GAPS = st.sampled_from(["", "", " ", "-", ".", " (", ") ", "/", "\u2011", "\t"])
NOISE = st.text(st.sampled_from("0123456789 -+.,@aZé(%4\n"), max_size=30)
SCRIPT = """
CREATE TYPE state AS ENUM ('new', 'done');
CREATE TABLE person (id int PRIMARY KEY, phone text, email text);
CREATE TABLE message (id int PRIMARY KEY, sender varchar(32), body text, about jsonb,
    state state);
CREATE TABLE vote (id int PRIMARY KEY, words text[]);
INSERT INTO person VALUES (1, '+12025550143', 'ada.sample@example.com');
INSERT INTO message SELECT n, '+12025550' || 200 + n % 700, 'Order ' || n, '{}', 'new'
    FROM generate_series(1, 20000) n;
INSERT INTO message VALUES
    (30001, '(202) 555-0143', 'Hello', NULL, 'new'),
    (30002, '+12025550199', 'Call 1.202.555.0143 now', NULL, NULL),
    (30003, '+12025550199', NULL, '{"mail": "ADA.Sample%40example.com"}', 'done'),
    (30004, '+12025550199', 'Not 2025550144, nor ada@example.com', NULL, NULL);
INSERT INTO vote SELECT n, '{yes}' FROM generate_series(1, 20000) n;
ANALYZE;
"""
MAP = """
store: talk
tables:
  person:
    about: person
    erasure: delete
    columns:
      id: &key {not_personal: A key}
      phone: &phone {category: profile_contact, identifier: phone, source: direct,
                     purposes: [provide], treatment: nullify}
      email: {category: profile_contact, identifier: email, source: direct,
              purposes: [provide], treatment: nullify}
  message:
    about: linked
    erasure: deidentify
    columns:
      id: *key
      sender: *phone
      body: &text {category: communications, free_text: true, source: direct,
                   purposes: [provide], treatment: redact}
      about: *text
      state: {not_personal: A state}
  vote:
    about: linked
    erasure: keep
    ground: Votes
    columns: {id: *key, words: {not_personal: Words}}
"""


@st.composite
def written(draw):
    """One of them in some notation, with anything around it."""
    mark = draw(st.sampled_from(MARKS))
    if mark.kind == Kind.EMAIL:
        said = mark.value.replace("@", draw(st.sampled_from(["@", "%40"])))
        said = draw(st.sampled_from([said, said.upper(), said.title()]))
    else:
        digits = DIGITS.get(mark.value, mark.value[3:])
        said = digits[0] + "".join(draw(GAPS) + digit for digit in digits[1:])
        prefix = mark.value.removeprefix("+").removesuffix(digits)
        said = draw(st.sampled_from(["", f"+{prefix} ", f"00{prefix}", "0"])) + said
    return draw(NOISE) + said + draw(NOISE)


def is_sought(text, marks):
    """Whether the index would bring it."""
    keys = textindex.keys([textindex.TEXT.format(column="said")])
    condition = textindex.SOUGHT.format(keys=keys.replace("%", "%%"))
    with connection.cursor() as cursor:
        statement = f"SELECT {condition} FROM (SELECT %s AS said) AS row"
        cursor.execute(statement, [Spotter(marks).sought(), text])
        return cursor.fetchone()[0]


@given(text=written())
def test_no_notation_escapes_the_index(text):
    found = Spotter(MARKS).marks_in(text)

    for mark in found:
        assert is_sought(text, [mark])
    assert not found or is_sought(text, MARKS)


@pytest.mark.parametrize(
    "text", ["Order 2025550144", "ada.sample@example", "", "1" * 9]
)
def test_other_numbers_and_addresses_are_left_out(text):
    assert is_sought(text, [ADA]) is False


def test_a_text_longer_than_an_index_takes_is_always_read():
    assert is_sought("x" * 100_001, [ADA])
    assert not is_sought("x" * 100_000, [ADA])
    assert not is_sought("a" * 3000 + "@example.com", [MAIL])


def test_who_is_known_by_a_short_number_or_a_word_is_looked_for_by_reading():
    assert not Spotter([Mark(Kind.PHONE, "+37060123")]).sought()
    assert not Spotter([ADA, Mark(Kind.NAME, "Ada Sample")]).sought()
    assert not Spotter(
        [Mark(Kind.PHONE, f"+1202555{n:04}") for n in range(51)]
    ).sought()


@pytest.fixture
def talk(connect, now):
    _, direct = connect("talk", SCRIPT)
    files.load(text=MAP, by="pia", now=now)
    return direct


def found(now):
    marks = [identifiers.phone("+12025550143")]
    (one,) = subjects.everywhere(marks=marks, at=now)
    return {(row.table.name, row.key[0]) for row in one.rows.values()}


def test_the_same_is_found_and_no_other_row_is_read(talk, now):
    mapped = Map(Store.objects.get(name="talk"))
    store = connections[mapped.alias]
    without = found(now)
    for each in indexed.lacking(mapped):
        if each.statement:
            talk.execute(each.statement)
    talk.execute("ANALYZE")

    with CaptureQueriesContext(store) as asked:
        assert found(now) == without
    assert without == {("person", 1), *(("message", n) for n in (30001, 30002, 30003))}
    (reading,) = [q["sql"] for q in asked if "@@" in q["sql"]]
    select = re.sub(r"^.*?CURSOR WITH HOLD FOR ", "", reading, flags=re.DOTALL)
    with store.cursor() as cursor:
        cursor.execute("EXPLAIN " + select.replace("%", "%%"), [])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"Bitmap Index Scan on {textindex.PREFIX}" in plan
    assert "Seq Scan" not in plan


def test_the_engineer_is_told_which_large_table_lacks_it(talk, now):
    mapped = Map(Store.objects.get(name="talk"))
    message, vote = indexed.lacking(mapped)

    assert (message.table.name, message.rows) == ("message", 20004)
    assert (vote.table.name, vote.statement) == ("vote", "")
    assert "1 index would" in said("check", "talk")
    assert message.statement in said("texts", "talk")
    talk.execute(message.statement)
    assert [each.table.name for each in indexed.lacking(mapped)] == ["vote"]
    assert "CREATE" not in said("texts", "talk")
    assert "index would" not in said("check", "talk")
    talk.execute("DROP TABLE message")
    assert said("check", "talk") == "talk  answers\n"


def test_an_index_of_other_columns_than_the_map_has_now_counts_as_none(talk, now):
    mapped = Map(Store.objects.get(name="talk"))
    talk.execute(indexed.lacking(mapped)[0].statement)
    talk.execute("ALTER TABLE message ADD note text")
    more = MAP.replace(
        "      about: *text\n", "      about: *text\n      note: *text\n"
    )
    files.load(text=more, by="pia", now=now)

    mapped = Map(Store.objects.get(name="talk"))

    assert indexed.lacking(mapped)[0].table.name == "message"


def said(*words):
    out = io.StringIO()
    call_command("stores", *words, stdout=out)
    return out.getvalue()
