"""Every kind of event; what was true then, and what we knew then."""

import datetime as dt
import io
import json
import random
import threading

import pytest
from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from consent import (
    check,
    events,
    expiry,
    ledger,
    listings,
    standings,
    transfer,
    versions,
)
from consent.models import Event, Program, Standing, Utterance
from privacy import identifiers
from privacy.refusals import ReasonNeeded
from tests.consent.factories import ACME, ADA, ProgramFactory, later, sent, told

pytestmark = pytest.mark.django_db


def may(now, *, who=ADA, **changed):
    asked = {"channel": "sms", "organization": ACME} | changed
    return check.may_contact(identifiers.understand(who), now=now, **asked).allowed


def take(now, **said):
    whole = {"kind": "opt_out", "channel": "sms", "organization": ACME} | said
    return events.take(told=[(identifiers.phone(ADA), whole)], by="ivr", now=now)[0][0]


def test_a_key_pressed_in_a_call_ends_texts_too_and_says_how(now):
    told("opt_in", now, organization=ACME)

    event = take(
        later(now, hours=1),
        channel="voice",
        route="ivr",
        evidence={"key_pressed": "9", "recording": "rec-77"},
    )

    assert event.covers == ["sms", "mms", "voice"]
    answer = check.may_contact(
        identifiers.phone(ADA), channel="sms", organization=ACME, now=later(now, days=1)
    )
    assert "by pressing 9 in a call" in answer.sentence


def test_address_and_browser_are_sealed_apart_from_the_event(now):
    event = take(
        now,
        kind="opt_in",
        evidence={"form": "checkout", "ip": "192.0.2.7", "agent": "X"},
    )

    assert event.evidence == {"form": "checkout"}
    origin = Utterance.objects.get(event=event).origin
    assert json.loads(origin.open())["ip"] == "192.0.2.7"


def test_a_long_wording_is_kept_whole(now):
    wording = "By ticking I agree. " * 50

    assert take(now, kind="opt_in", evidence={"wording": wording}).evidence["wording"]


def test_rcs_is_one_with_picture_messages(now):
    take(now, kind="opt_in", channel="rcs")

    assert may(now, channel="mms")


# --- corrections ----------------------------------------------------------------
def test_a_correction_takes_an_event_back_and_the_past_stays_answerable(now):
    told("opt_in", now, organization=ACME)
    wrong = told("opt_out", later(now, hours=1), organization=ACME)
    corrected = later(now, days=3)
    ledger.correct(event=wrong, reason="Another caller", by="sam", now=corrected)
    end = later(now, days=9)

    assert may(end)
    assert may(end, at=later(now, days=1)), "as it truly was"
    assert not may(end, known_at=later(now, days=1)), "as we knew it"
    assert not may(end, at=later(now, days=1), known_at=later(now, days=2))
    assert Utterance.objects.get(event__kind="correction").words.open()


def test_a_correction_of_the_only_event_leaves_no_standing(now):
    wrong = told("opt_out", now)
    ledger.correct(event=wrong, reason="Misread", by="sam", now=later(now, days=1))

    assert not Standing.objects.exists()


@pytest.mark.parametrize("reason", ["", "  no "])
def test_a_correction_needs_a_reason(reason, now):
    with pytest.raises(ReasonNeeded):
        ledger.correct(event=told("opt_out", now), reason=reason, by="sam", now=now)


def test_an_event_is_corrected_once_and_a_correction_never(now):
    wrong = told("opt_out", now)
    made = ledger.correct(event=wrong, reason="Misread", by="sam", now=now)

    for event in (wrong, made):
        with pytest.raises(ledger.NothingToCorrect):
            ledger.correct(event=event, reason="Misread", by="sam", now=now)


def test_what_we_learnt_later_was_not_known_then(now):
    told("opt_in", now, organization=ACME)
    told("opt_out", later(now, hours=1), organization=ACME, now=later(now, days=5))
    end = later(now, days=9)

    assert not may(end, at=later(now, days=1))
    assert may(end, at=later(now, days=1), known_at=later(now, days=2))


