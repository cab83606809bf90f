"""Data goes abroad with a safeguard that is in force, or the gate keeps it back."""

import datetime as dt
import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.urls import reverse

from privacy import promises
from privacy.models import AuditEvent, InternationalTransfer
from privacy.providers import gate, register
from tests.privacy.factories import LENA, PIA, signed_in

pytestmark = pytest.mark.django_db
QUESTION = gate.Transfer("Example Carrier", "provide", ["communications"])


@pytest.fixture
def carrier(now):
    row = register.add(
        name="Example Carrier",
        contract="DPA-7",
        purposes=["provide"],
        categories=["communications"],
        ends=None,
        owner="",
        by="pia",
        now=now,
    )
    register.agree(provider=row, by="max", now=now)
    row.refresh_from_db()
    return row


@pytest.fixture
def place(carrier):
    def placed(country, safeguard="", document="", ends=None):
        return InternationalTransfer.objects.create(
            provider=carrier,
            country=country,
            safeguard=safeguard,
            document=document,
            ends=ends,
        )

    return placed


def look(now):
    return promises.CHECKS["transfers-safeguarded"](now=now)


def test_at_home_nothing_is_needed(place, now, settings):
    place("US")

    assert gate.check(QUESTION, now=now).allowed
    assert look(now).state == "kept"

    settings.HOME_COUNTRIES = ["DE"]
    assert gate.check(QUESTION, now=now).reason == "unsafe_country"
    assert look(now).state == "broken"


def test_abroad_a_safeguard_in_force_is_needed(place, carrier, now):
    place("US")
    row = place("IN")

    verdict = gate.check(QUESTION, now=now)
    assert (verdict.allowed, verdict.reason) == (False, "unsafe_country")
    assert verdict.sentence.startswith("No")
    (found,) = look(now).evidence
    assert found.sentence == "Example Carrier in IN has no safeguard"
    assert found.url == reverse("admin:privacy_provider_change", args=[carrier.pk])

    row.safeguard, row.document, row.ends = "scc", "SCC-4", now.date()
    row.save()
    assert gate.check(QUESTION, now=now).allowed  # its last day counts
    assert look(now).state == "kept"

    tomorrow = now + dt.timedelta(days=1)
    assert gate.check(QUESTION, now=tomorrow).reason == "unsafe_country"
    assert "ended on 24 November 2026" in look(tomorrow).evidence[0].sentence


def test_what_a_law_wants_told_goes_all_the_same(place, now):
    place("IN")
    duty = gate.Transfer("Example Carrier", "compliance", ["communications"])

    assert not gate.check(duty, now=now).allowed
    told = gate.Transfer(
        "Example Carrier", "compliance", ["communications"], is_duty=True
    )
    assert gate.check(told, now=now).allowed


def test_of_whom_nobody_knows_where_it_is_the_board_is_red(carrier, now):
    (found,) = look(now).evidence
    assert found.sentence == (
        "No country is on record in which Example Carrier processes the data"
    )

    carrier.is_active = False
    carrier.save()
    assert look(now).state == "kept"


@pytest.mark.parametrize(
    "wrong",
    [
        {"country": "Germany"[:2]},
        {"country": "de"},
        {"country": "IN", "safeguard": "scc"},
        {"country": "US"},
    ],
)
def test_the_table_refuses_what_is_no_record(place, wrong):
    place("US")
    with pytest.raises(IntegrityError), transaction.atomic():
        place(**wrong)


def test_entered_by_command(carrier):
    def said(*words):
        out = io.StringIO()
        call_command("providers", *words, "--json", stdout=out)
        return json.loads(out.getvalue())

    said("place", "Example Carrier", "us")
    paper = ("--safeguard", "scc", "--document", "SCC-4", "--ends", "2027-06-30")
    shown = said("place", "Example Carrier", "IN", *paper)

    assert [each["country"] for each in shown["transfers"]] == ["IN", "US"]
    assert shown["transfers"][0]["ends"] == "2027-06-30"
    assert said("place", "Example Carrier", "IN")["transfers"][0]["safeguard"] == ""
    assert AuditEvent.objects.filter(action="transfer.put").count() == 3


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["Nobody", "DE"], "No recipient of data has that name"),
        (["Example Carrier", "DEU"], "two letters"),
        (["Example Carrier", "D3"], "two letters"),
        (["Example Carrier", "XX"], "ISO 3166"),  # no country has it
        (["Example Carrier", "DE", "--safeguard", "scc"], "document"),
    ],
)
def test_a_wrong_entry_is_refused_in_words(carrier, words, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("providers", "place", *words)
    assert not InternationalTransfer.objects.exists()


def test_an_engineer_names_the_countries_and_legal_reads_them(place, carrier):
    row = place("IN")
    url = reverse("admin:privacy_provider_change", args=[carrier.pk])
    page = signed_in(PIA).get(url)
    form = page.context["adminform"].form
    sent = {
        name: value
        for name, value in form.initial.items()
        if value not in (None, "") and not hasattr(value, "pk")
    }
    sent |= {
        "purposes": ["provide"],
        "categories": ["communications"],
        "transfers-TOTAL_FORMS": 1,
        "transfers-INITIAL_FORMS": 1,
        "transfers-0-id": row.pk,
        "transfers-0-provider": carrier.pk,
        "transfers-0-country": "IN",
        "transfers-0-safeguard": "scc",
    }

    refused = signed_in(PIA).post(url, sent)
    assert "Say where the document of the safeguard is filed." in refused.text
    signed_in(PIA).post(url, sent | {"transfers-0-document": "SCC-4"})

    row.refresh_from_db()
    assert (row.safeguard, row.document) == ("scc", "SCC-4")
    assert "SCC-4" in signed_in(LENA).get(url).text
