"""Many requests in one go: planned with few statements, carried out by one worker."""

import io
import json
import zipfile
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from dsr import intake, packages, requests, together
from dsr.models import Package, Ticket
from dsr.tasks import fulfil
from privacy import audit, erasure, identifiers, plans
from privacy.erasure import running
from privacy.models import AuditEvent, Plan, Store
from privacy.residue import reading
from tests.dsr.factories import (
    ADA,
    LENA,
    MAX,
    NOW,
    RECEIVED,
    approved,
    asked,
    clock,
    vouched,
)

pytestmark = pytest.mark.django_db
Status = Ticket.Status
BEN, YUSUF = "+12025550117", "+12025550199"


def each(*numbers, right="erasure"):
    return [
        vouched(asked(right, marks=[identifiers.phone(number)])) for number in numbers
    ]


def numbers_left(town):
    return {row[0] for row in town.execute("SELECT phone FROM person").fetchall()}


def test_requests_are_planned_together_as_each_alone(town):
    alone = requests.plan(ticket=each(BEN)[0], by=LENA, now=NOW)
    made = together.plan(some=each(ADA, BEN, YUSUF), by=LENA, now=NOW)

    tables = [[t["rows"] for t in plan.summary["tables"]] for plan in made]
    assert tables[1] == [t["rows"] for t in alone.summary["tables"]]
    assert Ticket.objects.filter(status=Status.PLANNED).count() == 4


def test_many_are_frozen_and_begun_by_one_statement_a_table_each_on_the_trail(town):
    some = each(ADA, BEN, YUSUF)
    with CaptureQueriesContext(connection) as asked_here:
        made = together.plan(some=some, by=LENA, now=NOW)
    for ticket in some:
        requests.approve(ticket=ticket, by=MAX, now=NOW)
    plans.cancel(plan=made[2], by=MAX, now=NOW)
    plans.start_many(some=made, now=NOW)

    asked = [each["sql"] for each in asked_here]
    for table in ("privacy_plan", "privacy_plannedrow", "privacy_plan_identifiers"):
        assert sum(f'INSERT INTO "{table}"' in sql for sql in asked) == 1, table
    assert [plan.status for plan in made] == ["running", "running", "cancelled"]
    verbs = {plan.pk: [] for plan in made}
    for event in AuditEvent.objects.filter(action__startswith="plan."):
        verbs[UUID(event.subject.removeprefix("plan:"))].append(event.action[5:])
    begun = ["started", "approved", "made"]
    assert [verbs[plan.pk] for plan in made[:2]] == [begun, begun]
    assert verbs[made[2].pk] == ["cancelled", "approved", "made"]
    assert audit.verify() == AuditEvent.objects.count()


def test_one_worker_carries_out_all_that_is_approved(town):
    some = each(ADA, BEN, YUSUF)
    for ticket, _ in zip(some, together.plan(some=some, by=LENA, now=NOW), strict=True):
        requests.approve(ticket=ticket, by=MAX, now=NOW)

    fulfil(some[1].pk)

    assert [t.status for t in Ticket.objects.order_by("pk")] == [Status.ANSWERED] * 3
    assert not Plan.objects.exclude(status=Plan.Status.DONE).exists()
    assert numbers_left(town) & {ADA, BEN} == set()
    assert YUSUF in numbers_left(town)  # the earlier owner of the same number


def test_accesses_and_erasures_can_wait_together(town):
    copy = each(BEN, right="access") + each(ADA)
    together.plan(some=copy, by=LENA, now=NOW)
    for ticket in copy:
        requests.approve(ticket=ticket, by=MAX, now=NOW)

    together.fulfil(first=copy[0], clock=clock)

    assert [t.status for t in Ticket.objects.order_by("pk")] == [Status.ANSWERED] * 2


def both_asked(right):
    """An erasure, and with it a copy for one right or another."""
    return intake.receive(
        rights=["erasure", right],
        regime="EU-GDPR",
        marks=[identifiers.phone(ADA)],
        received_at=RECEIVED,
        source="staff",
        by=LENA,
        now=NOW,
        known_by="Known",
    )


def test_of_one_request_the_copy_goes_out_before_the_erasure(town):
    erasing, copy = both_asked("access")
    together.plan(some=[erasing, copy], by=LENA, now=NOW)
    requests.approve(ticket=erasing, by=MAX, now=NOW)
    fulfil(erasing.pk)
    erasing.refresh_from_db()
    assert (erasing.status, requests.waiting()) == (Status.APPROVED, [])
    assert ADA in numbers_left(town)
    with pytest.raises(CommandError, match=f"waits for the copy that {copy}"):
        call_command("dsr", "fulfil", str(erasing))

    requests.approve(ticket=copy, by=MAX, now=NOW)
    fulfil(erasing.pk)  # whichever a worker is woken for

    raw = b"".join(packages.stream(ticket=copy, by=LENA, now=NOW))
    tables = json.loads(zipfile.ZipFile(io.BytesIO(raw)).read("data.json"))["tables"]
    assert ADA in json.dumps(tables)
    assert [t.status for t in Ticket.objects.all()] == [Status.ANSWERED] * 2
    assert ADA not in numbers_left(town)


