"""The clocks of a ticket: what starts, stops, extends and ends them.

Numbers in brackets are those of the list of edge cases that they were written from.
"""

import datetime as dt
import io
import json

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from dsr import (
    clocks,
    frequency,
    intake,
    notices,
    promises,
    receipts,
    requests,
    tickets,
)
from dsr.desk import reminding
from dsr.models import FrequencyRule, Notice, Ticket
from privacy import audit, identifiers
from privacy.models import AuditEvent
from tests.dsr.factories import ADA, ADAS_MAIL, LENA, NOW, asked
from tests.privacy.factories import signed_in

pytestmark = pytest.mark.django_db


def at(day, hour=12):
    return dt.datetime.fromisoformat(f"{day}T{hour:02}:00+00:00")


def day(text):
    return dt.date.fromisoformat(text)


def ticket(regime, received, right="access", **more):
    when = at(received)
    facts = {"regime": regime, "received_at": when, "now": when, "email": ADAS_MAIL}
    return asked(right, **(facts | more))


# --- started, stopped -----------------------------------------------------------
def test_in_the_united_kingdom_proof_of_identity_starts_the_clock():
    """[10]"""
    one = ticket("UK-GDPR", "2026-12-01")
    clocks.identified(ticket=one, on=day("2026-12-10"), by=LENA, now=at("2026-12-10"))
    assert one.due_date == day("2027-01-11")
    assert "identity known on 2026-12-10" in one.arithmetic


def test_in_california_it_does_not():
    """[11]: not verified by then, it may be denied."""
    one = ticket("US-CA", "2026-12-01")
    clocks.identified(ticket=one, on=day("2026-12-10"), by=LENA, now=at("2026-12-10"))
    assert one.due_date == day("2027-01-15")
    requests.refuse(
        ticket=one,
        reason="We could not verify you in time.",
        ground="ID_FAIL",
        by=LENA,
        now=at("2027-01-15"),
    )
    assert one.outcome == "denied"


def test_a_question_stops_the_british_clock_until_it_is_answered():
    """[9]: eight days, both included."""
    one = ticket("UK-GDPR", "2026-12-01")
    clocks.ask(ticket=one, on=day("2026-12-07"), by=LENA, now=at("2026-12-07"))
    with pytest.raises(clocks.AskedAlready):
        clocks.ask(ticket=one, on=day("2026-12-08"), by=LENA, now=at("2026-12-08"))
    assert "clarification" in [clock.name for clock in clocks.of(one)]
    clocks.told(ticket=one, on=day("2026-12-14"), by=LENA, now=at("2026-12-14"))

    assert one.due_date == day("2027-01-11")
    assert "8 days of clarification do not count" in one.arithmetic
    with pytest.raises(clocks.NothingAsked):
        clocks.told(ticket=one, on=day("2026-12-15"), by=LENA, now=at("2026-12-15"))


def test_while_a_question_stops_the_clock_nothing_is_late_and_nobody_is_reminded():
    """The day that counts in the end is the same as without."""
    one = ticket("UK-GDPR", "2026-12-01")
    clocks.ask(ticket=one, on=day("2026-12-07"), by=LENA, now=at("2026-12-07"))
    mail.outbox.clear()
    for today in ("2026-12-28", "2027-01-20", "2027-03-01"):
        assert clocks.keep_pace(now=at(today)) == 1
        assert clocks.keep_pace(now=at(today)) == 0
        one.refresh_from_db()
        assert one.due_date > day(today)
        assert reminding.remind(now=at(today)) == 0
        assert not promises.rights_in_europe(at(today)).evidence

    clocks.told(ticket=one, on=day("2026-12-14"), by=LENA, now=at("2027-03-01"))

    assert one.due_date == day("2027-01-11")
    assert clocks.keep_pace(now=at("2027-03-02")) == 0
    assert promises.rights_in_europe(at("2027-03-02")).evidence
    assert audit.verify()


