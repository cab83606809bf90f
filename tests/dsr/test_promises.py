"""Late and undecided requests turn the board red."""

import datetime as dt

import pytest

from dsr.models import Ticket
from privacy import promises
from privacy.models import PromiseCheck
from tests.dsr.test_requests import ask

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "regime"),
    [
        ("rights-us", "ccpa"),
        ("rights-eu-uk", "gdpr"),
        ("rights-eu-uk", "unspecified"),
        ("rights-eu-uk", "pipeda"),
    ],
)
def test_a_request_past_its_day_turns_the_promise_red(now, code, regime):
    ticket = ask(now, regime=regime)
    on_time = promises.run(code=code, now=now)[0]

    late = promises.run(code=code, now=now + dt.timedelta(days=60))[0]

    assert on_time.state == PromiseCheck.State.KEPT
    assert late.state == PromiseCheck.State.BROKEN
    assert ticket.reference in late.evidence[0]["sentence"]
    assert late.evidence[0]["url"]


def test_a_request_closed_without_a_decision_turns_the_promise_red(now):
    ticket = ask(now)
    ticket.plan = _plan(now)
    ticket.status, ticket.closed_at = Ticket.Status.ANSWERED, now
    ticket.outcome = Ticket.Outcome.WHOLE
    ticket.save()

    found = promises.run(code="rights-eu-uk", now=now)[0]

    assert found.state == PromiseCheck.State.BROKEN


def _plan(now):
    from privacy.models import Plan

    return Plan.objects.create(kind="access", planned_by="x", planned_at=now)