def test_a_copy_that_is_refused_holds_up_nothing(town):
    erasing, copy = both_asked("portability")
    requests.refuse(ticket=copy, reason="No.", ground="OTHER", by=LENA, now=NOW)
    together.plan(some=[erasing], by=LENA, now=NOW)
    requests.approve(ticket=erasing, by=MAX, now=NOW)

    fulfil(erasing.pk)

    erasing.refresh_from_db()
    assert erasing.status == Status.ANSWERED


def test_copies_for_many_ask_once_what_goes_with_each(town):
    some = each(ADA, BEN, YUSUF, right="access")
    together.plan(some=some, by=LENA, now=NOW)
    for ticket in some:
        requests.approve(ticket=ticket, by=MAX, now=NOW)

    with CaptureQueriesContext(connection) as asked_here:
        together.fulfil(first=some[0], clock=clock)

    recipients = [q for q in asked_here if 'FROM "privacy_provider"' in q["sql"]]
    assert len(recipients) == 1
    assert Package.objects.count() == 3


def test_who_proves_erasures_answers_those_that_other_workers_left(town, monkeypatch):
    some = each(ADA, BEN, "+12025551000")
    for ticket, _ in zip(some, together.plan(some=some, by=LENA, now=NOW), strict=True):
        requests.approve(ticket=ticket, by=MAX, now=NOW)
    requests.begin(some[2], NOW)
    erasure.work_off_many(some=[some[2].plan], clock=clock)
    readings = []
    read = reading.read
    monkeypatch.setattr(reading, "read", lambda *a: readings.append(a) or read(*a))

    together.fulfil(first=some[0], clock=clock)

    assert [t.status for t in Ticket.objects.order_by("pk")] == [Status.ANSWERED] * 3
    assert len(readings) == 1


def test_what_drifted_is_given_back_and_the_others_are_done(town):
    some = each(ADA, BEN)
    together.plan(some=some, by=LENA, now=NOW)
    for ticket in some:
        requests.approve(ticket=ticket, by=MAX, now=NOW)
    town.execute("UPDATE person SET note = 'new' WHERE name = 'Ada Sample'")

    together.fulfil(first=some[1], clock=clock)

    found = dict(Ticket.objects.values_list("pk", "status"))
    assert found[some[1].pk] == Status.ANSWERED
    assert found[some[0].pk] == Status.RECEIVED
    assert ADA in numbers_left(town)


def test_one_row_that_can_not_be_ended_does_not_keep_the_others(town):
    some = each(ADA, BEN)
    together.plan(some=some, by=LENA, now=NOW)
    for ticket in some:
        requests.approve(ticket=ticket, by=MAX, now=NOW)
    town.execute(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF OLD.name = 'Ben Sample' AND NEW.name IS DISTINCT FROM OLD.name THEN"
        " RAISE check_violation; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER no BEFORE UPDATE ON person FOR EACH ROW EXECUTE FUNCTION no()"
    )

    together.fulfil(first=some[0], clock=clock)

    found = {t.pk: t.plan and t.plan.status for t in Ticket.objects.all()}
    assert found[some[0].pk] == Plan.Status.DONE
    assert Plan.objects.filter(status=Plan.Status.INCOMPLETE).count() == 1
    left = town.execute("SELECT count(*) FROM person WHERE name = 'Ben Sample'")
    assert left.fetchone() == (1,)


@pytest.mark.parametrize("messages", [10, 2000])
def test_a_person_costs_few_statements_whatever_the_number_of_messages(town, messages):
    town.execute(
        "INSERT INTO message (person_id, from_number, body, sent_at)"
        " SELECT p.id, p.phone, 'Hi ' || n, '2026-10-10' FROM person p,"
        f" generate_series(1, {messages}) n WHERE p.phone = '{ADA}'"
    )
    numbers = [f"+1202555{n}" for n in range(1000, 1009)]
    some = each(ADA, *numbers)
    alias = Store.objects.get().alias
    connections[alias].ensure_connection()
    with CaptureQueriesContext(connections[alias]) as asked_of_store:
        together.plan(some=some, by=LENA, now=NOW)
        for ticket in some:
            requests.approve(ticket=ticket, by=MAX, now=NOW)
            requests.begin(ticket, NOW)
        ready = [ticket.plan for ticket in some]
        live = running.begin_many(some=ready, clock=clock)
        running.work_off_together(live, clock)

    assert len(asked_of_store) <= 20 * len(some)
    assert town.execute(
        f"SELECT count(*) FROM message WHERE from_number = '{ADA}'"
    ).fetchone() == (0,)


def test_the_command_plans_all_that_wait(town):
    each(ADA, BEN)
    out = StringIO()
    call_command("dsr", "plan-waiting", "--json", stdout=out)
    assert len(json.loads(out.getvalue())["plans"]) == 2
    out = StringIO()
    call_command("dsr", "plan-waiting", stdout=out)
    assert out.getvalue().strip() == "No request is waiting for a plan."


def test_an_approved_request_alone_is_fulfilled_as_ever(town):
    ticket = approved()
    fulfil(ticket.pk)
    ticket.refresh_from_db()
    assert ticket.status == Status.ANSWERED
