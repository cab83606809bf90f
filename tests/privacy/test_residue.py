"""The independent search: everybody at once, every notation, every place, and no
certificate where something could not be read."""

import gzip
import io
import json
import zipfile
from collections import Counter

import pytest
import redis
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from privacy import identifiers, residue, stores
from privacy.identifiers import Mark
from privacy.models import Plan, Store
from privacy.residue import Pass, contents, files, keys, portal, reading
from privacy.residue.matching import Matcher
from privacy.residue.telling import Waiting

ADA = identifiers.phone("+12025550143")
MAIL = identifiers.email("ada.sample@example.com")
BEN = identifiers.phone("+44 20 7946 0958")
MARKS = [ADA, MAIL, BEN]

WRITTEN = [
    ("+12025550143", {ADA}),
    ("12025550143", {ADA}),
    ("2025550143", {ADA}),
    ("(202) 555-0143", {ADA}),
    ("202.555.0143", {ADA}),
    ("202 555 0143", {ADA}),
    ("2 0 2 5 5 5 0 1 4 3", {ADA}),
    ("tel:+1-202-555-0143;ext=2", {ADA}),
    ("0012025550143", {ADA}),
    ("01112025550143", {ADA}),
    ("call 202\u2011555\u20110143 now", {ADA}),
    ("\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff14\uff13", {ADA}),
    ("\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0664\u0663", {ADA}),
    ("q=%2B1%20202%20555%200143", {ADA}),
    ("q=%252B12025550143", {ADA}),
    ("&#43;1&nbsp;202&nbsp;555&nbsp;0143", {ADA}),
    (r'{"n": "\u002b1202\u0035550143"}', {ADA}),
    ("202\u200b555\u200b0143", {ADA}),
    ("2026-11-01 2025550143 2026", {ADA}),
    ("020 7946 0958", {BEN}),
    ("+44 (0)20 7946 0958", {BEN}),
    ("ada.sample@example.com", {MAIL}),
    ("ADA.Sample@EXAMPLE.com.", {MAIL}),
    ("mailto:ada.sample%40example.com", {MAIL}),
    ("ada.sample&#64;example.com", {MAIL}),
    (r"ada.sample\u0040example.com", {MAIL}),
    ("ada.sample\uff20example.com", {MAIL}),
    ("ada.sample+news@example.com", {MAIL}),
    ("<ada.sample@example.com>, 202-555-0143", {MAIL, ADA}),
    ("1202555014312", set()),
    ("9912025550143", set()),
    ("202555014", set()),
    ("202 55 5014", set()),
    ("ada.sample@example.com.br", set()),
    ("xada.sample@example.com", set()),
    ("ada.sample@example.community", set()),
    ("5f2025550143123e", set()),
]


@pytest.mark.parametrize(("text", "whose"), WRITTEN)
def test_every_notation_is_seen_and_nothing_else(text, whose):
    matcher = Matcher(MARKS)

    assert matcher.seen(text) == whose
    assert matcher.may_hold(text) or not whose


def test_people_at_one_provider_are_told_apart_before_a_row_is_looked_at():
    names = ["ada.sample", "o'brien", "ben+work", "#1"]
    known = {name: Mark("email", f"{name}@example.com") for name in names}
    matcher = Matcher(known.values())

    for other in ("eve@example.com", "sample@example.com", "ben@example.com"):
        assert not matcher.may_hold(f"Write to {other} or {other.upper()}, please")
    for name, mark in known.items():
        text = f"eve@example.com {name.upper()}@Example.com"
        assert matcher.may_hold(text)
        assert matcher.seen(text) == {mark}
    assert matcher.seen("ada.sample+a+b@example.com") == set()
    assert matcher.seen("ben+work+news@example.com") == {known["ben+work"]}


def test_last_four_digits_beside_the_name_are_worth_a_look():
    matcher = Matcher(MARKS, {"0143": {"ada", "sample"}})

    assert matcher.hinted("Card of Ada ending in 0143") == {("0143", "ada")}
    assert not matcher.hinted("Order 0143 of Ben")
    assert not matcher.hinted("Ada, order 10143")


