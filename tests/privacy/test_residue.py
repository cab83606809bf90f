"""The independent search: everybody at once, every notation, every place, and no
certificate where something could not be read."""

import json

import pytest
import redis
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from privacy import identifiers, residue, stores
from privacy.identifiers import Mark
from privacy.models import Plan, Store
from privacy.residue import Pass, files, portal, reading
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
