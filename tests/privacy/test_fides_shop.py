"""The sample shop of Fides, which declares no foreign key: found, given, erased."""

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import discovery
from privacy.models import Plan
from tests.privacy.conftest import DATABASES

pytestmark = pytest.mark.django_db
SAMPLE = DATABASES / "fides_postgres_sample.sql"
JOHN = {
    "customer": 1,
    "orders": 3,
    "payment_card": 1,
    "login": 6,
    "visit": 1,
    "service_request": 1,
    "composite_pk_test": 1,
}


@pytest.fixture
def shop(connect, now):
    store, direct = connect("shop", SAMPLE.read_text())
    discovery.discover(store=store, by="pia", now=now)
    return direct


@pytest.fixture
def john(now):
    return identifiers.keep(identifiers.email("customer-1@example.com"), now=now)


def planned(plan):
    return {t["table"].removeprefix("shop."): t["rows"] for t in plan.summary["tables"]}


def test_what_was_discovered_finds_what_its_readme_expects(shop, john, now):
    plan = erasure.plan_access(
        identifiers=[john], title="Access", received_at=now, by="lena", now=now
    )

    assert planned(plan) == JOHN


def test_an_erasure_leaves_no_trace_of_him_and_touches_nobody_else(shop, john, now):
    others = "SELECT count(*) FROM customer WHERE email ~ '@example.com'"
    plan = erasure.plan(
        identifiers=[john], title="Erasure", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    assert shop.execute(others).fetchone()[0] == 2
    for table in ("customer", "visit", "service_request", "payment_card"):
        left = f"SELECT count(*) FROM {table} t WHERE t::text ~ 'customer-1@|John Cust'"
        assert shop.execute(left).fetchone()[0] == 0, table
    assert shop.execute("SELECT count(*) FROM orders").fetchone()[0] == 5
    assert shop.execute("SELECT ccn FROM payment_card ORDER BY id").fetchall() == [
        (None,), (987654321,), (373719391,),
    ]  # fmt: skip
