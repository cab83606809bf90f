"""Sealed undo: a wrong match is put back, until the key is destroyed."""

import base64
import datetime as dt
import io
import json
import os
import stat
import threading
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from privacy import erasure, identifiers, journal, plans, stores, tasks, undo
from privacy.datamap import acceptance, discovery, files
from privacy.erasure import paper
from privacy.models import (
    AuditEvent,
    Certificate,
    Hold,
    Plan,
    Undo,
    UndoCopy,
    UndoFile,
    UndoPeriod,
)
from privacy.undo import lost as lost_keys
from privacy.undo.keys import decrypt, encrypt
from tests import engines
from tests.privacy.factories import MAX, SAM, signed_in

pytestmark = pytest.mark.django_db
EVERYTHING = """
SELECT (SELECT json_agg(p ORDER BY id)::text FROM person p)
    || (SELECT json_agg(m ORDER BY id)::text FROM message m)
    || (SELECT json_agg(t ORDER BY t)::text FROM person_tag t)
"""


CALLS = """
CREATE TABLE call (id int PRIMARY KEY, phone text, recording text);
INSERT INTO call VALUES (1, '+12025550143', '1.wav'), (2, '+12025550143', '2.wav');
"""
CALLED = """
store: town
tables:
  call:
    about: linked
    erasure: delete
    files: {recording: recordings}
    columns:
      id: {not_personal: A key}
      phone: {category: communications, identifier: phone, source: direct,
              purposes: [provide], treatment: nullify}
      recording: {category: communications, source: direct, purposes: [provide],
                  treatment: drop_file}
"""


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr("privacy.undo.files.LARGEST", 10_000)


@pytest.fixture
def wrong(town, now):
    """Ada was erased, and it should have been somebody else."""

    def make(days=14):
        person = identifiers.keep(identifiers.phone("+12025550143"), now=now)
        plan = erasure.plan(
            identifiers=[person],
            title="R-1",
            received_at=now,
            by="lena",
            now=now,
            undo_days=days,
        )
        plans.approve(plan=plan, by="max", now=now)
        done = erasure.carry_out(plan=plan, clock=lambda: now)
        assert done.status == Plan.Status.DONE, done.problem
        return done

    return make


def everything(town):
    return town.execute(EVERYTHING).fetchone()[0]


def test_everything_is_put_back_as_it_was(town, wrong, now):
    before = everything(town)
    plan = wrong()
    assert everything(town) != before

    done = undo.put_back(plan=plan, by="max", now=now)

    assert everything(town) == before
    assert (done.rows, done.changed_since) == (8, 0)


@pytest.fixture
def called(connect, now, tmp_path):
    """An erasure that deleted a small file and one that is too large to be kept."""
    for number, size in ((1, 1000), (2, 3000)):
        (tmp_path / f"{number}.wav").write_bytes(b"\0sound" * size)
    connect("town", CALLS)
    stores.connect(name="recordings", url=f"file://{tmp_path}", by="pia", now=now)
    files.load(text=CALLED, by="pia", now=now)
    person = identifiers.keep(identifiers.phone("+12025550143"), now=now)
    plan = erasure.plan(
        identifiers=[person], title="R-1", received_at=now, by="lena", now=now,
        undo_days=14,
    )  # fmt: skip
    plans.approve(plan=plan, by="max", now=now)
    erasure.carry_out(plan=plan, clock=lambda: now)
    assert not list(tmp_path.glob("*.wav"))
    return plan


def test_files_come_back_too_and_what_was_too_large_is_counted(called, now, tmp_path):
    called.refresh_from_db()
    sealed = b"".join(bytes(each.content) for each in called.undo.files.all())

    done = undo.put_back(plan=called, by="max", now=now)

    assert b"sound" not in sealed
    assert (tmp_path / "1.wav").read_bytes() == b"\0sound" * 1000
    assert not (tmp_path / "2.wav").exists()
    assert (done.rows, done.files, done.files_lost) == (2, 1, 1)
    assert not UndoFile.objects.exists()


def test_after_its_days_copies_of_files_are_gone_as_well(called, now):
    undo.end_due(now=now + dt.timedelta(days=14))

    assert not UndoFile.objects.exists()


def test_the_person_can_be_found_again_and_the_trail_says_who_did_it(town, wrong, now):
    plan = wrong()
    undo.put_back(plan=plan, by="max", now=now)

    found = identifiers.find(identifiers.phone("+12025550143"))
    plan.refresh_from_db()

    assert (found.erased_at, plan.undone_by) == (None, "max")
    assert AuditEvent.objects.get(action="plan.undone").by == "max"


