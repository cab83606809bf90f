"""The door: a password alone opens nothing for who has a second factor, or must."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Group, User
from django.core import management
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from privacy import audit, factors, signins
from privacy.factors import app, lost, passkeys
from privacy.models import AuditEvent, Factor, FactorReset, RecoveryCode, SignInTry

pytestmark = pytest.mark.django_db
PASSWORD = "as long as nobody can guess"
LOGIN, CODE, SET_UP = (f"/admin/login/{rest}" for rest in ("", "factor/", "set-up/"))
OWN_APP, OWN = "/admin/second-factor/app/", "/admin/second-factor/"


@pytest.fixture(autouse=True)
def static_files(settings):
    """WhiteNoise warns of a missing folder, and nothing is collected for tests."""
    settings.STATIC_ROOT = settings.STATICFILES_DIRS[0]


def member(name="lena.legal", role="Legal", **facts):
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True, **facts)
    user.groups.add(Group.objects.get(name=role))
    return user


def code_now(secret, shift=0):
    return app.code(secret, app.step_at(timezone.now()) + shift)


@pytest.fixture
def lena():
    return member()


@pytest.fixture
def app_of_lena(lena):
    """Her app's secret; it was set up long enough ago for each code to be new."""
    secret, now = app.new_secret(), timezone.now() - dt.timedelta(hours=1)
    code = app.code(secret, app.step_at(now))
    factors.add_app(holder=lena, secret=secret, code=code, now=now)
    return secret


def give_password(client, name="lena.legal", password=PASSWORD, goal="/admin/"):
    said = {"username": name, "password": password, "next": goal}
    return client.post(LOGIN, said)


def is_in(client):
    return client.get("/admin/").status_code == 200


def trail():
    return list(
        AuditEvent.objects.order_by("sequence").values_list("action", flat=True)
    )


# --- without one ------------------------------------------------------------
def test_who_has_none_gets_in_where_none_is_compulsory(client, lena):
    assert give_password(client).url == "/admin/"
    assert is_in(client)
    assert trail() == ["signin.done"]


def test_where_it_is_compulsory_nothing_opens_before_it_is_set_up(
    client, lena, settings
):
    settings.SECOND_FACTOR_REQUIRED = True
    assert give_password(client, goal="/admin/dsr/ticket/").url == SET_UP
    assert not is_in(client)
    page = client.get(SET_UP).text
    assert 'src="data:image/svg+xml' in page

    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    assert "not right" in client.post(SET_UP, {"code": "000 000"}).text
    done = client.post(SET_UP, {"code": code_now(secret)})

    codes = re.findall(r"<code>([A-Z2-7-]{19})</code>", done.text)
    assert len(set(codes)) == 10
    assert 'href="/admin/dsr/ticket/"' in done.text
    assert is_in(client)
    assert trail() == ["signin.failed", "factor.added", "signin.done"]
    assert secret not in str(dict(client.session))