# --- expiry and reassignment --------------------------------------------------------
def test_consent_ends_by_time_unless_it_is_renewed(now, monkeypatch):
    """However many there are at once."""
    monkeypatch.setattr(expiry, "AT_ONCE", 1)
    ProgramFactory(consent_months=18)
    told("opt_in", now, organization=ACME)
    told("opt_in", later(now, days=300), organization=ACME)

    assert expiry.expire(now=later(now, days=600)) == 0
    end = later(now, days=900)
    assert expiry.expire(now=end) == 1
    assert expiry.expire(now=end) == 0
    ended = Event.objects.get(kind="expiry")
    assert sorted(ended.covers) == ["mms", "sms"], "one change, one event"

    assert not may(later(end, days=1))
    told("opt_in", later(end, days=2), organization=ACME)
    assert may(later(end, days=3))


@pytest.mark.parametrize("as_of", [False, True])
def test_consent_ends_for_each_program_by_its_own_period(now, as_of):
    """At that very instant, whether or not the clock has run; and says until when."""
    ProgramFactory(name="A", consent_months=24)
    ProgramFactory(name="B", consent_months=6, numbers=["+12025550101"])
    began = now + relativedelta(hours=8)  # nobody's night, nor half a year later
    told("opt_in", began, organization=ACME)

    def answer(at, **question):
        facts = {"channel": "sms", "now": at} | question
        facts |= {"at": at, "now": later(at, days=999)} if as_of else {}
        mark = identifiers.phone(ADA)
        one, plain = check.may_send(mark, **facts), check.may_contact(mark, **facts)
        (many,) = check.may_send_each([mark], **facts)
        assert (one.reason, one.until) == (many.reason, many.until)
        assert (one.reason, one.until) == (plain.reason, plain.until)
        return one.reason, one.until

    half, whole = (began + relativedelta(months=each) for each in (6, 24))
    assert answer(began, program="A") == ("opted_in", whole)
    assert answer(began, program="B") == ("opted_in", half)
    assert answer(began, organization=ACME) == ("opted_in", half), "B may send"
    assert answer(half, program="A") == ("opted_in", whole)
    assert answer(half, program="B") == ("consent_ended", None)
    assert answer(half, organization=ACME) == ("consent_ended", None)

    assert expiry.expire(now=half) == 0, "it counts for A still"
    assert expiry.expire(now=whole - relativedelta(seconds=1)) == 0
    assert expiry.expire(now=whole) == 1


def test_as_of_then_consent_lasted_as_its_program_said_then():
    """A period that was set since ended nothing then; the present check counts it."""
    program = ProgramFactory()
    began = dt.datetime(2024, 6, 3, 17, tzinfo=dt.UTC)
    told("opt_in", began, organization=ACME)
    Program.objects.update(consent_months=6, name="Acme")
    then, now = later(began, days=365), timezone.now()
    mark = identifiers.phone(ADA)

    def reasons(at=None, **about):
        facts = {"channel": "sms", "at": at, "now": timezone.now()} | about
        plain = check.may_contact(mark, **facts).reason
        (many,) = check.may_send_each([mark], **facts)
        return {plain, check.may_send(mark, **facts).reason, many.reason}

    for about in ({"program": "Acme"}, {"organization": ACME}):
        assert reasons(then, **about) == {"opted_in"}
        assert reasons(now, **about) == {"consent_ended"}
    program.delete()
    assert reasons(then, organization=ACME) == {"opted_in"}
    versions_of_it = versions.rows(Program, versions.Then(now))
    assert [row.consent_months for row in versions_of_it] == [6], "it was there"
    assert versions.rows(Program, versions.Then(now, known_at=then)) == []


def test_every_reason_is_documented():
    text = (settings.BASE_DIR / "docs" / "carriers.md").read_text()

    assert [code for code in check.CODES if f"| `{code}` |" not in text] == []


