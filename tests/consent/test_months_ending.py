"""A month of the ledger ends: what counts is carried, what is gone is said to be."""

import contextlib
import datetime as dt
import io
import itertools
import json
import subprocess
import sys
import threading
import zipfile

import pytest
from django.conf import settings as settings_of
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from consent import (
    check,
    evidence,
    keeping,
    ledger,
    lines,
    months,
    promises,
    standings,
)
from consent.models import (
    Delivery,
    Event,
    LedgerLine,
    LedgerMonth,
    Standing,
    Utterance,
)
from consent.months import ending
from consent.sql import endings
from consent.sql import months as partitions
from privacy import audit, holds, identifiers
from privacy.models import AuditEvent
from tests.consent.factories import ACME, ADA, ProgramFactory, later, told, told_at

pytestmark = pytest.mark.django_db
LENA, MAX = "lena", "max"
BOB = "+12025550118"
JANUARY = dt.datetime(2021, 1, 10, 12, tzinfo=dt.UTC)
FEBRUARY = dt.datetime(2021, 2, 10, 12, tzinfo=dt.UTC)
TODAY = dt.datetime(2026, 2, 2, 9, tzinfo=dt.UTC)
BEGIN = dt.datetime(2021, 2, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def ready(db):
    """January and February 2021, and the months of today."""
    keeping.load()
    partitions.make(dt.date(2021, 1, 1)), partitions.make(dt.date(2021, 2, 1))
    months.keep_ready(now=TODAY)


def ended(now=TODAY):
    row = ending.approve(row=ending.preview(by=LENA, now=now), by=MAX, now=now)
    ending.end(row=row, now=now)
    row.refresh_from_db()
    return row


def story():
    """Ada stopped and never came back, Bob asked for help and changed his mind."""
    ada = told("opt_out", JANUARY, words="Leave me alone")
    help_ = told("help", JANUARY, number=BOB, words="What is this?")
    no = told("opt_out", JANUARY, number=BOB, idempotency_key="bob:no")
    yes = told("opt_in", later(JANUARY, days=1), number=BOB)
    new = told("opt_out", FEBRUARY, number=BOB, covers=["sms"])
    return ada, help_, no, yes, new


def numbers():
    return set(Event.objects.values_list("sequence", flat=True))


def test_what_still_counts_is_carried_and_the_rest_is_gone():
    ada, _, no, yes, new = story()
    before = ledger.digest(ada)

    row = ended()

    # Bob's STOP to calls stands, and his START stood when the month was over
    assert numbers() == {ada.sequence, no.sequence, yes.sequence, new.sequence}
    assert (row.events, row.kept, row.ended_at) == (4, 3, TODAY)
    ada.refresh_from_db()
    assert ledger.digest(ada) == before
    assert Utterance.objects.get().event == ada
    assert "consent_event_2021_01" not in connection.introspection.table_names()


def test_of_a_start_to_service_messages_the_first_and_the_last_are_carried():
    """Of whoever said stop, too, everything stays: it is about another part."""
    program = ProgramFactory(purpose="service")
    asks = {"organization": ACME, "program": program}
    first, _, last = (told("opt_in", later(JANUARY, days=n), **asks) for n in range(3))
    stop = told("opt_out", JANUARY, number=BOB, organization=ACME)
    starts = [
        told("opt_in", later(JANUARY, days=n), number=BOB, **asks) for n in range(1, 4)
    ]
    before = list(Standing.objects.order_by("pk").values())

    ended()

    kept = [first, last, stop, *starts]
    assert numbers() == {each.sequence for each in kept}
    standings.rebuild(by=LENA, now=TODAY)
    after = Standing.objects.order_by("identifier", "channel", "part")
    assert len(before) == after.count()
    told_of = {
        (r["identifier_id"], r["channel"], r["part"], r["event_id"]) for r in before
    }
    assert told_of == {(r.identifier_id, r.channel, r.part, r.event_id) for r in after}


def test_it_goes_on_month_by_month_and_numbers_have_no_gap():
    story()
    ended()

    ended(later(TODAY, days=30))

    assert promises.logs_are_kept(TODAY).state == "kept"
    assert LedgerLine.objects.count() == 5
    assert told("help", TODAY).sequence == 6
    assert Standing.objects.filter(state="opt_out").count() == 5
    assert dt.date(2021, 2, 1) not in endings.months_there()


def test_an_erased_stop_is_honoured_after_its_month():
    event = told("opt_out", JANUARY)
    identifiers.forget(identifier=event.identifier, by=LENA, now=FEBRUARY)

    ended()

    answer = check.may_send(identifiers.phone(ADA), channel="sms", now=TODAY)
    assert answer.reason == "opted_out"


def test_of_a_time_before_the_record_begins_nobody_says_no():
    story()
    ended()
    mark = identifiers.phone(BOB)

    for asked in (
        lambda: check.may_contact(mark, channel="sms", at=JANUARY, now=TODAY),
        lambda: check.may_contact(mark, channel="sms", known_at=JANUARY, now=TODAY),
        lambda: check.may_send(mark, channel="sms", at=JANUARY, now=TODAY),
        lambda: check.may_send_each([mark], channel="sms", at=JANUARY, now=TODAY),
    ):
        with pytest.raises(months.RecordEnded, match="begins on 1 February 2021"):
            asked()
    then = check.may_contact(mark, channel="sms", at=BEGIN, now=TODAY)
    assert then.reason == "opted_in"


def test_a_fact_does_not_come_in_twice_after_its_month():
    gone = told("help", JANUARY, idempotency_key="carrier:7")
    ended()

    assert lines.taken(["carrier:7"]) == {"carrier:7"}
    with pytest.raises(months.RecordEnded):
        told("help", TODAY, idempotency_key="carrier:7")
    assert not Event.objects.filter(sequence=gone.sequence).exists()


def test_what_is_carried_can_not_be_taken_back():
    event = told("opt_in", JANUARY)
    ended()

    with pytest.raises(ledger.TooOld):
        ledger.correct(event=event, reason="Wrong number", by=LENA, now=TODAY)


@pytest.mark.parametrize(
    "reason_to_stay",
    [
        lambda event: holds.place(
            matter="Case", identifiers=[event.identifier], tables=[], by=MAX, now=TODAY
        ),
        # a list told later what had happened before, and a correction what was wrong
        lambda event: told("opt_in", later(JANUARY, days=-9), now=FEBRUARY),
        lambda event: ledger.correct(
            event=event, reason="Misheard", by=LENA, now=FEBRUARY
        ),
    ],
)
def test_everything_of_some_people_stays(reason_to_stay):
    told("opt_in", JANUARY)
    event = told("opt_out", later(JANUARY, days=1))
    told("help", JANUARY)
    reason_to_stay(event)
    before = numbers()

    ended()

    assert numbers() == before


def test_of_who_is_held_everything_stays_and_of_the_others_the_month_goes():
    ada, bobs, *_ = story()
    hers = told("help", JANUARY, words="Who are you?")
    holds.place(
        matter="Case", identifiers=[ada.identifier], tables=[], by=MAX, now=TODAY
    )
    names = [each.name for each in Standing._meta.concrete_fields if each.name != "id"]
    before = list(Standing.objects.order_by("event", "channel").values(*names))

    ended()

    left = numbers()
    assert {ada.sequence, hers.sequence} <= left
    assert bobs.sequence not in left
    assert {each.event_id for each in Utterance.objects.all()} <= left
    assert "consent_event_2021_01" not in connection.introspection.table_names()
    gone = {number: len(_evidence(number)["ended"]["trail"]) for number in (ADA, BOB)}
    assert gone == {ADA: 0, BOB: 1}
    standings.rebuild(by=LENA, now=TODAY)
    assert list(Standing.objects.order_by("event", "channel").values(*names)) == before


def _evidence(number):
    content = evidence.pack(
        mark=identifiers.phone(number), reason="A complaint", by=LENA, now=TODAY
    )
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return json.loads(book.read("evidence.json"))


def test_the_evidence_says_what_is_no_longer_there(tmp_path):
    story()
    ended()

    content = evidence.pack(
        mark=identifiers.phone(BOB), reason="A complaint", by=LENA, now=TODAY
    )

    path = tmp_path / "pack.zip"
    path.write_bytes(content)
    tool = [sys.executable, "-I", "-S", settings_of.BASE_DIR / "tools/verify_audit.py"]
    found = subprocess.run([*tool, path], capture_output=True, text=True, check=False)
    assert "3 events and 6 rows" in found.stdout, found.stderr
    said = json.loads(zipfile.ZipFile(path).read("evidence.json"))["ended"]
    assert len(said["trail"]) == 1
    assert "begins on 1 February 2021" in said["beginning"]


def test_a_partner_who_asks_of_then_hears_why_there_is_no_answer(partner):
    story()
    ended()
    asked = {"phone": ADA, "channel": "sms", "at": JANUARY.isoformat()}

    one = partner("/api/v1/consent/check", json.dumps(asked))

    assert one.status_code == 400
    assert "begins on 1 February 2021" in one.json()["detail"]


def test_letters_about_it_go():
    assert told_at("https://crm.example.com/", JANUARY)
    story()

    ended()

    assert [each.event.recorded_at for each in Delivery.objects.all()] == [FEBRUARY]


# --- who, and when ----------------------------------------------------------------
def test_two_people_and_the_database_insists():
    row = ending.preview(by=LENA, now=TODAY)
    assert ending.waiting().get() == row

    with pytest.raises(ending.SamePerson):
        ending.approve(row=row, by=LENA, now=TODAY)
    with pytest.raises(ending.NotPreviewed):
        ending.end(row=row, now=TODAY)
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        LedgerMonth.objects.update(approved_by=LENA, approved_at=TODAY)


def test_not_a_day_too_early_and_the_longest_period_counts():
    assert ending.due(now=dt.datetime(2026, 2, 1, 23, tzinfo=dt.UTC)) == []
    assert ending.due(now=TODAY) == [dt.date(2021, 1, 1)]
    assert promises.old_months(TODAY).count == 1
    keeping.KeepingRule.objects.filter(code="us-tsr").update(months=61)

    with pytest.raises(ending.NotDue):
        ending.preview(by=LENA, now=TODAY)


def test_a_period_below_what_it_cites_breaks_the_promise():
    keeping.KeepingRule.objects.filter(code="us-tsr").update(months=12)

    outcome = promises.logs_are_kept(TODAY)

    assert outcome.state == "broken"
    assert "shorter" in outcome.evidence[0].sentence


def test_an_approved_month_that_grew_is_looked_at_again():
    row = ending.approve(row=ending.preview(by=LENA, now=TODAY), by=MAX, now=TODAY)
    told("help", JANUARY)  # by a clock that was wrong

    assert ending.end_approved(now=TODAY) == 0

    row.refresh_from_db()
    assert "Preview it again" in row.problem
    assert ended().problem == ""


def test_a_standing_that_would_lose_its_event_stops_it():
    _, help_, *_ = story()
    Standing.objects.filter(channel="voice").update(event=help_)

    with pytest.raises(ending.StillDecides):
        ended()

    assert Event.objects.count() == 5


def test_killed_halfway_nothing_happened(monkeypatch):
    story()
    before, rows = numbers(), set(Standing.objects.values_list())
    row = ending.approve(row=ending.preview(by=LENA, now=TODAY), by=MAX, now=TODAY)

    def die(month):
        swap(month)
        raise KeyboardInterrupt

    swap = endings.swap
    with monkeypatch.context() as patch:
        patch.setattr(endings, "swap", die)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            ending.end(row=row, now=TODAY)

    assert numbers() == before
    assert Utterance.objects.count() == 2
    assert not AuditEvent.objects.filter(action=audit.MONTH_ENDED).exists()
    assert ending.end_approved(now=TODAY) == 1
    assert set(Standing.objects.values_list()) == rows
    audit.verify()


def test_whoever_tells_of_the_past_meanwhile_is_not_forgotten(monkeypatch):
    story()
    row = ending.approve(row=ending.preview(by=LENA, now=TODAY), by=MAX, now=TODAY)

    def and_meanwhile(until):
        copy(until)
        told("opt_in", later(JANUARY, days=-3), now=TODAY)

    copy = endings.copy
    monkeypatch.setattr(endings, "copy", and_meanwhile)
    with pytest.raises(ending.Unsettled), transaction.atomic():
        ending.end(row=row, now=TODAY)


@pytest.mark.parametrize(
    "loss",
    [
        "DELETE FROM consent_event_opening WHERE sequence = 1",
        "DELETE FROM consent_event_2021_02",
    ],
)
def test_a_loss_is_still_found_after_a_month_went(loss):
    story()
    ended()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE consent_event DISABLE TRIGGER append_only")
        cursor.execute(loss)

    outcome = promises.logs_are_kept(TODAY)

    assert (outcome.state, outcome.evidence[0].count) == ("broken", 1)


# --- while others write -------------------------------------------------------------
@pytest.fixture
def swept_up():
    """The tables of this test are real, and no other test expects them."""
    yield
    with connection.cursor() as cursor:
        for name in ("consent_event_opening", "consent_event_2021_02"):
            cursor.execute(f"ALTER TABLE consent_event DETACH PARTITION {name}")
            cursor.execute(f"DROP TABLE {name}")


@pytest.mark.django_db(transaction=True)
def test_others_write_while_a_month_ends(swept_up):
    story()
    row = ending.approve(row=ending.preview(by=LENA, now=TODAY), by=MAX, now=TODAY)
    over, failed = threading.Event(), []

    def write(number):
        at = later(TODAY, seconds=number)
        try:
            while not over.is_set():
                at = later(at, seconds=10)
                told("opt_out", at, number=f"+120255501{number:02}")
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=[n]) for n in range(3)]
    for writer in writers:
        writer.start()
    try:
        ended = any(ending.end_approved(now=TODAY) for _ in range(50))
    finally:
        over.set()
        for writer in writers:
            writer.join()
    assert ended

    row.refresh_from_db()
    assert (failed, row.events, row.kept) == ([], 4, 3)
    assert promises.logs_are_kept(TODAY).state == "kept"
    rows = set(Standing.objects.values_list("identifier", "channel", "event"))
    standings.rebuild(by=LENA, now=TODAY)
    assert set(Standing.objects.values_list("identifier", "channel", "event")) == rows