def test_where_the_law_stops_no_clock_a_question_moves_no_day():
    one = ticket("EU-GDPR", "2026-12-01")
    clocks.ask(ticket=one, on=day("2026-12-07"), by=LENA, now=at("2026-12-07"))
    before = one.due_date

    assert clocks.keep_pace(now=at("2027-02-01")) == 0

    one.refresh_from_db()
    assert one.due_date == before
    assert promises.rights_in_europe(at("2027-02-01")).evidence


def test_two_questions_stop_it_twice():
    one = ticket("UK-GDPR", "2026-12-01")
    for first, last in (("02", "03"), ("07", "08")):
        clocks.ask(
            ticket=one, on=day(f"2026-12-{first}"), by=LENA, now=at("2026-12-20")
        )
        clocks.told(
            ticket=one, on=day(f"2026-12-{last}"), by=LENA, now=at("2026-12-20")
        )
    assert "4 days of clarification" in one.arithmetic


def test_a_question_stops_no_other_clock():
    one = ticket("US-CA", "2026-12-01")
    before = one.due_date
    clocks.ask(ticket=one, on=day("2026-12-02"), by=LENA, now=at("2026-12-02"))
    clocks.told(ticket=one, on=day("2026-12-09"), by=LENA, now=at("2026-12-09"))
    assert one.due_date == before


@pytest.mark.parametrize("verb", [clocks.ask, clocks.identified])
@pytest.mark.parametrize("on", ["2026-11-30", "2026-12-03"])
def test_a_day_before_the_request_or_after_today_is_refused(verb, on):
    one = ticket("UK-GDPR", "2026-12-01")
    with pytest.raises(clocks.WrongDay):
        verb(ticket=one, on=day(on), by=LENA, now=at("2026-12-02"))


# --- extended -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("regime", "received", "told_on", "due"),
    [
        ("EU-GDPR", "2026-12-31", "2027-01-15", "2027-03-31"),  # [6]
        ("EU-GDPR", "2027-01-29", "2027-02-15", "2027-04-29"),  # [7]
        ("US-CA", "2026-11-23", "2027-01-07", "2027-02-21"),  # [13]
        ("US-IA", "2026-11-23", "2027-02-21", "2027-04-07"),  # [18]
        ("US-FL", "2026-11-23", "2027-01-01", "2027-01-22"),  # [19]
    ],
)
def test_an_extension_is_told_in_time_with_its_reason(regime, received, told_on, due):
    one = ticket(regime, received)
    clocks.extend(ticket=one, reason="Many records.", by=LENA, now=at(told_on))
    notices.send_waiting(ticket=one, now=at(told_on))

    assert one.due_date == day(due)
    letter = one.notices.get(kind=Notice.Kind.EXTENSION).text.open()
    assert "Many records." in letter
    assert one.due_date.strftime("%B") in letter
    assert mail.outbox[0].to == [ADAS_MAIL]
    assert f"extended to {due}: " in one.arithmetic
    assert f"end on {one.due_date:%A} {due}" in one.arithmetic
    assert AuditEvent.objects.filter(action="ticket.extended").exists()


def test_a_day_late_there_is_no_extension():
    one = ticket("US-CA", "2026-11-23")
    with pytest.raises(clocks.ToldTooLate):
        clocks.extend(ticket=one, reason="Many.", by=LENA, now=at("2027-01-08"))


def test_while_the_clock_stands_it_can_be_extended():
    """A question of the 20th is open still; the month would have ended on 1 January."""
    one = ticket("UK-GDPR", "2026-12-01")
    clocks.ask(ticket=one, on=day("2026-12-20"), by=LENA, now=at("2026-12-20"))

    clocks.extend(ticket=one, reason="Many.", by=LENA, now=at("2027-01-10"))
    clocks.told(ticket=one, on=day("2027-01-10"), by=LENA, now=at("2027-01-10"))

    assert one.due_date == day("2027-03-23")  # 1 March, and 22 days


