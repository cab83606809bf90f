"""Staff sign in, in a real Chromium: an app's code and a passkey, by keyboard."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from playwright.sync_api import expect

from consent import browser
from consent.models import Cookie
from privacy import promises
from privacy.factors import app
from privacy.models import Factor, PromiseCheck
from tests.journeys.conftest import PASSWORD
from tests.journeys.test_in_a_browser import (
    CHROMIUM,
    a_tab,
    chromium,
    fits,
    type_at_once,
)

__all__ = ["chromium"]  # its fixture
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="No Chromium is installed here"),
]


@pytest.fixture
def page(chromium, live_server, settings):
    """Under the one name that browsers let a passkey have without TLS."""
    settings.PUBLIC_URL = live_server.url.replace("127.0.0.1", "localhost")
    with a_tab(chromium, settings.PUBLIC_URL) as tab:
        tab.set_viewport_size({"width": 390, "height": 844})
        yield tab


@pytest.fixture
def admin():
    return User.objects.create_superuser("admin", password=PASSWORD)


def give_password(page):
    page.goto("/admin/")
    type_at_once(page, "admin")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def log_out(page):
    """And wait until it is done: going elsewhere meanwhile would cut it short."""
    page.get_by_role("button", name="Log out").press("Enter")
    page.get_by_role("link", name="Log in again").wait_for()


def new_code(secret):
    """Of the half-minute to come: this one's was used to set it up."""
    return app.code(secret, app.step_at(timezone.now()) + 1)


def test_the_board_leads_to_a_second_factor_and_is_green_with_it(page, admin, now):
    browser.load()
    promises.run(code="least-privilege", now=timezone.now())
    give_password(page)
    page.get_by_role("link", name="Set up your second factor").press("Enter")
    expect(page.locator("#content")).to_contain_text("only a password")
    assert fits(page)
    page.get_by_role("link", name="Set up an authenticator app").press("Enter")
    page.locator("summary").press("Enter")
    secret = page.locator("details code").inner_text().replace(" ", "")
    assert fits(page)

    page.get_by_label("Code").focus()
    page.keyboard.type(app.code(secret, app.step_at(timezone.now())))
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    assert fits(page)

    found = promises.run(code="least-privilege", now=timezone.now())[0]
    assert found.state == PromiseCheck.State.KEPT
    log_out(page)
    give_password(page)
    page.wait_for_url("**/login/factor/")
    type_at_once(page, new_code(secret))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What the policy promises").wait_for()

    names = {cookie["name"] for cookie in page.context.cookies()}
    assert {re.sub(r"_.*", "", name) for name in names} <= set(
        Cookie.objects.filter(need="essential").values_list("name", flat=True)
    )


def test_where_it_is_compulsory_the_first_sign_in_sets_it_up(page, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    lena = User.objects.create_user("admin", password=PASSWORD, is_staff=True)
    lena.groups.add(Group.objects.get(name="Legal"))
    give_password(page)
    page.wait_for_url("**/login/set-up/")
    assert fits(page)
    page.goto("/admin/dsr/ticket/")
    page.wait_for_url("**/login/?next=**")

    page.goto("/admin/login/set-up/")
    page.locator("summary").press("Enter")
    secret = page.locator("details code").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(app.code(secret, app.step_at(timezone.now())))
    page.keyboard.press("Enter")
    page.get_by_text("I have saved them: continue").press("Enter")

    page.get_by_role("heading", name="What the policy promises").wait_for()
    assert lena.factors.get().kind == "app"


def test_a_passkey_lets_in_who_has_it(page, admin):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    token = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    key = session.send("WebAuthn.addVirtualAuthenticator", {"options": token})
    give_password(page)
    page.get_by_role("button", name="Log out").wait_for()
    page.goto("/admin/second-factor/passkey/")
    type_at_once(page, PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("I have saved them: continue").press("Enter")
    log_out(page)
    for _ in range(2):
        give_password(page)
        page.get_by_role("button", name="Use your passkey").press("Enter")
        page.get_by_role("heading", name="What the policy promises").wait_for()
        log_out(page)
    assert Factor.objects.get().accepted > 0

    Factor.objects.update(accepted=1000)  # as if a copy had been used more often
    give_password(page)
    page.get_by_role("button", name="Use your passkey").press("Enter")
    page.get_by_text("already used").wait_for()

    who = {"authenticatorId": key["authenticatorId"]}
    session.send("WebAuthn.clearCredentials", who)
    page.get_by_role("button", name="Use your passkey").press("Enter")
    page.get_by_text("No passkey answered").wait_for()
    expect(page.get_by_role("button", name="Log out")).to_have_count(0)