def test_what_somebody_changed_since_stays_as_they_left_it(town, wrong, now):
    plan = wrong()
    town.execute("UPDATE message SET body = 'new words' WHERE id = 2")

    done = undo.put_back(plan=plan, by="max", now=now)

    assert done.changed_since == 1
    body = town.execute("SELECT body FROM message WHERE id = 2").fetchone()[0]
    assert body == "new words"


def test_no_copy_is_kept_where_no_days_are_set(town, wrong, now):
    plan = wrong(days=0)

    assert not UndoCopy.objects.exists()
    with pytest.raises(undo.NothingToPutBack):
        undo.put_back(plan=plan, by="max", now=now)


def test_after_its_days_the_key_is_destroyed(town, wrong, now):
    plan = wrong(days=14)
    early, late = now + dt.timedelta(days=13), now + dt.timedelta(days=14)

    assert undo.end_due(now=early) == 0
    assert undo.end_due(now=late) == 1

    kept = Undo.objects.get(plan=plan)
    assert (kept.key, kept.ended_at) == (None, late)
    assert not UndoCopy.objects.exists()
    with pytest.raises(undo.NothingToPutBack):
        undo.put_back(plan=plan, by="max", now=late)


def test_no_backup_of_the_portal_opens_a_copy_once_the_key_is_destroyed(
    town, wrong, now
):
    kept = Undo.objects.get(plan=wrong(days=14))
    row, copies = Undo.objects.get(pk=kept.pk), list(kept.copies.all())

    undo.end_due(now=now + dt.timedelta(days=14))
    row.save()  # the portal is restored from a backup
    UndoCopy.objects.bulk_create(copies)

    with pytest.raises(undo.KeysDown):
        undo.put_back(plan=kept.plan, by="max", now=now)


def test_the_half_of_a_key_that_its_row_has_opens_nothing(town, wrong):
    wrong()
    Undo.objects.update(is_apart=False)

    with pytest.raises(InvalidTag):
        decrypt(UndoCopy.objects.first())


def test_an_undo_from_before_has_its_whole_key_in_its_row(town, wrong, now):
    plan = wrong()
    kept = Undo.objects.get(plan=plan)
    kept.is_apart, kept.key = False, base64.b64encode(b"k" * 32).decode()
    kept.save()
    UndoCopy.objects.filter(undo=kept).update(content=encrypt(kept, ["as it was"]))

    assert decrypt(kept.copies.select_related("undo").first()) == ["as it was"]


def test_halves_of_keys_that_a_crash_left_behind_go(town, wrong, now, settings):
    plan = wrong()
    kept, crashed = (settings.UNDO_KEYS / f"{key}.key" for key in (plan.pk, uuid4()))
    crashed.write_bytes(b"k" * 32)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    undo.end_due(now=now)
    assert crashed.exists()
    for path in (kept, crashed):
        os.utime(path, (0, 0))
    undo.end_due(now=now)

    assert (kept.exists(), crashed.exists()) == (True, False)


def test_without_a_place_for_keys_no_erasure_that_could_be_undone_is_planned(
    town, wrong, settings, tmp_path
):
    (tmp_path / "file").touch()
    settings.UNDO_KEYS = tmp_path / "file" / "keys"

    with pytest.raises(undo.KeysDown, match="UNDO_KEYS"):
        wrong()


@pytest.mark.django_db(transaction=True)
def test_no_key_is_destroyed_while_it_puts_back(town, wrong, now, monkeypatch):
    plan, late = wrong(), now + dt.timedelta(days=15)
    put_back, ended = undo.files.put_back, []

    def end():
        ended.append(undo.end_due(now=late))
        connection.close()

    def meanwhile(kept):
        beside = threading.Thread(target=end)
        beside.start()
        beside.join()
        return put_back(kept)

    monkeypatch.setattr("privacy.undo.files.put_back", meanwhile)
    assert undo.put_back(plan=plan, by="lena", now=late).rows
    assert ended == [0]


