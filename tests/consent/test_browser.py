"""Cookies, the preference centre by signed address, and Global Privacy Control."""

import html
import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from consent import browser, check
from consent.browser import cookies, preferences, signal
from consent.browser.words import words
from consent.models import Cookie, Event, SignalDay, StrayCookie, Utterance
from consent.promises import cookies_are_declared
from privacy import identifiers, objections, policy
from privacy.languages import LANGUAGES
from privacy.models import Objection, PolicyVersion
from tests.consent.factories import ACME, ADA, ProgramFactory, told

pytestmark = pytest.mark.django_db
CASES = Path(__file__).resolve().parents[1] / "data/protocols/gpc/cases.jsonl"
MAIL = "ada@example.com"


@pytest.fixture(autouse=True)
def register():
    browser.load()


@pytest.fixture
def visitor():
    return Client(enforce_csrf_checks=False)


@pytest.fixture
def link(now):
    """Ada, who opted in to texts of Acme."""
    ProgramFactory(name="Acme alerts")
    event = told("opt_in", now, organization=ACME)
    return preferences.address(event.identifier).partition("example.com")[2] or (
        "/privacy/preferences/" + preferences.address(event.identifier).split("/")[-1]
    )


def allowed(channel="sms", organization=ACME, who=ADA):
    return check.may_contact(
        identifiers.understand(who),
        channel=channel,
        organization=organization,
        now=timezone.now(),
    ).allowed


def text_of(answer):
    return html.unescape(answer.content.decode())


# --- the address ----------------------------------------------------------------
def test_the_address_names_nobody_and_needs_no_account(link, visitor):
    page = visitor.get(link)

    assert page.status_code == 200
    assert "0117" not in link
    assert ADA not in text_of(page)
    assert "Acme alerts" in text_of(page)
    assert page.headers["Cache-Control"].startswith("max-age=0")


@pytest.mark.parametrize("bad", ["x", "1:forged", "999999:zz"])
def test_a_forged_address_opens_nothing(bad, visitor, link):
    page = visitor.get(f"/privacy/preferences/{bad}")

    assert page.status_code == 404
    assert "does not open anything" in text_of(page)


def test_an_erased_person_has_no_page_any_more(link, visitor, now):
    row = identifiers.find(identifiers.phone(ADA))
    identifiers.forget(identifier=row, by="lena", now=now)

    assert visitor.get(link).status_code == 404


def test_the_command_gives_the_address(link, visitor, capsys):
    call_command("consent", "preferences", "(202) 555-0117", "--json")

    url = json.loads(capsys.readouterr().out)["url"]
    assert url.endswith(link)


# --- choices --------------------------------------------------------------------
def test_unticking_one_way_of_one_sender_stops_just_that(link, visitor, now):
    told("opt_in", now, organization=ACME, channel="voice")

    page = visitor.post(link, {"want": [f"voice.{ACME}"]}, follow=True)

    assert "saved" in text_of(page)
    assert not allowed("sms")
    assert not allowed("mms")
    assert allowed("voice")
    event = Event.objects.first()
    assert (event.channel, event.route, event.source) == ("web", "web", "direct")
    assert event.evidence["form"] == "preferences"


def test_stop_everything_stops_everything(link, visitor):
    said = visitor.post(link, {"stop_all": "1"})
    assert not Utterance.objects.exists()  # to stop, nobody leaves more data
    assert "?lang=en&done=stopped" in said["Location"]
    assert "done=stopped" in visitor.get(link + said["Location"]).content.decode()

    assert not any(allowed(channel) for channel in ("sms", "mms", "voice"))
    assert not allowed("sms", organization="org_other")


def test_opting_in_again_needs_the_words_of_consent(link, visitor):
    visitor.post(link, {"stop_all": "1"})
    want = f"sms.{ACME}"

    page = visitor.post(link, {"want": [want]}, follow=True)
    assert "Nothing was changed" in text_of(page)
    assert not allowed()

    browser = {"User-Agent": "Firefox 140"}
    visitor.post(link, {"want": [want], "agree": [want]}, headers=browser)
    assert allowed()
    event = Event.objects.first()
    assert json.loads(event.utterance.origin.open()) == {
        "ip": "127.0.0.1", "agent": "Firefox 140"
    }  # fmt: skip
    assert event.evidence["form"] == "preferences"
    wording = event.evidence["wording"]
    assert "Agreeing is not a condition of buying anything" in wording
    assert "automated technology" in wording
    assert "Acme alerts" in wording


def test_a_choice_that_was_not_offered_changes_nothing(link, visitor):
    before = Event.objects.count()

    page = visitor.post(
        link,
        {"want": [f"sms.{ACME}", "sms.org_other"], "agree": ["sms.org_other"]},
        follow=True,
    )

    assert "Nothing was changed" in text_of(page)
    assert Event.objects.count() == before


def test_mail_has_its_own_choices(visitor, now):
    ProgramFactory()
    told("opt_in", now, number=MAIL, channel="email", organization=ACME)
    row = identifiers.find(identifiers.email(MAIL))
    path = "/privacy/preferences/" + preferences.address(row).split("/")[-1]

    visitor.post(path, {})

    assert not allowed("email", who=MAIL)


def test_a_form_of_another_site_is_refused(link):
    assert (
        Client(enforce_csrf_checks=True).post(link, {"stop_all": "1"}).status_code
        == 403
    )
    assert allowed()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_everything(language, link, visitor):
    said = words(language)
    assert set(said) == set(words("en"))
    for name, text in words("en").items():
        assert set(re.findall(r"{(\w+)}", text)) == set(
            re.findall(r"{(\w+)}", said[name])
        )

    page = visitor.get(link, {"lang": language})

    assert f'<html lang="{language}">' in text_of(page)
    assert said["stop_all"] in text_of(page)