COLUMNS = """
CREATE TYPE mood AS ENUM ('+12025550143', 'other');
CREATE TABLE odd (
    id int PRIMARY KEY, words text[], raw bytea, number bigint, amount numeric,
    doc jsonb, old json, feeling mood, fixed char(20), "user name" text);
INSERT INTO odd VALUES (1, ARRAY['x', '202-555-0143'],
    '\\x2832303229203535352d30313433',
    12025550143, 2025550143, '{"a": [{"b": "(202) 555-0143"}]}', '{"n": 2025550143}',
    '+12025550143', '2025550143', E'two\\nlines\\t202.555.0143');
INSERT INTO odd (id, number) VALUES (2, 120255501431);
CREATE TABLE keyless (said text);
INSERT INTO keyless VALUES ('ADA.SAMPLE@example.com'), (NULL), ('other');
CREATE SCHEMA "Other Side";
CREATE TABLE "Other Side"."Mixed" (phone text PRIMARY KEY);
INSERT INTO "Other Side"."Mixed" VALUES ('+1 202 555 0143');
"""


def searched(store):
    seen = Pass()
    reading.read_store(store, Matcher(MARKS), seen)
    return seen


@pytest.mark.django_db
def test_every_kind_of_column_of_every_table_is_read(connect):
    store, _ = connect("odd", COLUMNS)

    seen = searched(store)

    assert {hit.place for hit in seen.hits[ADA]} == {
        *(f"odd.odd.{c}" for c in (
            "words", "raw", "number", "amount", "doc", "old", "feeling", "fixed",
            "user_name",
        )),
        "odd.Other Side.Mixed.phone",
    }  # fmt: skip
    assert {hit.place for hit in seen.hits[MAIL]} == {"odd.keyless.said"}
    said = seen.searched[0]
    assert (said["tables"], said["rows"]) == (3, 6)
    assert said["bytes"] > 200


@pytest.mark.django_db
def test_a_table_that_nobody_mapped_or_may_read_is_said_to_be_unread(connect):
    store, _ = connect("odd", COLUMNS)

    assert {each["place"] for each in searched(store).unread} == {
        "odd.odd", "odd.keyless", "odd.Other Side.Mixed",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_store_that_is_gone_is_unread_and_holds_up_the_proof(connect, now):
    connect("odd", COLUMNS)
    Store.objects.filter(name="odd").update(
        address=Store(address="postgres://x@127.0.0.1:1/none").address
    )
    plan = Plan.objects.create(kind="erasure", title="R-1", planned_at=now)

    (found,) = residue.run(waiting=[Waiting(plan, MARKS)], now=now)

    assert found.down == ["odd"]
    assert [each["place"] for each in found.unread] == ["odd"]


@pytest.mark.django_db
def test_sessions_the_admin_log_and_the_portals_own_texts_are_read(now):
    session = SessionStore()
    session["last"] = "202-555-0143"
    session.save()
    Store.objects.create(
        name="s", address="x", place="ada.sample@example.com", connected_at=now
    )

    seen = Pass()
    portal.read(Matcher(MARKS), seen)

    assert {hit.place for hit in seen.hits[ADA]} == {"portal.sessions"}
    assert {hit.place for hit in seen.hits[MAIL]} == {"portal.privacy_store.place"}
    assert seen.searched[0]["sealed"] > 3


@pytest.mark.django_db
def test_a_table_of_the_portal_that_can_not_be_read_is_said():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consent_cookie RENAME TO lost")
    seen = Pass()

    portal.read(Matcher(MARKS), seen)

    assert [each["place"] for each in seen.unread] == ["portal.consent_cookie"]


@pytest.mark.django_db
def test_names_and_values_in_redis_are_read():
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.set("seen:+12025550143", "1", ex=60)
        server.rpush("residue-test", json.dumps({"to": "Ada.Sample@example.com"}))
        server.expire("residue-test", 60)
        seen = Pass()
        portal.read(Matcher(MARKS), seen)
        server.delete("seen:+12025550143", "residue-test")

    assert {hit.key for hit in seen.hits[ADA]} == {("seen:+12025550143",)}
    assert {hit.key for hit in seen.hits[MAIL]} == {("residue-test",)}


@pytest.mark.django_db
def test_names_and_text_contents_of_files_are_read(tmp_path, now):
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "12025550143-in.wav").write_bytes(b"RIFF\0\0" + b"\1" * 99)
    far = "x" * (files.PIECE - 10)
    (tmp_path / "note.txt").write_text(f"{far} ada.sample@example.com")
    stores.connect(name="files", url=f"file://{tmp_path}", by="pia", now=now)

    seen = Pass()
    files.read(Matcher(MARKS), seen)

    assert [hit.key for hit in seen.hits[ADA]] == [("calls/12025550143-in.wav",)]
    assert [hit.key for hit in seen.hits[MAIL]] == [("note.txt",)]
    assert seen.searched[0]["files"] == 2


