"""Which programs a STOP ends: asked once, answered by number, and silence ends all."""

import pytest
from django.core.exceptions import ValidationError

from consent import check
from consent.models import Event, HonourRule, InboundMessage, Program, ScopeRule
from privacy import identifiers
from tests.consent.factories import ACME, ADA, ProgramFactory, later, sent, told

OFFERS_NUMBER, ALERTS_NUMBER = "+12025550100", "+12025550101"
QUESTION = "To keep some, reply {programs}"


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]


@pytest.fixture
def offers():
    return ProgramFactory(name="Offers", numbers=[OFFERS_NUMBER], clarify_text=QUESTION)


@pytest.fixture
def alerts(offers, now):
    """The second program; Ada consented to both."""
    made = ProgramFactory(name="Alerts", numbers=[ALERTS_NUMBER])
    for program in (offers, made):
        told(
            "opt_in",
            later(now, days=-1),
            organization=ACME,
            program=program,
            scope="program",
        )
    return made


def may(at, program):
    return check.may_contact(
        identifiers.phone(ADA),
        channel="sms",
        organization=ACME,
        program=program,
        now=at,
    ).allowed


def test_who_consented_to_several_is_asked_once_and_all_end_meanwhile(
    now, offers, alerts
):
    said = sent("STOP", now)

    assert said == f"{offers.opt_out_text} To keep some, reply 1 = Offers, 2 = Alerts"
    assert not may(now, "Offers")
    assert not may(now, "Alerts")
    assert sent("STOP", later(now, minutes=1)) == ""
    assert not may(later(now, days=400), "Alerts"), "silence means all"


def test_an_answer_brings_back_what_it_names_and_nothing_else(now, offers, alerts):
    sent("STOP", now)

    assert sent("2", later(now, minutes=3), sid="SM" + "b" * 32) == ""

    after = later(now, minutes=4)
    assert (may(after, "Offers"), may(after, "Alerts")) == (False, True)
    kept = Event.objects.get(kind="opt_in", occurred_at=later(now, minutes=3))
    stop = Event.objects.get(kind="opt_out")
    assert (kept.scope, kept.program) == ("program", alerts)
    assert kept.evidence["rule"] == "tcpa.clarify"
    assert kept.evidence["clarifies"] == str(stop.sequence)
    assert "2 = Alerts" in kept.evidence["wording"]
    assert stop.evidence["asked"] == f"{offers.pk},{alerts.pk}"
    row = InboundMessage.objects.get(rule="tcpa.clarify")
    assert (row.meaning, row.reply) == ("opt_in", "")
    assert sent("2", later(now, minutes=5), sid="SM" + "b" * 32) == ""
    assert Event.objects.filter(evidence__rule="tcpa.clarify").count() == 1


@pytest.mark.parametrize("text", ["1 2", "1,2", "\uff12 & \uff11", "#1 #2."])
def test_several_are_named_in_one_answer(now, offers, alerts, text):
    sent("STOP", now)

    sent(text, later(now, minutes=3))

    after = later(now, minutes=4)
    assert may(after, "Offers")
    assert may(after, "Alerts")


@pytest.mark.parametrize(
    ("text", "minutes", "changed"),
    [
        ("3", 3, {}),
        ("1 7", 3, {}),
        ("0", 3, {}),
        ("STOP 1", 3, {}),
        ("sure", 3, {}),
        ("1" * 200, 3, {}),
        ("2", 1441, {}),
        ("2", 3, {"recipient": ALERTS_NUMBER}),
        ("2", 3, {"number": "+12025550199"}),
        ("2", 3, {"understood": "opt_out"}),
    ],
)
def test_anything_else_is_no_answer(now, offers, alerts, text, minutes, changed):
    sent("STOP", now)

    sent(text, later(now, minutes=minutes), **changed)

    after = later(now, days=2)
    assert not may(after, "Offers")
    assert not may(after, "Alerts")


def test_a_second_stop_takes_the_question_back(now, offers, alerts):
    sent("STOP", now)
    sent("STOP", later(now, minutes=1))

    sent("2", later(now, minutes=2))

    assert not may(later(now, minutes=3), "Alerts")


def test_help_in_between_does_not(now, offers, alerts):
    sent("STOP", now)
    sent("HELP", later(now, minutes=1))

    sent("2", later(now, minutes=2))

    assert may(later(now, minutes=3), "Alerts")


def test_a_program_that_is_gone_is_not_brought_back(now, offers, alerts):
    sent("STOP", now)
    Program.objects.filter(pk=alerts.pk).update(organization="org_beta")

    sent("2", later(now, minutes=2))

    assert not Event.objects.filter(evidence__rule="tcpa.clarify").exists()


@pytest.mark.parametrize("why", ["one program", "no consent", "nothing to ask", "many"])
def test_there_is_no_question(now, offers, why):
    if why != "one program":
        ProgramFactory(name="Alerts", numbers=[ALERTS_NUMBER])
    if why == "many":
        for number in range(10):
            ProgramFactory(name=f"More {number}", numbers=[])
    if why != "no consent":
        told("opt_in", later(now, days=-1), organization=ACME)
    if why == "nothing to ask":
        Program.objects.update(clarify_text="")

    assert sent("STOP", now) == offers.opt_out_text


def test_what_ends_one_program_alone_is_not_asked_about(now, offers, alerts):
    ScopeRule.objects.filter(name="sender_default").delete()

    assert sent("STOP", now) == offers.opt_out_text
    assert may(now, "Alerts")


def test_a_stop_that_the_carrier_confirmed_is_not_asked_about(now, offers, alerts):
    assert sent("STOP", now, understood="opt_out") == ""
    assert "asked" not in Event.objects.get(kind="opt_out").evidence


def test_without_a_rule_of_the_day_no_answer_counts(now, offers, alerts):
    HonourRule.objects.filter(what="clarify").delete()
    sent("STOP", now)

    sent("2", later(now, seconds=1))

    assert not may(later(now, minutes=1), "Alerts")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"clarify_text": "Which ones? 1 or 2"}, "Write {programs}"),
        ({"clarify_text": QUESTION, "organization": ""}, "name its organization"),
    ],
)
def test_a_question_that_only_asks(changed, sentence):
    ProgramFactory.build(clarify_text=QUESTION).full_clean()

    with pytest.raises(ValidationError) as refused:
        ProgramFactory.build(**changed).full_clean()

    assert sentence in str(refused.value.message_dict["clarify_text"])