# --- Global Privacy Control -----------------------------------------------------
@pytest.mark.parametrize("case", CASES.read_text().splitlines())
def test_the_signal_counts_when_it_is_one(case, visitor):
    case = json.loads(case)
    sent = [value for name, value in case["headers"] if name.lower() == "sec-gpc"]
    headers = {"sec-gpc": ",".join(sent)} if sent else {}

    page = visitor.get("/privacy", headers=headers)

    assert ('id="gpc"' in text_of(page)) is case["opt_out"]
    assert SignalDay.objects.exists() is case["opt_out"]


def test_a_known_person_s_signal_is_an_opt_out_of_sale_once(link, visitor):
    for _ in range(2):
        visitor.get(link, headers={"sec-gpc": "1"})

    event = Event.objects.get(route="gpc")
    assert (event.kind, event.covers) == ("opt_out", ["web"])
    assert allowed(), "a wish about selling data does not end texts"


def test_a_known_person_s_signal_forbids_sale_and_targeted_advertising(link, visitor):
    for _ in range(2):
        visitor.get(link, headers={"sec-gpc": "1"})

    event = Event.objects.get(route="gpc")
    said = Objection.objects.values_list("use", "because", "recorded_by")
    assert sorted(said) == [
        ("sale", f"event:{event.pk}", "person"),
        ("targeted_ads", f"event:{event.pk}", "person"),
    ]
    assert asked_to_aim().reason == "objected"
    assert allowed(), "a wish about advertising that is aimed does not end the rest"


def test_a_signal_from_before_the_upgrade_forbids_after_it(link, now):
    upgrade = import_module("consent.migrations.0038_signal_heeded")
    told("opt_out", now, channel="web", covers=("web",), route="gpc")
    assert asked_to_aim().reason != "objected"

    for _ in range(2):
        upgrade.forbid(apps, None)

    assert asked_to_aim().reason == "objected"
    assert Objection.objects.filter(since=now).count() == 2


def asked_to_aim():
    return check.may_send(
        identifiers.understand(ADA),
        channel="sms",
        organization=ACME,
        purpose="targeted_ads",
        now=timezone.now(),
    )


def test_without_the_signal_nothing_is_forbidden(link, visitor):
    visitor.get(link, headers={"sec-gpc": "0"})

    assert not Objection.objects.exists()
    assert asked_to_aim().reason != "objected"


def test_a_signal_that_comes_again_forbids_again_what_was_allowed_since(
    link, visitor, now
):
    visitor.get(link, headers={"sec-gpc": "1"})
    for row in Objection.objects.all():
        objections.lift(objection=row, because="She asked", by="max", now=now)
    assert asked_to_aim().reason != "objected"

    visitor.get(link, headers={"sec-gpc": "1"})

    assert asked_to_aim().reason == "objected"


def test_the_support_resource_says_so_and_since_when(visitor):
    policy.load()

    answer = visitor.get("/.well-known/gpc.json")

    assert answer.headers["Content-Type"] == "application/json"
    latest = PolicyVersion.objects.first()
    assert answer.json() == {"gpc": True, "lastUpdate": f"{latest.effective_date}"}


@pytest.mark.parametrize("header", ["1", "0,1", " 1 ", "1, 0"])
def test_one_header_of_several_is_enough(header):
    assert signal.is_sent(header)


# --- notice and index -----------------------------------------------------------
def test_the_notice_is_the_records(visitor):
    policy.load()

    page = text_of(visitor.get("/privacy"))

    assert "Profile & contact" in page
    assert "csrftoken" in page
    assert "In force since 30 July 2025" in page


def test_the_notice_shows_what_changed(visitor, now):
    policy.load()
    first = PolicyVersion.objects.first()
    text = f"{first.text}\nWe also sing."
    PolicyVersion.objects.create(
        effective_date=now.date(), text=text, digest=policy.digest(text)
    )

    assert "+We also sing." in text_of(visitor.get("/privacy"))


def test_the_index_names_the_pages(visitor):
    page = text_of(visitor.get("/llms.txt"))

    assert "/privacy/request" in page
    assert "/.well-known/gpc.json" in page


# --- cookies --------------------------------------------------------------------
def test_every_cookie_that_pages_set_is_in_the_register(link, visitor, support, now):
    for path in (
        link,
        "/privacy",
        "/privacy/preferences",
        "/privacy/request",
        "/llms.txt",
    ):
        visitor.get(path)
    support.get("/admin/")
    Client().get("/admin/login/")

    assert set(visitor.cookies) <= set(Cookie.objects.values_list("name", flat=True))
    assert cookies_are_declared(now).state == "kept"


def test_a_cookie_that_nobody_declared_breaks_the_promise(visitor, now):
    Cookie.objects.filter(name="csrftoken").delete()

    visitor.get("/admin/login/")

    assert StrayCookie.objects.get().name == "csrftoken"
    found = cookies_are_declared(now)
    assert found.state == "broken"
    assert "csrftoken" in found.evidence[0].sentence

    browser.load()
    assert cookies.strays() == []


def test_a_cookie_marked_with_its_port_is_the_declared_one(db, settings, now):
    settings.COOKIE_MARK = "-8001"

    cookies.saw(names=["sessionid-8001", "tracker-8001"], route="/", now=now)

    assert [each.name for each in cookies.strays()] == ["tracker"]
