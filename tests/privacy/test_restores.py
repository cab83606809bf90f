"""After a restore nobody is back: dump, erase, restore, replay."""

import datetime as dt
import io
import json
import re
import subprocess

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from config.embedded import programs
from privacy import (
    apikeys,
    erasure,
    guard,
    holds,
    identifiers,
    journal,
    plans,
    promises,
)
from privacy.datamap import acceptance, discovery, files
from privacy.erasure import noticing, running
from privacy.models import Certificate, Identifier, Plan, Store
from tests.privacy import messaging
from tests.privacy.factories import PIA, signed_in

pytestmark = pytest.mark.django_db
SAID = r"ada.sample@|(^|[^0-9])1?[( ]*202[-. )]*555[-. ]*0143([^0-9]|$)"
LEFT = f"""
SELECT (SELECT count(*) FROM person p WHERE p::text ~* '{SAID}')
     + (SELECT count(*) FROM message m WHERE m::text ~* '{SAID}')
     + (SELECT count(*) FROM person_tag
        WHERE person_id = '00000000-0000-4000-8000-000000000001')
"""


class Town:
    """A store, with a way to back it up and to restore it, as operators do."""

    def __init__(self, store, direct):
        self.store, self.direct = store, direct
        self.at = direct.info

    def run(self, program, *options, dump=b""):
        where = ["-h", self.at.host, "-U", self.at.user, "-d", self.at.dbname]
        where += ["-p", str(self.at.port)]
        command = [programs.postgres(program), *where, *options]
        env = {"PGPASSWORD": self.at.password}
        return subprocess.run(
            command, env=env, input=dump, capture_output=True, check=True
        ).stdout

    def dump(self):
        return self.run("pg_dump", "--format=custom")

    def restore(self, dump):
        connections[self.store.alias].close()
        self.run("pg_restore", "--clean", "--single-transaction", dump=dump)

    def one(self, statement):
        return self.direct.execute(statement).fetchone()[0]

    def left(self):
        return self.one(LEFT)


@pytest.fixture
def town(connect, now):
    store, direct = connect("town", messaging.SCRIPT)
    files.load(text=messaging.MAP, by="pia", now=now)
    return Town(store, direct)


def erase(now, number="+12025550143"):
    person = identifiers.keep(identifiers.phone(number), now=now, revive=True)
    plan = erasure.plan(
        identifiers=[person], title="R-1", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)
    assert done.status == Plan.Status.DONE, done.problem
    return done


def carry_out(some, now):
    return [erasure.carry_out(plan=plan, clock=lambda: now) for plan in some]


