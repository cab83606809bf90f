"""Whoever must be told of a breach: until when, by which law, and that they were."""

import datetime as dt
import io
import json
import zoneinfo

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from privacy import audit, holds, identifiers, incidents, keeping, plans
from privacy.checks import endings
from privacy.checks.incidents import breach_notified
from privacy.models import (
    AuditEvent,
    Identifier,
    Incident,
    IncidentPeriod,
    IncidentRule,
    IncidentStep,
    Plan,
)

pytestmark = pytest.mark.django_db
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2027, 4, 30, 12, tzinfo=dt.UTC)
LENA = "lena"


@pytest.fixture(autouse=True)
def rules(db, settings):
    settings.LEGAL_TIME_ZONE = "America/New_York"
    incidents.load()
    incidents.keeping.load()


def at(text, zone=BERLIN):
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


def happened(aware_at, **reach):
    places = {place.replace("_", "-"): people for place, people in reach.items()}
    facts = {"title": "A lost disk", "facts": "A disk was lost in a train."}
    return incidents.record(**facts, aware_at=aware_at, reach=places, by=LENA, now=NOW)


def rule(code):
    return IncidentRule.objects.get(code=code)


def due(incident):
    return {clock.rule.code: clock.due for clock in incidents.clocks(incident)}


def test_66_seventy_two_hours_run_through_a_weekend():
    incident = happened(at("2026-12-18T17:00"), EU_GDPR=3)

    assert due(incident)["eu-authority"] == at("2026-12-21T17:00")


def test_67_and_through_a_change_of_clocks():
    incident = happened(at("2027-03-26T20:00"), EU_GDPR=3)

    last = due(incident)["eu-authority"]
    assert last.astimezone(BERLIN).isoformat() == "2027-03-29T21:00:00+02:00"
    assert last - incident.aware_at == dt.timedelta(hours=72)


def test_68_california_wants_a_copy_for_the_attorney_general_above_500():
    found = at("2026-12-01T09:00", zoneinfo.ZoneInfo("America/New_York"))
    more, fewer = happened(found, US_CA=501), happened(found, US_CA=500)

    assert due(more)["ca-people"].date() == dt.date(2026, 12, 31)
    assert due(more)["ca-attorney-general"].date() == dt.date(2027, 1, 15)
    assert set(due(fewer)) == {"ca-people"}

    told = at("2026-12-10T09:00", zoneinfo.ZoneInfo("America/New_York"))
    who = {"by": LENA, "now": NOW, "people": 501}
    incidents.told(incident=more, rule=rule("ca-people"), at=told, **who)
    assert due(more)["ca-attorney-general"].date() == dt.date(2026, 12, 25)


def test_69_the_fcc_counts_business_days_once_its_first_day_is_known():
    found = at("2026-12-18T12:00", zoneinfo.ZoneInfo("America/New_York"))
    incident = happened(found, US_FCC=500)
    assert due(incident) == {}

    fcc = IncidentRule.objects.filter(place="US-FCC")
    fcc.update(valid_from=dt.date(2026, 12, 1))

    days = {code: last.date() for code, last in due(incident).items()}
    assert days == {
        "fcc-authority": dt.date(2026, 12, 30),
        "fcc-people": dt.date(2027, 1, 17),
    }
    assert set(due(happened(found, US_FCC=499))) == {"fcc-people"}


def test_louisiana_alabama_and_vermont_have_periods_of_their_own():
    found = at("2026-12-01T09:00", zoneinfo.ZoneInfo("America/New_York"))
    incident = happened(found, US_LA=1, US_AL=1001, US_VT=1)

    days = {code: last.date() for code, last in due(incident).items()}
    assert days == {
        "la-people": dt.date(2027, 1, 30),
        "la-authority": dt.date(2027, 2, 9),  # ten days after people hear of it
        "al-people": dt.date(2027, 1, 15),
        "al-authority": dt.date(2027, 1, 15),
        "vt-people": dt.date(2027, 1, 15),
        "vt-authority": dt.date(2026, 12, 21),
    }
    assert set(due(happened(found, US_AL=1000))) == {"al-people"}