@pytest.mark.parametrize("has_event", [False, True])
def test_the_answer_says_that_consent_ended_and_since_when(now, has_event):
    ProgramFactory(consent_months=6)
    began = now + relativedelta(hours=8)
    told("opt_in", began, organization=ACME)
    mark, end = identifiers.phone(ADA), began + relativedelta(months=6)
    if has_event:
        assert expiry.expire(now=end) == 1
    facts = {"channel": "sms", "organization": ACME, "now": later(end, days=1)}

    answer = check.may_send(mark, **facts)

    (verdict,) = check.may_send_each([mark], **facts)
    for each in (answer, verdict):
        assert (each.allowed, each.reason, each.since) == (False, "consent_ended", end)
    assert "ended on 24 May 2027, 17:00 UTC, because nobody" in answer.sentence
    other = facts | {"organization": "org_other"}
    assert check.may_send(mark, **other).reason == "no_consent_on_record"
    service = check.may_send(mark, **facts, purpose="service")
    assert service.reason == "no_consent_needed"
    listings.put(
        mark=mark, name="do_not_call", listed_at=now, source="x", by="sam", now=now
    )
    assert check.may_send(mark, **facts).reason == "do_not_call"


def test_consent_to_every_sender_ends_by_the_period_of_who_is_asked_about(now):
    ProgramFactory(consent_months=6)
    began = now + relativedelta(hours=8)
    told("opt_in", began)
    mark, half = identifiers.phone(ADA), began + relativedelta(months=6)

    for name, reason in ((ACME, "consent_ended"), ("org_other", "opted_in")):
        facts = {"channel": "sms", "now": half, "organization": name}
        assert check.may_send(mark, **facts).reason == reason
        assert check.may_send_each([mark], **facts)[0].reason == reason


def test_the_end_of_a_consent_ends_no_stop_that_we_learn_of_later(now):
    ProgramFactory(consent_months=6)
    told("opt_in", now, organization=ACME)
    expiry.expire(now=later(now, days=250))

    learnt = later(now, days=260)
    told("opt_out", later(now, days=100), organization=ACME, now=learnt)

    assert stands(learnt) == "opted_out"
    standings.rebuild(by="operator", now=learnt)
    assert stands(learnt) == "opted_out"
    assert stands(learnt, at=later(now, days=255)) == "opted_out"
    told("opt_in", later(now, days=150), organization=ACME, now=learnt)
    assert stands(learnt) == "no_consent_needed", "that consent has ended, too"
    told("opt_in", later(now, days=255), organization=ACME, now=learnt)
    assert stands(learnt) == "opted_in"


def test_a_stop_of_a_list_counts_though_consent_has_ended_since(now, tmp_path):
    ProgramFactory(consent_months=6)
    told("opt_in", now, organization=ACME)
    expiry.expire(now=later(now, days=250))
    source, learnt = tmp_path / "in.csv", later(now, days=260)
    source.write_text(f"phone,kind,date\n{ADA},STOP,{later(now, days=100)}\n")

    transfer.take_in(
        path=source, results=tmp_path / "out.csv", by="sam", clock=lambda: learnt,
        options=transfer.Options(organization=ACME),
    )  # fmt: skip

    assert stands(learnt) == "opted_out"


@pytest.mark.parametrize("late", [-1, 1])
def test_a_stop_of_a_list_takes_over_what_the_platform_entered(now, tmp_path, late):
    whose = {"route": "platform", "source": "providers", "organization": ACME}
    told("opt_out", now, **whose)
    source, learnt = tmp_path / "in.csv", later(now, days=9)
    source.write_text(f"phone,kind,date\n{ADA},STOP,{later(now, days=late)}\n")

    transfer.take_in(
        path=source, results=tmp_path / "out.csv", by="sam", clock=lambda: learnt,
        options=transfer.Options(organization=ACME),
    )  # fmt: skip
    told("release", later(now, days=3), now=learnt, covers=["sms"], **whose)

    assert stands(learnt) == "opted_out"
    assert Standing.objects.get(channel="sms").event.route == "import"
    before = state()
    standings.rebuild(by="operator", now=learnt)
    assert state() == before


def stands(now, **asked):
    mark = identifiers.phone(ADA)
    facts = {"channel": "sms", "organization": ACME, "purpose": "service"}
    return check.may_contact(mark, now=now, **facts, **asked).reason


