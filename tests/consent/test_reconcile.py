"""Messages that went out after an opt-out, read from the platform's own table."""

import psycopg
import pytest

from consent import reconcile, tasks, transfer
from consent.models import Event, MessageLog, OptLog, Program
from privacy import identifiers, promises
from privacy.datamap import Map
from privacy.models import Promise, PromiseCheck, Store
from privacy.sample import generate, loading

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample(scratch_database, now, tmp_path):
    from django.db import connections

    address = scratch_database()
    with psycopg.connect(address.conninfo) as connection:
        generate(connection, seed=1, scale=0.01, now=now, recordings=tmp_path)
    name = address.url.partition("?")[0].rpartition("/")[2]
    loading.connect(database=name, recordings=tmp_path, by="pia", now=now)
    store = Store.objects.get(name="sample")
    transfer.describe_sample(store)
    yield store
    connections[store.alias].close()


def test_the_platforms_own_opt_outs_are_taken_over_once(sample, now):
    taken = transfer.take_over(store=sample, by="platform", now=now)
    again = transfer.take_over(store=sample, by="platform", now=now)

    assert taken > 50
    assert (again, Event.objects.count()) == (0, taken)
    assert Program.objects.filter(numbers__len__gt=0).exists()


def test_what_names_nobody_or_nothing_is_left_out(sample, now):
    """Numbers of letters, channels and kinds that nobody knows; and no consent comes
    back to somebody who was erased."""
    log = OptLog.objects.get()
    mapped = Map(sample)
    rows = mapped.rows(mapped.tables[log.table.full_name])
    keys = list(rows.filter(**{log.kind: "opt_in"}).values_list("pk", flat=True)[:4])
    for key, (field, value) in zip(
        keys,
        [(log.number, "call me"), (log.channel, "pigeon"), (log.kind, "maybe")],
        strict=False,
    ):
        rows.filter(pk=key).update(**{field: value})
    gone = identifiers.phone(rows.values_list(log.number, flat=True).get(pk=keys[3]))
    row = identifiers.keep(gone, now=now)
    identifiers.forget(identifier=row, by="x", now=now)

    taken = transfer.take_over(store=sample, by="platform", now=now)

    of_the_erased = Event.objects.filter(identifier__erased_at__isnull=False)
    assert not of_the_erased.filter(kind=Event.Kind.OPT_IN).exists()
    assert rows.count() - 4 >= taken > 50


@pytest.mark.parametrize("code", ["stop-honoured", "marketing-optout"])
def test_nothing_is_called_kept_before_the_opt_outs_are_taken_over(sample, now, code):
    assert promises.run(code=code, now=now)[0].state == PromiseCheck.State.UNKNOWN

    transfer.take_over(store=sample, by="platform", now=now)

    red = promises.run(code=code, now=now)[0]
    assert red.state == PromiseCheck.State.BROKEN
    assert red.evidence[0]["url"].endswith(f"/{code}/acknowledge/")


def test_the_board_looks_again_once_the_opt_outs_are_taken_over(sample):
    tasks.take_over(sample.pk)
    tasks.take_over(sample.pk)

    looks = PromiseCheck.objects.values_list("promise_id", "state")
    assert sorted(looks) == [
        ("marketing-optout", "broken"),
        ("stop-honoured", "broken"),
    ]


def test_the_one_late_message_turns_the_promise_red_until_it_is_judged(sample, now):
    transfer.take_over(store=sample, by="platform", now=now)

    late = list(reconcile.late_messages())
    red = promises.run(code="stop-honoured", now=now)[0]
    promises.acknowledge(
        promise=Promise.objects.get(code="stop-honoured"),
        subject=late[0].subject,
        reason="Apologised; the queue now asks the portal first.",
        by="lena",
        now=now,
    )

    assert [each.is_marketing for each in late] == [True]
    assert (red.state, red.evidence[0]["subject"]) == (
        PromiseCheck.State.BROKEN,
        late[0].subject,
    )
    assert "+1" not in str(red.evidence)
    green = promises.run(code="stop-honoured", now=now)[0]
    assert green.state == PromiseCheck.State.KEPT


def test_without_a_message_table_nobody_claims_that_stop_is_honoured(now):
    assert not MessageLog.objects.exists()

    found = promises.run(code="stop-honoured", now=now)[0]

    assert found.state == PromiseCheck.State.UNKNOWN