def test_a_law_counts_from_its_first_day():
    incident = happened(dt.datetime(2025, 12, 1, tzinfo=dt.UTC), US_CA=501)

    assert due(incident) == {}


def test_the_board_is_red_until_they_were_told_or_need_not_be():
    incident = happened(at("2026-12-18T17:00"), EU_GDPR=3)
    before = at("2026-12-21T16:59")
    assert breach_notified(before).state == "kept"
    late = breach_notified(at("2026-12-21T17:01"))
    assert late.state == "broken"
    assert "The supervisory authority" in late.evidence[0].sentence

    facts = {"incident": incident, "rule": rule("eu-authority"), "by": LENA, "now": NOW}
    with pytest.raises(incidents.WhyNot):
        incidents.spare(**facts, ground=" ")
    incidents.spare(**facts, ground="The disk was encrypted, and its key is safe.")
    assert breach_notified(NOW).state == "kept"
    with pytest.raises(incidents.Settled):
        incidents.told(**facts, at=NOW)
    assert audit.verify()


def test_who_is_told_late_reads_why_and_the_proof_is_sealed():
    incident = happened(at("2026-12-18T17:00"), EU_GDPR=3)
    facts = {"incident": incident, "rule": rule("eu-authority"), "by": LENA, "now": NOW}
    after = at("2026-12-22T09:00")
    with pytest.raises(incidents.WhyLate):
        incidents.told(**facts, at=after)

    step = incidents.told(**facts, at=after, ground="Found out slowly", paper=b"fax")

    step.refresh_from_db()
    assert incidents.proof(step=step, by=LENA, now=NOW) == b"fax"
    assert step.document.open() != "fax"


def test_it_is_closed_only_when_it_is_whole():
    incident = happened(at("2026-12-18T17:00"), EU_GDPR=3)
    who = {"by": LENA, "now": NOW}
    with pytest.raises(incidents.StillOpen):
        incidents.close(incident=incident, **who)
    ground = {"ground": "The disk was encrypted.", **who}
    incidents.spare(incident=incident, rule=rule("eu-authority"), **ground)
    said = {"reach": {"EU-GDPR": 3}, **who}
    incidents.assess(incident=incident, risk="unlikely", **said)
    with pytest.raises(incidents.NotWhole):
        incidents.close(incident=incident, **who)
    words = {"effects": "None is likely.", "remedy": "The key was changed."}
    incidents.assess(incident=incident, risk="unlikely", **words, **said)

    incidents.close(incident=incident, **who)

    with pytest.raises(incidents.Closed):
        incidents.assess(incident=incident, risk="high", **said)
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.update(effects="")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"aware_at": NOW + dt.timedelta(minutes=1)}, incidents.FromTheFuture),
        ({"aware_at": dt.datetime(2026, 12, 1)}, incidents.NoTimeZone),  # noqa: DTZ001
        ({"reach": {"XX": 5}}, incidents.UnknownPlace),
        ({"facts": "  "}, incidents.NothingHappened),
    ],
)
def test_what_makes_no_sense_is_refused(change, refusal):
    facts = {"title": "A", "facts": "B", "aware_at": NOW, "reach": {}}
    with pytest.raises(refusal):
        incidents.record(**(facts | change), by=LENA, now=NOW)
    assert not Incident.objects.exists()


