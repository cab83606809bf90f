"""Messages that went out after an opt-out, read from the platform's own table."""

import contextlib
import datetime as dt
import json
import sqlite3
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.utils import timezone

from consent import instants, ledger, listings, reconcile, tasks, transfer
from consent.models import Event, LateMessage, LateOptOut, MessageLog, OptLog, Program
from privacy import apikeys, identifiers, promises, stores
from privacy.datamap import Map, files
from privacy.models import Promise, PromiseCheck, Store
from privacy.sample import generate, loading
from tests.consent.factories import ACME, ADA, ProgramFactory, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample(scratch_database, now, tmp_path):
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
    assert [each.event_id for each in LateOptOut.objects.all()] == [late[0].event]
    green = promises.run(code="stop-honoured", now=now)[0]
    assert green.state == PromiseCheck.State.KEPT


def test_without_a_message_table_nobody_claims_that_stop_is_honoured(now):
    assert not MessageLog.objects.exists()

    found = promises.run(code="stop-honoured", now=now)[0]

    assert found.state == PromiseCheck.State.UNKNOWN


# --- edges, on a log that the test writes ---------------------------------------------
STOP = dt.datetime(2026, 11, 1, 10, 0, 0, 500_000, tzinfo=dt.UTC)


SENT = """CREATE TABLE sent (id integer PRIMARY KEY, number text, sender text, way text,
    ours text, kind text, at datetime)"""
MAP = """
store: mini
tables:
  sent:
    title: Messages
    about: context
    columns:
      id: {not_personal: A key}
      number: {not_personal: Only for this test}
      sender: {not_personal: A key}
      ours: {not_personal: A number of ours}
      way: {not_personal: In or out}
      kind: {not_personal: What it was}
      at: {not_personal: When}
"""


@pytest.fixture
def sent(db, now, tmp_path):
    """Write one message into a log; how many are late by then."""
    place = tmp_path / "mini.sqlite3"
    with contextlib.closing(sqlite3.connect(place)) as connection:
        connection.execute(SENT)
    url = f"sqlite:////{place}"
    store = stores.connect(name="mini", url=url, by="pia", now=now)
    files.load(text=MAP, by="pia", now=now)
    MessageLog.objects.create(
        table=store.tables.get(), recipient="number", sent_at="at", direction="way",
        outbound="out", kind="kind", marketing="marketing", organization="sender",
        sender="ours",
    )  # fmt: skip

    def send(at, *, number=ADA, kind="marketing", sender="", way="out", ours=""):
        rows = Map(store).rows(Map(store).tables["sent"])
        key = rows.count() + 1
        said = {"number": number, "sender": sender, "ours": ours, "kind": kind}
        rows.create(id=key, way=way, at=at, **said)
        return len(list(reconcile.late_messages()))

    yield send
    connections[store.alias].close()


def after(**parts):
    return STOP + dt.timedelta(**parts)


def test_a_message_of_the_same_instant_or_second_was_under_way(sent):
    told("opt_out", STOP)

    assert sent(STOP) == 0
    assert sent(STOP.replace(microsecond=0)) == 0
    assert sent(after(microseconds=1)) == 1
    assert sent(after(seconds=1).replace(microsecond=0)) == 2


def test_one_confirmation_within_five_minutes_and_no_marketing(sent):
    told("opt_out", STOP)

    assert sent(after(minutes=5), kind="transactional") == 0
    assert sent(after(minutes=2), kind="transactional") == 1
    assert sent(after(minutes=3)) == 2
    assert sent(after(minutes=5, seconds=1), kind="transactional") == 3


def test_a_consent_that_came_later_does_not_hide_the_message_between(sent):
    told("opt_out", STOP)
    told("opt_in", after(days=2))
    told("opt_out", after(days=4))
    told("opt_in", after(days=6))

    assert sent(after(days=-1)) == 0
    assert sent(after(days=1)) == 1
    assert sent(after(days=3)) == 1
    assert sent(after(days=5)) == 2
    assert sent(after(days=7)) == 2


def test_an_opt_out_that_was_taken_back_as_wrong_counts_no_more(sent):
    event = told("opt_out", STOP)
    assert sent(after(days=1)) == 1

    ledger.correct(event=event, reason="Wrong person", by="x", now=after(days=2))

    assert len(list(reconcile.late_messages())) == 0


def test_the_number_in_any_spelling_and_of_somebody_erased_since(sent, now):
    event = told("opt_out", STOP)
    identifiers.forget(identifier=event.identifier, by="x", now=now)

    assert sent(after(days=1), number="(202) 555-0117") == 1
    assert sent(after(days=1), number="12025550117") == 2
    assert sent(after(days=1), number="letters") == 2


def test_a_stop_to_another_sender_forbids_nothing(sent):
    told("opt_out", STOP, organization=ACME)

    assert sent(after(days=1)) == 0
    assert sent(after(days=1), sender="org_beta") == 0
    assert sent(after(days=1), sender=ACME) == 1
    assert sent(after(days=1), sender=ACME, way="in") == 1


