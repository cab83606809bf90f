"""The public pages in a real Chromium: by keyboard, narrow, as WCAG asks."""

import base64
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from dsr import identity, links, messages, rate, requests
from dsr.models import Ticket
from privacy import identifiers
from tests.dsr.factories import ADAS_MAIL, asked
from tests.journeys.legible import RULES, problems
from tests.journeys.test_in_a_browser import CHROMIUM, chromium, fits

__all__ = ["chromium"]  # its fixture
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="No Chromium is installed here"),
]
FORM = "/privacy/request"


@pytest.fixture(autouse=True)
def no_tries_yet():
    rate.counters.clear()


@pytest.fixture
def tab(chromium, live_server):
    """A small telephone."""
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": 320, "height": 720},
    )
    yield context.new_page()
    context.close()


def keys(tab, *names):
    for name in names:
        tab.keyboard.press(name)


def tab_to(tab, selector):
    """By keyboard alone; the focus must be seen where it is."""
    for _ in range(80):
        keys(tab, "Tab")
        if tab.evaluate(f"document.activeElement.matches({selector!r})"):
            outline = "getComputedStyle(document.activeElement).outlineStyle"
            assert tab.evaluate(outline) != "none"
            return
    raise AssertionError(f"The keyboard does not reach {selector}.")


