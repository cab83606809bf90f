"""What staff see, in a real Chromium: by keyboard, on a telephone, without errors."""

import contextlib
import re
import shutil

import pytest
from django.contrib.auth.models import Group, User
from django.db import connections
from playwright.sync_api import expect, sync_playwright

from consent import browser
from consent.browser import preferences
from consent.models import Cookie, Event, InboundMessage
from tests.consent.factories import ACME, ProgramFactory, sent, told
from tests.journeys.conftest import PASSWORD, STAFF
from tests.journeys.legible import problems

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
LIKE_PEOPLE = ["--disable-back-forward-cache"]  # what Playwright would switch off
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="No Chromium is installed here"),
]


@pytest.fixture
def chromium(monkeypatch):
    """Playwright keeps an event loop in this thread, which Django would refuse."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=QUIET, ignore_default_args=LIKE_PEOPLE
        )
        yield browser
        browser.close()
        connections.close_all()  # beside its loop Django keeps others of its own


@pytest.fixture
def page(chromium, live_server):
    with a_tab(chromium, live_server.url) as tab:
        yield tab


@contextlib.contextmanager
def a_tab(chromium, address):
    """Somebody's own browser, whose console must stay empty."""
    said = []
    context = chromium.new_context(base_url=address, reduced_motion="reduce")
    tab = context.new_page()
    tab.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    tab.on("pageerror", lambda error: said.append(str(error)))
    yield tab
    context.close()
    assert said == []


