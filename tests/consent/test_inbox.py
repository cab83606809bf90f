"""A message is taken once, understood, acted on and answered."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from consent import check, inbox, review
from consent.models import Event, InboundMessage
from privacy import identifiers
from privacy.models import Identifier
from tests.consent.factories import (
    ACME,
    ADA,
    OUR_NUMBER,
    ProgramFactory,
    later,
    sent,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]


def may(now, **changed):
    return check.may_contact(
        identifiers.phone(ADA), channel="sms", now=now, **changed
    ).reason


def test_a_stop_is_obeyed_by_the_organization_it_was_sent_to(now):
    program = ProgramFactory()

    assert sent("STOP", now) == program.opt_out_text

    assert may(now, organization=ACME) == "opted_out"
    assert may(now, organization="org_beta") == "no_consent_on_record"
    event = Event.objects.get()
    assert event.program == program
    assert event.evidence["rule"] == "tcpa.per_se: stop"
    assert (event.source, event.route) == ("direct", "twilio")


def test_a_stop_to_a_number_that_nobody_has_stops_every_sender(now):
    assert "opted out" in sent("STOP", now)

    assert may(now, organization="org_beta") == "opted_out"


def test_a_number_without_a_program_is_answered_by_the_fallback(now):
    fallback = ProgramFactory(numbers=[], organization="")

    assert sent("HELP", now) == fallback.help_text


def test_a_stop_is_confirmed_once(now):
    ProgramFactory()

    replies = [bool(sent("STOP", later(now, hours=hour))) for hour in range(3)]

    assert replies == [True, False, False]
    assert Event.objects.filter(kind="opt_out").count() == 3


def test_a_stop_after_a_start_is_confirmed_again(now):
    ProgramFactory()
    texts = ["STOP", "START", "STOP"]

    replies = [
        bool(sent(text, later(now, hours=hour))) for hour, text in enumerate(texts)
    ]

    assert replies == [True, True, True]


def test_help_is_answered_also_for_the_opted_out(now):
    program = ProgramFactory()
    sent("STOP", now)

    assert sent("HELP", later(now, hours=1)) == program.help_text

    assert may(later(now, hours=2)) == "opted_out"
    assert Event.objects.filter(kind="help", covers=[]).count() == 1


@pytest.mark.parametrize("word", ["START", "UNSTOP"])
def test_start_undoes_a_stop(now, word):
    program = ProgramFactory()
    sent("STOP", now)

    assert sent(word, later(now, hours=1)) == program.opt_in_text

    assert may(later(now, hours=2)) == "opted_in"


@pytest.mark.parametrize("understood", ["", "opt_in"])
def test_yes_does_not_undo_a_stop(now, understood):
    sent("STOP", now)

    assert sent("YES", later(now, hours=1), understood=understood) == ""

    assert may(later(now, hours=2)) == "opted_out"


def test_delivered_again_changes_nothing_and_is_not_answered_again(now):
    first = sent("STOP", now, sid="SM" + "a" * 32)
    again = sent("STOP", later(now, hours=1), sid="SM" + "a" * 32)

    assert (bool(first), again) == (True, "")
    assert Event.objects.count() == InboundMessage.objects.count() == 1


def test_what_the_carrier_answered_is_recorded_and_not_answered_again(now):
    assert sent("STOP", now, understood="opt_out") == ""

    assert may(now) == "opted_out"
    assert InboundMessage.objects.get().replied_by == "carrier"


@pytest.mark.parametrize("text", ["STOP", "START", "HELP"])
def test_where_no_answer_of_ours_leaves_none_is_claimed(now, text):
    ProgramFactory()

    assert sent(text, now, answerable=False, carrier="bandwidth") == ""

    row = InboundMessage.objects.get()
    assert (row.replied_by, row.reply) == ("", "")
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("carrier", "text", "replier"),
    [
        ("bandwidth", "HELP", "carrier"),
        ("bandwidth", "help ", "carrier"),
        ("bandwidth", "What is this?", ""),
        ("sinch", "HELP", ""),
    ],
)
def test_a_carrier_that_is_declared_to_answer_answers_the_bare_word(
    now, settings, carrier, text, replier
):
    settings.CARRIERS_THAT_ANSWER = ["bandwidth"]

    sent(text, now, answerable=False, carrier=carrier)

    assert InboundMessage.objects.get().replied_by == replier


@pytest.mark.parametrize(
    ("text", "understood", "meaning"),
    [
        ("Basta così", "opt_out", "opt_out"),
        ("START", "opt_out", "opt_out"),
        ("STOP", "opt_in", "opt_out"),
        ("Hilfe", "help", "help"),
        ("JA", "opt_in", "ambiguous"),
    ],
)
def test_words_that_only_the_carrier_knows(now, text, understood, meaning):
    sent(text, now, understood=understood)

    assert InboundMessage.objects.get().meaning == meaning


def test_what_is_unclear_changes_nothing_and_waits_for_a_reader(now):
    assert sent("Don't stop, I love these", now) == ""

    row = InboundMessage.objects.get()
    assert (row.meaning, row.replied_by) == ("ambiguous", "")
    assert not Event.objects.exists()


def test_the_text_is_sealed(now):
    sent("stop writing to Ada", now)

    with connection.cursor() as cursor:
        cursor.execute("SELECT row::text FROM consent_inboundmessage row")
        assert "Ada" not in cursor.fetchone()[0]
    assert InboundMessage.objects.get().body.open() == "stop writing to Ada"


def test_a_sender_without_a_number_is_refused(now):
    with pytest.raises(identifiers.NotAPhoneNumber):
        sent("STOP", now, number="ACME")


def test_nothing_is_kept_of_a_message_whose_event_can_not_be_written(now, monkeypatch):
    def broken(**_):
        raise RuntimeError("no ledger")

    monkeypatch.setattr(inbox.ledger, "enter", broken)

    with pytest.raises(RuntimeError):
        sent("STOP", now)

    assert not InboundMessage.objects.exists()


def test_an_opt_out_heard_elsewhere_is_not_confirmed_by_text(now):
    told("opt_out", now)

    assert sent("STOP", later(now, hours=1)) == ""


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({}, "consent_inbox_once"),
        ({"carrier": "x", "replied_by": "portal"}, "consent_inbox_reply_is_ours"),
        ({"carrier": "x", "reply": "hello"}, "consent_inbox_reply_is_ours"),
    ],
)
def test_a_message_that_makes_no_sense_is_refused(now, wrong, constraint):
    sent("hello", now)
    row = InboundMessage.objects.get()
    row.pk = None
    for name, value in wrong.items():
        setattr(row, name, value)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


def test_the_number_of_a_program_is_ours_to_answer(now):
    program = ProgramFactory(numbers=["+12025550199", OUR_NUMBER])

    assert sent("HELP", now) == program.help_text


def test_a_stop_costs_seven_statements(now):
    ProgramFactory()
    asked = []

    def watch(execute, sql, *rest):
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        sent("STOP", now)

    # what it says, who (and the lock), its program and what stands; the message, how
    # far it reaches, the event with its letters and standing, the trail
    assert len([sql for sql in asked if "SAVEPOINT" not in sql]) == 7


def test_what_a_carrier_brings_late_undoes_nothing_that_was_said_since(now):
    ProgramFactory()
    sent("STOP", now)

    late = sent("START", later(now, hours=2), written_at=later(now, hours=-1))

    assert late == ""
    assert may(later(now, hours=3)) == "opted_out"
    first = Event.objects.get(kind="opt_in")
    assert (first.occurred_at, first.recorded_at) == (
        later(now, hours=-1),
        later(now, hours=2),
    )


def test_a_stop_that_comes_late_does_not_end_a_later_consent(now):
    ProgramFactory()
    sent("START", now)

    late = sent("STOP", later(now, hours=2), written_at=later(now, hours=-1))

    assert late == ""
    assert may(later(now, hours=3)) == "opted_in"


def test_a_start_is_as_old_as_its_carrier_says_however_old(now):
    sent("STOP", now)

    sent("START", later(now, hours=2), written_at=later(now, days=-3))

    assert may(later(now, hours=3)) == "opted_out"


# --- carriers that say no time, and bring messages again ------------------------
MINUTES = dt.timedelta(minutes=8)


def test_a_start_that_may_be_older_than_the_stop_waits_for_a_person(now):
    ProgramFactory()
    sent("STOP", now)

    brought = sent("START", later(now, minutes=7), may_be_late=MINUTES)

    assert brought == ""
    assert may(later(now, minutes=9)) == "opted_out"
    (row,) = review.unclear()
    assert row.rule == "product.which_came_last: START or STOP"


@pytest.mark.parametrize(
    ("minutes", "late"), [(8, MINUTES), (1, dt.timedelta(0))], ids=["later", "in time"]
)
def test_a_start_that_can_not_be_older_than_the_stop_opts_in(now, minutes, late):
    sent("STOP", now)

    assert sent("START", later(now, minutes=minutes), may_be_late=late)

    assert may(later(now, minutes=9)) == "opted_in"


def test_a_start_without_a_stop_before_it_is_in_no_doubt(now):
    assert sent("START", now, may_be_late=MINUTES)

    assert may(later(now, minutes=1)) == "opted_in"


def test_who_sends_start_once_more_needs_nobody_to_read_the_first(now):
    sent("STOP", now)
    sent("START", later(now, minutes=1), may_be_late=MINUTES)

    sent("START", later(now, minutes=10), may_be_late=MINUTES)

    assert may(later(now, minutes=11)) == "opted_in"
    assert not review.unclear().exists()


def test_a_start_that_stands_last_in_the_carriers_log_opts_in(now):
    sent("STOP", now)
    sent("START", later(now, minutes=1), may_be_late=MINUTES)
    row = InboundMessage.objects.get(meaning="ambiguous")

    event = review.believe(row=row, by="sam", now=later(now, hours=1))

    assert event.occurred_at == row.received_at
    assert may(later(now, hours=2)) == "opted_in"
    with pytest.raises(review.NotUnclear):
        review.believe(row=row, by="sam", now=later(now, hours=3))


def test_a_stop_that_a_second_reader_sees_counts_after_the_first_saw_neither(now):
    sent("Don't stop, I love these", now)
    row = InboundMessage.objects.get()
    review.set_aside(row=row, by="sam", now=now)
    row.refresh_from_db()

    review.heed(row=row, by="lena", now=later(now, hours=1))

    assert may(later(now, hours=2)) == "opted_out"


def test_no_other_unclear_message_is_believed_to_opt_in(now):
    sent("Don't stop, I love these", now)

    with pytest.raises(review.NotUnclear):
        review.believe(row=InboundMessage.objects.get(), by="sam", now=now)


@pytest.mark.parametrize("hours", [-30, 5])
def test_a_carriers_time_that_can_not_be_is_not_believed(now, hours):
    sent("START", now)

    sent("STOP", later(now, hours=2), written_at=later(now, hours=hours))

    assert Event.objects.get(kind="opt_out").occurred_at == later(now, hours=2)


@pytest.mark.parametrize(("minutes", "is_confirmed"), [(4, True), (6, False)])
def test_a_stop_that_comes_too_late_to_be_confirmed_is_recorded_alone(
    now, minutes, is_confirmed
):
    reply = sent("STOP", now, written_at=later(now, minutes=-minutes))

    assert bool(reply) is is_confirmed
    assert Event.objects.get().kind == "opt_out"


def test_a_consent_from_before_an_erasure_that_comes_after_it_is_none(now):
    sent("STOP", later(now, hours=-5))
    Identifier.objects.update(value=None, hint="", erased_at=now)

    late = sent("START", later(now, hours=1), written_at=later(now, hours=-1))

    assert late == ""
    assert not Event.objects.filter(kind="opt_in").exists()
    assert InboundMessage.objects.count() == 2