# --- the same, whatever was told ------------------------------------------------------
JANUARY_FIRST = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
moments = st.tuples(
    st.sampled_from(
        ["opt_in", "opt_out", "suppressed", "help", "release", "expiry", "correction"]
    ),
    st.integers(0, 57),  # the day on which we learn of it
    st.integers(0, 40),  # how many days after it happened
    st.sampled_from(["", ACME]),
    st.sampled_from(["sms", "voice"]),
    st.sampled_from([ADA, BOB]),
)


def tell(moment):
    kind, day, late, organization, channel, number = moment
    now = later(JANUARY_FIRST, days=day)
    if kind == "correction":
        told_before = ledger.told_by(identifiers.phone(number))
        event = told_before.exclude(kind="correction").first()
        if event and event.recorded_at <= now:
            with contextlib.suppress(ledger.NothingToCorrect):
                ledger.correct(event=event, reason="Misheard", by=LENA, now=now)
        return
    whose = {"route": "platform", "source": "providers"} if kind == "suppressed" else {}
    told(
        "opt_out" if whose else kind, later(now, days=-late), now=now,
        organization=organization, channel=channel, number=number, **whose,
    )  # fmt: skip


def everything_said():
    """Where everybody stood at each instant from the beginning of the record on, by
    what we know and by what we knew."""
    instants = [later(BEGIN, days=days) for days in (0, 3, 11, 28, 60)]
    found = []
    for mark in (identifiers.phone(ADA), identifiers.phone(BOB)):
        known = list(ledger.told_by(mark))
        for at, known_at in itertools.product(instants, [TODAY, *instants]):
            told_then = [
                each
                for each in known
                if (each.occurred_at <= at or each.kind == "correction")
                and each.recorded_at <= known_at
            ]
            turns = standings.fold(told_then)
            found.append({
                (at, known_at, each.channel, each.organization): (
                    each.number, each.renewed_at
                )
                for each in turns
            })  # fmt: skip
    return found


