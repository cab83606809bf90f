"""Files, histories and notices that hang on a person's row by a word and a key."""

import pytest

from privacy import erasure, holds, identifiers, plans
from privacy.datamap import Map, acceptance, discovery, drift, files
from privacy.models import Column, Link
from tests.privacy.conftest import DATABASES

pytestmark = pytest.mark.django_db
SCRIPT = (DATABASES / "invented" / "morphs.sql").read_text()


@pytest.fixture
def morphs(connect, now):
    store, direct = connect("morphs", SCRIPT)
    return discovery.discover(store=store, by="pia", now=now).mapped, direct


@pytest.fixture
def plan(morphs, now):
    def make(who, kind="plan"):
        mark = identifiers.keep(identifiers.email(who), now=now)
        said = {"title": "Mary", "received_at": now, "by": "lena", "now": now}
        return getattr(erasure, kind)(identifiers=[mark], **said)

    return make


def erased(plan, now):
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)
    assert (done.status in plans.COMPLETE, done.problem) == (True, "")


def left(direct, mapped, text):
    tables = [t.full_name for t in mapped.tables.values()]
    query = "SELECT count(*) FROM {} t WHERE t::text ~ %s"
    counts = {t: direct.execute(query.format(t), [text]).fetchone()[0] for t in tables}
    return {table: count for table, count in counts.items() if count}


def test_words_and_keys_lead_to_the_rows_they_mean(morphs):
    mapped, _ = morphs

    links = {
        f"{link.table.full_name}.{link.said}".replace("morphs.", "")
        for link in mapped.links
        if link.when and link.role == "subject"
    }

    model = "App\\Models\\Person"
    assert links == {
        "rails.active_storage_attachments.record_id → rails.users.id"
        " where record_type is “User”",
        "rails.active_storage_attachments.record_id → rails.posts.id"
        " where record_type is “Post”",
        "rails.active_storage_attachments.record_id →"
        " rails.active_storage_variant_records.id"
        " where record_type is “ActiveStorage::VariantRecord”",
        "rails.audits.auditable_id → rails.users.id where auditable_type is “User”",
        "rails.audits.auditable_id → rails.posts.id where auditable_type is “Post”",
        "rails.versions.item_id → rails.users.id where item_type is “User”",
        "laravel.crm_media.model_id → laravel.crm_people.id"
        f" where model_type is “{model}”",
        "laravel.crm_activity_log.subject_id → laravel.crm_people.id"
        f" where subject_type is “{model}”",
        "laravel.crm_notifications.notifiable_id → laravel.crm_people.id"
        f" where notifiable_type is “{model}”",
        "django.auditlog_logentry.object_pk → django.shop_customer.id"
        " where content_type_id is “7”",
        "django.auditlog_logentry.object_id → django.shop_customer.id"
        " where content_type_id is “7”",
        "django.reversion_version.object_id → django.shop_customer.id"
        " where content_type_id is “7”",
    }


def test_files_and_histories_of_a_person_end_with_them(morphs, plan, now):
    mapped, direct = morphs
    before = direct.execute("SELECT count(*) FROM rails.versions").fetchone()

    erased(plan("mary3@example.com"), now)

    said = "Old3\\M|Mary3\\M|scan-(3|23|43)\\.|passport-3\\.|203.0.113.3\\M"
    assert left(direct, mapped, said) == {}
    assert len(left(direct, mapped, said.replace("3", "5"))) > 8
    assert direct.execute("SELECT count(*) FROM rails.versions").fetchone() == before


def test_a_file_that_something_else_shows_too_stays(morphs, plan, now):
    mapped, direct = morphs

    erased(plan("mary4@example.com"), now)

    assert left(direct, mapped, "scan-4\\.") == {"rails.active_storage_blobs": 1}
    assert left(direct, mapped, "scan-24\\.") == {}


def test_a_hold_reaches_as_far_as_the_words_and_keys_do(plan, now):
    mark = identifiers.keep(identifiers.email("mary3@example.com"), now=now)
    holds.place(matter="Doe v. Roe", identifiers=[mark], tables=[], by="lena", now=now)

    made = plan("mary3@example.com")

    tables = [t for t in made.summary["tables"] if t["ground"] != erasure.HELD]
    assert [t["table"] for t in tables] == []
    assert {t["rows"] for t in made.summary["tables"]} >= {1, 3}


def test_a_plan_says_which_rows_name_files_that_it_does_not_reach(plan):
    said = plan("mary3@example.com").summary["exceptions"]

    assert (
        "morphs.rails.active_storage_blobs: 3 rows name files, and the map does not say"
        " in which storage. The files stay." in said
    )
    media = "morphs.laravel.crm_media: 1 rows name files"
    assert any(text.startswith(media) for text in said)


def test_a_copy_holds_what_histories_say_of_the_person(plan):
    said = plan("mary3@example.com", kind="plan_access").summary["tables"]

    rows = {table["table"].removeprefix("morphs."): table["rows"] for table in said}
    assert rows["rails.audits"] == 2  # of the user and of the user's post
    assert rows["rails.versions"] == 1
    assert rows["laravel.crm_activity_log"] == 1
    assert rows["django.auditlog_logentry"] == 1
    assert rows["rails.active_storage_blobs"] == 3


def test_a_word_that_no_table_is_called_waits_for_a_person(morphs):
    waiting = Column.objects.get(table__name="crm_badges", name="badgeable_id")

    assert waiting.confidence < 0.5
    assert "Squad beside it, and there is no such table" in waiting.reason


WORDS = """
CREATE SCHEMA log;
CREATE TABLE member (id int PRIMARY KEY, email text, surname text);
CREATE TABLE team (id int PRIMARY KEY, colour text);
CREATE TABLE log.audit (id int PRIMARY KEY, table_name text, row_id int,
    old_values text);
CREATE TABLE log.seen (id int PRIMARY KEY, member_id int, url text);
INSERT INTO member SELECT i, 'mary' || i || '@example.com', 'Moore' || i
  FROM generate_series(1, 9) i;
INSERT INTO log.audit SELECT i, 'member', i, '{"surname": "Old' || i || '"}'
  FROM generate_series(1, 9) i;
INSERT INTO log.seen SELECT i, i, '/' FROM generate_series(1, 9) i;
"""


def test_a_word_that_appears_after_discovery_is_noticed(connect, now):
    store, direct = connect("words", WORDS)
    mapped = discovery.discover(store=store, by="pia", now=now).mapped
    said = {f"{link.table.full_name}.{link.said}" for link in mapped.links}
    assert said == {
        "log.audit.row_id → words.member.id where table_name is “member”",
        "log.seen.member_id → words.member.id",
    }
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    files.load(text=files.dump(store), by="pia", now=now)
    assert drift.problems(Map(store)) == []

    direct.execute("INSERT INTO team VALUES (1, 'red')")
    direct.execute("INSERT INTO log.audit VALUES (10, 'team', 1, '')")

    [problem] = drift.problems(Map(store))
    assert (problem.place, "(team)" in problem.what) == (
        "words.log.audit.table_name", True,
    )  # fmt: skip
    discovery.discover(store=store, by="pia", now=now)
    assert drift.problems(Map(store)) == []
    assert Link.objects.filter(when={"table_name": "team"}).exists()
