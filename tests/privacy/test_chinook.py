"""A database that the portal has never seen, with nothing but commands' words."""

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import discovery
from privacy.models import Plan
from tests.privacy.conftest import chinook_script

pytestmark = pytest.mark.django_db


@pytest.fixture
def chinook(connect, now):
    store, direct = connect("chinook", chinook_script())
    discovery.discover(store=store, by="pia", now=now)
    return direct


def planned(plan):
    return {t["table"].split(".")[1]: t["rows"] for t in plan.summary["tables"]}


def test_an_access_request_finds_exactly_what_sql_finds(chinook, now):
    mark = identifiers.keep(identifiers.email("luisg@embraer.com.br"), now=now)

    plan = erasure.plan_access(
        identifiers=[mark], title="Access", received_at=now, by="lena", now=now
    )

    assert planned(plan) == {"customer": 1, "invoice": 7, "invoice_line": 38}


def test_an_erasure_leaves_nothing_and_keeps_what_others_need(chinook, now):
    mark = identifiers.keep(identifiers.email("luisg@embraer.com.br"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Erasure", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    left = chinook.execute(
        "SELECT count(*) FROM customer c WHERE c::text ~* 'gonçalves|embraer|3923'"
    ).fetchone()[0]
    total = chinook.execute("SELECT sum(total) FROM invoice").fetchone()[0]
    assert (left, str(total)) == (0, "2328.60")
