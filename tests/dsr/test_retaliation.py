"""Whether those who asked are served on other terms since: listed for a person."""

import datetime as dt

import pytest
from django.utils import timezone

from dsr import requests, retaliation, tasks
from dsr.models import Terms
from privacy import promises, stores, subjects
from privacy.datamap import dumping, files
from privacy.models import Promise, Store, Table
from tests.dsr.factories import NOW, approved, asked, clock

pytestmark = pytest.mark.django_db
OTHER_ORG = "UPDATE person SET org_id = 3 - org_id WHERE name = %s"
LATER = NOW + dt.timedelta(days=30)
CODE = "no-retaliation"


@pytest.fixture
def watched(town, now):
    """The business that serves a person stands for the terms of the town."""
    text = dumping.dump(Store.objects.get(name="town"))
    files.load(
        text=text.replace("start: seen_at", "start: seen_at\n    terms: [org_id]", 1),
        by="pia",
        now=now,
    )
    return town


def look(now=LATER):
    return promises.CHECKS[CODE](now=now)


def test_what_changed_since_a_request_is_for_a_person_to_judge(watched):
    ticket = asked("access")
    assert retaliation.note(now=NOW) == 2  # Ada is there twice
    assert retaliation.note(now=NOW) == 0
    assert look().state == "kept"

    watched.execute(OTHER_ORG, ["Ben Sample"])
    assert look().state == "kept"  # he asked for nothing
    watched.execute(OTHER_ORG, ["Ada Sample"])

    outcome = look()
    (found,) = outcome.evidence
    assert outcome.state == "broken"
    assert found.sentence == (
        f"{ticket}: “org_id” of their row in town.person has changed since"
    )
    promises.acknowledge(
        promise=Promise.objects.get(code=CODE),
        subject=found.subject,
        reason="She moved herself",
        by="lena",
        now=LATER,
    )
    assert look().state == "kept"


def test_ninety_days_are_watched_and_then_the_notes_end(watched):
    asked("access")
    retaliation.note(now=NOW)
    watched.execute(OTHER_ORG, ["Ada Sample"])
    last, after = NOW + dt.timedelta(days=90), NOW + dt.timedelta(days=90, seconds=1)

    assert look(last).state == "broken"
    assert look(after).state == "kept"
    assert (retaliation.forget(now=last), Terms.objects.count()) == (0, 2)
    assert (retaliation.forget(now=after), Terms.objects.count()) == (2, 0)


def test_what_they_asked_to_end_is_no_retaliation(watched):
    ticket = approved("erasure")
    assert retaliation.note(now=NOW) == 2
    requests.fulfil(ticket=ticket, clock=clock)
    watched.execute("UPDATE person SET org_id = 3 - org_id")

    assert look().state == "kept"
    Terms.objects.all().delete()
    assert retaliation.note(now=NOW) == 0  # nobody knows any more whose request it was


def test_a_row_that_is_gone_says_nothing(watched):
    asked("access")
    retaliation.note(now=NOW)
    watched.execute("TRUNCATE person CASCADE")

    assert look().state == "kept"


def test_nothing_of_it_is_in_clear(watched):
    asked("access")
    retaliation.note(now=NOW)

    row = Terms.objects.first()
    assert b"org_id" not in bytes(row.told.blob)
    assert str(row) == f"Terms in town.person at {row.ticket}"


def test_without_terms_in_the_map_nobody_watches(town):
    asked("access")

    assert retaliation.note(now=NOW) == 0
    assert look().state == "unkept"


def test_a_store_that_is_down_leaves_them_for_the_next_time(watched, monkeypatch):
    def down(**_):
        raise stores.StoreDown

    monkeypatch.setattr(timezone, "now", lambda: NOW)
    asked("access")
    with monkeypatch.context() as patch:
        patch.setattr(subjects, "glance", down)
        assert tasks.watch_terms() == 0
    assert tasks.watch_terms() == 2


def test_the_map_keeps_terms_and_refuses_a_column_that_there_is_not(watched, now):
    text = dumping.dump(Store.objects.get(name="town"))

    assert Table.objects.get(name="person").terms == ["org_id"]
    assert "terms" in text
    with pytest.raises(files.BadMap, match="has no column price"):
        files.load(text=text.replace("- org_id", "- price", 1), by="pia", now=now)
