"""The board looks at the data: each planted violation turns its promise red."""

import pytest
from django.urls import reverse

from privacy import erasure, plans, promises, retention, scrub
from privacy.datamap import files
from privacy.models import Category, Plan, Promise, PromiseCheck, Rule, Table
from tests.privacy import messaging

pytestmark = pytest.mark.django_db
KEPT, BROKEN = PromiseCheck.State.KEPT, PromiseCheck.State.BROKEN


def look(code, now):
    found = promises.run(code=code, now=now)[0]
    return found.state, found.summary, found.evidence


def test_a_new_column_turns_collect_declared_red(town, now):
    assert look("collect-declared", now)[0] == KEPT

    town.execute("ALTER TABLE person ADD COLUMN nickname text")

    state, _, evidence = look("collect-declared", now)
    assert state == BROKEN
    assert "town.person.nickname is not in the map" in evidence[0]["sentence"]
    assert evidence[0]["url"]


def test_a_card_number_turns_payment_limited_red_until_it_is_removed(town, now):
    assert look("payment-limited", now)[0] == KEPT
    town.execute(
        "UPDATE person SET note = 'card 4111 1111 1111 1111, order 4111111111111112', "
        """extra = '{"n": 4242424242424242, "s": "x"}' WHERE name = 'Ben Sample'"""
    )

    state, _, evidence = look("payment-limited", now)
    plan = scrub.plan(by="pia", now=now)
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (state, evidence[0]["count"]) == (BROKEN, 1)
    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    note, extra = town.execute(
        "SELECT note, extra FROM person WHERE name = 'Ben Sample'"
    ).fetchone()
    assert note == "card [redacted], order 4111111111111112"
    assert extra == {"n": None, "s": "x"}
    assert look("payment-limited", now)[0] == KEPT
    with pytest.raises(scrub.NothingFound):
        scrub.plan(by="pia", now=now)


LONGER = [
    "6fd03644-4111-1111-1111-111111111111",  # in a UUID
    "https://cert.example.net/a4242424242424242b",  # in a longer word
    "0.4242424242424242",  # in a fraction
    "5647135113406245@pseudonym.invalid",  # in an address, such as our own codes
    "+4242424242424242",  # a phone number
    "1700000000005",  # a moment in milliseconds
    "4242424242424243",  # fails Luhn's check
    "9999999999999995",  # no network gives it out
]


@pytest.mark.parametrize("text", LONGER)
def test_digits_that_are_no_card_number_are_left_alone(town, now, text):
    town.execute("UPDATE person SET note = %s", [text])

    assert look("payment-limited", now)[0] == KEPT


@pytest.mark.parametrize(
    "text",
    [
        "n=4242424242424242&x",
        "4242-4242-4242-4242.",
        "amex 3782 822463 10005",
        "/5555555555554444",
    ],
)
def test_a_card_number_is_found_however_it_is_written(town, now, text):
    town.execute("UPDATE person SET note = %s WHERE name = 'Ben Sample'", [text])

    assert look("payment-limited", now)[0] == BROKEN


def test_a_field_for_the_cards_code_turns_payment_limited_red(town, now):
    town.execute("ALTER TABLE receipt ADD COLUMN cvv text")

    assert look("payment-limited", now)[0] == BROKEN


def test_an_exact_place_turns_geo_coarse_red(town, now):
    text = messaging.MAP.replace(
        "extra.ip:",
        "extra.lat: {category: geolocation, identifier: latitude, source: automatic, "
        "purposes: [provide], treatment: coarsen}\n      extra.ip:",
    )
    files.load(text=text, by="pia", now=now)
    town.execute("""UPDATE person SET extra = '{"lat": 38.9}'""")
    assert look("geo-coarse", now)[0] == KEPT

    town.execute("""UPDATE person SET extra = '{"lat": 38.90719}' WHERE org_id = 2""")

    state, _, evidence = look("geo-coarse", now)
    assert (state, evidence[0]["count"]) == (BROKEN, 1)
    assert evidence[0]["url"] == reverse("admin:privacy_rule_add")

    each = rule("person", "seen_at", "deidentify")
    each.months, each.columns = 0, ["extra.lat"]
    each.save()
    evidence = look("geo-coarse", now)[2]
    assert evidence[0]["url"] == reverse("admin:privacy_rule_change", args=[each.pk])
    sweep = retention.preview(rule=each, by="pia", now=now)
    retention.approve(sweep=sweep, by="max", now=now)
    retention.carry_out(sweep=sweep, clock=lambda: now)
    assert look("geo-coarse", now)[0] == KEPT


def test_a_password_in_clear_turns_credentials_safe_red(town, now):
    text = messaging.MAP.replace("identifier: name,", "identifier: credential,")
    files.load(text=text, by="pia", now=now)

    assert look("credentials-safe", now)[0] == BROKEN
    town.execute("UPDATE person SET name = 'pbkdf2_sha256$1$a$b'")
    assert look("credentials-safe", now)[0] == KEPT


def test_a_job_title_that_must_be_given_turns_red(town, now):
    text = messaging.MAP.replace(
        "seen_at: {not_personal: A date}",
        "seen_at: {category: professional, source: direct, purposes: [provide], "
        "treatment: nullify}",
    )
    assert look("professional-optional", now)[0] == KEPT

    files.load(text=text, by="pia", now=now)

    assert look("professional-optional", now)[0] == BROKEN


def test_sources_and_purposes_are_complete_or_red(town, now):
    assert look("sources-known", now)[0] == look("purpose-basis", now)[0] == KEPT

    Table.objects.get(name="person").columns.filter(name="email").update(
        source=None, purposes=[]
    )

    assert look("sources-known", now)[0] == look("purpose-basis", now)[0] == BROKEN


def rule(table, start, action):
    return Rule.objects.create(
        name=table,
        title=table,
        table=Table.objects.get(name=table),
        start=start,
        months=24,
        action=action,
        category=Category.objects.get(code="communications"),
        promise=Promise.objects.get(code="retained-no-longer"),
        citation="Policy, Retention",
    )


def test_rows_past_their_date_turn_red_until_they_are_swept(town, now):
    made = [
        rule("message", "sent_at", "delete"),
        rule("person", "seen_at", "deidentify"),
    ]

    before = look("retained-no-longer", now)
    for each in made:
        sweep = retention.preview(rule=each, by="pia", now=now)
        retention.approve(sweep=sweep, by="max", now=now)
        retention.carry_out(sweep=sweep, clock=lambda: now)

    assert before[0] == BROKEN
    assert "2023-05-05" in before[2][0]["sentence"]
    assert look("retained-no-longer", now)[0] == KEPT
    assert look("gone-means-gone", now)[0] == KEPT


def test_a_value_that_comes_back_turns_gone_means_gone_red(town, now):
    each = rule("person", "seen_at", "deidentify")
    sweep = retention.preview(rule=each, by="pia", now=now)
    retention.approve(sweep=sweep, by="max", now=now)
    retention.carry_out(sweep=sweep, clock=lambda: now)
    assert look("gone-means-gone", now)[0] == KEPT

    town.execute(
        "UPDATE person SET email = 'zoe@example.net' WHERE seen_at < '2021-1-1'"
    )

    assert look("gone-means-gone", now)[0] == BROKEN


def test_a_store_that_is_down_is_never_green(town, now):
    from privacy.models import Store

    store = Store.objects.get(name="town")
    store.address = "postgres://nobody@127.0.0.1:1/none"
    store.save()

    assert look("payment-limited", now)[0] == PromiseCheck.State.UNKNOWN
