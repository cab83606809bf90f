"""Twenty times in a row a worker dies in the middle of an erasure and a sweep, each of
which loses two workers."""

import datetime as dt
import random
import time

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from privacy import audit, erasure, identifiers, plans, retention, stores, tasks
from privacy.datamap import files
from privacy.models import Category, Plan, Promise, Rule, Store, Table
from tests.privacy import messaging

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 20
MORE = """
INSERT INTO message (person_id, from_number, to_number, body, sent_at)
SELECT '00000000-0000-4000-8000-000000000001', '+12025550143', '+12025550100',
    'it is 202 555 0143', timestamptz '2026-01-01' + n * interval '1 minute'
FROM generate_series(1, 6000) n;
INSERT INTO message (person_id, from_number, to_number, body, sent_at)
SELECT '00000000-0000-4000-8000-000000000003', '+12025550117', '+12025550100', 'hi',
    timestamptz '2020-01-01' + n * interval '1 minute' FROM generate_series(1, 60000) n;
"""
AFRESH = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
ROWS = """
SELECT p::text FROM person p UNION ALL SELECT m::text FROM message m
UNION ALL SELECT t::text FROM person_tag t UNION ALL SELECT r::text FROM receipt r
"""


@pytest.fixture
def town(transactional_db, scratch_database, now):
    address = scratch_database()
    with psycopg.connect(address.conninfo, autocommit=True) as direct:
        direct.execute(messaging.SCRIPT + MORE)
        stores.connect(name="town", url=address.url, by="pia", now=now)
        files.load(text=messaging.MAP, by="pia", now=now)
        Rule.objects.create(
            name="messages",
            title="Text messages",
            table=Table.objects.get(name="message"),
            start="sent_at",
            months=24,
            action=Rule.Action.DELETE,
            category=Category.objects.get(code="communications"),
            promise=Promise.objects.get(code="retained-no-longer"),
            citation="Policy, Retention",
        )
        yield direct
    connections[Store.objects.get(name="town").alias].close()


def approved(now: dt.datetime) -> list[Plan]:
    mark = identifiers.phone("+12025550143")
    row = identifiers.keep(mark, now=now, revive=True)
    person = erasure.plan(
        identifiers=[row], title="R-1", received_at=now, by="lena", now=now
    )
    sweep = retention.preview(rule=Rule.objects.get(), by="pia", now=now)
    plans.approve(plan=person, by="max", now=now)
    retention.approve(sweep=sweep, by="max", now=now)
    Plan.objects.filter(pk=sweep.pk).update(batch=plans.SMALLEST_BATCH)
    return [person, sweep]


def finished(made: list[Plan]) -> list[str]:
    found = Plan.objects.filter(pk__in=[plan.pk for plan in made])
    return [plan.status for plan in found if plan.finished_at]


def problems(made: list[Plan]) -> list[str]:
    return [Plan.objects.get(pk=plan.pk).problem for plan in made]


def carry_on(made: list[Plan], seconds: float) -> None:
    """What beat does every ten seconds, in a hurry."""
    end = time.monotonic() + seconds
    while len(finished(made)) < len(made):
        assert time.monotonic() < end, [(p.status, p.problem) for p in made]
        tasks.resume_work.delay()
        time.sleep(0.5)


def test_a_killed_worker_changes_nothing_in_the_end(town, two_workers, now):
    dice = random.Random(7)
    made = approved(timezone.now())
    tasks.work.delay(str(made[1].pk))
    carry_on(made[1:], 60)
    tasks.work.delay(str(made[0].pk))
    carry_on(made, 60)
    assert finished(made) == [Plan.Status.DONE] * 2, problems(made)
    undisturbed = set(town.execute(ROWS))
    deaths = 0
    for number in range(0, TIMES, 2):
        town.execute(AFRESH + messaging.SCRIPT + MORE)
        made = approved(timezone.now())
        for worker in (number + 1, number + 2):
            for plan in made:
                tasks.work.delay(str(plan.pk))
            time.sleep(dice.random() * 1.2)
            deaths += bool(len(finished(made)) < 2)
            two_workers.kill(f"worker{worker}")
            two_workers.start()
        carry_on(made, 90)

        assert finished(made) == [Plan.Status.DONE] * 2, problems(made)
        assert set(town.execute(ROWS)) ^ undisturbed == set()
        assert plans.progress(made[1])["rows"] == 60_001
    assert deaths > TIMES / 2
    assert audit.verify() > TIMES