def left_alone(at, **changed):
    facts = {"mark": identifiers.phone(ADA), "source": "letter", "by": "sam"}
    return listings.request(**(facts | {"asked_at": at, "now": at} | changed))


def test_marketing_to_whoever_asked_to_be_left_alone_is_late(sent):
    row = left_alone(STOP)

    assert sent(after(days=-1)) == 0
    assert sent(after(days=1), kind="transactional") == 0
    assert sent(after(days=1), number="12025550117") == 1
    assert sent(row.ends_at) == 1
    reconcile.look(now=row.ends_at)
    (found,) = map(reconcile.facts, reconcile.found(9))
    assert (found["event"], found["listing"]) == (None, row.pk)
    assert found["opted_out_at"] == STOP


def test_only_a_consent_given_later_lifts_the_request(sent):
    told("opt_in", after(days=-1), organization=ACME)
    left_alone(STOP)
    told("opt_in", after(days=2), organization=ACME)

    assert sent(after(days=1), sender=ACME) == 1
    assert sent(after(days=3), sender=ACME) == 1
    assert sent(after(days=3), sender="org_beta") == 2


def test_a_stop_to_marketing_alone_counts_against_marketing_from_any_number(sent):
    """An objection to direct marketing; the log names no number of a program."""
    told("opt_out", STOP, organization=ACME, scope="marketing")

    assert sent(after(days=1), sender=ACME, kind="transactional") == 0
    assert sent(after(days=1), sender=ACME) == 1


def test_a_start_to_service_messages_after_a_stop_is_for_those_alone(sent):
    codes = ProgramFactory(name="Codes", numbers=["+12025550103"], purpose="service")
    told("opt_out", STOP, organization=ACME)
    told("opt_in", after(hours=1), organization=ACME, program=codes)

    for ours in ("", codes.numbers[0]):
        assert sent(after(days=1), sender=ACME, ours=ours, kind="transactional") == 0
    assert sent(after(days=1), sender=ACME) == 1
    assert sent(after(days=1), sender=ACME, ours=codes.numbers[0]) == 2


def test_a_program_that_the_person_kept_is_not_late_and_the_others_are(sent):
    offers = ProgramFactory(name="Offers", numbers=["+12025550101"])
    alerts = ProgramFactory(name="Alerts", numbers=["+12025550102"])
    codes = ProgramFactory(
        name="Codes", numbers=["+12025550103"], purpose="service", exemption="other"
    )
    told("opt_out", STOP, organization=ACME, program=offers)
    told("opt_in", after(hours=1), organization=ACME, program=alerts, scope="program")

    for ours, late, *kind in [
        ("(202) 555-0102", 0),
        (codes.numbers[0], 0, "transactional"),
        (offers.numbers[0], 1),
        ("", 2),
        ("+12025550199", 3),
    ]:
        kind = kind[0] if kind else "marketing"
        assert sent(after(days=1), sender=ACME, ours=ours, kind=kind) == late
    assert sent(after(minutes=30), sender=ACME, ours=alerts.numbers[0]) == 4
    assert sent(after(days=1), sender=ACME, ours=codes.numbers[0]) == 5, "none is"

    reconcile.look(now=timezone.now())
    named = [each["program"] for each in map(reconcile.facts, reconcile.found(9))]
    assert named == ["Offers", "", "", "Alerts", "Codes"]


def test_an_instant_in_another_zone_is_the_same_instant(sent):
    told("opt_out", STOP)
    here = ZoneInfo("America/New_York")

    assert sent(after(minutes=-1).astimezone(here)) == 0
    assert sent(after(minutes=1).astimezone(here)) == 1


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (STOP.replace(tzinfo=None), STOP),
        (dt.date(2026, 11, 1), dt.datetime(2026, 11, 1, tzinfo=dt.UTC)),
        (None, None),
        ("yesterday", None),
    ],
)
def test_what_other_stores_keep_as_a_time(value, instant):
    assert instants.instant_of(value) == instant


def test_the_report_on_page_command_and_api(sent, now, admin_client, capsys):
    told("opt_out", STOP)
    sent(after(days=1))

    call_command("consent", "late", "--json")
    by_command = json.loads(capsys.readouterr().out)
    key = apikeys.create(name="k", scopes=["consent:check"], by="sam", now=now)
    headers = {"authorization": f"Bearer {key}"}
    by_api = Client().get("/api/v1/consent/late", headers=headers).json()
    page = admin_client.get("/admin/consent/latemessage/")

    assert [each["marketing"] for each in by_command] == [True]
    assert by_api["messages"][0]["message"] == by_command[0]["message"]
    assert "0117" not in str(by_api)
    assert identifiers.hint(identifiers.phone(ADA)) in page.content.decode()
    assert "0117" not in page.content.decode()
    assert Client().get("/api/v1/consent/late").status_code == 401

    event = Event.objects.get()
    ledger.correct(event=event, reason="Wrong person", by="x", now=now)
    reconcile.look(now=timezone.now())
    assert not LateMessage.objects.exists()
