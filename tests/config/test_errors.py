"""What is said when nothing can be shown; without a database, which may be gone."""

import json

import pytest
from django.test import Client

from config import errors
from privacy.problems import PROBLEM
from tests.privacy.factories import SAM, signed_in


@pytest.fixture(autouse=True)
def static_files(settings):
    """WhiteNoise warns of a missing folder, and nothing is collected for tests."""
    settings.STATIC_ROOT = settings.STATICFILES_DIRS[0]


def test_a_stranger_who_is_lost_is_led_to_the_form_in_their_language():
    answer = Client().get("/nada", headers={"Accept-Language": "es-MX, en;q=0.5"})

    assert answer.status_code == 404
    assert "Aquí no hay nada" in answer.text
    assert "/privacy/request?lang=es" in answer.text
    assert '<html lang="es">' in answer.text


@pytest.mark.parametrize("path", ["/api/v1/consent/chekc", "/drp/x", "/opendsr/x"])
def test_a_system_that_is_lost_gets_problem_details(path):
    answer = Client().get(path)

    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert answer.json()["instance"] == path
    assert "/api/schema" in answer.json()["detail"]


def test_a_system_is_told_of_a_mistake_of_ours_in_problem_details(rf):
    answer = errors.broken(rf.get("/api/v1/consent/check"))

    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)
    assert json.loads(answer.content)["status"] == 500


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/admin/login/", "reload the page and send it again"),
        ("/privacy/request?lang=de", "laden Sie die Seite neu"),
    ],
)
def test_a_form_of_an_old_page_is_refused_with_what_to_do(path, sentence):
    answer = Client(enforce_csrf_checks=True).post(path)

    assert answer.status_code == 403
    assert sentence in answer.text


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/admin/privacy/plan/", "Try again in a moment"),
        ("/privacy/request?lang=fr", "Réessayez dans un moment"),
    ],
)
def test_a_mistake_of_ours_is_told_without_a_database(rf, path, sentence):
    assert sentence in errors.broken(rf.get(path)).text


@pytest.mark.django_db
def test_a_page_of_other_roles_says_whose_it_is():
    """Also where Django itself says no, without words."""
    said = signed_in(SAM).get("/admin/privacy/auditevent/")

    assert said.status_code == 403
    assert "It is for Legal and" in said.text
    assert "privacy.view_auditevent" in said.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/privacy/account?lang=de", "Hier ist nichts"),
        ("/admin/check/", "This page can only be reached by pressing a button"),
    ],
)
def test_an_address_that_is_only_pressed_is_no_empty_page(path, sentence):
    answer = signed_in(SAM).get(path)

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert sentence in answer.text
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/drp/v1/data-rights-request", "/webhooks/twilio"])
def test_a_system_is_told_in_problem_details_which_method_it_takes(path):
    answer = Client().delete(path)

    assert (answer.status_code, answer["Content-Type"]) == (405, PROBLEM)
    assert answer["Allow"]


@pytest.mark.parametrize("path", ["/privacy/request?lang=es", "/admin/"])
def test_a_host_that_is_not_ours_gets_a_page_that_says_nothing_of_it(path, settings):
    settings.ALLOWED_HOSTS = ["portal.example"]
    answer = Client().get(path, headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "evil.example" not in answer.text
    assert "<h1>" in answer.text


@pytest.mark.parametrize(
    "path", ["/api/v1/consent/events", "/suppressions/all/my", "/drp/x", "/healthz"]
)
def test_no_answer_is_kept_on_its_way(path):
    assert Client().get(path)["Cache-Control"] == "no-store"


def test_staff_are_led_back_from_a_mistake_of_ours(rf):
    answer = errors.broken(rf.get("/admin/dsr/ticket/1/change/"))

    assert answer.status_code == 500
    assert 'href="/admin/"' in answer.content.decode().split("<p>")[-1]
