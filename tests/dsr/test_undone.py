"""An erasure that was put back is no answer any more, and its request says so."""

import pytest

from dsr import requests
from dsr.models import Notice, Task, Ticket
from privacy import undo
from privacy.models import AuditEvent, UndoPeriod
from tests.dsr.factories import ADA, LENA, MAX, NOW, answered, clock

pytestmark = pytest.mark.django_db
Status = Ticket.Status


@pytest.fixture
def erased(town):
    """Ada's erasure, which can be undone for 14 days."""
    UndoPeriod.objects.create(right="erasure", days=14)
    return answered("erasure", regime="EU-GDPR")


def rows_of_ada(town):
    return town.execute("SELECT count(*) FROM person WHERE phone = %s", [ADA])


def test_the_days_of_undo_that_are_set_count_for_requests(town, erased):
    assert rows_of_ada(town).fetchone() == (0,)

    undo.put_back(plan=erased.plan, by=MAX, now=NOW)

    assert rows_of_ada(town).fetchone() != (0,)


def test_its_request_opens_again_with_a_task_and_no_letter(town, erased):
    due, letters = erased.due_date, Notice.objects.count()

    undo.put_back(plan=erased.plan, by=MAX, now=NOW)

    erased.refresh_from_db()
    assert (erased.status, erased.outcome, erased.decision) == ("received", "", "")
    assert (erased.due_date, erased.plan) == (due, None)
    assert "undone on 24 November 2026" in requests.why_back(erased)
    task = Task.objects.get(ticket=erased)
    assert (task.team, task.done_at, task.made_by) == ("Legal", None, MAX)
    assert Notice.objects.count() == letters
    assert AuditEvent.objects.filter(action="ticket.received", by=MAX).exists()


def test_it_can_be_planned_and_answered_again(town, erased):
    first = erased.outcome
    undo.put_back(plan=erased.plan, by=MAX, now=NOW)
    erased.refresh_from_db()

    requests.plan(ticket=erased, by=LENA, now=NOW)
    requests.approve(ticket=erased, by=MAX, now=NOW)
    requests.fulfil(ticket=erased, clock=clock)

    assert (erased.status, erased.outcome) == (Status.ANSWERED, first)
    assert Notice.objects.filter(ticket=erased, kind="answer").count() == 2
    assert rows_of_ada(town).fetchone() == (0,)


def test_a_request_that_was_not_answered_stays_as_it_is(town, erased):
    """Undone twice: the store may have refused a row at first."""
    undo.put_back(plan=erased.plan, by=MAX, now=NOW)
    erased.refresh_from_db()
    requests.plan(ticket=erased, by=LENA, now=NOW)

    for listener in undo.LISTENERS:
        listener(erased.plans.earliest("planned_at"), MAX, NOW)

    erased.refresh_from_db()
    assert erased.status == Status.PLANNED
    assert Task.objects.count() == 1
