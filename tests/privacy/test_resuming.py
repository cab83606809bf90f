"""A plan that had stopped goes on only with rows that are still what was approved."""

import pytest
from django.urls import reverse

from privacy import erasure, identifiers, plans
from privacy.erasure import running
from privacy.models import Plan
from tests.privacy.factories import MAX, signed_in

pytestmark = pytest.mark.django_db
REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
 'BEGIN RAISE EXCEPTION ''no''; END';
CREATE TRIGGER refuse BEFORE UPDATE ON message FOR EACH ROW
 WHEN (OLD.body LIKE 'Thanks%') EXECUTE FUNCTION refuse()
"""
GIVE = "UPDATE message SET from_number = %s WHERE body LIKE 'Thanks%%'"
ADAS, BENS = "+12025550143", "+12025550117"


@pytest.fixture
def approved(town, now):
    ada = identifiers.keep(identifiers.phone(ADAS), now=now)
    plan = erasure.plan(
        identifiers=[ada], title="R-1", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    return plan


@pytest.fixture
def incomplete(town, approved, now):
    """The store refused one message of Ada's."""
    town.execute(REFUSE)
    done = erasure.carry_out(plan=approved, clock=lambda: now)
    town.execute("DROP TRIGGER refuse ON message")
    assert done.status == Plan.Status.INCOMPLETE
    return done


@pytest.fixture
def paused(approved, now):
    running.begin_many(some=[approved], clock=lambda: now)
    plans.pause(plan=approved, by="max", now=now)
    return approved


@pytest.mark.parametrize(
    ("stopped", "go_on"), [("incomplete", erasure.retry), ("paused", erasure.resume)]
)
def test_rows_that_changed_since_the_approval_are_not_touched(
    request, town, now, stopped, go_on
):
    plan = request.getfixturevalue(stopped)
    town.execute(GIVE, [BENS])

    with pytest.raises(erasure.RowsChanged, match=r"^Rows of town\.message changed"):
        go_on(plan=plan, by="max", now=now)

    assert Plan.objects.get(pk=plan.pk).status == stopped
    town.execute(GIVE, [ADAS])
    go_on(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)
    assert (done.status, done.problem) == (Plan.Status.DONE, "")


def test_a_row_that_is_gone_by_now_stops_nothing(incomplete, town, now):
    town.execute("DELETE FROM message WHERE body LIKE 'Thanks%'")

    erasure.retry(plan=incomplete, by="max", now=now)

    done = erasure.carry_out(plan=incomplete, clock=lambda: now)
    assert (done.status, done.problem) == (Plan.Status.DONE, "")


def test_the_plan_s_page_says_why_it_is_not_tried_again(incomplete, town):
    town.execute(GIVE, [BENS])
    page = reverse("admin:privacy_plan_retry", args=[incomplete.pk])

    answer = signed_in(MAX).post(page, follow=True)

    assert "Rows of town.message changed after they were approved" in answer.text
    incomplete.refresh_from_db()
    assert incomplete.status == Plan.Status.INCOMPLETE
