"""Quiet hours at the person's place: dated rules, the stricter of two places."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from consent import check
from consent.check import hours, places
from consent.check.places import UnknownState
from consent.models import HoursRule, Program, RuleVersion
from privacy import identifiers
from tests.consent.factories import ACME, ProgramFactory, told

pytestmark = pytest.mark.django_db
FLORIDA, TEXAS, EL_PASO = "+13055550117", "+15125550117", "+19155550117"
ALABAMA, KENTUCKY, DC = "+13345550117", "+15025550117", "+12025550117"
NOWHERE = "+19995550117"
TOLL_FREE, TORONTO, BERLIN = "+18005550117", "+14165550117", "+4930123456"


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def closed(number, text, **known):
    return hours.now().closed(number, utc(text), **known)


@pytest.mark.parametrize(
    ("number", "instant", "is_closed"),
    [
        (DC, "2026-11-24T12:59:59", True),  # Tuesday, 07:59 in New York
        (DC, "2026-11-24T13:00:00", False),
        (DC, "2026-11-25T01:59:59", False),  # 20:59
        (DC, "2026-11-25T02:00:00", True),
        (DC, "2026-07-14T12:00:00", False),  # 08:00 in summer
        (FLORIDA, "2026-11-25T00:59:59", False),  # 19:59
        (FLORIDA, "2026-11-25T01:00:00", True),
        (KENTUCKY, "2026-11-24T14:30:00", True),  # 09:30
        (KENTUCKY, "2026-11-24T15:00:00", False),
        (TEXAS, "2026-11-22T17:59:59", True),  # Sunday, 11:59
        (TEXAS, "2026-11-22T18:00:00", False),
        (EL_PASO, "2026-11-24T15:30:00", True),  # 09:30 Central, 08:30 Mountain
        (EL_PASO, "2026-11-24T16:00:00", False),
        (EL_PASO, "2026-11-25T03:30:00", True),  # 21:30 Central, 20:30 Mountain
        (ALABAMA, "2026-11-22T18:00:00", True),  # a Sunday
        (ALABAMA, "2026-11-26T18:00:00", True),  # Thanksgiving
        (ALABAMA, "2026-11-24T18:00:00", False),
        (TOLL_FREE, "2026-11-24T17:59:59", True),  # 07:59 in Honolulu
        (TOLL_FREE, "2026-11-24T18:00:00", False),
        (TOLL_FREE, "2026-11-25T02:00:00", True),  # 21:00 in New York
        (NOWHERE, "2026-11-24T17:59:59", True),  # an area code that nobody has
        (NOWHERE, "2026-11-24T18:00:00", False),
        ("+12120000117", "2026-11-24T17:59:59", True),  # no such exchange
        (TORONTO, "2026-11-25T02:29:59", False),  # 21:29
        (TORONTO, "2026-11-28T14:30:00", True),  # Saturday, 09:30
        (BERLIN, "2026-11-24T03:00:00", False),  # no rule of ours
    ],
)
def test_windows_are_the_persons_own_time(number, instant, is_closed):
    assert (closed(number, instant) is not None) is is_closed


def test_it_says_which_rule_and_when_it_opens_again():
    night = closed(FLORIDA, "2026-11-25T01:30:00")

    assert night.rule.citation.startswith("Fla. Stat.")
    assert night.until == utc("2026-11-25T13:00:00")


def test_sundays_and_holidays_in_a_row_are_waited_for():
    # Saturday evening in Alabama before Sunday; 25 December 2026 is a Friday
    assert closed(ALABAMA, "2026-11-22T02:30:00").until == utc("2026-11-23T14:00:00")
    assert closed(ALABAMA, "2026-12-25T18:00:00").until == utc("2026-12-26T14:00:00")


def test_the_stricter_of_area_code_and_known_state():
    eight_in_the_evening = "2026-11-25T01:30:00"  # 20:30 in New York

    assert closed(DC, eight_in_the_evening) is None
    assert closed(DC, eight_in_the_evening, state="FL").rule.place == "US-FL"
    assert closed(FLORIDA, eight_in_the_evening, state="ny").rule.place == "US-FL"
    early = "2026-11-24T13:30:00"  # 08:30 in New York, 05:30 in California
    assert closed(DC, early) is None
    assert closed(DC, early, state="CA").until == utc("2026-11-24T16:00:00")


def test_a_rule_counts_from_its_first_day():
    half_past_eight = "T04:30:00"  # 20:30 in Oregon, in winter
    oregon = "+15035550117"

    assert closed(oregon, "2025-12-31" + half_past_eight) is None
    assert closed(oregon, "2026-01-02" + half_past_eight).rule.place == "US-OR"


def test_caps_of_the_states():
    at = utc("2026-11-24T18:00:00")

    assert [rule.cap for rule in hours.now().caps(FLORIDA, at)] == [3]
    assert hours.now().caps(DC, at) == []
    assert [rule.place for rule in hours.now().caps(DC, at, state="OK")] == ["US-OK"]


def test_every_rule_has_its_source_and_every_state_its_zones():
    rules = hours.now().rules

    assert all(rule.citation for rule in rules)
    assert {places.jurisdiction(rule.place) for rule in rules} >= {"US", "US-FL", "CA"}
    assert len(rules) >= 20
    for code in places.STATES.values():
        assert places.of_state(code).zones


def test_a_rule_that_staff_changed_counts_in_the_next_check():
    at, mark = utc("2026-11-24T18:00:00"), identifiers.phone(KENTUCKY)
    told("opt_in", utc("2026-11-20T18:00:00"), number=KENTUCKY)

    def reason(moment=at):
        one = check.may_send(mark, channel="sms", now=moment)
        (many,) = check.may_send_each([mark], channel="sms", now=moment)
        assert (one.reason, one.until, one.rule) == (many.reason, many.until, many.rule)
        return one.reason

    assert reason() == "opted_in"
    rule = HoursRule.objects.get(jurisdiction="US-KY")
    rule.valid_to = dt.date(2026, 11, 23)
    rule.save()
    rule.pk, rule.valid_from, rule.valid_to = None, dt.date(2026, 11, 24), None
    rule.weekdays = "none"
    rule._state.adding = True
    rule.save()
    assert reason() == "quiet_hours"
    assert reason(utc("2026-11-23T18:00:00")) == "opted_in"


def test_as_of_then_rules_and_caps_are_those_of_then():
    """The database keeps what they said; the clock of its versions is its own."""
    ProgramFactory()
    at, mark = utc("2025-11-25T18:00:00"), identifiers.phone(KENTUCKY)
    told("opt_in", utc("2025-11-20T18:00:00"), number=KENTUCKY)
    tomorrow = timezone.now() + dt.timedelta(days=1)
    about = {"channel": "sms", "organization": ACME, "now": tomorrow}

    def reasons(**then):
        one = check.may_send(mark, **about | then)
        (many,) = check.may_send_each([mark], **about | then)
        return {one.reason, many.reason}

    closed_always = {"weekdays": "none", "saturday": "none", "sunday": "none"}
    HoursRule.objects.filter(jurisdiction="US-KY").update(**closed_always)
    assert reasons(now=at) == reasons(at=timezone.now()) == {"quiet_hours"}
    assert reasons(at=at) == {"opted_in"}
    HoursRule.objects.filter(jurisdiction="US-KY").delete()
    Program.objects.update(monthly_cap=0)
    assert reasons(now=at) == reasons(at=timezone.now()) == {"frequency_cap"}
    assert reasons(at=at) == {"opted_in"}

    for change in (
        lambda rows: rows.update(said={}),
        lambda rows: rows._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="append"), transaction.atomic():
            change(RuleVersion.objects.all())


def test_a_rule_reads_its_own_holidays_wherever_it_is():
    HoursRule.objects.filter(jurisdiction__in=["US", "CA"]).update(on_holidays=False)

    assert closed(DC, "2026-12-25T18:00:00") is not None
    assert closed(TORONTO, "2026-07-01T18:00:00") is not None  # Canada Day


@pytest.mark.parametrize(
    "wrong", ["8:00-21:00", "21:00-08:00", "08:00-24:00", "08:00", "", "always"]
)
def test_a_day_opens_before_it_closes(wrong):
    rule = HoursRule.objects.get(jurisdiction="US")
    rule.sunday = wrong

    with pytest.raises(ValidationError):
        rule.full_clean()
    refused = pytest.raises(IntegrityError, match="opens_before_it_closes")
    with refused, transaction.atomic():
        rule.save()


def test_places_of_numbers():
    assert places.of_number("+15615550117").state == "FL"  # "Palm Beach, FL"
    assert places.of_number("+12125550117").state == "NY"
    assert places.of_number(TORONTO).state == ""
    assert places.of_number("+442071234567").country == "GB"
    assert "America/Denver" in places.of_state("TX").zones


@pytest.mark.parametrize("state", ["Florida", "XX", "1"])
def test_a_state_is_two_letters(state):
    with pytest.raises(UnknownState, match="two letters"):
        closed(DC, "2026-11-24T18:00:00", state=state)


def page_of(superuser, rule):
    """Its address, and what its form says."""
    page = f"/admin/consent/hoursrule/{rule.pk}/change/"
    form = superuser.get(page).context["adminform"].form
    said = {
        name: form.get_initial_for_field(field, name)
        for name, field in form.fields.items()
    }
    said |= {"zones": ""}
    return page, {name: "" if each is None else each for name, each in said.items()}


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"jurisdiction": "Florida"}, "or US-FL for a state"),
        ({"sunday": "8-9"}, "Write 08:00-21:00, or none."),
        ({"zones": "Chicago"}, "Name a time zone as America/Chicago."),
        ({"valid_to": "2019-01-01"}, "The last day is before the first."),
    ],
)
def test_staff_change_a_rule_by_a_form(superuser, changed, refusal):
    rule = HoursRule.objects.get(jurisdiction="US-FL")
    page, said = page_of(superuser, rule)
    said |= {"zones": "", "weekdays": "09:00-20:00"}

    wrong = superuser.post(page, said | changed)
    shown = wrong.content.decode() if wrong.status_code == 200 else str(wrong)
    assert refusal in shown
    assert superuser.post(page, said).status_code == 302

    rule.refresh_from_db()
    assert rule.weekdays == "09:00-20:00"
    assert superuser.get("/admin/consent/hoursrule/").status_code == 200


@pytest.mark.parametrize(
    "looser",
    [
        {"valid_to": dt.date(2026, 11, 23)},
        {"valid_from": dt.date(2026, 12, 1)},
        {"weekdays": "00:00-23:59", "saturday": "00:00-23:59"},
        {"jurisdiction": "US-WY"},
        None,
    ],
)
def test_the_federal_hours_count_whatever_became_of_their_row(looser):
    federal = HoursRule.objects.filter(jurisdiction="US")
    federal.update(**looser) if looser else federal.delete()

    assert closed(DC, "2026-11-25T04:00:00").rule.place == "US"  # 23:00 in New York
    assert closed(DC, "2026-11-24T18:00:00") is None


@pytest.mark.parametrize(
    ("changed", "is_taken"),
    [
        ({"valid_to": "2026-12-31"}, False),
        ({"valid_from": "2026-12-01"}, False),
        ({"sunday": "08:00-21:30"}, False),
        ({"jurisdiction": "US-WY"}, False),
        ({"sunday": "none", "on_holidays": ""}, True),
        ({"weekdays": "09:00-20:00", "zones": "America/Chicago"}, True),
    ],
)
def test_staff_make_the_federal_hours_stricter_and_never_end_them(
    superuser, changed, is_taken
):
    page, said = page_of(superuser, HoursRule.objects.get(jurisdiction="US"))

    shown = superuser.post(page, said | changed)

    assert shown.status_code == (302 if is_taken else 200)
    if not is_taken:
        assert "because the law demands them" in shown.content.decode()


def test_a_stricter_federal_rule_may_follow_the_present_one(superuser):
    rule = HoursRule.objects.get(jurisdiction="US")
    page, said = page_of(superuser, rule)
    rule.pk, rule.valid_from, rule.sunday = None, dt.date(2027, 1, 1), "none"
    rule.save(force_insert=True)

    assert superuser.post(page, said | {"valid_to": "2026-12-30"}).status_code == 200
    assert superuser.post(page, said | {"valid_to": "2026-12-31"}).status_code == 302