@given(st.lists(moments, min_size=3, max_size=14))
@example(
    [
        ("help", 4, 28, "org_acme", "voice", ADA),
        ("opt_out", 22, 37, "org_acme", "sms", BOB),
        ("correction", 54, 21, "", "sms", BOB),
        ("opt_out", 27, 2, "org_acme", "sms", ADA),
        ("help", 7, 27, "", "sms", BOB),
        ("release", 16, 2, "org_acme", "voice", ADA),
        ("opt_in", 8, 24, "org_acme", "voice", ADA),
        ("opt_out", 57, 22, "", "sms", BOB),
        ("opt_out", 2, 34, "org_acme", "sms", ADA),
    ]
)
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # a month ends in each
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_standings_and_every_answer_are_as_they_were(ready, told_us):
    with transaction.atomic():
        for moment in sorted(told_us, key=lambda each: each[1]):
            tell(moment)
        rows, answers = set(Standing.objects.values_list()), everything_said()

        ended()

        columns = [f.attname for f in Standing._meta.fields if not f.primary_key]
        followed = set(Standing.objects.values_list(*columns))
        assert set(Standing.objects.values_list()) == rows
        assert everything_said() == answers
        standings.rebuild(by=LENA, now=TODAY)
        assert set(Standing.objects.values_list(*columns)) == followed
        transaction.set_rollback(True)
