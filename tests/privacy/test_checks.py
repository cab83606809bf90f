"""Checks of the board: green when all is well, red for a planted violation."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection

from privacy import addresses, audit, factors, identifiers, promises
from privacy.checks import rest, transit
from privacy.factors import app, lost
from privacy.models import Hold, PromiseCheck
from tests.privacy.factories import ARI, LENA, PIA, SAM, ada, staff, store

pytestmark = pytest.mark.django_db


def check(code, now):
    return promises.run(code=code, now=now)[0]


def sentences(found):
    return [each["sentence"] for each in found.evidence]


def test_each_of_them_is_registered():
    assert {"least-privilege", "encrypted-transit", "encrypted-rest"} <= set(
        promises.CHECKS
    )


# --- least privilege --------------------------------------------------------
@pytest.fixture
def cast(now):
    """Everybody has one role and signed in today."""
    for name in (LENA, SAM, PIA, ARI):
        staff(name)
    User.objects.update(last_login=now, date_joined=now)


def complaints(now):
    """Beside second factors, which nobody of the cast has."""
    found = check("least-privilege", now)
    return [text for text in sentences(found) if "second factor" not in text]


def test_who_signs_in_without_a_second_factor_is_counted(cast, now):
    found = check("least-privilege", now)

    assert found.state == PromiseCheck.State.BROKEN
    assert found.evidence[0]["count"] == 4
    assert found.evidence[1]["url"] == "/admin/second-factor/"
    assert complaints(now) == []


def test_it_is_kept_once_each_has_a_second_factor_or_is_gone(cast, now):
    for name in (LENA, SAM, PIA):
        secret = app.new_secret()
        code = app.code(secret, app.step_at(now))
        factors.add_app(holder=staff(name), secret=secret, code=code, now=now)
    assert check("least-privilege", now).evidence[0]["count"] == 1

    User.objects.filter(username=ARI).update(is_active=False)
    assert check("least-privilege", now).state == PromiseCheck.State.KEPT

    lost.reset(
        holder=staff(SAM), reason="Phone lost", by=PIA, is_administrator=False, now=now
    )
    assert check("least-privilege", now).state == PromiseCheck.State.BROKEN


def test_nobody_on_the_staff_is_no_violation(now):
    assert check("least-privilege", now).state == PromiseCheck.State.KEPT


def test_a_right_given_by_hand_is_found(cast, now):
    reveal = Permission.objects.get(codename="reveal_identifier")
    User.objects.get(username=SAM).user_permissions.add(reveal)

    assert complaints(now) == ["Have personal rights on top of their role"]


def test_a_group_that_is_no_role_is_found(cast, now):
    User.objects.get(username=SAM).groups.add(Group.objects.create(name="Friends"))

    assert complaints(now) == ["Have personal rights on top of their role"]


def test_a_role_that_was_widened_is_found(cast, now):
    reveal = Permission.objects.get(codename="reveal_identifier")
    Group.objects.get(name="Support").permissions.add(reveal)

    assert complaints(now) == ["The role Support was changed by hand"]


@pytest.mark.parametrize("field", ["last_login", "date_joined"])
def test_who_was_not_here_for_ninety_days_is_found(cast, now, field):
    long_ago = now - dt.timedelta(days=91)
    User.objects.filter(username=SAM).update(last_login=None)
    User.objects.filter(username=SAM).update(**{field: long_ago})

    assert complaints(now) == ["Have not signed in for 90 days"]


def test_who_left_is_not_counted(cast, now):
    User.objects.filter(username=SAM).update(is_active=False, last_login=None)

    assert complaints(now) == []


def test_a_reveal_without_a_reason_is_found(cast, now):
    identifiers.reveal(identifier=ada(), reason='Because "so"', by=LENA, now=now)
    assert complaints(now) == []

    for details in ({"reason": ""}, {}):
        audit.record(
            action="identifier.revealed", subject="identifier:1", by=LENA, now=now,
            **details,
        )  # fmt: skip

    found = check("least-privilege", now)
    assert complaints(now) == ["Identifiers were revealed without a reason"]
    assert found.evidence[-1]["count"] == 2


# --- in transit -------------------------------------------------------------
def test_what_stays_on_the_machine_needs_no_tls(now):
    found = check("encrypted-transit", now)

    assert found.state == PromiseCheck.State.KEPT, found.evidence


def test_a_production_store_without_verified_tls_is_found(now):
    row = store()
    assert sentences(check("encrypted-transit", now)) == [
        "The store sample is reached without verified TLS"
    ]
    row.is_production = False
    row.save()

    assert check("encrypted-transit", now).state == PromiseCheck.State.KEPT


@pytest.mark.parametrize(
    ("engine", "host", "options", "safe"),
    [
        (addresses.POSTGRESQL, "db.example", {}, False),
        (addresses.POSTGRESQL, "db.example", {"sslmode": "require"}, False),
        (addresses.POSTGRESQL, "db.example", {"sslmode": "verify-ca"}, False),
        (addresses.POSTGRESQL, "db.example", {"sslmode": "verify-full"}, True),
        (addresses.POSTGRESQL, "/run/postgresql", {}, True),
        (addresses.POSTGRESQL, "127.0.0.1", {}, True),
        ("config.postgresql", "db.example", {"sslmode": "require"}, False),
        ("config.postgresql", "db.example", {"sslmode": "verify-full"}, True),
        (transit.MYSQL, "db.example", {}, False),
        (transit.MYSQL, "db.example", {"ssl_verify_identity": True}, True),
        (transit.SQLITE, "", {}, True),
        ("some.other.engine", "db.example", {"sslmode": "verify-full"}, False),
    ],
)
def test_a_database_is_safe_when_its_name_is_verified(engine, host, options, safe):
    configuration = {"ENGINE": engine, "HOST": host, "OPTIONS": options}

    assert transit.database_is_safe(configuration) is safe


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("redis://redis.example/0", False),
        ("rediss://redis.example/0", False),
        ("rediss://redis.example/0?ssl_cert_reqs=none", False),
        ("rediss://redis.example/0?ssl_cert_reqs=required", True),
        ("redis://localhost/0", True),
        ("redis+socket:///tmp/redis.sock?virtual_host=0", True),
    ],
)
def test_a_broker_is_safe_when_its_certificate_is_required(url, safe):
    assert transit.broker_is_safe(url) is safe


def test_browsers_without_tls_and_an_open_broker_are_found(settings, now):
    settings.SECURE, settings.PUBLIC_URL = False, "http://privacy.example"
    settings.BROKER_URL = "redis://redis.example/0"

    assert sentences(check("encrypted-transit", now)) == [
        "Browsers reach the portal without TLS",
        "The broker is reached without verified TLS",
    ]


# --- at rest ----------------------------------------------------------------
NEW_KEY = "k2:" + "B" * 43 + "="


def test_what_is_sealed_with_the_current_key_is_well(now):
    ada()

    found = check("encrypted-rest", now)

    assert found.state == PromiseCheck.State.KEPT, found.evidence


def test_rows_under_an_older_key_are_counted_until_they_are_sealed_anew(settings, now):
    ada()
    settings.SEALING_KEYS = [NEW_KEY, *settings.SEALING_KEYS]
    settings.IDENTIFIER_KEYS = [NEW_KEY, *settings.IDENTIFIER_KEYS]

    assert sentences(check("encrypted-rest", now)) == [
        "privacy.identifier.value is not sealed with the current key",
        "Identifiers are found by the digest of an older key",
    ]


def test_a_value_that_is_not_sealed_is_found(now):
    row = ada()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE privacy_identifier SET value = %s WHERE id = %s",
            [b"+12025550143", row.pk],
        )

    assert sentences(check("encrypted-rest", now)) == [
        "privacy.identifier.value is not sealed with the current key"
    ]


@pytest.mark.parametrize(
    "text", ["Call +12025550143 first", "ada@example.com", "+12025550143"]
)
def test_an_identifier_in_clear_is_found(now, text):
    Hold.objects.create(matter=text, placed_by=LENA, placed_at=now)

    found = check("encrypted-rest", now)

    assert sentences(found) == ["privacy.hold.matter holds an identifier"]
    assert text not in str(found.evidence)


def test_hints_hashes_and_dates_are_no_identifiers(now):
    ada()
    audit.record(
        action="test.made", subject="test:1", by=LENA, now=now, digest="ab" * 32,
        at="2026-11-24T09:00:00+05:30",
    )  # fmt: skip

    assert check("encrypted-rest", now).state == PromiseCheck.State.KEPT


def test_a_key_in_use_for_more_than_two_years_is_found(now):
    ada()
    later = now + rest.KEY_AGE + dt.timedelta(days=1)

    assert sentences(check("encrypted-rest", later)) == [
        "The current key has been in use for more than two years"
    ]