def signed_in(page, name):
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=STAFF[name]))
    page.goto("/admin/")
    type_at_once(page, name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Log out").wait_for()


def type_at_once(page, words):
    """Into the field that has the focus; a page takes it a moment after its load."""
    page.locator("input:focus").wait_for()
    page.keyboard.type(words)


def fits(page):
    """Nothing sticks out to the right of the screen."""
    wide, seen = page.evaluate(
        "[document.documentElement.scrollWidth, window.innerWidth]"
    )
    return wide <= seen


def test_support_finds_a_number_without_a_mouse(page, sample):
    signed_in(page, "sam.support")
    page.goto("/admin/consent/standing/lookup/")
    type_at_once(page, "(202) 555-0143")
    page.keyboard.press("Enter")
    page.locator("#answer").wait_for()

    assert "2025550143" not in page.url


def test_support_decides_what_a_message_means_with_one_key(page, transactional_db, now):
    ProgramFactory()
    sent("Leave off will u", now)
    InboundMessage.objects.update(meaning="ambiguous")
    signed_in(page, "sam.support")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/admin/consent/inboundmessage/decide/")
    page.get_by_role("button", name="Show the first").click()
    page.get_by_text("Leave off will u").wait_for()
    assert fits(page)

    page.keyboard.press("o")
    page.get_by_text("Nothing waits any more").wait_for()

    assert Event.objects.get().kind == "opt_out"


def test_a_request_is_entered_and_planned(page, sample):
    signed_in(page, "lena.legal")
    page.goto("/admin/dsr/ticket/receive/")
    page.get_by_role("checkbox", name="Erasure", exact=True).check()
    page.get_by_label("Under which law?").select_option("US-CA")
    page.get_by_label("Phone number").fill("letters")
    page.get_by_role("button", name="Open the request").click()
    page.locator(".errorlist, .errornote").first.wait_for()

    page.get_by_label("Phone number").fill("(202) 555-0143")
    page.get_by_role("button", name="Open the request").click()
    page.locator(".messagelist", has_text="is due on").wait_for()
    page.get_by_role("button", name="Plan").or_(
        page.get_by_role("link", name="Plan")
    ).first.click()
    page.locator(".messagelist", has_text="Planned").wait_for()

    assert "2025550143" not in page.content().replace("-", "").replace(" ", "")


def test_pages_fit_a_telephone(page, sample):
    signed_in(page, "lena.legal")
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/", "/consent/standing/lookup/", "/dsr/ticket/receive/"):
        page.goto(f"/admin{path}")

        assert (path, fits(page)) == (path, True)


def test_preferences_work_without_script_and_leave_only_declared_cookies(
    chromium, live_server, transactional_db, now
):
    """By keyboard, on a telephone, with JavaScript switched off."""
    browser.load()
    ProgramFactory()
    event = told("opt_in", now, organization=ACME)
    token = preferences.address(event.identifier).split("/")[-1]
    context = chromium.new_context(
        base_url=live_server.url,
        java_script_enabled=False,
        viewport={"width": 390, "height": 844},
        extra_http_headers={"Sec-GPC": "1"},
    )
    page = context.new_page()
    page.goto(f"/privacy/preferences/{token}")
    expect(page.locator("#gpc")).to_be_visible()
    page.get_by_role("checkbox", name="Text messages").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save my choices").focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()

    declared = set(Cookie.objects.values_list("name", flat=True))
    names = {cookie["name"] for cookie in context.cookies()}
    context.close()
    assert names <= declared
    assert Event.objects.filter(kind="opt_out", route="web").exists()


@pytest.mark.parametrize("width", [1280, 390])
def test_an_opt_out_heard_on_the_phone_takes_a_reason_and_enter(
    page, width, transactional_db, now
):
    ProgramFactory()
    told("opt_in", now, organization=ACME)
    signed_in(page, "sam.support")
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/admin/consent/standing/lookup/")
    type_at_once(page, "(202) 555-0117")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copy the answer").wait_for()
    assert fits(page)
    expect(page.locator("#answer")).to_be_in_viewport(ratio=1)

    type_at_once(page, "She asked us to stop")
    page.keyboard.press("Enter")
    page.get_by_text("The opt-out is recorded and in force.").wait_for()

    assert Event.objects.get(kind="opt_out").utterance.words.open()


def focused_row(page):
    """The words of the row that has the focus."""
    return page.evaluate("document.activeElement.closest('tr')?.innerText ?? ''")


def test_the_data_map_is_walked_ticked_and_opened_by_keys(page, sample):
    signed_in(page, "pia.engineer")
    page.goto("/admin/privacy/column/")
    names = page.locator("#result_list tbody th a").all_inner_texts()
    page.locator("body").press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("x")
    assert names[0] in focused_row(page)
    expect(page.locator("#result_list tr.selected")).to_have_count(1)

    page.locator("#result_list tbody th a").nth(2).focus()
    page.keyboard.press("j")
    assert names[3] in focused_row(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/**")

    expect(page.locator("#content")).to_contain_text(names[3])


def test_the_ticket_says_what_comes_next_and_leads_there(page, sample, now):
    signed_in(page, "lena.legal")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/admin/dsr/ticket/receive/")
    page.get_by_role("checkbox", name="Erasure", exact=True).check()
    page.get_by_label("Under which law?").select_option("US-CA")
    page.get_by_label("Phone number").fill("(202) 555-0143")
    page.get_by_role("button", name="Open the request").click()
    around = page.get_by_role("region", name="Where it stands")
    expect(around).to_contain_text("Next")
    assert fits(page)

    around.get_by_role("link", name="See their proof").press("Enter")
    page.get_by_role("heading", name="What is missing").wait_for()

    assert fits(page)


def test_the_public_form_is_filled_by_keyboard_alone(
    page, live_server, settings, transactional_db
):
    """Tab, Space, letters and Enter; the page of the request opens."""
    settings.PUBLIC_URL = live_server.url
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/privacy/request")
    tab_to(page, "right_access")
    page.keyboard.press("Space")
    tab_to(page, "id_place")
    page.keyboard.type("Cali")
    tab_to(page, "id_phone")
    page.keyboard.type("(202) 555-0143")
    page.keyboard.press("Enter")
    page.get_by_text("We have your request").first.wait_for()
    page.get_by_role("link", name="/privacy/request/").press("Enter")
    page.wait_for_url("**/privacy/request/*")

    assert fits(page)


def tab_to(page, name):
    """As a person does who has no mouse; the focus must be seen on the way."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    raise AssertionError(f"No Tab leads to {name}")


def test_no_page_of_the_index_complains_or_sticks_out(chromium, live_server, sample):
    """Every list, every “Add” and each one's first row that each role is offered: the
    console stays empty, in the dark as well one can read it."""
    for name in sorted(set(STAFF) - {"max.legal"}):
        with a_tab(chromium, live_server.url) as page:
            walk_the_index(page, name)


def walk_the_index(page, name):
    signed_in(page, name)
    page.set_viewport_size({"width": 390, "height": 844})
    links = page.locator(".app-list a, #content-main table a, .today a")
    paths = {a.get_attribute("href") for a in links.all()}
    paths = {path for path in paths if path and path.startswith("/admin/")}
    assert len(paths) > 3
    more = set()
    page.emulate_media(color_scheme="dark")

    for path in sorted(paths):
        answer = page.goto(path)
        assert (name, path, answer.status) == (name, path, 200)
        assert (name, path, fits(page)) == (name, path, True)
        assert (name, path, problems(page)) == (name, path, {})
        row = page.locator("#result_list tbody th a").first
        if row.count():
            more.add(re.sub(r"\?.*", "", row.get_attribute("href")))

    for path in sorted(more):
        page.goto(path)
        assert (name, path, fits(page)) == (name, path, True)
        assert (name, path, problems(page)) == (name, path, {})