def test_the_copies_show_nothing(town, wrong):
    wrong()

    with connection.cursor() as cursor:
        for table in ("privacy_undocopy", "privacy_undo"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            for (text,) in cursor.fetchall():
                assert "5550143" not in text
                assert "Sample" not in text
                assert b"Sample".hex() not in text


def test_the_certificate_says_until_when_a_copy_is_kept(town, wrong, now):
    said = json.loads(Certificate.objects.get(plan=wrong(days=14)).document)

    assert said["sealed_copy_until"] == (now + dt.timedelta(days=14)).isoformat()


def test_what_was_put_back_is_never_replayed(town, wrong, now, settings):
    plan = wrong()
    undo.put_back(plan=plan, by="max", now=now)

    assert erasure.notice(now=now) == {}
    assert journal.read(settings.ERASURE_JOURNAL) == []
    assert erasure.replay(store=None, by="pia", now=now).approved == []


def test_nobody_is_replayed_whose_key_can_t_be_destroyed_yet(
    wrong, now, settings, monkeypatch
):
    plan = wrong()

    def down(plan):
        raise undo.KeysDown

    monkeypatch.setattr("privacy.undo.keys.destroy", down)
    with pytest.raises(undo.KeysDown):
        undo.put_back(plan=plan, by="max", now=now)

    assert journal.read(settings.ERASURE_JOURNAL) == []


def test_the_command_puts_back(town, wrong):
    before = everything(town)
    plan = wrong()
    out = io.StringIO()

    call_command("erasures", "undo", str(plan.pk), "--json", stdout=out)

    said = json.loads(out.getvalue())
    assert (said["rows"], said["changed_since"], said["files"]) == (8, 0, 0)
    assert everything(town) == before


FAMILY = """
CREATE TABLE person (id int PRIMARY KEY, email varchar(60) UNIQUE, name varchar(60));
CREATE TABLE note (id int PRIMARY KEY, body varchar(60),
    person_id int NOT NULL REFERENCES person (id) {deferred},
    reply_to int {itself});
INSERT INTO person VALUES (1, 'ada.sample@example.com', 'Ada');
INSERT INTO note VALUES (6, 'first', 1, NULL);
INSERT INTO note VALUES (5, 'answer', 1, 6), (7, 'last', 1, 5);
UPDATE note SET body = 'first of all' WHERE id = 6;
"""
OF_FAMILY = """
store: town
tables:
  person:
    about: person
    erasure: delete
    columns:
      id: {not_personal: A key}
      email: &value {category: profile_contact, identifier: email, source: direct,
                     purposes: [provide], treatment: nullify}
      name: *value
  note:
    about: linked
    erasure: delete
    links:
      - {column: person_id, to: person.id, role: subject}
      - {column: reply_to, to: note.id, role: subject}
    columns:
      id: {not_personal: A key}
      body: {category: communications, source: direct, purposes: [provide],
             treatment: nullify}
      person_id: {not_personal: A reference}
      reply_to: {not_personal: A reference}
"""


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_what_the_store_refuses_stays_sealed_and_is_tried_again(engine, database, now):
    """She signed up again; her notes can't refer to a row that is not there."""
    town = database(engine)
    town.run(FAMILY.format(**OWN if engine != "mariadb" else dict.fromkeys(OWN, "")))
    stores.connect(name="town", url=town.url, by="pia", now=now)
    files.load(text=OF_FAMILY.replace("name: *value", NAME), by="pia", now=now)
    before = family(town)
    person = identifiers.keep(identifiers.email("ada.sample@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[person], title="R-1", received_at=now, by="lena", now=now,
        undo_days=14,
    )  # fmt: skip
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)
    assert (done.status, family(town)) == ("done", [[], []]), done.problem
    town.run("INSERT INTO person VALUES (9, 'ada.sample@example.com', 'Ada')")

    with pytest.raises(CommandError, match="The store refused 4 rows") as refused:
        call_command("erasures", "undo", str(plan.pk), stdout=io.StringIO())
    assert "ada" not in str(refused.value)
    town.run("DELETE FROM person")
    back = undo.put_back(plan=plan, by="max", now=now)

    assert (back.rows, back.refused, family(town)) == (4, 0, before)
    assert not UndoCopy.objects.exists()


def family(town):
    return [town.rows(f"SELECT * FROM {name} ORDER BY id") for name in FAMILY_TABLES]


FAMILY_TABLES = ("person", "note")
OWN = {  # MariaDB has none that wait, and deletes no row to which one still refers
    "deferred": "DEFERRABLE INITIALLY DEFERRED",
    "itself": "REFERENCES note (id)",
}
NAME = """name: {category: profile_contact, source: direct, purposes: [provide],
             treatment: nullify}"""


def test_an_unknown_plan_gets_one_sentence(db):
    with pytest.raises(CommandError, match="no plan with that number"):
        call_command("erasures", "undo", "7")


def test_a_right_has_its_days(db):
    assert undo.days("erasure") == 0
    UndoPeriod.objects.create(right="erasure", days=30)
    assert undo.days("erasure") == 30


ODD = """
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE TABLE account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE,
    tags text[], spent numeric(12, 4), seen timestamptz, born date, at time,
    gap interval, raw bytea, doc jsonb, ip inet, feels mood,
    "OddName" text, upper_email text GENERATED ALWAYS AS (upper(email)) STORED);
INSERT INTO account (email, tags, spent, seen, born, at, gap, raw, doc, ip, feels,
    "OddName") VALUES
 ('ada.sample@example.com', '{"a,b","c \\"d\\"",NULL}', 12345.6789,
  '2026-03-29 01:30:00.123456+01', '1999-12-31', '23:59:59.5', '1 mon 3 days',
  '\\x00ff10', '{"a": [1, null, "x"], "n": 1e400}', '2001:db8::1/64', 'sad',
  E'tab\\tand ''quotes'' 🙂'),
 ('ben@example.org', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL);
"""
ODD_MAP = """
store: odd
tables:
  account:
    about: person
    erasure: delete
    columns:
      id: {not_personal: A key}
      email: {category: profile_contact, identifier: email, source: direct,
              purposes: [provide], treatment: keep, ground: Test}
      tags: &fact {not_personal: A fact}
      spent: *fact
      seen: *fact
      born: *fact
      at: *fact
      gap: *fact
      raw: *fact
      doc: *fact
      ip: *fact
      feels: *fact
      OddName: *fact
      upper_email: *fact
"""


def test_every_type_of_column_comes_back_to_the_byte(connect, now):
    _, direct = connect("odd", ODD)
    files.load(text=ODD_MAP, by="pia", now=now)
    said = "SELECT string_agg(a::text, '|' ORDER BY id) FROM account a"
    before = direct.execute(said).fetchone()
    ada = identifiers.keep(identifiers.email("ada.sample@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[ada], title="R", received_at=now, by="lena", now=now, undo_days=1
    )
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)
    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert direct.execute("SELECT count(*) FROM account").fetchone() == (1,)

    undo.put_back(plan=done, by="max", now=now)

    assert direct.execute(said).fetchone() == before


LISTS = """
CREATE TABLE member (id int PRIMARY KEY, email text NOT NULL, name text);
CREATE TABLE trip (id int PRIMARY KEY, title text, member_ids int[] NOT NULL,
    seats jsonb NOT NULL, notes text NOT NULL);
INSERT INTO member SELECT 100 + i, 'm' || i || '@example.com', 'Member ' || i
FROM generate_series(1, 6) i;
INSERT INTO trip SELECT i, 'Trip ' || i, ARRAY[100 + i, 100 + i % 6 + 1],
    jsonb_build_object('booked', jsonb_build_array(
        jsonb_build_object('member_id', 100 + i, 'row', 1),
        jsonb_build_object('member_id', 100 + i % 6 + 1, 'row', 2))),
    '{"member_ids": [' || 100 + i || ', ' || 100 + i % 6 + 1 || ']}'
FROM generate_series(1, 6) i;
"""


def test_a_key_that_was_taken_out_of_lists_comes_back_in_its_place(connect, now):
    store, direct = connect("trips", LISTS)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    acceptance.accept_links(store=store, tables=[], by="pia", now=now)
    said = "SELECT string_agg(t::text, '|' ORDER BY id) FROM trip t"
    before = direct.execute(said).fetchone()
    one = identifiers.keep(identifiers.email("m2@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[one], title="R", received_at=now, by="lena", now=now, undo_days=1
    )
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)
    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    ids = direct.execute("SELECT member_ids FROM trip WHERE id IN (1, 2) ORDER BY id")
    assert ids.fetchall() == [([101],), ([103],)]

    put_back = undo.put_back(plan=done, by="max", now=now)

    assert put_back.changed_since == 0
    assert direct.execute(said).fetchone() == before


# --- the keys are lost ----------------------------------------------------------


@pytest.fixture
def lost(town, wrong, now, settings, monkeypatch):
    """The folder of keys was lost when the erasure of Ada was about to begin."""
    carry_out = erasure.carry_out

    def without_key(*, plan, clock):
        (settings.UNDO_KEYS / f"{plan.pk}.key").unlink()
        with pytest.raises(plans.Waits, match="give the undo"):
            carry_out(plan=plan, clock=clock)
        plan.refresh_from_db()
        plan.status = Plan.Status.DONE  # as `wrong` expects it; not saved
        return plan

    monkeypatch.setattr(erasure, "carry_out", without_key)
    plan = wrong()
    monkeypatch.undo()
    return Plan.objects.get(pk=plan.pk)


def test_a_plan_whose_key_is_lost_goes_on_and_its_certificate_says_so(lost, now):
    assert "give the undo" in lost.waits

    undo.give_up(plan=lost, by="max", now=now)
    done = erasure.carry_out(plan=lost, clock=lambda: now)

    assert (done.status, done.problem, done.waits) == (Plan.Status.DONE, "", "")
    certificate = Certificate.objects.get(plan=done)
    said = json.loads(certificate.document)
    assert said["sealed_copy_until"] is None
    assert said["undo_given_up"] == {
        "by": "max", "at": now.isoformat(), "why": "its key was lost",
    }  # fmt: skip
    facts = dict(paper._facts(said, certificate))
    assert facts["Undo ended early"].endswith("by max: its key was lost")
    assert AuditEvent.objects.get(action="undo.given_up").by == "max"
    with pytest.raises(undo.NothingToPutBack):
        undo.put_back(plan=done, by="max", now=now)


def test_no_undo_is_given_up_whose_key_is_there_or_whose_person_is_on_hold(
    lost, now, settings
):
    hold = Hold.objects.create(matter="Suit", placed_by="max", placed_at=now)
    hold.identifiers.set(lost.identifiers.all())
    with pytest.raises(lost_keys.StillHeld):
        undo.give_up(plan=lost, by="max", now=now)

    path = settings.UNDO_KEYS / f"{lost.pk}.key"
    path.write_bytes(b"k" * 32)
    with pytest.raises(undo.KeyIsThere):
        undo.give_up(plan=lost, by="max", now=now)

    path.unlink()
    Plan.objects.update(status=Plan.Status.CANCELLED)
    lost.refresh_from_db()
    with pytest.raises(undo.KeyIsThere):
        undo.give_up(plan=lost, by="max", now=now)
    assert Undo.objects.get(plan=lost).key is not None


def test_no_key_is_lost_while_the_folder_of_the_keys_is_not_connected(
    lost, wrong, now, settings
):
    """An empty place stands where a disk is not connected."""
    settings.UNDO_KEYS.rename(settings.UNDO_KEYS.with_name("elsewhere"))
    settings.UNDO_KEYS.mkdir()

    with pytest.raises(plans.Waits, match="UNDO_KEYS is not reachable"):
        erasure.carry_out(plan=lost, clock=lambda: now)
    assert not undo.may_give_up(lost)
    with pytest.raises(undo.FolderAway):
        undo.give_up(plan=lost, by="max", now=now)
    with pytest.raises(undo.FolderAway):
        wrong()  # no key is put where nobody will look for it

    (settings.UNDO_KEYS / "UNDO_KEYS").touch()  # it is the folder from now on
    assert undo.may_give_up(lost)


def test_a_folder_of_keys_from_before_is_known_by_them(wrong, now, settings):
    plan = wrong()
    (settings.UNDO_KEYS / "UNDO_KEYS").unlink()

    assert not undo.keys.is_away()
    assert undo.put_back(plan=plan, by="max", now=now).rows


def test_the_command_gives_an_undo_up(lost, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks.work, "delay", woken.append)

    call_command("erasures", "give-up-undo", str(lost.pk), stdout=io.StringIO())

    assert woken == [str(lost.pk)]
    with pytest.raises(CommandError, match="key is lost, can be given"):
        call_command("erasures", "give-up-undo", str(lost.pk))


def test_staff_give_an_undo_up_on_the_plan_s_page(lost, now):
    page = reverse("admin:privacy_plan_give_up_undo", args=[lost.pk])
    client = signed_in(MAX)
    shown = client.get(reverse("admin:privacy_plan_change", args=[lost.pk]))
    assert page in shown.text
    assert "UNDO_KEYS" in client.get(page).text

    assert client.post(page).status_code == 302

    assert Undo.objects.get(plan=lost).ended_at is not None
    shown = client.get(reverse("admin:privacy_plan_change", args=[lost.pk]))
    assert page not in shown.text
    assert signed_in(SAM).post(page).status_code == 403