LEAD = "6F9619FF8B86D011B42D00CF4FC964FF"
BY_NUMBER = """
CREATE TABLE lead (id uuid PRIMARY KEY, account bigint, wide uuid, many uuid[]);
CREATE TABLE click (id bigint PRIMARY KEY, lead_id uuid REFERENCES lead, of numeric);
INSERT INTO lead VALUES ('6f9619ff-8b86-d011-b42d-00cf4fc964ff', 40012345,
    '6f9619ff-8b86-d011-b42d-00cf4fc964ff', '{6f9619ff-8b86-d011-b42d-00cf4fc964ff}');
INSERT INTO click VALUES (40012345, '6f9619ff-8b86-d011-b42d-00cf4fc964ff', 40012345.0);
"""


@pytest.mark.django_db
def test_identifiers_that_are_uuids_or_numbers_are_compared_outside_of_keys(connect):
    """A row that stays without the person keeps its key, and what refers to it."""
    store, _ = connect("leads", BY_NUMBER)
    lead, account = Mark("other", LEAD), Mark("other", "40012345")
    seen = Pass()

    reading.read_store(store, Matcher([lead, account, Mark("other", "7")]), seen)

    found = {
        mark.value: {hit.place for hit in hits} for mark, hits in seen.hits.items()
    }
    assert found == {
        LEAD: {"leads.lead.wide", "leads.lead.many"},
        "40012345": {"leads.lead.account", "leads.click.of"},
    }


@pytest.mark.django_db
def test_what_may_be_theirs_is_asked_of_the_portal_and_of_files_too(tmp_path, now):
    session = SessionStore()
    session["last"] = "Ada Lovelace called"
    session.save()
    (tmp_path / "a.txt").write_text("ends in 0143\nsaid Ada\n")
    (tmp_path / "b.txt").write_text("Ada, ends in 0143\n")
    store = stores.connect(name="files", url=f"file://{tmp_path}", by="pia", now=now)
    Store.objects.filter(pk=store.pk).update(problem="Mr Lovelace, Ada's")
    matcher = Matcher(MARKS, {"0143": {"ada"}}, [("ada", "lovelace")])
    seen = Pass()

    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.set("residue-test", "Lovelace, Ada", ex=60)
        files.read(matcher, seen)
        portal.read(matcher, seen)
        server.delete("residue-test")

    assert seen.hits == {}
    assert {hit.place for hits in seen.hints.values() for hit in hits} == {
        "files.contents of files", "portal.privacy_store.problem", "portal.sessions",
        "portal.broker",
    }  # fmt: skip