@pytest.mark.parametrize("language", ["en", "es", "fr", "de"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_keeps_the_rules_in_every_language(tab, language, scheme):
    tab.emulate_media(color_scheme=scheme)
    tab.goto(f"{FORM}?lang={language}")

    assert problems(tab) == {}
    assert fits(tab)
    assert tab.evaluate("document.documentElement.lang") == language


def test_mistakes_are_named_and_lead_to_their_fields(tab):
    tab.goto(f"{FORM}?lang=en")
    tab.get_by_role("button", name="Send the request").click()

    expect(tab).to_have_title(re.compile("^Problem"))
    expect(tab.locator(".problems")).to_be_focused()
    assert problems(tab) == {}
    keys(tab, "Tab", "Tab", "Enter")
    expect(tab).to_have_url(re.compile("#id_place$"))


def test_a_request_is_made_and_withdrawn_without_a_mouse(tab):
    tab.goto(f"{FORM}?lang=en")
    keys(tab, "Tab")
    expect(tab.locator(".skip")).to_be_focused()
    tab_to(tab, "#right_erasure")
    keys(tab, "Space")
    tab_to(tab, "#id_place")
    tab.keyboard.type("In the United K")
    tab_to(tab, "#id_phone")
    tab.keyboard.type("(202) 555-0143")
    tab_to(tab, "main button")
    keys(tab, "Enter")
    tab.get_by_text("We have your request").first.wait_for()

    assert problems(tab) == {}
    assert fits(tab)
    assert Ticket.objects.get().regime == "UK-GDPR"
    tab_to(tab, "input[name=withdraw-withdraw_sure]")
    keys(tab, "Space")
    tab_to(tab, "section[aria-labelledby=withdraw] button")
    keys(tab, "Enter")
    tab.get_by_text("Your request is withdrawn.").wait_for()
    assert Ticket.objects.get().status == Ticket.Status.WITHDRAWN


def test_the_button_back_and_a_second_press_make_no_second_request(tab):
    tab.goto(f"{FORM}?lang=en")
    tab.get_by_label("Delete my data").check()
    tab.get_by_label("Where does this person live?").select_option("EU-GDPR")
    tab.get_by_label("E-mail address", exact=True).fill("ada.sample@example.com")
    tab.get_by_role("button", name="Send the request").dblclick()
    tab.get_by_text("We have your request").first.wait_for()
    tab.evaluate("history.back()")
    tab.get_by_role("button", name="Send the request").click()
    tab.get_by_text("We have your request").first.wait_for()

    assert Ticket.objects.count() == 1


def test_a_long_word_in_a_mistake_stays_on_the_screen(tab):
    tab.goto(f"{FORM}?lang=en")
    tab.locator("#id_more").fill("x" * 2000)
    tab.get_by_role("button", name="Send the request").click()
    expect(tab.locator(".problems")).to_be_focused()

    assert fits(tab)


def test_no_script_and_no_cookie_but_one(chromium, live_server):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{FORM}?lang=en")
    page.get_by_label("Delete my data").check()
    page.get_by_label("Where does this person live?").select_option("EU-GDPR")
    page.get_by_label("E-mail address", exact=True).fill("ada.sample@example.com")
    page.get_by_role("button", name="Send the request").click()
    page.get_by_text("We have your request").first.wait_for()

    names = {cookie["name"] for cookie in context.cookies()}
    context.close()
    assert names == {settings.CSRF_COOKIE_NAME}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_a_person_keeps_the_rules(tab, scheme):
    """With all its parts: a code that is waited for, messages, letters, an appeal."""
    tab.emulate_media(color_scheme=scheme)
    now = timezone.now()
    marks = [identifiers.email("ada@example.net"), identifiers.phone("+12025550143")]
    open_ = asked("erasure", regime="EU-GDPR", marks=marks, received_at=now, now=now)
    row = open_.identifiers.get(kind="email")
    identity.ask(ticket=open_, identifier_id=row.pk, method="mail", now=now)
    messages.write(ticket=open_, text="Hello?", now=now)
    ended = asked("erasure", regime="US-VA", marks=marks, received_at=now, now=now)
    tokens = [links.make(ticket=t, language="fr", now=now) for t in (open_, ended)]
    requests.refuse(ticket=ended, reason="Non.", ground="UNFOUNDED", by="lena", now=now)

    pages = [f"{FORM}/{token}?lang=de&done=waiting" for token in tokens]
    pages += ["/privacy/confirm?lang=de", f"{FORM}/nothing?lang=de"]
    for page in [*pages, "/privacy/preferences?lang=de", "/privacy?lang=de"]:
        tab.goto(page)
        assert problems(tab) == {}, page
        assert fits(tab), page
        assert tab.evaluate("document.documentElement.lang") == "de"
    tab.goto(pages[1])
    letter = tab.locator(".message .text")
    assert letter.get_attribute("lang") == "fr"
    expect(letter).to_have_text(re.compile(r"^\s*Bonjour"))
    tab.get_by_role("button", name="Widerspruch senden").click()
    expect(tab.locator(".problems")).to_be_focused()
    assert problems(tab) == {}


def test_a_planted_mistake_is_found(tab):
    tab.set_content(
        "<main><h1>A</h1><h3 id=x>B</h3><p id=x style='color:#999'>pale</p>"
        "<input aria-describedby=gone style='height:10px'></main>"
    )

    assert set(problems(tab)) == set(RULES)


# --- the sign-in to an account, which another site's form brings back ----------------
PLATFORM = "https://platform.example.com"


@pytest.fixture
def platform(settings, live_server):
    """Signs in whoever comes, and sends them back with a form of its own."""
    key = Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes_raw()
    settings.PUBLIC_URL = live_server.url
    settings.ACCOUNT_SIGN_IN_URL = f"{PLATFORM}/sign-in"
    settings.ACCOUNT_KEY = base64.b64encode(raw).decode()
    allowed = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": {**allowed, "form-action": ["'self'", PLATFORM]}
    }

    def answers(route):
        asked_for = parse_qs(urlsplit(route.request.url).query)
        said = {
            "nonce": asked_for["nonce"][0],
            "audience": settings.PUBLIC_URL,
            "issued_at": timezone.now().isoformat(),
            "email": ADAS_MAIL,
        }
        body = base64.urlsafe_b64encode(json.dumps(said).encode())
        signature = base64.urlsafe_b64encode(key.sign(body))
        page = (
            f'<form method="post" action="{asked_for["return"][0]}">'
            f'<input name="statement" value="{body.decode()}.{signature.decode()}">'
            "<button>Back</button></form>"
        )
        route.fulfill(body=page, content_type="text/html")

    return answers


def test_a_sign_in_comes_back_to_the_browser_that_went_there(
    chromium, live_server, platform
):
    ticket = asked(
        "access",
        regime="EU-GDPR",
        now=timezone.now(),
        marks=[identifiers.email(ADAS_MAIL)],
    )
    token = links.make(ticket=ticket, language="en", now=timezone.now())
    went, other = (chromium.new_context(base_url=live_server.url) for _ in range(2))
    for context in (went, other):
        context.route(f"{PLATFORM}/**", platform)
    page = went.new_page()
    page.goto(f"{FORM}/{token}")
    page.get_by_role("button", name="Sign in with your account").click()
    page.get_by_role("button", name="Back").wait_for()

    lured = other.new_page()
    lured.goto(page.url)
    lured.get_by_role("button", name="Back").click()
    expect(lured.get_by_text("did not show that it is you")).to_be_visible()
    page.get_by_role("button", name="Back").click()

    expect(page.get_by_text("That was right")).to_be_visible()
    assert page.url.startswith(f"{live_server.url}{FORM}/{token}")
    went.close()
    other.close()
