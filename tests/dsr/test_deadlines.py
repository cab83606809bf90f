"""Last days, by the dated rules: the edge cases that software gets wrong."""

import datetime as dt
import io
import json
import zoneinfo

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from dsr import deadlines
from dsr.deadlines import Clarification
from dsr.models import DeadlineRule
from privacy.models import AuditEvent

pytestmark = pytest.mark.django_db


def day(text):
    return dt.date.fromisoformat(text)


def clock(regime, received, right="access", **more):
    at = dt.datetime.fromisoformat(f"{received}T12:00+00:00")
    return deadlines.for_request(regime=regime, right=right, received_at=at, **more)


# number of the case in the list of edge cases, regime, received, due
@pytest.mark.parametrize(
    ("case", "regime", "received", "expected"),
    [
        (1, "EU-GDPR", "2026-08-31", "2026-09-30"),
        (2, "EU-GDPR", "2027-01-31", "2027-03-01"),
        (3, "EU-GDPR", "2028-01-31", "2028-02-29"),
        (4, "UK-GDPR", "2026-11-25", "2026-12-29"),
        (7, "EU-GDPR", "2027-01-29", "2027-03-01"),
        (7, "EU-GDPR", "2027-01-30", "2027-03-01"),
        (8, "EU-GDPR", "2027-01-31", "2027-03-01"),
        (11, "US-CA", "2026-12-01", "2027-01-15"),
        (13, "US-CA", "2026-11-23", "2027-01-07"),
        (18, "US-IA", "2026-11-23", "2027-02-21"),
        (32, "CA-QC", "2026-12-10", "2027-01-09"),
        (33, "BR-LGPD", "2026-11-23", "2026-12-08"),
    ],
)
def test_an_answer_is_due_on_the_day_the_law_means(case, regime, received, expected):
    assert clock(regime, received, home="DE").due_at == day(expected)


def test_the_holidays_are_those_of_the_country_where_we_are_a_controller():
    assert clock("EU-GDPR", "2026-11-25", home="DE").due_at == day("2026-12-28")


def test_without_a_calendar_of_our_own_the_day_is_never_later_than_the_law():
    assert clock("EU-GDPR", "2026-11-25", home="").due_at == day("2026-12-25")


def test_our_own_calendar_comes_from_the_settings(settings):
    settings.LEGAL_CALENDAR = "DE"
    assert clock("EU-GDPR", "2026-11-25").due_at == day("2026-12-28")


@pytest.mark.parametrize(
    ("regime", "received", "expected"),
    [
        ("EU-GDPR", "2026-12-31", "2027-03-31"),  # 6
        ("EU-GDPR", "2027-01-29", "2027-04-29"),  # 7
        ("EU-GDPR", "2027-01-30", "2027-04-30"),
        ("EU-GDPR", "2027-01-31", "2027-04-30"),
        ("US-CA", "2026-11-23", "2027-02-21"),  # 13: a Sunday, and no roll
        ("US-IA", "2026-11-23", "2027-04-07"),  # 18
        ("US-FL", "2026-11-23", "2027-01-22"),  # 19
    ],
)
def test_an_extension_counts_from_receipt_and_not_from_a_rolled_day(
    regime, received, expected
):
    assert clock(regime, received, home="DE").extended_due == day(expected)


def test_days_of_clarification_do_not_count_in_the_united_kingdom():
    """Case 9: asked on the 7th, told on the 14th: eight days, both included."""
    asked = Clarification(asked=day("2026-12-07"), answered=day("2026-12-14"))
    found = clock("UK-GDPR", "2026-12-01", clarification=asked)
    assert found.due_at == day("2027-01-11")
    assert "8 days of clarification" in found.arithmetic


def test_days_of_clarification_before_the_clock_has_started_are_no_part_of_it():
    """Asked on the 2nd and told on the 4th; who it is we knew on the 10th."""
    asked = Clarification(asked=day("2026-12-02"), answered=day("2026-12-04"))
    found = clock(
        "UK-GDPR", "2026-12-01", identified=day("2026-12-10"), clarification=asked
    )
    assert found.due_at == day("2027-01-11")
    assert "clarification" not in found.arithmetic


