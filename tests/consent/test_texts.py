"""Texts from a file: to try the portal on."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.management.commands.up import TEXTS
from consent import check, lookup, review
from consent.models import Event, InboundMessage
from privacy import identifiers
from tests.consent.factories import told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]


def test_a_new_portal_has_unclear_texts_to_decide_once(capsys):
    for _ in range(2):
        call_command("texts", "ingest", str(TEXTS), "--json")

    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["taken"], said["unclear"]) == (7, 5)
    assert InboundMessage.objects.count() == 7
    assert review.unclear().count() == 5
    assert Event.objects.filter(kind="opt_out").count() == 1


@pytest.mark.parametrize("text", ["[1, 2]", "- {from: x}", "a: [", "7"])
def test_another_file_is_refused_in_a_sentence(tmp_path, text):
    path = Path(tmp_path, "texts.yaml")
    path.write_text(text)

    with pytest.raises(CommandError, match="from, to and text"):
        call_command("texts", "ingest", str(path))
    with pytest.raises(CommandError, match="no file"):
        call_command("texts", "ingest", str(path) + "x")


@pytest.mark.parametrize(
    ("organization", "says"),
    [
        ("", "Yes — you may text. "),
        ("org_acme", "and for nobody else. "),
    ],
)
def test_a_yes_names_whom_it_is_for(now, organization, says):
    event = told("opt_in", now, organization=organization)
    number = "+12025550117"

    sentence = lookup.look_up(text=number, by="sam", now=now).answer.sentence

    assert event.identifier.hint
    assert says in sentence
    assert sentence.startswith("Yes — you may text")
    assert ("for every program of" in sentence) is bool(organization)


def test_a_yes_names_each_sender_that_they_consented_to(now):
    """Harbor's consent is older than Acme's, and as good."""
    later, number = now + dt.timedelta(days=1), "+12025550117"
    told("opt_in", now, organization="org_harbor")
    told("opt_in", later, organization="org_acme")

    sentence = lookup.look_up(text=number, by="sam", now=later).answer.sentence

    assert sentence.startswith(
        "Yes — you may text for every program of org_acme, for every program of "
        "org_harbor, and for nobody else. The latest: opted in by telling support on"
    )
    asked = {"channel": "sms", "now": later, "organization": "org_harbor"}
    of_one = check.may_contact(identifiers.phone(number), **asked).sentence
    assert of_one.startswith("Yes — you may text for every program of org_harbor. ")
