"""The ledger by months: made ahead, nothing refused, only the month that is needed."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from consent import check, ledger, lines, months, promises, standings
from consent.models import Event, LedgerLine, Standing
from consent.sql import statements
from privacy import audit, identifiers
from tests.consent.factories import ADA, later, told

pytestmark = pytest.mark.django_db
FAR = dt.datetime(2031, 5, 17, 12, tzinfo=dt.UTC)
OLD = [("consent", "0010_taken")]


def rows(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def partition_of(event):
    where = "SELECT tableoid::regclass::text FROM consent_event WHERE sequence = %s"
    return rows(where, event.sequence)[0][0]


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_event_lies_in_the_month_in_which_we_learnt_of_it(now):
    months.keep_ready(now=now)

    event = told("opt_out", later(now, days=-100), now=now)

    assert partition_of(event) == "consent_event_2026_11"


def test_months_are_made_before_they_begin(now):
    assert months.keep_ready(now=FAR) == 4
    assert months.keep_ready(now=FAR) == 0

    assert partition_of(told("opt_out", FAR)) == "consent_event_2031_05"
    assert partition_of(told("opt_in", later(FAR, days=92))) == "consent_event_2031_08"


def test_nothing_is_refused_for_want_of_a_month_and_the_clock_files_it(now):
    first = told("opt_out", later(FAR, days=-40))
    second = told("opt_in", FAR, idempotency_key="late")
    assert {partition_of(first), partition_of(second)} == {"consent_event_unfiled"}
    assert promises.without_a_month(FAR).count == 2
    assert promises.without_a_month(later(FAR, days=-50)).count == 0
    before = ledger.digest(first), ledger.digest(second)

    months.keep_ready(now=FAR)

    assert promises.without_a_month(FAR).count == 0
    assert partition_of(first) == "consent_event_2031_04"
    assert partition_of(second) == "consent_event_2031_05"
    first.refresh_from_db(), second.refresh_from_db()
    assert (ledger.digest(first), ledger.digest(second)) == before
    assert told("opt_in", FAR, idempotency_key="late") == second
    assert told("help", FAR).sequence == second.sequence + 1
    assert statements.missing_events() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_event_2031_05 SET recorded_by = 'mallory'",
        "DELETE FROM consent_event_2031_05",
        "TRUNCATE consent_event_2031_05",
        "TRUNCATE consent_event_unfiled",
        "UPDATE consent_ledgerline SET key = NULL",
        "DELETE FROM consent_ledgerline",
        "TRUNCATE consent_ledgerline CASCADE",
    ],
)
def test_a_month_is_as_closed_as_the_ledger(now, statement):
    told("help", FAR)
    months.keep_ready(now=FAR)
    run("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(statement)


def test_numbers_and_keys_are_unique_over_all_months(now):
    months.keep_ready(now=now)
    first = told("opt_out", now, idempotency_key="import:7")
    again = told("opt_out", later(now, days=40), idempotency_key="import:7")

    assert again == first
    facts = {each.name: getattr(first, each.name) for each in Event._meta.fields[1:]}
    with pytest.raises(IntegrityError, match="key"), transaction.atomic():
        Event.objects.create(**facts | {"recorded_at": later(now, days=40)})
    assert lines.taken(["import:7", "import:8"]) == {"import:7"}


def scanned():
    """By its index or, as a small table may be, from end to end."""
    found = rows("SELECT relname, coalesce(idx_scan, 0) + seq_scan "
                 "FROM pg_stat_xact_user_tables "
                 "WHERE relname LIKE 'consent_event_%%'")  # fmt: skip
    return dict(found)


def test_a_check_reads_only_the_month_that_decided(now):
    months.keep_ready(now=now)
    told("opt_out", now)
    told("opt_out", later(now, days=35), number="+12025550118")
    mark = identifiers.phone(ADA)
    before = scanned()

    answer = check.may_send(mark, channel="sms", now=later(now, days=36))
    check.may_send_each([mark], channel="sms", now=later(now, days=36))
    check.may_contact(mark, channel="sms", now=later(now, days=36))

    after = scanned()
    read = {name for name in after if after[name] != before.get(name, 0)}
    assert answer.decided_by.sequence == 1
    assert read == {"consent_event_2026_11"}


# --- a ledger of before -------------------------------------------------------------
@pytest.fixture
def before():
    """The models of then; afterwards the tables are those of today."""
    forward = MigrationExecutor(connection).loader.graph.leaf_nodes("consent")
    MigrationExecutor(connection).migrate(OLD)
    try:
        yield MigrationExecutor(connection).loader.project_state(OLD).apps
    finally:
        MigrationExecutor(connection).migrate(forward)


def old_event(then, person, at, kind, key):
    return then.get_model("consent", "Event").objects.create(
        identifier_id=person.pk, channel="sms", covers=["sms"], kind=kind,
        source="direct", route="support", occurred_at=at, recorded_at=at,
        recorded_by="sam", idempotency_key=key,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_ledger_of_before_keeps_every_event_its_number_and_its_key(now, before):
    person = identifiers.keep(identifiers.phone(ADA), now=now)
    story = [(-400, "opt_in", "a"), (-70, "opt_out", None), (0, "opt_in", "c")]
    for days, kind, key in story:
        old_event(before, person, later(now, days=days), kind, key)
    was = set(before.get_model("consent", "Event").objects.values_list("sequence"))
    standings_then = before.get_model("consent", "Standing")
    last = before.get_model("consent", "Event").objects.get(sequence=3)
    standings_then.objects.create(
        identifier_id=person.pk, channel="sms", state="opt_in", since=now,
        renewed_at=now, event=last,
    )  # fmt: skip

    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("consent"))

    assert set(Event.objects.values_list("sequence")) == was
    assert [partition_of(each) for each in Event.objects.order_by("sequence")] == [
        "consent_event_2025_10", "consent_event_2026_09", "consent_event_2026_11",
    ]  # fmt: skip
    assert lines.event_of("a").kind == "opt_in"
    assert LedgerLine.objects.count() == 3
    assert Standing.objects.get().event.sequence == 3
    assert told("opt_out", later(now, hours=1)).sequence == 4
    standings.rebuild(by="operator", now=later(now, hours=2))
    assert Standing.objects.get(channel="sms").state == "opt_out"
    assert statements.missing_events() == 0
    audit.verify()
