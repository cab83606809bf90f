"""Keywords: whole messages, however they are spelt; everything else is read."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from consent import keywords
from consent.models import Keyword

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop   ",
        "STOP.",
        '"Stop"',
        "“STOP”",
        "\uff33\uff54\uff4f\uff50",
        "sToP!!",
        "STOP\u200b",
        "s-t-o-p",
        "opt out",
        "Opt-Out",
        "OPTOUT",
        "STOP PLEASE",
        "Stop. Thank you",
        "please stop texting me",
        "Please unsubscribe me",
        "Don\u2019t text me anymore",
        "ARRÊT",
        "arret",
        "ARRETE",
        "alto",
        "No más",
        "退订",
        "СТОП",
        "CANCEL",
        "revoke",
        "STOP STOP STOP",
    ],
)
def test_a_wish_to_stop(text, now):
    assert keywords.understand(text, now).meaning == "opt_out"


@pytest.mark.parametrize("text", ["START", "unstop", "Opt in", "Subscribe!"])
def test_a_wish_to_start(text, now):
    assert keywords.understand(text, now).meaning == "opt_in"


@pytest.mark.parametrize("text", ["HELP", "help?", "Info", "HELP pls", "AIDE"])
def test_a_call_for_help(text, now):
    assert keywords.understand(text, now).meaning == "help"


@pytest.mark.parametrize(
    "text", ["", "Yes", "please", "ok thx", "👍", "\x00", "1", "When do you begin?"]
)
def test_nothing_about_consent(text, now):
    assert keywords.understand(text, now).meaning == "none"


@pytest.mark.parametrize(
    "text",
    ["Don't stop, I love these", "STOP?", "stop it lol", "I'd like to opt out of it"],
)
def test_a_stop_word_among_others_is_for_a_person_to_read(text, now):
    assert keywords.understand(text, now).meaning == "ambiguous"


def test_the_rule_is_named(now):
    found = keywords.understand("Please STOP!", now)

    assert (found.rule, found.keyword) == ("tcpa.per_se: stop", "stop")


def test_a_keyword_counts_from_its_first_day_to_its_last(now):
    day = dt.timedelta(days=1)
    Keyword.objects.create(
        key="basta",
        text="Basta",
        meaning="opt_out",
        language="it",
        rule="test",
        citation="none",
        valid_from=now.date(),
        valid_to=now.date(),
    )

    meanings = [
        keywords.understand("basta", at).meaning for at in (now - day, now, now + day)
    ]

    assert meanings == ["none", "opt_out", "none"]


def test_a_very_long_message_is_read_in_one_go(now):
    assert keywords.understand("stop " * 200_000, now).meaning == "ambiguous"


def test_loading_twice_changes_nothing_and_leaves_what_staff_changed(now):
    Keyword.objects.filter(key="td").update(valid_to=now.date())
    before = list(Keyword.objects.values())

    assert keywords.load() == 0

    assert list(Keyword.objects.values()) == before


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"key": ""}, "consent_keyword_has_a_key"),
        ({"valid_to": dt.date(2000, 1, 1)}, "consent_keyword_ends_after_it_begins"),
        ({}, "consent_keyword_once"),
    ],
)
def test_a_keyword_that_makes_no_sense_is_refused(wrong, constraint):
    row = Keyword.objects.first()
    row.pk = None
    for name, value in wrong.items():
        setattr(row, name, value)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)