def test_proof_of_identity_starts_the_clock_in_the_united_kingdom():
    found = clock("UK-GDPR", "2026-12-01", identified=day("2026-12-10"))
    assert found.due_at == day("2027-01-11")  # 10


def test_nothing_stops_the_clock_in_california():
    asked = Clarification(asked=day("2026-12-02"), answered=day("2026-12-09"))
    found = clock(
        "US-CA", "2026-12-01", identified=day("2026-12-10"), clarification=asked
    )
    assert found.due_at == day("2027-01-15")  # 11


def test_california_acknowledges_within_ten_business_days():
    found = clock("US-CA", "2026-11-23", right="erasure")
    assert found.acknowledge_by == day("2026-12-08")  # 12: Thanksgiving is skipped
    assert found.acknowledge_target == day("2026-12-04")  # Saturdays may count
    assert found.target == day("2027-01-06")


def test_an_opt_out_of_sale_takes_effect_within_fifteen_business_days():
    found = clock("US-CA", "2026-11-23", right="opt_out_sale")
    assert found.due_at == day("2026-12-15")  # 14


@pytest.mark.parametrize("state", ["RI", "CT", "OR", "NJ", "DE", "NH", "MN"])
def test_who_takes_back_consent_is_heard_within_fifteen_days(state):
    due = clock(f"US-{state}", "2026-11-23", right="consent_withdrawal").due_at

    assert due == dt.date(2026, 12, 8)


def test_california_has_rules_for_automated_decisions_from_2027():
    assert not deadlines.gives("US-CA", "opt_out_profiling", on=day("2026-12-31"))
    assert clock("US-CA", "2027-01-04", right="opt_out_profiling").due_at == (
        dt.date(2027, 1, 26)  # Martin Luther King's day does not count
    )
    assert clock("US-CA", "2027-01-04", right="automated_decision").due_at == (
        dt.date(2027, 2, 18)
    )


def test_consent_is_not_asked_again_for_a_year():
    found = clock("US-CA", "2026-11-23", right="ask_again")
    assert found.due_at == day("2027-11-23")  # 15


@pytest.mark.parametrize(
    ("regime", "answer", "longest"),
    [
        ("US-OR", "2027-02-18", None),
        ("US-NJ", "2027-02-18", None),
        ("US-VA", "2027-03-05", None),
        ("US-CT", "2027-03-05", None),
        ("US-TX", "2027-03-05", None),
        ("US-MN", "2027-02-18", "2027-04-19"),
        ("US-CO", "2027-02-18", "2027-04-19"),
    ],
)
def test_appeals_have_their_own_days(regime, answer, longest):
    """Case 20."""
    found = clock(regime, "2027-01-04", right="appeal")
    assert found.due_at == day(answer)
    assert found.extended_due == (day(longest) if longest else None)


@pytest.mark.parametrize("regime", ["US-CA", "US-UT"])
def test_where_the_law_has_no_appeal_there_is_no_clock_for_one(regime):
    with pytest.raises(deadlines.NoRule):
        clock(regime, "2027-01-04", right="appeal")


@pytest.mark.parametrize(
    ("received", "expected"),
    [("2026-11-23", "2026-12-23"), ("2027-01-30", "2027-03-01")],
)
def test_a_british_complaint_is_acknowledged_within_thirty_days(received, expected):
    found = clock("UK-GDPR", received, right="complaint")
    assert found.acknowledge_by == day(expected)  # 31


def test_silence_is_refusal_in_quebec_and_nothing_extends_it():
    found = clock("CA-QC", "2026-12-10")
    assert found.rule.silence_is_refusal
    assert found.extended_due is None  # 32


def test_a_simple_confirmation_is_immediate_in_brazil():
    assert clock("BR-LGPD", "2026-11-23").acknowledge_by == day("2026-11-23")  # 33


