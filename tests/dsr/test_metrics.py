"""What a year's requests came to, by law and kind."""

import csv
import datetime as dt
import io
import json

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.urls import reverse

from dsr import metrics, register, requests, tickets
from dsr.models import Ground, Ticket
from privacy import apikeys
from privacy.models import AuditEvent, Disclosure
from privacy.providers import gate
from privacy.refusals import ReasonNeeded
from tests.consent.factories import contracted
from tests.dsr.factories import LENA, NOW, asked

pytestmark = pytest.mark.django_db


def ended(right, days, outcome="whole", regime="US-CA", **facts):
    """Received in March, closed so many days later."""
    received = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    ticket = asked(right, regime=regime, received_at=received, now=received)
    rows = Ticket.objects.filter(pk=ticket.pk)
    if outcome == "denied":
        requests.refuse(
            ticket=ticket, reason="No", ground="ID_FAIL", by=LENA, now=received
        )
    elif outcome == "none":
        tickets.withdraw(ticket=ticket, reason="Gone", by=LENA, now=received)
    else:
        rows.update(
            status="answered", outcome=outcome, closed_at=received, ground=a_ground()
        )
    rows.update(closed_at=received + dt.timedelta(days=days), **facts)
    return ticket


def a_ground():
    return Ground.objects.filter(code="ID_FAIL").first()


def line(lines, regime, kind):
    (found,) = [each for each in lines if (each.regime, each.kind) == (regime, kind)]
    return found


@pytest.fixture
def year(monkeypatch):
    with connection.cursor() as cursor:  # answered without the plan of a real one
        cursor.execute(
            "ALTER TABLE dsr_ticket DROP CONSTRAINT dsr_ticket_under_way_has_a_plan"
        )
    ended("erasure", 10)
    ended("erasure", 20, "part")
    ended("erasure", 45, "denied")
    ended("erasure", 2, "none")
    ended("access", 46)
    ended("portability", 4, "nothing")
    ended("opt_out_sale", 0)
    ended("erasure", 30, regime="EU-GDPR")
    asked("erasure", regime="EU-GDPR")
    return metrics.counts(year=2026, now=NOW)


def test_a_year_is_counted_by_law_and_kind(year):
    delete = line(year, "US-CA", "delete")

    assert (delete.received, delete.complied, delete.part) == (4, 2, 1)
    assert (delete.denied, delete.withdrawn, delete.open) == (1, 1, 0)
    assert delete.why_denied == "We could not verify who asks (1)"
    assert line(year, "EU-GDPR", "delete").open == 1


def test_days_are_median_and_mean_and_leave_out_what_was_taken_back(year):
    delete = line(year, "US-CA", "delete")

    assert (delete.median, delete.mean) == (20, 25.0)
    assert line(year, "EU-GDPR", "delete").median == 30


def test_know_is_access_and_portability_and_late_is_counted(year):
    know = line(year, "US-CA", "know")

    assert (know.received, know.complied, know.late) == (2, 2, 1)
    assert line(year, "US-CA", "opt out").received == 1


def test_a_year_ends_where_the_controller_is(settings):
    settings.LEGAL_TIME_ZONE = "America/New_York"
    new_year = dt.datetime(2026, 1, 1, 3, tzinfo=dt.UTC)  # still 2025 there
    asked("erasure", received_at=new_year)

    assert metrics.counts(year=2026, now=NOW) == []
    assert len(metrics.counts(year=2025, now=NOW)) == 1


@pytest.mark.parametrize("year", [1999, 2027, 0])
def test_a_year_that_is_none_is_refused(year):
    with pytest.raises(metrics.NoSuchYear):
        metrics.counts(year=year, now=NOW)


def test_the_counts_are_a_file_too(year):
    rows = list(csv.DictReader(io.StringIO(metrics.as_csv(year))))

    delete = next(r for r in rows if (r["regime"], r["kind"]) == ("US-CA", "delete"))
    assert (delete["received"], delete["median"]) == ("4", "20")


def test_what_is_published_by_law_hides_small_numbers_but_not_californias_own_table():
    lines = [
        metrics.Line("US-CA", "delete", received=3),
        metrics.Line("US-CO", "delete", received=3),
        metrics.Line("US-CO", "opt out", received=90),
        metrics.Line("US-OR", "delete", received=40),
    ]

    rows = list(csv.DictReader(io.StringIO(metrics.overview(lines))))

    assert [row["law"] for row in rows] == ["US-CO", "US-OR", "total"]
    assert rows[0]["delete"] == metrics.HIDDEN
    assert sum(list(row.values()).count(metrics.HIDDEN) for row in rows) >= 4
    assert rows[1]["opt out"] == "0"
    assert metrics.overview([]) == "law,total\r\n"


def auditors():
    contracted("Auditors", NOW)
    return register.Ground("Auditors")