def ran(*arguments):
    out = io.StringIO()
    call_command("erasures", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


# --- the drill ------------------------------------------------------------------
def test_after_a_restore_and_a_replay_nobody_is_back(town, now):
    backup = town.dump()
    first = erase(now)
    assert town.left() == 0
    town.restore(backup)
    assert town.left() > 0
    later = now + dt.timedelta(days=1)

    assert erasure.notice(now=later)["town"] > 0
    again = erasure.replay_where_needed(now=later)
    (done,) = carry_out(again, later)

    assert town.left() == 0
    assert (done.status, done.replays, done.approved_by) == (
        "excepted",
        first.pk,
        "max",
    )
    assert Certificate.objects.filter(plan=done).exists()
    assert erasure.notice(now=later) == {}


def test_a_second_replay_changes_nothing(town, now):
    backup = town.dump()
    erase(now)
    town.restore(backup)
    carry_out(erasure.replay(store=None, by="pia", now=now).approved, now)

    done = erasure.replay(store=None, by="pia", now=now)

    assert (done.approved, done.drafts) == ([], [])


def test_a_replay_that_is_at_work_is_not_begun_twice(town, now):
    backup = town.dump()
    erase(now)
    town.restore(backup)

    first = erasure.replay(store=town.store, by="pia", now=now)
    second = erasure.replay(store=town.store, by="pia", now=now)

    assert (len(first.approved), len(second.approved)) == (1, 0)


def test_a_row_that_had_changed_since_the_backup_is_found_by_its_digest(town, now):
    backup = town.dump()
    town.direct.execute("UPDATE person SET seen_at = seen_at - interval '1 day'")
    erase(now)
    town.restore(backup)

    carry_out(erasure.replay(store=None, by="pia", now=now).approved, now)

    assert town.left() == 0


ADA_S = "00000000-0000-4000-8000-000000000001"
OLDER = "UPDATE person SET seen_at = seen_at - interval '1 day'"


def test_a_restore_is_noticed_though_every_row_had_changed_since(town, now):
    town.direct.execute("DELETE FROM person_tag")
    backup = town.dump()
    town.direct.execute(OLDER)
    town.direct.execute("UPDATE message SET sent_at = sent_at - interval '1 hour'")
    erase(now)
    assert erasure.notice(now=now) == {}
    town.restore(backup)

    assert erasure.notice(now=now)["town"] > 0


def test_who_filled_the_row_that_had_stayed_is_asked_and_not_assumed(town, now):
    """A restore or the person themselves: nothing that had gone is there again."""
    erase(now)
    fill = "UPDATE person SET phone = '+12025550143' WHERE id = %s"
    town.direct.execute(fill, [ADA_S])

    assert erasure.notice(now=now) == {"town": 1}
    assert erasure.replay_where_needed(now=now) == []
    draft = Plan.objects.get(status=Plan.Status.PLANNED)
    assert any("have signed up again" in said for said in draft.summary["exceptions"])
    plans.cancel(plan=draft, by="max", now=now)
    assert erasure.notice(now=now) == {}


def test_a_row_of_an_older_erasure_is_looked_up_too(town, now, monkeypatch):
    """The latest may be of rows that were made after the backup."""
    erase(now)
    town.direct.execute(
        "UPDATE person SET phone = '+12025550143' WHERE id = %s", [ADA_S]
    )
    erase(now, "+12025550117")
    monkeypatch.setattr(noticing, "LATEST", 1)

    assert erasure.notice(now=now)["town"] > 0


def test_a_person_who_came_back_by_themselves_is_not_erased_unseen(town, now):
    erase(now)
    later = now + dt.timedelta(days=30)
    town.direct.execute(
        "INSERT INTO person (id, org_id, name, phone, seen_at) VALUES "
        "(gen_random_uuid(), 1, 'Ada Sample', '+12025550143', %s)",
        [later],
    )

    done = erasure.replay(store=None, by="pia", now=later)

    assert done.approved == []
    (draft,) = done.drafts
    assert (draft.status, draft.approved_by) == (Plan.Status.PLANNED, "")
    assert any("have signed up again" in said for said in draft.summary["exceptions"])
    assert town.one("SELECT count(*) FROM person WHERE phone = '+12025550143'") == 1


def test_what_a_hold_keeps_is_not_erased_by_a_replay(town, now):
    backup = town.dump()
    erase(now)
    town.restore(backup)
    ada = identifiers.keep(identifiers.phone("+12025550143"), now=now, revive=True)
    holds.place(matter="Roe", identifiers=[ada], tables=[], by="lena", now=now)
    hers = "SELECT count(*) FROM person WHERE name ~* 'ada sample'"
    assert town.one(hers) == 2

    carry_out(erasure.replay(store=None, by="pia", now=now).approved, now)

    assert town.one(hers) == 2


def test_the_board_turns_red_and_names_the_store(town, now):
    backup = town.dump()
    erase(now)
    town.restore(backup)

    checks = {check.promise_id: check for check in promises.run(now=now)}

    evidence = json.dumps(checks["gone-means-gone"].evidence)
    assert checks["gone-means-gone"].state == "broken"
    assert "town was restored: what was erased is back" in evidence


# --- the portal itself restored ---------------------------------------------------
def test_the_journal_replays_what_a_restored_portal_does_not_know(town, now):
    backup = town.dump()
    plan = erase(now)
    key = plan.pk
    forget_everything(plan)
    town.restore(backup)

    done = erasure.replay(store=None, by="pia", now=now)
    carry_out(done.approved, now)

    assert town.left() == 0
    assert done.approved[0].replays == key


def forget_everything(plan):
    """As if the portal's database came from before the erasure."""
    Certificate.objects.filter(plan=plan).delete()
    plan.rows.all().delete()
    plan.ranges.all().delete()
    people = list(plan.identifiers.values_list("pk", flat=True))
    plan.delete()
    Identifier.objects.filter(pk__in=people).delete()


def test_the_journal_holds_no_personal_data(town, now):
    erase(now)

    text = settings.ERASURE_JOURNAL.read_text()

    assert text.count("\n") >= 2
    text = re.sub(r"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)
    for said in ("0143", "ada", "Ada", "Sample", "202"):
        assert said not in text.replace("2026", "")


def test_an_erasure_that_was_cancelled_is_carried_out_by_no_restored_portal(
    town, now, django_capture_on_commit_callbacks
):
    person = identifiers.keep(identifiers.phone("+12025550143"), now=now)
    plan = erasure.plan(
        identifiers=[person], title="R", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    running.begin_many(some=[plan], clock=lambda: now)
    assert len(journal.read(settings.ERASURE_JOURNAL)) == 1

    with django_capture_on_commit_callbacks(execute=True):
        plans.cancel(plan=plan, by="lena", now=now)
    Plan.objects.all().delete()  # the portal is restored from before

    assert journal.read(settings.ERASURE_JOURNAL) == []
    assert erasure.replay(store=None, by="pia", now=now).approved == []


def test_very_many_rows_that_an_erasure_left_keep_the_journal_whole(town, now):
    erase(now)

    journal.leave_out(plan="x", prints=["0" * 64] * 20_000, now=now)
    erase(now, "+12025550117")

    assert len(journal.read(settings.ERASURE_JOURNAL)) == 2


def test_a_changed_journal_is_refused_and_a_torn_last_line_is_not(town, now):
    erase(now)
    path = settings.ERASURE_JOURNAL
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"said": "half')
    assert len(journal.read(path)) == 1
    erase(now, "+12025550117")
    assert len(journal.read(path)) == 2
    path.write_bytes(path.read_bytes().replace(b"person", b"parson", 1))

    with pytest.raises(journal.JournalBroken):
        journal.read(path)


def test_nothing_is_erased_when_the_journal_can_not_be_written(town, now, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    settings.ERASURE_JOURNAL = blocker / "erasures.jsonl"
    person = identifiers.keep(identifiers.phone("+12025550143"), now=now)
    plan = erasure.plan(
        identifiers=[person], title="R", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    with pytest.raises(journal.JournalDown):
        erasure.carry_out(plan=plan, clock=lambda: now)

    assert town.left() > 0
    plan.refresh_from_db()
    assert plan.status == Plan.Status.APPROVED


# --- by command, page and API -----------------------------------------------------
def test_the_command_replays_and_waits(town, now):
    backup = town.dump()
    erase(now)
    town.restore(backup)

    said = ran("replay", "--store", "town", "--wait")

    assert (said["stores"], len(said["replayed"])) == (["town"], 1)
    assert town.left() == 0


def test_what_is_not_there_or_no_journal_gets_one_sentence(db, tmp_path):
    with pytest.raises(CommandError, match="No store of that name"):
        call_command("erasures", "replay", "--store", "nowhere")
    trail = tmp_path / "trail.jsonl"
    with pytest.raises(CommandError, match="There is no journal"):
        call_command("erasures", "replay", "--journal", str(trail))
    for line in ('{"previous": "0", "hash": "1"}', "[1]", "7"):
        trail.write_text(f"{line}\n")
        with pytest.raises(CommandError, match="Line 1 of the journal"):
            call_command("erasures", "replay", "--journal", str(trail))


def test_the_page_of_a_store_says_what_is_back_and_replays(town, now):
    backup = town.dump()
    erase(now)
    town.restore(backup)
    url = f"/admin/privacy/store/{town.store.pk}/replay/"
    client = signed_in(PIA)

    assert "restored from a backup" in client.get(url).text
    answer = client.post(url, follow=True)

    assert "1 are being erased again" in answer.text
    assert Plan.objects.filter(planned_by="restore").exists()


def test_backups_have_a_last_day_on_the_certificate(town, now):
    Store.objects.update(backups_days=35)
    plan = erase(now)

    said = json.loads(Certificate.objects.get(plan=plan).document)

    assert said["backups"] == {"town": (now + dt.timedelta(days=35)).isoformat()}


# --- the digest guard ---------------------------------------------------------------
def test_an_importer_is_told_who_must_not_come_back(town, now):
    erase(now)
    gone = identifiers.phone("(202) 555-0143")
    there = identifiers.phone("+12025550117")

    assert guard.erased([gone, there]) == {gone: now}


def test_the_guard_answers_over_http(town, now, client):
    erase(now)
    key = apikeys.create(name="crm", scopes=["erasures:check"], by="o", now=now)

    answer = client.post(
        "/api/v1/erasures/check",
        {"people": ["+1 202 555 0143", "ben.sample@example.org", "what"]},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )

    found = [(r["erased"], r["understood"]) for r in answer.json()["results"]]
    assert found == [(True, True), (False, True), (False, False)]


def test_the_guard_needs_its_scope(db, now, client):
    key = apikeys.create(name="crm", scopes=["consent:check"], by="o", now=now)

    answer = client.post(
        "/api/v1/erasures/check",
        {"people": ["+12025550143"]},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )

    assert answer.status_code == 403


# --- rows that are somebody else's too ------------------------------------------
HOUSE = """
CREATE TABLE client (id int PRIMARY KEY, name text, email text, mobile text);
CREATE TABLE household (id int PRIMARY KEY, client_id int REFERENCES client,
    partner_id int REFERENCES client, line1 text, town text, about text);
CREATE TABLE visit (id int PRIMARY KEY, client_id int REFERENCES client, note text);
INSERT INTO client VALUES (1, 'Orla Sample', 'orla@example.com', '+12025550143'),
    (2, 'Hugh Example', 'hugh@example.com', '+12025550117');
INSERT INTO household VALUES (1, 1, 2, '1 Main Street', 'Springfield', NULL),
    (2, 1, 2, '2 High Street', 'Springfield', 'ask orla@example.com');
INSERT INTO visit VALUES (1, 1, NULL), (2, 1, 'asthma'), (3, 2, 'well');
"""
SHARED = "SELECT array_agg(h ORDER BY id)::text FROM household h"


@pytest.fixture
def house(connect, now):
    store, direct = connect("house", HOUSE)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    return Town(store, direct)


def erase_orla(now):
    person = identifiers.keep(identifiers.email("orla@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[person], title="R-2", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def test_rows_that_an_erasure_left_as_they_were_are_not_taken_for_back(house, now):
    done = erase_orla(now)
    planned = set(done.rows.values_list("table__name", "is_unchanged"))
    was = house.one(SHARED)
    later = now + dt.timedelta(days=1)

    assert {("household", True), ("household", False)} <= planned
    assert erasure.notice(now=later) == {}
    assert erasure.replay_where_needed(now=later) == []
    by_hand = erasure.replay(store=house.store, by="pia", now=later)
    assert (by_hand.approved, by_hand.drafts) == ([], [])
    assert house.one(SHARED) == was
    assert "1 Main Street" in was


def test_the_journal_knows_them_too(house, now):
    done = erase_orla(now)

    [one] = journal.read(settings.ERASURE_JOURNAL)

    [known] = journal.known([done])
    assert one.rows == known.rows
    assert (one.own, one.unchanged) == (known.own, known.unchanged)
    assert one.unchanged


def test_a_replay_does_no_more_to_a_row_than_was_approved(house, now):
    backup = house.dump()
    erase_orla(now)
    was = house.one(SHARED)
    house.restore(backup)
    assert house.one(SHARED) != was
    later = now + dt.timedelta(days=1)

    (done,) = carry_out(erasure.replay_where_needed(now=later), later)

    assert house.one(SHARED) == was
    assert house.one("SELECT count(*) FROM client WHERE email ~ 'orla@'") == 0
    assert house.one("SELECT count(*) FROM client WHERE name ~ 'Hugh'") == 1
    assert done.title == "R-2, after a restore"
    assert erasure.notice(now=later) == {}


def test_an_old_row_that_no_plan_named_waits_for_a_person(town, now):
    """It was there when the person was searched for, and was not theirs."""
    erase(now)
    town.direct.execute(
        "INSERT INTO message (from_number, to_number, body, sent_at)"
        " VALUES ('+12025550143', '+12025550100', 'hello', '2020-01-01')"
    )

    done = erasure.replay(store=town.store, by="pia", now=now)

    assert (len(done.approved), len(done.drafts)) == (0, 1)


def test_rows_that_an_older_plan_did_not_mark_end_in_one_replay(house, now):
    done = erase_orla(now)
    done.rows.update(is_unchanged=False)
    later = now + dt.timedelta(days=1)

    was = house.one(SHARED)
    carry_out(erasure.replay_where_needed(now=later), later)

    assert erasure.notice(now=later) == {}
    assert house.one(SHARED) == was
