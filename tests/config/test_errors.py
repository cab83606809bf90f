"""What is said when nothing can be shown; without a database, which may be gone."""

import json

import pytest
from django.test import Client

from config import errors
from privacy.problems import PROBLEM


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
