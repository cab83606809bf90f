"""An erasure that a hold kept from being complete is taken up when the hold ends."""

import datetime as dt

import pytest

from privacy import erasure, holds, identifiers, plans
from privacy.models import Hold, Plan, Table

pytestmark = pytest.mark.django_db

ASKED = dt.datetime(2026, 11, 2, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def ada(now):
    return identifiers.keep(identifiers.email("ada.sample@example.com"), now=now)


def erased(ada, now, **more):
    facts = {"title": "R-1", "received_at": ASKED, "by": "lena", "now": now}
    plan = erasure.plan(identifiers=[ada], **facts, **more)
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def people(town):
    said = "SELECT count(*) FROM person WHERE email ILIKE 'ada%'"
    return town.execute(said).fetchone()[0]


def table_hold(now):
    table = Table.objects.get(name="person")
    return holds.place(matter="Roe", identifiers=[], tables=[table], by="l", now=now)


def test_nothing_is_taken_up_while_the_hold_is_open(town, ada, now):
    table_hold(now)
    done = erased(ada, now)

    assert done.status == Plan.Status.DONE
    assert people(town) == 2
    assert erasure.take_up_released(now=now) == []


def test_the_end_of_the_hold_brings_the_erasure_back_with_its_first_clock(
    town, ada, now
):
    hold = table_hold(now)
    first = erased(ada, now)
    later = now + dt.timedelta(days=90)
    holds.release(hold=hold, by="lena", now=later)

    (second,) = erasure.take_up_released(now=later)
    assert erasure.take_up_released(now=later) == []
    plans.approve(plan=second, by="max", now=later)
    done = erasure.carry_out(plan=second, clock=lambda: later)

    assert (second.follows, second.cutoff, second.title) == (first, ASKED, "R-1")
    assert (done.status, people(town)) == (Plan.Status.DONE, 0)
    ada.refresh_from_db()
    assert ada.erased_at == later


def test_the_rest_can_be_undone_as_long_as_the_first(town, ada, now):
    hold = table_hold(now)
    erased(ada, now, undo_days=14)
    holds.release(hold=hold, by="lena", now=now)

    (second,) = erasure.take_up_released(now=now)

    assert second.undo.days == 14


def test_who_was_forgotten_or_put_back_since_stands_in_nobodys_way(town, ada, now):
    hold = table_hold(now)
    ben, zoe = (
        identifiers.keep(identifiers.email(text), now=now)
        for text in ("ben.sample@example.org", "zoe@example.net")
    )
    _, mine, wrong = (erased(person, now) for person in (ada, ben, zoe))
    holds.release(hold=hold, by="lena", now=now)
    identifiers.forget(identifier=ada, by="max", now=now)
    Plan.objects.filter(pk=wrong.pk).update(undone_at=now, undone_by="max")

    (again,) = erasure.take_up_released(now=now)

    assert again.follows == mine


def test_the_person_stays_findable_while_a_hold_keeps_some_of_their_rows(
    town, ada, now
):
    """Forgetting the address would leave the held rows behind for good."""
    table_hold(now)
    erased(ada, now)

    ada.refresh_from_db()
    assert ada.erased_at is None


def test_a_restriction_does_not_stand_in_the_way_of_the_persons_own_erasure(
    town, ada, now
):
    kind = Hold.Kind.RESTRICTION
    holds.place(kind=kind, matter="R-0", identifiers=[ada], tables=[], by="l", now=now)

    done = erased(ada, now)

    assert (done.status, people(town)) == (Plan.Status.DONE, 0)
