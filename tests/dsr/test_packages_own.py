"""What the portal itself has of a person goes into their copy, and nobody else's."""

import csv
import datetime as dt
import io
import json

import pytest

from consent import ledger
from consent.models import Event
from dsr import identity, languages, requests
from dsr.models import Notice
from privacy import disclosure, identifiers, owners
from tests.consent.factories import told
from tests.dsr.factories import (
    ADA,
    ADAS_MAIL,
    LENA,
    MAX,
    NOW,
    RECEIVED,
    answered,
    asked,
    clock,
    opened,
    vouched,
)

pytestmark = pytest.mark.django_db
BEN = "+12025550117"
DAY = dt.timedelta(days=1)


def tables_of(ticket):
    return json.loads(opened(ticket).read("data.json"))["tables"]


def whats(ticket):
    return [row["what"] for row in tables_of(ticket).get("consent", [])]


def test_a_copy_has_what_they_told_us_and_their_requests_in_every_format(town):
    before = vouched(asked("objection_marketing", received_at=RECEIVED - 9 * DAY))
    shown = {"route": "web", "evidence": {"wording": "Yes, text me."}}
    told("opt_in", RECEIVED - 9 * DAY, number=ADA, **shown)
    told("opt_out", RECEIVED - DAY, number=ADA, words="Stop! Ask 202-555-0188 instead.")
    told("opt_out", RECEIVED - DAY, number=BEN, words="I am Ben.")

    ticket = answered("access", regime="EU-GDPR")

    archive = opened(ticket)
    tables = json.loads(archive.read("data.json"))["tables"]
    assert [row["what"] for row in tables["consent"]] == ["opt_in", "opt_out"]
    first, last = tables["consent"]
    assert (first["about"], first["shown"]) == (ADA, "Yes, text me.")
    assert last["words"] == f"Stop! Ask {disclosure.OTHERS} instead."
    (request,) = tables["requests"]
    assert (request["reference"], request["right"]) == (
        before.reference,
        "objection_marketing",
    )
    for name in ("consent", "requests"):
        read = list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode())))
        assert len(read) == len(tables[name])
        assert json.loads(archive.read("manifest.json"))["rows"][name] == len(read)
    page = archive.read("index.html").decode()
    for words in ("You told us to stop", "On the web", before.reference):
        assert words in page
    assert "Ben" not in json.dumps(tables["consent"])
    said = Notice.objects.get(ticket=ticket, kind="answer").text.open()
    assert "What you told us about being contacted: 2 records" in said


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_every_code_has_its_words(language):
    """In each language, as a person reads them."""
    said = languages.group(language, "own")
    kinds = set(Event.Kind.values) - {"reassignment"}
    assert {f"what_{kind}" for kind in kinds} <= said.keys()
    assert {f"source_{one}" for one in Event.Source.values} <= said.keys()


# --- whose it is ----------------------------------------------------------------------
def test_what_was_said_before_the_number_was_theirs_is_not_in_it(town):
    told("opt_in", RECEIVED - 30 * DAY, number=ADA)
    told("opt_out", RECEIVED - 3 * DAY, number=ADA)
    asked("objection_marketing", received_at=RECEIVED - 30 * DAY)
    row = identifiers.keep(identifiers.phone(ADA), now=NOW)
    since = (RECEIVED - 10 * DAY).date()
    owners.note(
        identifier=row, since=since, until=None, ground="Carrier", by=LENA, now=NOW
    )

    ticket = answered("access", regime="EU-GDPR")

    assert whats(ticket) == ["opt_out"]
    assert "requests" not in tables_of(ticket)


@pytest.mark.parametrize(
    ("is_wrong", "left"), [(False, ["opt_out"]), (True, ["opt_in", "opt_out"])]
)
def test_nor_what_the_reassigned_numbers_database_gives_to_another(
    town, is_wrong, left
):
    told("opt_in", RECEIVED - 30 * DAY, number=ADA)
    given = told("reassignment", RECEIVED - 10 * DAY, number=ADA, channel="voice")
    told("opt_out", RECEIVED - 3 * DAY, number=ADA)
    if is_wrong:
        ledger.correct(event=given, reason="Typed wrongly", by=LENA, now=RECEIVED - DAY)

    said = whats(answered("access", regime="EU-GDPR"))

    assert [what for what in said if what != "correction"] == left


def test_a_request_of_which_nobody_knows_who_asked_is_not_in_it(town):
    asked("erasure", regime="EU-GDPR", received_at=RECEIVED - 9 * DAY)
    vouched(asked("erasure", marks=[identifiers.phone(BEN)]))

    assert "requests" not in tables_of(answered("access", regime="EU-GDPR"))


def test_what_was_left_out_of_the_request_is_not_in_it(town):
    told("opt_out", RECEIVED - DAY, number=BEN)
    marks = [identifiers.email(ADAS_MAIL), identifiers.phone(BEN)]
    ticket = asked("access", regime="EU-GDPR", marks=marks)
    other = ticket.identifiers.get(kind="phone")
    who = {"by": LENA, "now": NOW}
    identity.leave_out(ticket=ticket, identifier=other, reason="Not hers", **who)
    vouched(ticket)
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    requests.approve(ticket=ticket, by=MAX, now=NOW)

    assert whats(requests.fulfil(ticket=ticket, clock=clock)) == []


def test_data_to_take_along_is_what_they_gave_us(town):
    """GDPR Art. 20: not what others told us of them."""
    told("claim", RECEIVED - 9 * DAY, number=ADA, source="third_party")
    told("opt_out", RECEIVED - DAY, number=ADA)

    assert whats(answered("portability", regime="EU-GDPR")) == ["opt_out"]


def test_who_is_in_no_store_and_told_us_something_gets_a_copy(town):
    told("opt_out", RECEIVED - DAY, number="+12025550166")
    marks = [identifiers.phone("+12025550166")]

    ticket = answered("access", regime="EU-GDPR", marks=marks)

    assert whats(ticket) == ["opt_out"]
    assert ticket.outcome == "whole"
    said = Notice.objects.get(ticket=ticket, kind="answer").text.open()
    assert "We hold no data" not in said
