"""How far a STOP reaches: dated rules; the same facts under another date."""

import datetime as dt

import pytest
from django.urls import reverse

from consent import check, expiry, lookup, scopes, standings
from consent.browser import preferences
from consent.models import Event, ScopeRule, Standing
from consent.suppressions import sources
from privacy import identifiers
from privacy.models import AuditEvent
from tests.consent.factories import ACME, ADA, OUR_NUMBER, ProgramFactory, sent, told

pytestmark = pytest.mark.django_db
BEFORE = dt.datetime(2027, 1, 29, 12, tzinfo=dt.UTC)
AFTER = dt.datetime(2027, 2, 1, 12, tzinfo=dt.UTC)
NOW = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
GRACE = "+12025550118"
OFFERS, VISITS, PARCELS, MEDICINE = (f"+1202555010{n}" for n in range(1, 5))


@pytest.fixture(autouse=True)
def rules():
    scopes.load()


@pytest.fixture
def brand():
    """Offers and visits need consent; parcels and medicine are exempted."""
    for name, number in (("Offers", OFFERS), ("Visits", VISITS)):
        ProgramFactory(name=name, numbers=[number])
    for name, number in (("Parcels", PARCELS), ("Medicine", MEDICINE)):
        ProgramFactory(
            name=name, numbers=[number], purpose="service", exemption="other"
        )


def stop(number, at, *, who=ADA):
    sent("STOP", at, number=who, recipient=number)


def reached(who=ADA, at=None):
    """The programs that may send no more."""
    mark = identifiers.understand(who)
    asked = {"channel": "sms", "organization": ACME, "at": at, "now": NOW}
    return {
        name
        for name in ("Offers", "Visits", "Parcels", "Medicine")
        if check.may_contact(mark, program=name, **asked).reason == "opted_out"
    }


def flip(name="revoke_all_effective", **changed):
    ScopeRule.objects.filter(name=name).update(**changed)
    standings.rebuild(by="lena", now=NOW)


def rows():
    said = Standing.objects.order_by("identifier", "channel", "organization", "part")
    return list(said.values_list(*FIELDS))


FIELDS = (
    "identifier",
    "channel",
    "organization",
    "part",
    "state",
    "since",
    "renewed_at",
    "event",
)


def test_a_bare_stop_ends_the_brand_and_spares_what_is_exempted(brand):
    stop(OFFERS, BEFORE)

    assert reached() == {"Offers", "Visits"}


def test_the_date_decides_what_a_stop_to_an_exempted_message_ends(brand):
    stop(PARCELS, BEFORE)
    stop(PARCELS, AFTER, who=GRACE)

    assert reached() == {"Offers", "Visits", "Parcels"}
    assert reached(GRACE) == {"Offers", "Visits", "Parcels", "Medicine"}


def test_the_date_is_flipped_and_history_replayed(brand):
    """Edge case 46 of the regulation: the same facts, a new state."""
    stop(PARCELS, BEFORE)
    facts = list(Event.objects.values())

    flip(valid_from=dt.date(2027, 1, 29))

    assert reached() == {"Offers", "Visits", "Parcels", "Medicine"}
    assert list(Event.objects.values()) == facts
    flip(valid_from=dt.date(2027, 1, 30))
    assert reached() == {"Offers", "Visits", "Parcels"}


def test_without_our_own_rule_the_law_of_the_day_decides(brand):
    stop(VISITS, BEFORE)
    stop(VISITS, AFTER, who=GRACE)

    flip("sender_default", valid_to=dt.date(2026, 12, 31))

    assert reached() == {"Visits"}
    assert reached(GRACE) == {"Offers", "Visits"}


def test_where_no_rule_is_in_force_a_stop_reaches_everything(brand):
    stop(OFFERS, BEFORE)

    ScopeRule.objects.all().delete()
    standings.rebuild(by="lena", now=NOW)

    assert reached() == {"Offers", "Visits", "Parcels", "Medicine"}


def test_a_stop_that_answers_no_program_reaches_everything(brand):
    told("opt_out", BEFORE, organization=ACME)

    assert reached() == {"Offers", "Visits", "Parcels", "Medicine"}


def test_a_person_who_chose_one_program_or_number_is_taken_at_their_word(brand):
    visits = scopes.Program.objects.get(name="Visits")
    chose = {"organization": ACME, "program": visits}
    told("opt_out", BEFORE, scope="program", **chose)
    evidence = {"our_number": OFFERS}
    told("opt_out", BEFORE, scope="sender", number=GRACE, evidence=evidence, **chose)

    assert reached() == {"Visits"}
    assert reached(GRACE) == {"Offers"}


def test_a_scope_without_its_program_is_refused():
    with pytest.raises(scopes.NoSuchPart):
        told("opt_out", BEFORE, organization=ACME, scope="program")