def test_the_secret_that_is_being_set_up_lies_in_no_row(client, lena, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    give_password(client)
    page = client.get(SET_UP).text

    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")

    assert secret not in str(dict(client.session))


# --- with one ---------------------------------------------------------------
def test_a_password_alone_opens_no_page_at_all(client, app_of_lena):
    assert give_password(client).url == CODE
    pages = [
        f"/{pattern}"
        for pattern in pages_of(get_resolver())
        if pattern.startswith("admin/") and not pattern.startswith("admin/login/")
    ]
    assert len(pages) > 50
    for page in pages:
        for answer in (client.get(page), client.post(page)):
            assert (page, answer.status_code) == (page, 302)
            assert (page, LOGIN in answer.url or answer.url == LOGIN) == (page, True)

    assert client.get("/api/v1/requests/1").status_code in (401, 403, 404, 405)
    assert not is_in(client)


def pages_of(resolver, before=""):
    """Every address without a variable part."""
    for each in resolver.url_patterns:
        route = f"{before}{each.pattern}"
        if hasattr(each, "url_patterns"):
            yield from pages_of(each, route)
        elif not re.search(r"[<(\\]|(jsi18n|autocomplete|logout)/$", route):
            yield route


def test_a_code_of_the_app_opens_the_page_that_was_asked_for(client, app_of_lena):
    give_password(client, goal="/admin/dsr/ticket/")
    before = client.session.session_key

    answer = client.post(CODE, {"code": code_now(app_of_lena)})

    assert answer.url == "/admin/dsr/ticket/"
    assert is_in(client)
    assert client.session.session_key != before
    assert trail()[-1] == "signin.done"


def test_a_code_is_taken_once(client, app_of_lena):
    code = code_now(app_of_lena)
    give_password(client)
    client.post(CODE, {"code": code})
    other = Client()
    give_password(other)

    assert "already used" in other.post(CODE, {"code": code}).text
    assert not is_in(other)
    earlier = code_now(app_of_lena, -1)
    assert "already used" in other.post(CODE, {"code": earlier}).text


@pytest.mark.parametrize(
    "code", ["", "000000x", "12345", "\uff10" * 6, "1234567", "AAAA-AAAA-AAAA-AAAA"]
)
def test_a_wrong_code_opens_nothing(client, app_of_lena, code):
    give_password(client)

    assert client.post(CODE, {"code": code}).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize(
    ("shift", "right"), [(-2, False), (-1, True), (1, True), (2, False)]
)
def test_clocks_may_differ_by_half_a_minute(lena, app_of_lena, now, shift, right):
    code = app.code(app_of_lena, app.step_at(now) + shift)
    Factor.objects.update(accepted=0)

    if right:
        assert factors.prove(holder=lena, code=code, now=now).holder == lena
    else:
        with pytest.raises(factors.WrongCode):
            factors.prove(holder=lena, code=code, now=now)


def test_the_codes_are_those_of_the_standard():
    """RFC 6238, appendix B, its last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

    assert app.code(secret, 59 // 30) == "287082"
    assert app.code(secret, 1111111109 // 30) == "081804"
    assert app.code(secret, 20000000000 // 30) == "353130"


def test_the_code_page_is_for_who_gave_the_password(client, app_of_lena):
    assert client.get(CODE).url == LOGIN
    assert client.post(CODE, {"code": code_now(app_of_lena)}).url == LOGIN
    assert client.get(SET_UP).url == LOGIN


def test_who_has_one_is_not_let_to_set_up_another_at_the_door(client, app_of_lena):
    give_password(client)

    assert client.post(SET_UP, {"code": code_now(app_of_lena)}).url == LOGIN
    assert Factor.objects.count() == 1


def test_the_second_half_must_follow_within_ten_minutes(client, app_of_lena):
    give_password(client)
    session = client.session
    session["waits"] |= {"since": session["waits"]["since"] - 601}
    session.save()

    assert client.post(CODE, {"code": code_now(app_of_lena)}).url == LOGIN


@pytest.mark.parametrize("change", ["password", "is_active", "is_staff"])
def test_what_changed_meanwhile_counts(client, lena, app_of_lena, change):
    give_password(client)
    setattr(lena, change, False)
    if change == "password":
        lena.set_password("another one, also long")
    lena.save()

    assert client.post(CODE, {"code": code_now(app_of_lena)}).url == LOGIN


def test_a_page_elsewhere_is_not_where_a_sign_in_leads(client, app_of_lena):
    give_password(client, goal="https://elsewhere.example.com/")

    answer = client.post(CODE, {"code": code_now(app_of_lena)})

    assert answer.url == "/admin/"


# --- recovery ---------------------------------------------------------------
def test_a_recovery_code_serves_once(client, lena, app_of_lena, now):
    code, *_ = factors.renew_codes(holder=lena, now=now)
    give_password(client)
    assert client.post(CODE, {"code": f" {code.lower().replace('-', ' ')} "}).url
    assert is_in(client)
    assert "factor.recovery_used" in trail()

    other = Client()
    give_password(other)
    assert "not right" in other.post(CODE, {"code": code}).text
    assert not is_in(other)


def test_recovery_codes_are_kept_as_digests_and_end_with_the_next_ten(lena, now):
    secret = app.new_secret()
    code = app.code(secret, app.step_at(now))
    added = factors.add_app(holder=lena, secret=secret, code=code, now=now)
    kept = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert len(kept) == 10
    assert not kept & set(added.codes)

    factors.renew_codes(holder=lena, now=now)

    with pytest.raises(factors.WrongCode):
        factors.prove(holder=lena, code=added.codes[0], now=now)


# --- tries ------------------------------------------------------------------
def test_after_five_wrong_passwords_the_right_one_waits_too(client, lena):
    for _ in range(5):
        assert (
            "name and password do not match" in give_password(client, password="x").text
        )
    assert "Too many failed attempts" in give_password(client).text
    assert trail() == ["signin.failed"] * 5

    SignInTry.objects.update(at=timezone.now() - dt.timedelta(minutes=16))
    assert give_password(client).url == "/admin/"


def test_after_five_wrong_codes_the_right_one_waits_too(client, app_of_lena):
    give_password(client)
    for _ in range(5):
        client.post(CODE, {"code": "000000x"})

    assert (
        "Too many failed attempts"
        in client.post(CODE, {"code": code_now(app_of_lena)}).text
    )
    assert not is_in(client)
    assert "Too many failed attempts" in give_password(Client()).text


def test_a_password_that_is_right_forgives_no_wrong_code(client, app_of_lena):
    for _ in range(5):
        give_password(client)
        client.post(CODE, {"code": "000000x"})

    assert "Too many failed attempts" in give_password(client).text


def test_one_place_does_not_try_everybody(client, lena, monkeypatch):
    monkeypatch.setitem(signins.MOST, "place", 3)
    for number in range(3):
        give_password(client, name=f"nobody{number}", password="x")

    assert "Too many failed attempts" in give_password(client).text


def test_what_was_typed_is_nowhere(client, lena):
    give_password(client, name="ada@example.com", password="hunter2 and more")
    event = AuditEvent.objects.get()

    assert "ada" not in event.payload
    assert "hunter2" not in event.payload
    assert event.subject == "user:unknown"
    assert "ada" not in str(list(SignInTry.objects.values_list("who", flat=True)))
    assert audit.verify() == 1


@pytest.mark.parametrize("facts", [{"is_staff": False}, {"is_active": False}])
def test_who_is_not_on_the_staff_gets_the_same_answer(client, lena, facts):
    User.objects.update(**facts)

    assert "name and password do not match" in give_password(client).text


def test_nobody_signs_up(client):
    assert not [name for name in pages_of(get_resolver()) if "sign-up" in name]
    assert client.get("/accounts/signup/").status_code == 404


# --- passkeys ---------------------------------------------------------------
@pytest.mark.parametrize(
    "answer",
    ["", "null", "[]", "{}", '"x"', '{"id": "x"}', "9" * 5000, "[" * 5000],
)
def test_an_answer_that_is_none_opens_nothing(client, lena, now, settings, answer):
    settings.PUBLIC_URL = "https://privacy.example.com"
    Factor.objects.create(holder=lena, kind="app", secret="x", created_at=now)
    give_password(client)

    page = client.post(CODE, {"answer": answer})

    assert page.status_code == 200
    assert "errorlist" in page.text
    assert not is_in(client)


@pytest.mark.parametrize(
    ("address", "possible"),
    [
        ("https://privacy.example.com", True),
        ("http://localhost:8000", True),
        ("http://privacy.example.com", False),
        ("http://127.0.0.1:8000", False),
        ("https://192.0.2.1", False),
        ("https://[2001:db8::1]", False),
    ],
)
def test_browsers_have_passkeys_for_names_under_tls(settings, address, possible):
    settings.PUBLIC_URL = address

    assert passkeys.are_possible() == possible


# --- sessions ---------------------------------------------------------------
def test_a_session_that_was_opened_without_the_factor_ends(client, lena, app_of_lena):
    """However it came to be: forced, or from before the factor was set up."""
    client.force_login(lena)

    assert not is_in(client)


def test_a_session_without_a_factor_ends_once_it_is_compulsory(client, lena, settings):
    client.force_login(lena)
    assert is_in(client)
    settings.SECOND_FACTOR_REQUIRED = True

    assert not is_in(client)


def test_setting_one_up_ends_the_other_sessions(client, lena):
    other = Client()
    for each in (client, other):
        give_password(each)
    secret = key_on(client.get(OWN_APP).text)
    client.post(OWN_APP, {"code": code_now(secret), "password": PASSWORD})

    assert is_in(client)
    assert not is_in(other)


def key_on(page):
    return re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")


# --- one's own --------------------------------------------------------------
@pytest.fixture
def inside(client, app_of_lena):
    give_password(client)
    client.post(CODE, {"code": code_now(app_of_lena)})
    return client


@pytest.mark.parametrize("page", [OWN_APP, f"{OWN}codes/"])
def test_each_change_asks_for_the_password_again(inside, page):
    secret = key_on(inside.get(OWN_APP).text)
    before = set(Factor.objects.values_list("pk", flat=True))

    said = {"code": code_now(secret), "password": "not hers"}

    assert "not your password" in inside.post(page, said).text
    assert set(Factor.objects.values_list("pk", flat=True)) == before
    assert trail()[-1] == "signin.failed"


def test_another_app_takes_the_place_of_the_one_before(inside, lena, app_of_lena):
    secret = key_on(inside.get(OWN_APP).text)
    inside.post(OWN_APP, {"code": code_now(secret), "password": PASSWORD})

    assert is_in(inside)
    assert lena.factors.get().secret.open() == secret
    assert app_of_lena not in (secret,)


def test_new_codes_are_shown_once(inside):
    page = inside.post(f"{OWN}codes/", {"password": PASSWORD}).text

    assert len(re.findall(r"<code>([A-Z2-7-]{19})</code>", page)) == 10
    assert "Recovery codes left: <strong>10" in inside.get(OWN).text
    assert "factor.codes_renewed" in trail()


def test_the_last_one_is_not_removed_and_nobody_elses(inside, lena, now):
    mine = lena.factors.get()
    gone = inside.post(f"{OWN}{mine.pk}/remove/", {"password": PASSWORD})
    assert "only second factor" in gone.text
    max_ = member("max.legal")
    his = Factor.objects.create(holder=max_, kind="app", secret="x", created_at=now)

    assert inside.get(f"{OWN}{his.pk}/remove/").status_code == 404

    Factor.objects.create(holder=lena, kind="passkey", secret="x", created_at=now)
    inside.post(f"{OWN}{mine.pk}/remove/", {"password": PASSWORD})

    assert [each.kind for each in lena.factors.all()] == ["passkey"]
    assert is_in(inside)


# --- lost -------------------------------------------------------------------
def reset_page(user):
    return reverse("admin:auth_user_reset_second_factor", args=[user.pk])


def test_two_people_reset_a_lost_one_and_the_person_is_told(
    inside, lena, mailoutbox, django_capture_on_commit_callbacks
):
    User.objects.filter(pk=lena.pk).update(email="lena@example.org")
    pia, quin = Client(), Client()
    pia.force_login(member("pia.engineer", "Privacy engineer"))
    quin.force_login(member("quin.engineer", "Privacy engineer"))
    assert "authenticator app; 10 recovery codes" in pia.get("/admin/auth/user/").text
    assert "Say why" in pia.post(reset_page(lena), {"reason": "lost"}).text

    with django_capture_on_commit_callbacks(execute=True):
        pia.post(reset_page(lena), {"reason": "Phone lost; she is in the room"})
    again = pia.post(reset_page(lena), {"sure": "on"})
    assert "another person must confirm" in again.text
    assert is_in(inside)
    assert "Phone lost; she is in the room" in quin.get(reset_page(lena)).text
    with django_capture_on_commit_callbacks(execute=True):
        done = quin.post(reset_page(lena), {"sure": "on"})

    assert re.search(r"<code>[A-Z2-7-]{19}</code>", done.text)
    events = AuditEvent.objects.filter(action__startswith="factor.reset")
    said = events.order_by("sequence").values_list("action", "by")
    assert list(said) == [
        ("factor.reset_asked", "pia.engineer"),
        ("factor.reset", "quin.engineer"),
    ]
    assert "in the room" in events.latest("sequence").payload
    assert not is_in(inside)
    assert "handed out" in pia.get("/admin/auth/user/").text
    assert [mail.to for mail in mailoutbox] == [["lena@example.org"]] * 2
    assert "pia.engineer" in mailoutbox[0].body


def test_one_alone_resets_nobodys_and_an_old_wish_is_none(lena, app_of_lena, now):
    who = {"holder": lena, "is_administrator": True, "now": now}
    with pytest.raises(lost.NotAsked):
        lost.confirm(**who, by="admin")
    lost.ask(holder=lena, reason="Phone lost", by="admin", now=now)
    with pytest.raises(lost.ByAnother):
        lost.confirm(**who, by="admin")
    with pytest.raises(lost.AskedBefore):
        lost.ask(holder=lena, reason="Phone lost", by="max", now=now)
    with pytest.raises(IntegrityError, match="by_two"), transaction.atomic():
        FactorReset.objects.update(confirmed_by="admin", confirmed_at=now)
    late = who | {"now": now + lost.STANDS}
    with pytest.raises(lost.NotAsked):
        lost.confirm(**late, by="max")
    lost.ask(holder=lena, reason="Phone lost", by="max", now=late["now"])
    assert lena.factors.exists()


@pytest.mark.parametrize("role", ["Legal", "Support", "Auditor"])
def test_other_roles_reset_nobodys(client, lena, app_of_lena, role):
    client.force_login(member("sam", role))

    answer = client.post(reset_page(lena), {"reason": "because I want to"})

    assert answer.status_code == 403
    assert lena.factors.exists()


def test_nobody_resets_their_own_nor_an_engineer_an_administrators(
    lena, app_of_lena, now
):
    said = {"reason": "Phone lost", "is_administrator": False, "now": now}
    member("pia.engineer"), member("quin.engineer")
    with pytest.raises(lost.YourOwn):
        lost.reset(holder=lena, by="lena.legal", **said)
    lost.ask(holder=lena, reason="Phone lost", by="pia.engineer", now=now)
    with pytest.raises(lost.YourOwn):
        lost.confirm(holder=lena, by="lena.legal", is_administrator=True, now=now)
    User.objects.filter(pk=lena.pk).update(is_superuser=True)
    lena.refresh_from_db()
    with pytest.raises(lost.AdministratorsOwn):
        lost.reset(holder=lena, by="quin.engineer", **said)
    with pytest.raises(lost.AdministratorsOwn):
        lost.confirm(holder=lena, by="quin.engineer", is_administrator=False, now=now)

    management.call_command("factors", "reset", "lena.legal", "--reason", "Phone lost")

    assert not lena.factors.exists()
    assert lena.recovery_codes.filter(used_at=None).count() == 1


def test_the_secret_lies_sealed(lena, app_of_lena, django_db_blocker):
    blob = bytes(lena.factors.get().secret.blob)

    assert app_of_lena.encode() not in blob