def test_nobody_is_spared_without_a_ground_also_in_the_database():
    incident = happened(at("2026-12-18T17:00"), EU_GDPR=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentStep.objects.create(
            incident=incident, rule=rule("eu-authority"), kind="spared", at=NOW,
            by=LENA, recorded_at=NOW,
        )  # fmt: skip


def test_on_the_screen(admin_client):
    url = reverse("admin:privacy_incident_record")
    given = {"title": "A lost disk", "facts": "Lost", "aware_at": "2026-11-20T10:00"}
    wrong = admin_client.post(url, {**given, "EU-GDPR": "many"}).content.decode()
    assert "Enter a whole number" in wrong
    page = admin_client.post(url, {**given, "EU-GDPR": 12}, follow=True)
    said = page.content.decode()
    assert "The supervisory authority" in said
    assert "● late" in said

    row = Incident.objects.get()
    told = reverse("admin:privacy_incident_told", args=[row.pk])
    assert admin_client.get(told).status_code == 404
    where = f"{told}?rule={rule('eu-authority').pk}"
    answer = admin_client.post(where, {"at": "2026-11-24T10:00"}).content.decode()
    assert "say why" in answer
    late = {"at": "2026-11-24T10:00", "ground": "It was found on a Sunday."}
    admin_client.post(where, late)
    spare = reverse("admin:privacy_incident_spare", args=[row.pk])
    high = f"{spare}?rule={rule('eu-people').pk}"
    admin_client.post(high, {"ground": "Encrypted, and the key is safe."})
    assess = {"risk": "risk", "effects": "None", "remedy": "A new key", "EU-GDPR": 12}
    admin_client.post(reverse("admin:privacy_incident_assess", args=[row.pk]), assess)
    admin_client.post(reverse("admin:privacy_incident_close", args=[row.pk]))
    row.refresh_from_db()
    assert row.closed_by == "admin"


# --- the people, by name ------------------------------------------------------------
@pytest.fixture
def phones(town):
    found = {incidents.people.called(c): c for c in incidents.people.sources()}
    return found[next(name for name in found if name.endswith("person.phone"))]


def named(incident, marks, found_in=incidents.people.A_LIST, place="EU-GDPR"):
    said = {"marks": marks, "found_in": found_in, "by": LENA, "now": NOW}
    return incidents.people.name(incident=incident, place=place, **said)


def test_everybody_in_a_column_is_named_once_and_counted(phones):
    incident = happened(at("2026-12-18T17:00"), EU_GDPR=2)

    assert named(incident, incidents.people.of_column(phones)) == 3
    assert incident.reach.get().people == 3
    said = AuditEvent.objects.get(action="incident.people_named").payload
    assert '"people":3' in said
    assert "5550143" not in said
    assert named(incident, incidents.people.of_column(phones)) == 0


def test_those_of_a_list_are_named_and_a_larger_number_stays():
    incident = happened(at("2026-12-18T17:00"), EU_GDPR=40)
    text = "+1 202 555 0143;Ada\nben.sample@example.org\n\n(202) 555-0143,again\n"

    assert named(incident, incidents.people.of_list(text)) == 2
    assert incident.reach.get().people == 40
    assert incidents.people.counted(incident) == [("EU-GDPR", "a list", 2)]


def test_who_was_erased_before_and_still_leaked_can_be_told():
    mark = identifiers.phone("+12025550143")
    row = identifiers.keep(mark, now=NOW)
    identifiers.forget(identifier=row, by=LENA, now=NOW)

    named(happened(at("2026-12-18T17:00"), EU_GDPR=1), [mark])

    row.refresh_from_db()
    assert identifiers.value(row) == mark


def test_what_names_nobody_is_refused(phones):
    incident = happened(at("2026-12-18T17:00"))
    with pytest.raises(incidents.people.WrongLines, match=r"line 2\.") as wrong:
        incidents.people.of_list("ben.sample@example.org\nBen Sample\n")
    assert "Ben" not in str(wrong.value)
    with pytest.raises(incidents.people.TooMany):
        incidents.people.of_list("\n" * 50_001)
    with pytest.raises(incidents.people.Nobody):
        named(incident, incidents.people.of_list("\n"))
    with pytest.raises(incidents.UnknownPlace):
        named(incident, incidents.people.of_list("a@example.org"), place="MARS")
    phones.identifier = "bank"
    phones.save()
    with pytest.raises(incidents.people.NotAContact):
        incidents.people.of_column(phones)
    Incident.objects.update(closed_at=NOW, closed_by=LENA, effects="x", remedy="y")
    with pytest.raises(incidents.Closed):
        named(incident, incidents.people.of_list("a@example.org"))


def test_people_are_named_on_the_screen_and_by_command(admin_client, phones, tmp_path):
    incident = happened(at("2026-12-18T17:00"))
    url = reverse("admin:privacy_incident_people", args=[incident.pk])
    both = admin_client.post(url, {"place": "US-CA"}).content.decode()
    assert "Choose a column or give a list" in both
    wrong = {"place": "US-CA", "list_": io.BytesIO(b"nobody\n")}
    assert "line 1" in admin_client.post(url, wrong).content.decode()
    page = admin_client.post(
        url, {"place": "US-CA", "column": phones.pk}, follow=True
    ).content.decode()
    assert "3 people named" in page
    assert "3 named from" in page

    listed = tmp_path / "people.csv"
    listed.write_text("ada.sample@example.com\n")
    words = ("people", str(incident.pk), "--law", "US-CA")
    call_command("incident", *words, "--list", str(listed), stdout=io.StringIO())
    assert incident.reach.get().people == 4
    with pytest.raises(CommandError, match="No such column"):
        call_command("incident", *words, "--column", "town.tag.label")


# --- and their end ------------------------------------------------------------------
YEARS_LATER = NOW + dt.timedelta(days=3 * 365)


def closed_with(*addresses):
    incident = happened(at("2026-12-18T17:00"))
    named(incident, incidents.people.of_list("\n".join(addresses)))
    Incident.objects.update(closed_at=NOW, closed_by=LENA, effects="x", remedy="y")
    return incident


def ended(now):
    plan = keeping.preview(incidents.keeping.KIND, by=LENA, now=now)
    plans.approve(plan=plan, by="max", now=now)
    return keeping.progress(keeping.carry_out(plan=plan, clock=lambda: now))["rows"]


def test_who_was_hit_is_named_for_its_period_from_the_closing_and_then_counted():
    incident = closed_with("ada@example.com", "ben@example.org")
    before = incidents.people.counted(incident)
    known = Identifier.objects.get(hint__startswith="b")
    held = holds.place(
        matter="A suit", identifiers=[known], tables=[], by=LENA, now=NOW
    )

    assert ended(NOW + dt.timedelta(days=729)) == 0
    assert endings.named_for_a_breach(YEARS_LATER).count == 1  # the other one is held
    assert ended(YEARS_LATER) == 1
    assert incident.people.get(identifier__isnull=False).identifier == known
    holds.release(hold=held, by=LENA, now=YEARS_LATER)
    assert ended(YEARS_LATER) == 1

    assert incidents.people.counted(incident) == before == [("EU-GDPR", "a list", 2)]
    assert incident.reach.get().people == 2
    assert [row.value is None for row in Identifier.objects.order_by("hint")] == [
        True,
        False,  # the hold still says whom it kept
    ]
    assert endings.named_for_a_breach(YEARS_LATER).count == 0
    audit.verify()


def test_of_an_open_breach_and_where_another_row_needs_them_nobody_is_forgotten():
    incident = closed_with("ada@example.com")
    open_one = happened(at("2026-12-18T17:00"))
    named(open_one, incidents.people.of_list("ada@example.com\ncem@example.com"))

    assert ended(YEARS_LATER) == 1
    assert not incident.people.filter(identifier__isnull=False).exists()
    assert open_one.people.filter(identifier__isnull=False).count() == 2
    assert Identifier.objects.exclude(value=None).count() == 2


def test_the_page_of_the_periods_shows_what_would_end(admin_client):
    closed_with("ada@example.com")
    IncidentPeriod.objects.update(months=1)
    Incident.objects.update(closed_at="2020-01-01T00:00Z")

    page = admin_client.post(reverse("admin:privacy_incidentperiod_look"), follow=True)

    assert "This is what would be removed" in page.content.decode()
    assert Plan.objects.get().summary["rows"] == 1


def test_by_command():
    def run(*words):
        out = io.StringIO()
        call_command("incident", *words, "--json", stdout=out)
        return json.loads(out.getvalue())

    said = ("A disk", "--facts", "Lost", "--aware", "2026-11-20T10:00:00+01:00")
    made = run("record", *said, "--reach", "US-CA:501")
    assert [c["rule"] for c in made["clocks"]] == ["ca-people", "ca-attorney-general"]
    number = str(made["id"])
    with pytest.raises(CommandError, match="no duty of that code"):
        run("spare", number, "nobody", "--ground", "Encrypted")
    for code in ("ca-people", "ca-attorney-general"):
        after = run("spare", number, code, "--ground", "Encrypted, key safe")
    assert {c["done"] for c in after["clocks"]} == {"spared"}
    with pytest.raises(CommandError, match="how it affected"):
        run("close", number)
    assert run("list")[0]["id"] == made["id"]
