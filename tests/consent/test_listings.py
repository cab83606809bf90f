"""Requests to be left alone, for their years; and numbers that changed hands."""

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command

from consent import check, listings
from consent.models import Listing
from privacy import identifiers
from privacy.models import AuditEvent
from tests.consent.factories import ACME, ADA, later, told

pytestmark = pytest.mark.django_db
VIRGINIAN, CANADIAN = "+17035550142", "+16135550142"


def until(number, asked):
    return listings.kept_until(identifiers.understand(number), asked).date()


@pytest.mark.parametrize(
    ("number", "asked", "kept"),
    [
        (ADA, dt.date(2026, 11, 23), dt.date(2031, 11, 24)),
        (VIRGINIAN, dt.date(2026, 11, 23), dt.date(2036, 11, 24)),
        (VIRGINIAN, dt.date(2025, 11, 23), dt.date(2030, 11, 24)),
        (CANADIAN, dt.date(2026, 11, 23), dt.date(2029, 12, 8)),
        (ADA, dt.date(2028, 2, 29), dt.date(2033, 3, 1)),
        ("ada@example.com", dt.date(2026, 1, 1), dt.date(2031, 1, 2)),
    ],
)
def test_a_request_is_kept_for_the_longest_period_of_its_place(number, asked, kept):
    at = dt.datetime.combine(asked, dt.time(12), dt.UTC)

    assert until(number, at) == kept


def reason(now, who=ADA):
    return check.may_send(
        identifiers.phone(who), channel="voice", organization=ACME, now=now
    ).reason


def test_who_asked_gets_no_marketing_until_the_years_are_over(now):
    told("opt_in", now, organization=ACME, channel="voice")
    asked = later(now, days=1)

    listings.request(
        mark=identifiers.phone(ADA),
        source="letter",
        asked_at=asked,
        by="sam",
        now=asked,
    )

    assert reason(later(now, days=2)) == "do_not_call"
    assert reason(later(now, days=365 * 5)) == "do_not_call"
    assert reason(later(now, days=365 * 6, hours=6)) != "do_not_call"


def test_answers_of_the_database_end_what_the_former_owner_said(now, tmp_path, capsys):
    told("opt_in", later(now, days=-300), organization=ACME, channel="voice")
    other = "+12025550118"
    told("opt_in", now, organization=ACME, channel="voice", number=other)
    file = tmp_path / "answers.csv"
    file.write_text(f"Phone,Answer\n{ADA},YES\n{other},no_data\nletters,no\n")

    call_command("consent", "reassigned", str(file), "--json")

    assert json.loads(capsys.readouterr().out) == {
        "yes": 1,
        "no data": 1,
        "not a number": 1,
    }
    assert Listing.objects.get().identifier == identifiers.find(identifiers.phone(ADA))
    row = AuditEvent.objects.get(action="reassigned.taken")
    assert "0117" not in row.payload


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "phone,answer\n+12025550117,maybe\n"])
def test_a_file_of_something_else_changes_nothing(text, tmp_path):
    file = tmp_path / "answers.csv"
    file.write_text(text)

    with pytest.raises(CommandError, match="no columns"):
        call_command("consent", "reassigned", str(file))

    assert not Listing.objects.exists()


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="can't be read"):
        call_command("consent", "reassigned", str(tmp_path / "no.csv"))


def test_the_command_says_until_when(now, capsys):
    call_command(
        "consent", "do-not-call", VIRGINIAN, "--source", "letter",
        "--at", "2026-02-01T12:00Z", "--json",
    )  # fmt: skip

    assert json.loads(capsys.readouterr().out)["ends_at"].startswith("2036-02-02")


def test_support_puts_somebody_on_the_list(support):
    page = support.post(
        "/admin/consent/listing/request/",
        {"address": "(202) 555-0117", "source": "by phone"},
    )

    assert page.status_code == 302
    assert Listing.objects.get().list == "requested"


def test_what_is_no_number_is_said_on_the_page(support):
    page = support.post(
        "/admin/consent/listing/request/", {"address": "letters", "source": "x"}
    )

    assert "neither a phone number" in page.content.decode()


def test_a_stranger_may_not(stranger):
    assert stranger.get("/admin/consent/listing/request/").status_code == 403
