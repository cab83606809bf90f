"""What the portal finds of the cast, shows them, and ends."""

import re

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import Map
from privacy.models import Plan
from privacy.sample.cast import ADA, BEN, EMIL
from tests.privacy.sample.conftest import everything, one

pytestmark = pytest.mark.django_db


def test_erasing_ada_leaves_nothing_of_her(connected, now):
    _, direct = connected
    amounts = one(direct, "SELECT sum(amount) FROM transactions")
    plan = erasure.plan(
        identifiers=[identifiers.keep(identifiers.phone(ADA.phone), now=now)],
        title="Ada",
        received_at=now,
        by="lena",
        now=now,
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    left = [row for row in everything(direct) if is_hers(row)]
    assert left == []
    assert one(direct, "SELECT sum(amount) FROM transactions") == amounts
    assert one(direct, "SELECT count(*) FROM leads WHERE phone = %s", BEN.phone) == 1


def is_hers(row):
    digits = re.sub(r"\D", "", row)
    return "2025550143" in digits or re.search(r"ada.?sample", row, re.IGNORECASE)


def test_ada_has_rows_in_every_table_about_people(connected, now):
    store, _ = connected
    mapped = Map(store)

    plan = erasure.plan_access(
        identifiers=[identifiers.keep(identifiers.email(ADA.email), now=now)],
        title="Ada",
        received_at=now,
        by="lena",
        now=now,
    )

    found = {t["table"].split(".")[1] for t in plan.summary["tables"]}
    assert found == {n for n, t in mapped.tables.items() if t.about != "context"}
    assert plan.summary["exceptions"] == []


def test_emil_is_not_shown_what_dora_wrote(connected, now):
    plan = erasure.plan_access(
        identifiers=[identifiers.keep(identifiers.phone(EMIL.phone), now=now)],
        title="Emil",
        received_at=now,
        by="lena",
        now=now,
    )

    shown = {t["table"]: t["rows"] for t in plan.summary["tables"]}
    assert shown["sample.leads"] == 1
    assert shown["sample.sms_events"] == 2
    assert plan.summary["withheld"] >= 4