def test_asked_without_a_program_one_opt_out_is_enough(brand):
    visits = scopes.Program.objects.get(name="Visits")
    told("opt_out", BEFORE, organization=ACME, program=visits, scope="program")

    mark = identifiers.understand(ADA)
    asked = {"channel": "sms", "organization": ACME, "now": NOW}
    assert check.may_contact(mark, **asked).reason == "opted_out"
    (verdict,) = check.may_send_each([mark], program="Offers", **asked)
    assert verdict.reason == "no_consent_on_record"
    (verdict,) = check.may_send_each([mark], program=VISITS, **asked)
    assert verdict.reason == "opted_out"


def test_a_start_to_a_program_lifts_a_stop_of_that_program_alone(brand):
    for name in ("Visits", "Offers"):
        program = scopes.Program.objects.get(name=name)
        told("opt_out", BEFORE, organization=ACME, program=program, scope="program")

    sent("START", AFTER, recipient=VISITS)

    assert reached() == {"Offers"}


CODES = "+12025550105"


def reasons_of(who, **changed):
    """By program, and without one: of marketing, of service, and of any sender."""
    asked = {"channel": "sms", "now": NOW, **changed}
    mark, of_acme = identifiers.understand(who), {"organization": ACME}
    questions = (
        of_acme | {"program": "Codes"},
        of_acme | {"program": "Offers"},
        of_acme,
        of_acme | {"purpose": "service"},
        {"purpose": "service"},
    )
    return [check.may_contact(mark, **each, **asked).reason for each in questions]


def test_a_start_to_service_messages_is_no_consent_to_marketing(brand):
    ProgramFactory(name="Codes", numbers=[CODES], purpose="service")
    stop(OFFERS, BEFORE)
    for who in (ADA, GRACE):
        sent("START", AFTER, number=who, recipient=CODES)

    none, out, yes = "no_consent_on_record", "opted_out", "opted_in"
    for at in (None, NOW):
        assert reasons_of(ADA, at=at) == [yes, out, out, yes, yes]
        assert reasons_of(GRACE, at=at) == [yes, none, none, yes, yes]
    mark = identifiers.understand(ADA)
    asked = {"channel": "sms", "organization": ACME, "now": NOW}
    (verdict,) = check.may_send_each([mark], program="Codes", **asked)
    assert verdict.reason == yes
    assert check.forbidden(mark, **asked) is None
    assert sources.EVENTS.rows("active", NOW).count() == 1, "the STOP to calls stands"
    told("opt_in", AFTER, organization=ACME, channel="voice")
    assert sources.EVENTS.rows("active", NOW).count() == 0
    assert "service messages of" in lookup.look_up(text=ADA, by="sam", now=NOW).words()
    followed = rows()
    standings.rebuild(by="lena", now=NOW)
    assert rows() == followed

    stop(CODES, AFTER + dt.timedelta(days=1))

    assert reasons_of(ADA) == [out] * 5
    assert sources.EVENTS.rows("active", NOW).count() > 0


def test_a_program_that_becomes_one_of_service_is_followed(brand):
    sent("START", AFTER, recipient=VISITS)
    before = rows()
    scopes.Program.objects.filter(name="Visits").update(purpose="service")

    assert standings.is_due()
    assert standings.rebuild_if_due(now=NOW) > 0
    assert {part for *_, part, _, _, _, _ in before} == {"", "*"}
    assert {part for *_, part, _, _, _, _ in rows()} == {"service"}


def test_consent_to_one_program_is_none_to_its_sender(brand):
    visits = scopes.Program.objects.get(name="Visits")
    stop(OFFERS, BEFORE)
    told("opt_in", AFTER, organization=ACME, program=visits, scope="program")

    mark = identifiers.understand(ADA)
    asked = {"channel": "sms", "organization": ACME, "now": NOW}
    assert check.may_contact(mark, program="Visits", **asked).allowed
    assert not check.may_contact(mark, program="Offers", **asked).allowed
    assert not check.may_contact(mark, **asked).allowed


def test_as_of_then_the_same_rules_hold(brand):
    stop(PARCELS, BEFORE)
    stop(OFFERS, AFTER)

    assert reached(at=BEFORE - dt.timedelta(days=1)) == set()
    assert reached(at=BEFORE) == {"Offers", "Visits", "Parcels"}


def test_marketing_is_exempted_in_no_program(brand):
    stop(OFFERS, BEFORE)

    mark = identifiers.understand(ADA)
    asked = {"channel": "sms", "program": "Parcels", "now": NOW}
    assert check.may_contact(mark, **asked).allowed
    assert not check.may_contact(mark, purpose="marketing", **asked).allowed


def test_a_program_of_another_sender_is_refused(brand):
    mark = identifiers.understand(ADA)
    asked = {"channel": "sms", "organization": "org_beta", "now": NOW}
    with pytest.raises(check.NoSuchProgram):
        check.may_contact(mark, program="Offers", **asked)


