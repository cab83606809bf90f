"""The bare address leads somewhere, whoever types it."""

import pytest
from django.test import Client

from tests.privacy.factories import SAM, signed_in


@pytest.fixture(autouse=True)
def static_files(settings):
    """WhiteNoise warns of a missing folder, and nothing is collected for tests."""
    settings.STATIC_ROOT = settings.STATICFILES_DIRS[0]


def test_a_stranger_is_led_to_the_public_notice():
    assert Client().get("/")["Location"] == "/privacy"


@pytest.mark.django_db
def test_staff_are_led_to_their_work():
    assert signed_in(SAM).get("/")["Location"] == "/admin/"


def test_nothing_is_posted_there():
    assert Client().post("/").status_code == 405


@pytest.mark.parametrize(
    ("path", "kind"), [("/favicon.ico", ""), ("/robots.txt", "text/plain")]
)
def test_what_programs_ask_of_every_house_is_there(path, kind):
    answer = Client().get(path)

    assert answer.status_code in (200, 302)
    assert answer.get("Content-Type", "").startswith(kind)


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["password_change", "password_change/done"])
def test_the_password_s_page_leads_to_the_second_factor_too(page):
    assert 'href="/admin/second-factor/"' in signed_in(SAM).get(f"/admin/{page}/").text


@pytest.mark.django_db
def test_who_signs_out_is_told_so_and_led_back():
    page = signed_in(SAM).post("/admin/logout/")

    assert "You are signed out." in page.text
    assert 'href="/admin/"' in page.text


@pytest.mark.django_db
def test_the_door_says_what_it_is():
    assert "<h1>Sign in</h1>" in Client().get("/admin/login/").text