def test_a_law_gives_no_time_before_it_is_in_force():
    assert clock("US-OK", "2027-01-01").due_at == day("2027-02-15")  # 21
    with pytest.raises(deadlines.NoRule):
        clock("US-OK", "2026-12-31")


def test_nevada_has_sixty_days_for_an_opt_out_of_sale_and_thirty_more():
    found = clock("US-NV", "2026-11-27", right="opt_out_sale")
    assert found.due_at == day("2027-01-26")
    assert found.extended_due == day("2027-02-25")
    with pytest.raises(deadlines.NoRule):
        clock("US-NV", "2026-11-27", right="erasure")


def test_washington_has_forty_five_days_for_health_data_and_as_many_more():
    found = clock("US-WA", "2026-11-27", right="erasure")
    assert found.due_at == day("2027-01-11")
    assert found.extended_due == day("2027-02-25")
    assert clock("US-WA", "2026-11-27", right="appeal").due_at == day("2027-01-11")
    with pytest.raises(deadlines.NoRule):
        clock("US-WA", "2024-03-30", right="erasure")


def test_utah_corrects_from_july_2026():
    assert clock("US-UT", "2026-07-01", right="rectification")  # 22
    with pytest.raises(deadlines.NoRule):
        clock("US-UT", "2026-06-30", right="rectification")


def test_the_british_target_is_a_day_before_the_last_one():
    assert clock("UK-GDPR", "2026-11-25").target == day("2026-12-28")


def test_the_arithmetic_is_told():
    said = clock("UK-GDPR", "2026-11-25").arithmetic
    assert said == (
        "Received 2026-11-25; 1 month ends on Friday 2026-12-25; "
        "not a working day, so the next one: Tuesday 2026-12-29"
    )


def test_the_day_of_receipt_is_the_day_where_we_are_a_controller(settings):
    settings.LEGAL_TIME_ZONE = "America/New_York"
    at = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
    assert deadlines.day_of(at) == day("2026-11-23")
    berlin = at.astimezone(zoneinfo.ZoneInfo("Europe/Berlin"))
    assert deadlines.day_of(berlin) == day("2026-11-23")


def test_a_time_without_a_zone_is_refused():
    naive = dt.datetime(2026, 11, 24, 3, 0)  # noqa: DTZ001
    with pytest.raises(deadlines.NoTimeZone):
        deadlines.day_of(naive)


def test_a_calendar_that_is_not_is_refused():
    with pytest.raises(deadlines.UnknownCalendar):
        clock("EU-GDPR", "2026-11-25", home="XX")


def test_a_regime_is_known_in_any_case():
    assert deadlines.regime(" eu-gdpr ") == "EU-GDPR"
    with pytest.raises(deadlines.UnknownRegime):
        deadlines.regime("MARS-GDPR")


def test_every_law_gives_a_time_for_access_and_for_erasure():
    """But Nevada's, which is about sales alone."""
    laws = dict(deadlines.regimes(on=day("2027-01-01")))
    assert laws.pop("US-NV")
    for regime in laws:
        for right in ("access", "erasure"):
            assert clock(regime, "2027-01-01", right=right).due_at


def test_loading_twice_adds_nothing_and_keeps_what_staff_changed():
    rule = DeadlineRule.objects.get(code="us-ca-access-2023")
    DeadlineRule.objects.filter(pk=rule.pk).update(quantity=40)
    assert deadlines.load() == 0
    rule.refresh_from_db()
    assert rule.quantity == 40