@pytest.mark.parametrize(
    ("zone", "received", "due"),
    [
        ("America/New_York", "2027-01-31T23:59-05:00", "2027-03-01"),
        ("Europe/Berlin", "2027-01-31T23:59-05:00", "2027-03-01"),  # 1 February there
        ("Europe/Berlin", "2027-03-28T02:30+02:00", "2027-04-28"),  # clocks go forward
        ("Europe/Berlin", "2028-02-29T23:59+01:00", "2028-03-29"),
        ("Pacific/Auckland", "2028-02-28T23:59-05:00", "2028-03-29"),  # the 29th there
    ],
)
def test_the_day_counts_that_it_is_where_we_are(settings, zone, received, due):
    settings.LEGAL_TIME_ZONE, settings.LEGAL_CALENDAR = zone, "DE"
    when = dt.datetime.fromisoformat(received)

    one = ticket("EU-GDPR", "2027-01-01", received_at=when, now=when)

    assert one.due_date == day(due)


@pytest.mark.parametrize(
    ("regime", "right"), [("CA-QC", "access"), ("US-CA", "opt_out_sale")]
)
def test_where_the_law_gives_no_extension_there_is_none(regime, right):
    one = ticket(regime, "2026-11-23", right)
    with pytest.raises(clocks.NoExtension):
        clocks.extend(ticket=one, reason="Many.", by=LENA, now=at("2026-11-25"))


def test_an_extension_is_taken_once_and_has_a_reason():
    one = ticket("EU-GDPR", "2026-11-23")
    with pytest.raises(clocks.ReasonNeeded):
        clocks.extend(ticket=one, reason=" ", by=LENA, now=at("2026-11-24"))
    clocks.extend(ticket=one, reason="Many.", by=LENA, now=at("2026-11-24"))
    with pytest.raises(clocks.NoExtension):
        clocks.extend(ticket=one, reason="More.", by=LENA, now=at("2026-11-25"))


def test_what_is_closed_has_no_clock_to_move():
    one = ticket("EU-GDPR", "2026-11-23")
    tickets.withdraw(ticket=one, reason="Her word", by=LENA, now=at("2026-11-24"))
    for verb in (clocks.ask, clocks.identified, clocks.told):
        with pytest.raises(clocks.NotOpen):
            verb(ticket=one, on=day("2026-11-24"), by=LENA, now=at("2026-11-24"))


# --- acknowledged ---------------------------------------------------------------
def test_a_receipt_goes_out_by_itself_once_for_all_rights():
    """[12]: by Tuesday 8 December; it is sent at once."""
    first, second = intake.receive(
        rights=["erasure", "access"],
        regime="US-CA",
        marks=[identifiers.phone(ADA)],
        received_at=at("2026-11-23"),
        source=Ticket.Source.MAIL,
        by=LENA,
        now=at("2026-11-23"),
        email=ADAS_MAIL,
    )
    assert first.acknowledge_date == day("2026-12-08")

    assert receipts.write_waiting(now=at("2026-11-24")) == 1
    assert receipts.write_waiting(now=at("2026-11-24")) == 0

    assert len(mail.outbox) == 1
    for one in (first, second):
        one.refresh_from_db()
        assert one.acknowledged_at == at("2026-11-24")


def test_whom_we_can_not_write_to_is_told_otherwise_and_noted():
    one = ticket("US-CA", "2026-11-23", email="")
    assert receipts.write_waiting(now=at("2026-11-24")) == 0
    receipts.told_otherwise(ticket=one, by=LENA, now=at("2026-11-25"))
    receipts.told_otherwise(ticket=one, by=LENA, now=at("2026-11-26"))

    one.refresh_from_db()
    assert one.acknowledged_at == at("2026-11-25")
    clock = clocks.of(one)[0]
    assert (clock.name, clock.done_on) == ("acknowledgement", day("2026-11-25"))
    assert not clock.is_late(day("2027-01-01"))


def test_the_answer_is_late_from_the_day_after():
    one = ticket("US-CA", "2026-11-23")
    answer = clocks.of(one)[-1]
    assert not answer.is_late(day("2027-01-07"))
    assert answer.is_late(day("2027-01-08"))
    assert "11 CCR 7021" in answer.citation


def test_silence_is_refusal_in_quebec():
    """[32]: 9 January passes, a Saturday."""
    one = ticket("CA-QC", "2026-12-10")
    assert not clocks.is_deemed_refused(one, now=at("2027-01-09"))
    assert clocks.is_deemed_refused(one, now=at("2027-01-10"))
    assert not clocks.is_deemed_refused(
        ticket("EU-GDPR", "2026-01-10"), now=at("2027-01-10")
    )