MANY = [b"x"] * 1500 + [b"call 202-555-0143"]
HOLDS = {
    "string": lambda server, key: server.set(key, "x " * 40_000 + "+12025550143 x"),
    "cut": lambda server, key: server.set(key, "x" * 65_530 + "+12025550143"),
    "list": lambda server, key: server.rpush(key, *MANY),
    "long": lambda server, key: server.rpush(key, "y" * 70_000 + " +12025550143"),
    "set": lambda server, key: server.sadd(key, *map(str, range(1500)), "+12025550143"),
    "zset": lambda server, key: server.zadd(key, {"x": 1, "y": 12025550143}),
    "hash": lambda server, key: server.hset(key, "a" * 70_000, "+12025550143"),
    "stream": lambda server, key: [
        server.xadd(key, {"to": said.decode()}) for said in MANY[-1200:]
    ],
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", HOLDS)
def test_the_whole_of_every_kind_of_value_in_redis_is_read(kind):
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.delete("residue-test")
        HOLDS[kind](server, "residue-test")
        seen = Pass()
        keys.read("portal", Matcher(MARKS), seen)
        server.delete("residue-test")

    assert [hit.key for hit in seen.hits[ADA]] == [("residue-test",)]
    assert seen.unread == []


def packed(**parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, said in parts.items():
            archive.writestr(name.replace("_", "."), said)
    return file.getvalue()


RUNS = "<w:p><w:r><w:t>+1 202 </w:t></w:r><w:r><w:t>555 0143</w:t></w:r></w:p>"
READ = {
    "utf-16": "call +12025550143".encode("utf-16"),
    "utf-16 without a sign": "call +12025550143".encode("utf-16-be"),
    "gzip": gzip.compress(b"x" * 3_000_000 + b" +12025550143"),
    "gzip of two": gzip.compress(b"x") + gzip.compress(b" +12025550143"),
    "document": packed(document_xml=f"<w:document>{RUNS}</w:document>"),
    "table": packed(sheet_xml="<row><c><v>1</v></c><c><v>12025550143</v></c></row>"),
    "link": packed(document_rels='<R Target="tel:+12025550143"/>'),
    "text in an archive": packed(notes_txt="+12025550143"),
}


@pytest.mark.parametrize("kind", READ)
def test_text_is_read_however_a_file_packs_it(kind):
    unread, seen = Counter(), Pass()

    for text in contents.texts(io.BytesIO(READ[kind]), unread):
        seen.look(Matcher(MARKS), text, reading.Hit("files", "", ()))

    assert (set(seen.hits), unread.total()) == ({ADA}, 0)


LOCKED = bytearray(packed(notes_txt="x"))
LOCKED[LOCKED.index(b"PK\x01\x02") + 8] |= 1  # as a password sets it
NOT_READ = {
    contents.PDF: b"%PDF-1.7 +12025550143",
    contents.BINARY: b"RIFF\0\0" + b"\1" * 99,
    contents.NESTED: packed(inner_zip=packed(notes_txt="x")),
    contents.TOO_LARGE: gzip.compress(b"x" * 30_000_000),
    contents.LOCKED: bytes(LOCKED),
    contents.BROKEN: packed(notes_txt="x")[:40],
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", NOT_READ)
def test_what_is_in_a_file_and_was_not_read_is_said(kind, tmp_path, now, monkeypatch):
    monkeypatch.setattr(contents, "LARGEST", 20_000_000)
    (tmp_path / "file").write_bytes(NOT_READ[kind])
    stores.connect(name="files", url=f"file://{tmp_path}", by="pia", now=now)
    seen = Pass()

    files.read(Matcher(MARKS), seen)

    [said] = seen.searched
    assert (said["names_only"], said["not_read"]) == (1, {kind: 1})
    assert (seen.hits, seen.unread) == ({}, [])


def test_a_part_of_an_archive_that_unpacks_to_too_much_is_not_read(monkeypatch):
    monkeypatch.setattr(contents, "LARGEST", 1000)
    unread = Counter()

    [name] = contents.texts(io.BytesIO(packed(notes_txt="x" * 2000)), unread)

    assert (name, unread) == ("notes.txt", {contents.TOO_LARGE: 1})


@pytest.mark.django_db
def test_a_letter_that_a_piece_of_a_file_cuts_is_read_whole(tmp_path, now):
    wide = "".join(chr(ord(each) + 0xFEE0) for each in "+12025550143")
    (tmp_path / "note.txt").write_text("x" * (files.PIECE - 10) + " " + wide)
    stores.connect(name="files", url=f"file://{tmp_path}", by="pia", now=now)

    seen = Pass()
    files.read(Matcher(MARKS), seen)

    assert [hit.key for hit in seen.hits[ADA]] == [("note.txt",)]


def test_a_name_of_very_many_people_is_looked_for_no_further():
    ada = ("ada", "lovelace")
    matcher = Matcher([], names=[ada, ("ada", "sample")])
    assert matcher.hinted("Ada B. Lovelace called") == {ada}

    matcher.leave(ada)

    assert not matcher.may_hint("Ada B. Lovelace called")
    assert matcher.hinted("Sample, Ada") == {("ada", "sample")}


@pytest.mark.parametrize("text", ["Mrs Lovelace called", "Frau  Lovelace", "MR. ADA"])
def test_either_name_after_a_title_is_worth_a_look(text):
    matcher = Matcher([], names=[("ada", "lovelace")])

    [(title, word)] = matcher.hinted(text)

    assert matcher.may_hint(text)
    matcher.leave((title, word))
    assert not matcher.may_hint(text)


def test_a_word_that_is_a_name_too_is_nothing_without_a_title():
    matcher = Matcher([], names=[("ada", "stone")])

    assert not matcher.hinted("A stone in the road, Mr Miller said; Mrs Milestone too")