# --- what the table refuses -------------------------------------------------
def broken(constraint, **fields):
    values = {
        "code": "x", "regime": "X", "law": "X", "right": "access", "quantity": 1,
        "unit": "months", "citation": "X", "mark": "house",
        "valid_from": day("2026-01-01"), **fields,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        DeadlineRule.objects.create(**values)


def test_a_law_has_one_time_for_a_right_on_a_day():
    known = DeadlineRule.objects.get(code="us-ca-access-2023")
    broken("dsr_deadline_once", regime=known.regime, valid_from=known.valid_from)


def test_a_rule_ends_after_it_begins():
    broken("dsr_deadline_ends_after_it_begins", valid_to=day("2025-12-31"))


def test_a_period_takes_time():
    broken("dsr_deadline_takes_time", quantity=0)


def test_an_extension_has_a_number_and_a_unit():
    broken("dsr_deadline_extension_is_whole", extension_quantity=3)
    broken("dsr_deadline_extension_is_whole", extension_unit="months")


def test_an_acknowledgement_has_a_number_and_a_unit():
    broken("dsr_deadline_acknowledgement_is_whole", acknowledgement_quantity=3)


# --- the command ------------------------------------------------------------
def said(*arguments):
    out = io.StringIO()
    call_command("rules", *arguments, stdout=out)
    return out.getvalue()


def test_rules_are_shown_as_they_were_on_a_day():
    then = json.loads(said("show", "--at", "2026-06-30", "--json"))
    codes = {rule["code"] for rule in then["deadlines"]}
    assert "us-va-access-2023" in codes
    assert "us-ok-access-2027" not in codes
    assert then["keywords"]
    assert "hours_us_or" in {rule["name"] for rule in then["hoursrule"]}


def test_rules_are_shown_in_words():
    shown = said("show", "--at", "2026-11-24")

    assert "45 calendar days, at most 90" in shown
    assert "08:00-20:00, Saturday 08:00-20:00" in shown  # Florida's quiet hours
    assert "US-VA        Do not call us va      10 years" in shown
    assert "National do-not-call registry: 31 days" in shown
    assert "Purchase or contract: 24 months (CASL s.10(9)-(10))" in shown


def test_a_day_before_all_laws_has_none():
    assert said("show", "--at", "1990-01-01").strip() == "No rule was in force."


def test_rules_that_are_there_are_not_loaded_again():
    DeadlineRule.objects.get(code="us-ca-access-2023").delete()
    assert said("load").strip() == "Added 1 deadlines."
    assert said("load").strip() == "Added nothing; all are there."


def test_a_day_that_is_none_is_refused_in_words():
    with pytest.raises(CommandError, match="Write a day as 2026-05-03"):
        said("show", "--at", "yesterday")


# --- the screen -------------------------------------------------------------
SCREEN = "/admin/dsr/deadlinerule/"


def form_of(rule):
    fields = [field.name for field in rule._meta.fields if field.name != "id"]
    values = {name: getattr(rule, name) for name in fields}
    return {name: "" if v in (None, False) else v for name, v in values.items()}


def test_staff_see_the_rules_and_where_they_are_written(admin_client):
    page = admin_client.get(SCREEN).content.decode()
    assert "45 calendar days" in page
    assert "11 CCR 7021" in page


def test_a_rule_that_staff_change_is_recorded_without_its_values(admin_client):
    rule = DeadlineRule.objects.get(code="us-ca-access-2023")
    saved = {**form_of(rule), "quantity": 40}
    answer = admin_client.post(f"{SCREEN}{rule.pk}/change/", saved)
    assert answer.status_code == 302
    event = AuditEvent.objects.get(action="deadlinerule.changed")
    assert json.loads(event.payload)["details"] == {"fields": ["Quantity"]}


def test_a_calendar_that_is_not_is_refused_when_it_is_typed(admin_client):
    rule = DeadlineRule.objects.get(code="us-ca-access-2023")
    saved = {**form_of(rule), "calendar": "XX"}
    page = admin_client.post(f"{SCREEN}{rule.pk}/change/", saved).content.decode()
    assert "no such calendar" in page


def test_a_rule_ends_with_its_last_day_and_is_never_deleted(admin_client):
    rule = DeadlineRule.objects.get(code="us-ca-access-2023")
    assert admin_client.get(f"{SCREEN}{rule.pk}/delete/").status_code == 403


def test_without_a_role_the_rules_are_not_shown(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("rob", is_staff=True))
    assert client.get(SCREEN).status_code == 403