def test_every_story_replays_to_the_same_bytes(brand):
    programs = list(scopes.Program.objects.order_by("pk"))
    for number, program in enumerate([*programs, *programs[::-1]]):
        at = BEFORE + dt.timedelta(hours=number % 5, days=number % 3)
        kind = ("opt_out", "opt_in", "opt_out")[number % 3]
        scope = ("", "program", "")[(number // 2) % 3]
        chose = {"organization": ACME, "program": program, "scope": scope}
        told(kind, at, now=NOW, number=(ADA, GRACE)[number % 2], **chose)
    told("opt_out", AFTER, organization=ACME, now=NOW)
    followed = rows()

    standings.rebuild(by="lena", now=NOW)

    assert rows() == followed
    assert len({part for *_, part, _, _, _, _ in followed}) > 3


def test_a_number_of_the_fallback_reaches_every_sender(brand):
    sent("STOP", BEFORE, recipient=OUR_NUMBER)

    assert reached() == {"Offers", "Visits", "Parcels", "Medicine"}


# --- what staff, people and other systems see ---------------------------------------
def test_the_look_up_says_how_far_and_why(brand):
    stop(PARCELS, AFTER)

    found = lookup.look_up(text=ADA, by="sam", now=NOW)

    assert "every program of Offers" in found.answer.sentence
    assert "every exempted program of Offers" in found.reach
    assert "FCC 24-24" in found.reach
    assert found.reach in found.words()


def test_a_rule_that_staff_change_is_followed_by_a_worker(brand, superuser):
    stop(PARCELS, BEFORE)
    rule = ScopeRule.objects.get(name="revoke_all_effective")
    url = reverse("admin:consent_scoperule_change", args=[rule.pk])
    form = superuser.get(url).context["adminform"].form
    said = {name: form.initial[name] or "" for name in form.fields}

    answer = superuser.post(url, said | {"valid_from": "2027-01-29"}, follow=True)

    assert "every consent state is worked out again" in answer.content.decode()
    assert AuditEvent.objects.filter(action="scoperule.changed").count() == 1
    assert standings.is_due()
    assert standings.rebuild_if_due(now=NOW) > 0
    assert reached() == {"Offers", "Visits", "Parcels", "Medicine"}
    assert not standings.is_due()
    assert standings.rebuild_if_due(now=NOW) == 0


def test_a_person_picks_one_program_on_the_preference_page(brand):
    told("opt_in", BEFORE, organization=ACME)
    person = Event.objects.get().identifier
    offered = preferences.choices(person, "en", AFTER)
    wanted = {
        choice.name for choice in offered if choice.is_on and choice.sender != "Visits"
    }

    preferences.save(
        identifier=person, wanted=wanted, agreed=(), language="en", now=AFTER
    )

    assert reached() == {"Visits"}
    preferences.stop_all(identifier=person, now=NOW)
    assert reached() == {"Offers", "Visits", "Parcels", "Medicine"}


def test_partner_systems_say_the_scope_and_ask_by_program(brand, partner):
    event = {"phone": ADA, "kind": "opt_out", "channel": "sms", "organization": ACME}
    chose = event | {"program": "Visits", "scope": "program"}
    said = partner("/api/v1/consent/events", chose, scopes=["consent:write"])
    assert said.status_code == 201
    assert said.json()["scope"] == "program"

    asked = {"phone": ADA, "channel": "sms"}
    by_number = asked | {"program": VISITS}
    answers = [
        partner("/api/v1/consent/check", question).json()["reason"]
        for question in (by_number, asked | {"program": "Offers"})
    ]
    assert answers == ["opted_out", "no_consent_on_record"]
    wrong = partner(
        "/api/v1/consent/events", event | {"scope": "program"}, scopes=["consent:write"]
    )
    assert wrong.status_code == 400


def test_consent_to_a_program_ends_by_time_alone(brand):
    visits = scopes.Program.objects.get(name="Visits")
    scopes.Program.objects.filter(pk=visits.pk).update(consent_months=1)
    told("opt_in", BEFORE, organization=ACME, program=visits, scope="program")

    assert expiry.expire(now=NOW) == 1  # texts and pictures
    assert {event.scope for event in Event.objects.all()} == {"program"}
    assert expiry.expire(now=NOW) == 0


def test_support_makes_a_preference_link_for_the_person(brand, support):
    told("opt_in", BEFORE, organization=ACME)
    page = support.post(reverse("admin:consent_standing_lookup"), {"address": ADA})
    offer = reverse("admin:consent_standing_offer")
    assert offer in page.content.decode()

    answer = support.post(offer, {"address": ADA}).content.decode()

    person = Event.objects.get().identifier
    assert preferences.address(person) in answer
    row = AuditEvent.objects.get(action="preferences.offered")
    assert row.subject == f"identifier:{person.pk}"
    assert "0117" not in row.payload


def test_a_stranger_makes_no_preference_link(stranger):
    offer = reverse("admin:consent_standing_offer")
    assert stranger.post(offer, {"address": ADA}).status_code == 403


def test_a_person_may_end_the_messages_of_one_rcs_agent(now):
    agent = "rcs:" + "promo_agent" * 5
    ProgramFactory(numbers=[agent])
    told(
        "opt_out", now, organization=ACME, scope="sender",
        evidence={"our_number": agent},
    )  # fmt: skip

    assert {row.part for row in Standing.objects.all()} == {agent}
    assert standings.rebuild(by="max", now=now) == Standing.objects.count() > 0