def taken(ground, **changed):
    said = {"year": 2026, "reason": "Yearly audit", "by": LENA, "now": NOW} | changed
    return "".join(register.export(ground=ground, **said))


def test_the_register_has_what_the_law_lists_and_names_nobody(year):
    text = taken(auditors())

    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 9
    assert {"received", "manner", "nature", "response", "outcome", "ground"} <= set(
        rows[0]
    )
    assert "0143" not in text


def test_it_is_in_the_list_of_disclosures_before_it_leaves(year):
    lines = register.export(
        year=2026, ground=auditors(), reason="Yearly audit", by=LENA, now=NOW
    )

    entry = Disclosure.objects.get()
    assert (entry.provider.name, entry.people) == ("Auditors", 9)
    assert (entry.purpose_id, entry.categories) == ("compliance", ["communications"])
    event = AuditEvent.objects.get(action="register.exported")
    assert json.loads(event.payload)["details"]["disclosure"] == entry.pk
    assert next(lines)


@pytest.mark.parametrize(
    ("ground", "reason", "refusal"),
    [
        (("Auditors",), "", ReasonNeeded),
        (("Somebody",), "Yearly audit", gate.Refused),
        (("Auditors", "legal"), "Yearly audit", gate.Refused),
        (("", "legal", "Order 7"), "Ordered", gate.Refused),
    ],
)
def test_it_goes_to_nobody_whom_the_gate_refuses(ground, reason, refusal):
    auditors()
    with pytest.raises(refusal):
        taken(register.Ground(*ground), reason=reason)

    assert not AuditEvent.objects.filter(action="register.exported").exists()
    assert not Disclosure.objects.exists()


# --- by API ---------------------------------------------------------------------------
def held(*scopes):
    key = apikeys.create(name="bi", scopes=scopes, by=LENA, now=NOW)
    return {"HTTP_AUTHORIZATION": f"Bearer {key}"}


def test_the_counts_are_fetched_by_api(year, client):
    where, key = "/api/v1/requests/counts", held("requests:counts")

    rows = client.get(where, {"year": 2026}, **key).json()
    wrong = client.get(where, {"year": 1999}, **key)

    assert {row["regime"] for row in rows} >= {"US-CA"}
    assert sum(row["received"] for row in rows) == 9
    assert wrong.status_code == 400
    assert client.get(where).status_code == 401


def test_the_register_is_fetched_by_api_past_the_gate(year, client):
    where, key = "/api/v1/requests/register", held("requests:register")
    said = {"year": 2026, "recipient": "Auditors", "reason": "Yearly audit"}

    refused = client.post(where, said, content_type="application/json", **key)
    assert (refused.status_code, Disclosure.objects.count()) == (403, 0)
    auditors()
    taken = client.post(where, said, content_type="application/json", **key)

    assert b"R-2026-000001" in b"".join(taken.streaming_content)
    assert Disclosure.objects.get().made_by == "apikey:bi"


def test_neither_is_for_a_key_that_hands_in_requests(client):
    key = held("requests:write")

    assert client.get("/api/v1/requests/counts", **key).status_code == 403
    assert client.post("/api/v1/requests/register", {}, **key).status_code == 403


# --- pages ----------------------------------------------------------------------------
@pytest.fixture
def sign_in(client):
    def as_(role):
        user = User.objects.create_user(role, is_staff=True)
        user.groups.set([Group.objects.get(name=role)])
        client.force_login(user)
        return client

    return as_


def page(verb):
    return reverse(f"admin:dsr_ticket_{verb}")


def test_legal_sees_the_counts_and_takes_the_register(year, sign_in):
    lena = sign_in("Legal")
    shown = lena.get(page("metrics") + "?year=2026").content.decode()
    file = lena.get(page("metrics") + "?year=2026&as=csv")
    by_law = lena.get(page("metrics") + "?year=2026&as=overview")
    auditors()
    said = {"purpose": "compliance", "reason": "Yearly audit"}
    refused = lena.post(page("register") + "?year=2026", said)
    taken = lena.post(page("register") + "?year=2026", said | {"recipient": "Auditors"})

    assert "California Consumer Privacy Act · US-CA" in shown
    assert "We could not verify who asks (1)" in shown
    assert "To delete" in shown
    assert file["Content-Type"].startswith("text/csv")
    assert b"not shown" in by_law.content
    assert "Choose who gets it" in refused.text
    assert b"R-2026-000001" in b"".join(taken.streaming_content)


def test_support_takes_no_register(sign_in):
    sam = sign_in("Support")

    assert sam.get(page("metrics")).status_code == 200
    assert sam.get(page("register")).status_code == 403


@pytest.mark.parametrize("text", ["1066", "abcd", "٢٠٢٦", "99999"])
def test_a_year_that_is_none_is_a_sentence_or_this_year(sign_in, text):
    answer = sign_in("Legal").get(page("metrics"), {"year": text}, follow=True)

    assert answer.status_code == 200