def test_without_a_period_consent_does_not_end(now):
    ProgramFactory()
    told("opt_in", now, organization=ACME)

    assert expiry.expire(now=later(now, days=9000)) == 0


def test_consent_dies_with_the_number_s_reassignment(now):
    told("opt_in", now, organization=ACME)
    take(later(now, days=30), kind="reassignment", organization="")
    end = later(now, days=60)

    assert not may(end)
    answer = check.may_send(
        identifiers.phone(ADA), channel="sms", organization=ACME, now=end
    )
    assert answer.reason == "reassigned"
    told("opt_in", later(now, days=40), organization=ACME, now=end)
    assert may(end), "the new person consented"


# --- rebuilding -----------------------------------------------------------------
def state():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(string_agg(s::text, E'\\n' ORDER BY s)) FROM ("
            "SELECT (identifier_id, channel, organization, part, state, since,"
            " renewed_at, heard_at, event_id)::text AS s FROM consent_standing) AS rows"
        )
        return cursor.fetchone()[0]


def test_a_rebuild_gives_the_same_bytes(now):
    rng = random.Random(7)
    kinds = ["opt_in", "opt_out", "help", "expiry", "reassignment", "release"]
    for number in range(120):
        at = later(now, minutes=rng.randrange(60))
        event = told(
            rng.choice(kinds),
            at,
            number=f"+1202555010{rng.randrange(6)}",
            organization=rng.choice(["", ACME, "org_b"]),
            route=rng.choice(["platform", "support"]),
            source="providers",
            now=later(now, days=1, seconds=number),
        )
        if rng.random() < 0.15:
            when = later(now, days=2)
            ledger.correct(event=event, reason="Misread", by="sam", now=when)
    before = state()

    out = io.StringIO()
    call_command("consent", "rebuild", "--json", stdout=out)

    assert json.loads(out.getvalue())["standings"] == Standing.objects.count() > 10
    assert state() == before


# --- many at once ---------------------------------------------------------------
WRITERS, PEOPLE, MESSAGES = 8, 20, 1000


@pytest.mark.django_db(transaction=True)
def test_a_thousand_messages_at_once_repeated_and_shuffled_leave_one_truth(now):
    """Whatever the order of arrival, the state is what the events imply in the order
    in which people sent them; and each message counts once."""
    rng = random.Random(11)
    whole = []
    for number in range(MESSAGES):
        person = f"+120255501{rng.randrange(PEOPLE):02d}"
        kind = rng.choice(["opt_in", "opt_out", "help"])
        # few instants, so that many conflict
        at = later(now, seconds=rng.randrange(40))
        whole.append((f"m{number}", person, kind, at))
    arriving = whole + rng.sample(whole, 300)
    rng.shuffle(arriving)
    problems = []

    def write(mine):
        try:
            for key, person, kind, at in mine:
                told(kind, at, number=person, organization=ACME, idempotency_key=key,
                     now=later(now, days=1))  # fmt: skip
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=write, args=(arriving[n::WRITERS],))
        for n in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert Event.objects.count() == MESSAGES
    assert standings_now() == implied(whole)
    before = state()
    with transaction.atomic():
        standings.rebuild(by="operator", now=later(now, days=2))
    assert state() == before


def standings_now():
    rows = Standing.objects.filter(channel="sms").select_related("identifier")
    return {identifiers.value(row.identifier).value: row.state for row in rows}


def implied(whole):
    """By hand: of each person the last word; at one instant the opt-out."""
    last: dict[str, tuple[dt.datetime, bool, str]] = {}
    for _, person, kind, at in whole:
        if kind != "help":
            said = (at, kind == "opt_out", kind)
            last[person] = max(last.get(person, said), said)
    return {person: kind for person, (_, _, kind) in last.items()}


@pytest.mark.usefixtures("known_keywords")
def test_two_messages_at_the_same_instant_leave_the_person_out(now):
    ProgramFactory()
    for first, second in (("START", "STOP"), ("STOP", "START")):
        number = "+12025550131" if first == "START" else "+12025550132"
        sent(first, now, number=number)
        sent(second, now, number=number)

        assert not may(now, who=number)