def test_the_page_says_that_silence_counts_as_a_refusal():
    late, other = ticket("CA-QC", "2026-01-10"), ticket("EU-GDPR", "2026-01-10")
    lena, path = signed_in(LENA), "admin:dsr_ticket_change"

    pages = [lena.get(reverse(path, args=[each.pk])).text for each in (late, other)]
    assert ["counts as a refusal" in page for page in pages] == [True, False]


def test_an_appeal_is_a_clock_of_its_own():
    """[20]"""
    one = ticket("US-OR", "2026-11-23")
    requests.refuse(
        ticket=one, reason="No.", ground="OTHER", by=LENA, now=at("2026-12-01")
    )
    ticket("US-OR", "2027-01-04", "appeal", about=one)

    assert [clock.name for clock in clocks.of(one)] == ["answer", "appeal"]
    assert clocks.of(one)[-1].due == day("2027-02-18")


# --- how often ------------------------------------------------------------------
def had(regime, *received, right="access"):
    """Earlier requests that were answered, whatever came of their plans."""
    from tests.privacy import factories

    for each in received:
        one = ticket(regime, each, right)
        Ticket.objects.filter(pk=one.pk).update(
            status="answered",
            outcome="whole",
            decision="Done",
            closed_at=at(each),
            plan=factories.plan(),
        )


def test_the_third_request_to_know_in_twelve_months_may_be_refused():
    """[16]"""
    had("US-CA", "2026-06-01", "2026-09-01")
    third = ticket("US-CA", "2027-03-01")
    later = ticket("US-CA", "2027-06-02")

    assert frequency.of(third).is_reached
    assert not frequency.of(later).is_reached
    refusal = {"reason": "Twice.", "ground": "FREQ_CAP", "by": LENA}
    with pytest.raises(requests.NotTooOften):
        requests.refuse(ticket=later, now=at("2027-06-03"), **refusal)
    requests.refuse(ticket=third, now=at("2027-03-02"), **refusal)
    assert third.ground.code == "FREQ_CAP"


def test_in_colorado_portability_counts_by_calendar_year():
    """[17]"""
    had("US-CO", "2026-12-01", "2026-12-15", right="portability")

    assert frequency.of(ticket("US-CO", "2026-12-20", "portability")).is_reached
    assert not frequency.of(ticket("US-CO", "2027-01-02", "portability")).is_reached


def test_another_person_and_another_law_do_not_count():
    had("US-CA", "2026-06-01", "2026-09-01")
    ben = [identifiers.phone("+12025550117")]

    assert frequency.of(ticket("US-CA", "2027-03-01", marks=ben)).had == 0
    assert frequency.of(ticket("US-VA", "2027-03-01")).had == 0
    assert frequency.of(ticket("EU-GDPR", "2027-03-01")) is None


def test_a_rule_that_ended_counts_no_more():
    FrequencyRule.objects.filter(regime="US-CA").update(valid_to="2026-12-31")
    assert frequency.of(ticket("US-CA", "2027-03-01")) is None


# --- commands -------------------------------------------------------------------
def run(*words):
    out = io.StringIO()
    call_command("dsr", "--by", "operator", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_commands_move_the_clocks_and_show_the_arithmetic():
    one = ticket("UK-GDPR", "2026-11-01", now=NOW)
    run("identified", one.reference, "--on", "2026-11-10")
    run("ask", one.reference, "--on", "2026-11-11")
    run("told", one.reference, "--on", "2026-11-12")
    shown = run("extend", one.reference, "--reason", "Many records.")

    assert [clock["name"] for clock in shown["clocks"]] == ["answer"]
    assert "identity known on 2026-11-10" in shown["arithmetic"]
    assert "2 days of clarification" in shown["arithmetic"]
    assert "extended to" in shown["arithmetic"]


def test_a_day_that_is_none_is_one_sentence():
    one = ticket("UK-GDPR", "2026-11-01")
    with pytest.raises(CommandError, match="write a day as 2026-05-03"):
        run("ask", one.reference, "--on", "yesterday")
