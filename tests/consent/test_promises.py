"""The board: each check goes red when its promise is broken."""

import pytest

from consent.models import InboundMessage, Program
from privacy import promises
from privacy.models import Category, Promise, Rule, Store, Table
from tests.consent.factories import ProgramFactory, lose_event, sent, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]


def look(code, now):
    return promises.CHECKS[code](now=now)


def test_nothing_is_broken_to_begin_with(now):
    ProgramFactory()
    sent("HELP", now)
    told("opt_in", now)

    for code in ("help-answered", "optin-logs-5y", "rates-disclosed"):
        assert look(code, now).state == "kept"


def test_a_help_without_a_reply_is_found(now):
    sent("HELP", now)
    InboundMessage.objects.update(reply="", replied_by="")

    outcome = look("help-answered", now)

    assert outcome.state == "broken"
    assert outcome.evidence[0].count == 1
    assert outcome.evidence[0].url.endswith("/help-answered/acknowledge/")

    promises.acknowledge(
        promise=Promise.objects.get(code="help-answered"),
        subject=outcome.evidence[0].subject,
        reason="Called them back",
        by="lena",
        now=now,
    )
    assert look("help-answered", now).state == "kept"


def test_a_help_by_a_carrier_that_forwards_no_answer_is_found(now):
    ProgramFactory()
    sent("HELP", now, answerable=False, carrier="bandwidth")

    outcome = look("help-answered", now)

    assert outcome.state == "broken"
    assert "through bandwidth" in outcome.evidence[0].sentence


@pytest.mark.parametrize("sequence", [1, 2])
def test_an_event_that_was_taken_away_is_found_also_the_last(now, sequence):
    told("opt_in", now)
    told("opt_out", now)
    lose_event(sequence)

    outcome = look("optin-logs-5y", now)

    assert (outcome.state, outcome.evidence[0].count) == ("broken", 1)


@pytest.mark.parametrize(
    ("table", "promise", "minimum", "state"),
    [
        ("consent_event", "retained-no-longer", 0, "broken"),
        ("consent_event", "retained-no-longer", 60, "kept"),
        ("opt_ins", "optin-logs-5y", 0, "broken"),
        ("messages", "retained-no-longer", 0, "kept"),
    ],
)
def test_a_rule_without_its_minimum_is_found(now, table, promise, minimum, state):
    store = Store.objects.create(name="platform", address="x://", connected_at=now)
    Rule.objects.create(
        name="logs",
        title="Logs",
        table=Table.objects.create(store=store, name=table),
        start="at",
        months=60,
        minimum_months=minimum,
        action="delete",
        category=Category.objects.first(),
        promise=Promise.objects.get(code=promise),
        citation="none",
    )

    assert look("optin-logs-5y", now).state == state


def test_a_confirmation_that_hides_the_rates_is_found(now):
    program = ProgramFactory()
    Program.objects.update(opt_in_text="You are in. 4 msgs/month. HELP, STOP.")

    outcome = look("rates-disclosed", now)

    assert outcome.state == "broken"
    assert "message and data rates may apply" in outcome.evidence[0].sentence
    assert outcome.evidence[0].url == f"/admin/consent/program/{program.pk}/change/"
