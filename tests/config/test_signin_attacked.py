"""The door, as somebody tries it who should stay outside."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from dsr.rate import place
from privacy import factors, signins
from privacy.factors import app, lost, passkeys
from privacy.models import AuditEvent, Factor, RecoveryCode, SignInTry
from tests.config.test_signin import (
    CODE,
    LOGIN,
    OWN,
    OWN_APP,
    PASSWORD,
    SET_UP,
    app_of_lena,
    code_now,
    give_password,
    inside,
    is_in,
    key_on,
    lena,
    member,
    reset_page,
    static_files,
    trail,
)

__all__ = ["app_of_lena", "inside", "lena", "static_files"]  # fixtures
pytestmark = pytest.mark.django_db
OWN_PASSWORD = "/admin/password_change/"
NEW = "something longer than before"


# --- half of the way in -----------------------------------------------------
def every_page(resolver, before=""):
    """Every address of staff, its variable parts filled with what might be there."""
    for each in resolver.url_patterns:
        route = f"{before}{each.pattern}"
        if hasattr(each, "url_patterns"):
            yield from every_page(each, route)
        else:
            yield "/" + re.sub(r"<[^>]*>|\(.*\)\$?", "1", route).rstrip("$")


@pytest.mark.parametrize("compulsory", [False, True])
def test_who_only_gave_a_password_gets_no_page_with_a_key_in_it(
    client, lena, settings, request, compulsory
):
    settings.SECOND_FACTOR_REQUIRED = compulsory
    if not compulsory:
        request.getfixturevalue("app_of_lena")
    give_password(client)
    pages = [p for p in every_page(get_resolver()) if p.startswith("/admin/")]
    outside = (LOGIN, CODE, SET_UP)

    for page in {*pages} - {*outside, "/admin/logout/"}:
        for answer in (client.get(page), client.post(page)):
            assert (page, answer.status_code) == (page, 302)
            assert (page, answer.url.startswith(LOGIN)) == (page, True)
    assert len(pages) > 250


def test_the_door_takes_no_form_of_another_site(app_of_lena):
    stranger = Client(enforce_csrf_checks=True)
    for page in (LOGIN, CODE, SET_UP, OWN_APP, OWN_PASSWORD):
        assert stranger.post(page, {"code": "1"}).status_code == 403


# --- guesses ----------------------------------------------------------------
def test_who_found_an_open_screen_does_not_guess_the_password(inside):
    said = {"new_password1": NEW, "new_password2": NEW}
    for guess in range(5):
        inside.post(OWN_PASSWORD, {"old_password": f"guess {guess}", **said})

    answer = inside.post(OWN_PASSWORD, {"old_password": PASSWORD, **said})

    assert "Too many failed attempts" in answer.text
    assert trail()[-5:] == ["signin.failed"] * 5


def test_a_new_password_is_on_the_trail_and_ends_all_other_sessions(
    inside, lena, app_of_lena
):
    half = Client()
    give_password(half)
    other = Client()
    give_password(other)
    other.post(CODE, {"code": code_now(app_of_lena, 1)})
    assert is_in(other)

    said = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert inside.post(OWN_PASSWORD, said).status_code == 302

    assert is_in(inside)
    assert not is_in(other)
    assert half.get(CODE).url == LOGIN
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.by) == ("password.changed", "lena.legal")
    assert event.subject == f"user:{lena.pk}"


def test_a_password_that_is_too_weak_changes_nothing(inside, lena):
    said = {"old_password": PASSWORD, "new_password1": "1", "new_password2": "1"}

    assert inside.post(OWN_PASSWORD, said).status_code == 200

    lena.refresh_from_db()
    assert lena.check_password(PASSWORD)
    assert "password.changed" not in trail()


def test_patience_guesses_no_code(client, lena, app_of_lena, monkeypatch):
    """Five in a quarter of an hour would be five hundred in a day."""
    monkeypatch.setitem(signins.MOST, "codes", 6)
    for _ in range(3):
        SignInTry.objects.update(at=timezone.now() - dt.timedelta(hours=1))
        give_password(client)
        for _ in range(2):
            client.post(CODE, {"code": "000000x"})

    SignInTry.objects.update(at=timezone.now() - dt.timedelta(hours=1))
    give_password(client)
    answer = client.post(CODE, {"code": code_now(app_of_lena)})
    assert "somebody may know" in answer.text
    assert not is_in(client)

    lena.set_password(NEW)
    lena.save()
    give_password(client, password=NEW)
    client.post(CODE, {"code": code_now(app_of_lena)})
    assert is_in(client)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "unknown", False),
    ],
)
def test_who_has_a_network_of_addresses_comes_from_one_place(rf, one, other, same):
    """A subscriber is given 2^64 of them (RFC 6177)."""
    places = [place(rf.get("/", REMOTE_ADDR=each)) for each in (one, other)]

    assert (places[0] == places[1]) == same


# --- at once ----------------------------------------------------------------
def at_once(*calls):
    """What each of them answers, on a connection of its own."""
    start = Barrier(len(calls))

    def run(call):
        start.wait()
        try:
            return call()
        except factors.Refusal as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_of_two_with_one_code_at_once_one_is_let_in(lena, app_of_lena):
    code, *_ = factors.renew_codes(holder=lena, now=timezone.now())
    for said, refusal in (
        (code, factors.WrongCode),
        (code_now(app_of_lena), factors.UsedCode),
    ):
        found = at_once(
            *[
                lambda said=said: factors.prove(
                    holder=lena, code=said, now=timezone.now()
                )
            ]
            * 4
        )
        assert found.count(refusal) == 3, found


@pytest.mark.django_db(transaction=True)
def test_a_hundred_tries_at_once_are_no_more_than_the_few(lena):
    judged = []

    def guess():
        try:
            signins.confirm(user=lena, password="x", place="p", now=timezone.now())
        except signins.WrongPassword:
            judged.append(1)
        except signins.TooManyTries:
            pass

    at_once(*[guess] * 12)

    assert len(judged) <= 5


@pytest.mark.django_db(transaction=True)
def test_who_sets_one_up_at_the_door_at_once_with_its_owner_replaces_nothing(lena):
    """Both gave the password, and neither had a factor when the page was asked for."""
    pairs = [(secret, code_now(secret)) for secret in (app.new_secret() for _ in "ab")]

    found = at_once(
        *[
            lambda secret=secret, code=code: factors.set_up(
                holder=lena, secret=secret, code=code, now=timezone.now()
            )
            for secret, code in pairs
        ]
    )

    assert found.count(factors.SetUpAlready) == 1
    assert Factor.objects.count() == 1
    assert RecoveryCode.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_twice_sets_up_one_app(lena):
    secret = app.new_secret()
    said = {"holder": lena, "secret": secret, "code": code_now(secret)}

    found = at_once(*[lambda: factors.add_app(**said, now=timezone.now())] * 2)

    assert all(isinstance(each, factors.Added) for each in found)
    assert Factor.objects.count() == 1


# --- an administrator alone --------------------------------------------------
@pytest.fixture
def admin(client):
    user = User.objects.create_superuser("ada.admin", password=PASSWORD)
    client.force_login(user)
    return user


def second_person(client):
    """As an administrator makes one: on the pages of the staff."""
    made = {"username": "quin.engineer", "usable_password": "true"}
    made |= {"password1": PASSWORD, "password2": PASSWORD}
    client.post("/admin/auth/user/add/", made)
    user = User.objects.get(username="quin.engineer")
    user.is_staff = user.is_superuser = True
    user.save()
    return user


def confirmed_by(user, lena, now):
    return lost.confirm(holder=lena, by=user.username, is_administrator=True, now=now)


def test_a_second_sign_in_of_ones_own_is_no_second_person(
    client, admin, lena, app_of_lena
):
    now = timezone.now()
    puppet = second_person(client)
    lost.ask(holder=lena, reason="Phone lost", by=admin.username, now=now)

    with pytest.raises(lost.MadeByTheOther):
        confirmed_by(puppet, lena, now)

    year_later = timezone.now() + dt.timedelta(days=365)
    lost.ask(holder=lena, reason="Phone lost", by=admin.username, now=year_later)
    with pytest.raises(lost.MadeByTheOther):
        confirmed_by(puppet, lena, year_later)
    assert lena.factors.exists()


def test_with_somebody_else_it_is_one_once_a_week_is_over(
    client, admin, lena, app_of_lena
):
    now = timezone.now()
    new = second_person(client)
    pia = member("pia.engineer", "Privacy engineer")
    lost.ask(holder=lena, reason="Phone lost", by=new.username, now=now)
    with pytest.raises(lost.NotSettled):
        confirmed_by(pia, lena, now)

    week_later = timezone.now() + lost.SETTLES
    lost.ask(holder=lena, reason="Phone lost", by=new.username, now=week_later)
    assert confirmed_by(pia, lena, week_later)


def test_nor_does_it_ask_for_its_maker_to_confirm(client, admin, lena, app_of_lena):
    now = timezone.now()
    puppet = second_person(client)
    lost.ask(holder=lena, reason="Phone lost", by=puppet.username, now=now)

    with pytest.raises(lost.MadeByTheOther):
        confirmed_by(admin, lena, now)


def test_nor_is_somebody_whose_password_they_set(client, admin, lena, app_of_lena):
    now = timezone.now()
    pia = member("pia.engineer", "Privacy engineer")
    new = {"password1": f"{PASSWORD} at all", "password2": f"{PASSWORD} at all"}
    client.post(
        f"/admin/auth/user/{pia.pk}/password/", new | {"usable_password": "true"}
    )
    lost.ask(holder=lena, reason="Phone lost", by=admin.username, now=now)

    with pytest.raises(lost.NotSettled):
        confirmed_by(pia, lena, now)


def test_nor_one_who_has_only_now_set_up_a_factor(admin, lena, app_of_lena):
    now = timezone.now()
    pia = member("pia.engineer", "Privacy engineer")
    secret = app.new_secret()
    factors.set_up(holder=pia, secret=secret, code=code_now(secret), now=now)
    lost.ask(holder=lena, reason="Phone lost", by=admin.username, now=now)

    with pytest.raises(lost.NotSettled):
        confirmed_by(pia, lena, now)


def test_nor_somebody_who_is_no_more(admin, lena, app_of_lena):
    now = timezone.now()
    pia = member("pia.engineer", "Privacy engineer")
    lost.ask(holder=lena, reason="Phone lost", by=pia.username, now=now)
    pia.delete()

    with pytest.raises(lost.NotSettled):
        confirmed_by(admin, lena, now)


# --- with the password of somebody who lost theirs --------------------------
def test_after_a_reset_a_password_alone_sets_up_nothing(client, lena, app_of_lena):
    pia = Client()
    pia.force_login(member("pia.engineer", "Privacy engineer"))
    member("admin")
    lost.ask(holder=lena, reason="She is in the room", by="admin", now=timezone.now())
    handed = re.search(
        r"<code>([A-Z2-7-]{19})</code>",
        pia.post(reset_page(lena), {"sure": "on"}).text,
    )[1]
    assert handed not in pia.get(reset_page(lena)).text
    assert handed.replace("-", "") not in AuditEvent.objects.latest("sequence").payload

    assert give_password(client).url == SET_UP
    secret = key_on(client.get(SET_UP).text)
    code = code_now(secret)
    for wrong in ("", "AAAA-AAAA-AAAA-AAAA", code):
        client.post(SET_UP, {"code": code, "handed": wrong})
        assert not is_in(client)
    assert not lena.factors.exists()

    done = client.post(SET_UP, {"code": code, "handed": handed.lower()})
    assert len(re.findall(r"<code>([A-Z2-7-]{19})</code>", done.text)) == 10
    assert is_in(client)
    assert RecoveryCode.objects.filter(used_at=None).count() == 10


def test_codes_that_were_handed_out_are_not_guessed(client, lena, app_of_lena, now):
    said = {"reason": "Phone lost", "is_administrator": True, "now": now}
    handed = lost.reset(holder=lena, by="admin", **said)
    give_password(client)
    code = code_now(key_on(client.get(SET_UP).text))
    for _ in range(5):
        client.post(SET_UP, {"code": code, "handed": "AAAA-AAAA-AAAA-AAAA"})

    answer = client.post(SET_UP, {"code": code, "handed": handed})

    assert "Too many failed attempts" in answer.text
    assert not lena.factors.exists()


def test_a_code_that_was_handed_out_and_lost_is_handed_out_again(lena, now):
    said = {"reason": "Phone lost", "is_administrator": True, "now": now}
    first = lost.reset(holder=lena, by="admin", **said)
    second = lost.reset(holder=lena, by="admin", **said)
    secret = app.new_secret()
    code = app.code(secret, app.step_at(now))

    with pytest.raises(factors.WrongCode):
        factors.set_up(holder=lena, secret=secret, code=code, handed=first, now=now)
    factors.set_up(holder=lena, secret=secret, code=code, handed=second, now=now)


# --- passkeys ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Privacy.Example.com", "https://privacy.example.com"),
        ("https://privacy.example.com:443", "https://privacy.example.com"),
        ("https://privacy.example.com:8443/portal", "https://privacy.example.com:8443"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_a_browser_writes_our_address_in_its_own_way(settings, address, origin):
    """HTML, 7.1.1: lower case, no path, no port that goes without saying."""
    settings.PUBLIC_URL = address

    assert passkeys.origin() == origin


def test_an_address_inside_another_is_not_ours(settings):
    settings.PUBLIC_URL = "https://privacy.example.com"

    assert not passkeys.ours("https://privacy.example.com.evil.example")
    assert not passkeys.ours("http://privacy.example.com")
    assert not passkeys.ours("https://evil.privacy.example.com")


# --- what stays behind ------------------------------------------------------
def test_a_session_that_is_over_leaves_no_row(client, lena):
    give_password(client)
    Session.objects.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    give_password(Client())

    signins.forget(now=timezone.now())

    assert Session.objects.count() == 1


def test_a_password_that_an_administrator_sets_is_on_the_trail(
    client, lena, admin_user
):
    client.force_login(admin_user)
    where = reverse("admin:auth_user_password_change", args=[lena.pk])
    said = {"password1": NEW, "password2": NEW, "usable_password": "true"}

    assert client.post(where, said).status_code == 302

    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.subject) == ("user.changed", f"user:{lena.pk}")
    assert "password" in event.payload
    assert NEW not in event.payload


def test_the_door_sends_who_is_inside_to_the_first_page(inside):
    assert inside.get(CODE).url == "/admin/"
    assert inside.get(SET_UP).url == "/admin/"
    assert "first" not in inside.get("/admin/").text.split("messagelist")[-1][:300]
    assert inside.get(OWN).status_code == 200
