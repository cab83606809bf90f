"""The board's history on the screen, and what a person has judged."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.html import escape

from privacy import promises
from privacy.admin.promises import facts
from privacy.models import Acknowledgement, Promise
from privacy.promises import Evidence, broken, kept
from tests.privacy.factories import ARI, LENA, PIA, SAM, signed_in

pytestmark = pytest.mark.django_db
CODE = "stop-honoured"
ROW = "sample.message:7"


def url(name, *args):
    return reverse(f"admin:privacy_{name}", args=args)


@pytest.fixture
def check(monkeypatch, now):
    """A violation that names one row."""

    def look(now):
        rows = {ROW} - promises.acknowledged(CODE)
        if not rows:
            return kept("Every STOP was obeyed.")
        return broken("One text.", Evidence("Text 7 went out late", subject=ROW))

    monkeypatch.setattr(promises, "CHECKS", {CODE: look})
    return promises.run(code=CODE, now=now)[0]


def test_a_check_shows_its_evidence(check):
    page = signed_in(SAM).get(url("promisecheck_change", check.pk)).text

    assert "Text 7 went out late" in page


def test_a_lawyer_judges_a_row_and_the_next_check_leaves_it_out(check, now):
    client = signed_in(LENA)
    page = url("promise_acknowledge", CODE)
    assert "Text 7 went out late" in client.get(page).text

    client.post(page, {"subject": ROW, "reason": "The carrier sent it twice"})

    row = Acknowledgement.objects.get()
    assert (row.subject, row.acknowledged_by) == (ROW, LENA)
    assert promises.run(code=CODE, now=now)[0].state == "kept"
    assert page not in client.get(url("promise_change", CODE)).text


def test_only_a_row_of_the_evidence_is_judged(check):
    answer = signed_in(LENA).post(
        url("promise_acknowledge", CODE),
        {"subject": "sample.message:8", "reason": "Because I want to"},
    )

    assert "Select a valid choice" in answer.text
    assert not Acknowledgement.objects.exists()


def test_a_judgement_needs_a_reason(check):
    answer = signed_in(LENA).post(
        url("promise_acknowledge", CODE), {"subject": ROW, "reason": "ok"}
    )

    assert "Say why this violation can stay" in answer.text


@pytest.mark.parametrize("name", [SAM, PIA, ARI])
def test_only_lawyers_judge(name, check):
    answer = signed_in(name).post(
        url("promise_acknowledge", CODE), {"subject": ROW, "reason": "Because"}
    )

    assert answer.status_code == 403


def test_an_engineer_checks_one_promise_at_once(check):
    answer = signed_in(PIA).post(url("promise_look", CODE), follow=True)

    assert "Broken. One text." in answer.text


def test_support_reads_promises_and_checks_none(check):
    client = signed_in(SAM)
    page = client.get(url("promise_change", CODE)).text

    for words in ("Broken", "One text.", "Text 7 went out late"):
        assert words in page
    assert client.post(url("promise_look", CODE)).status_code == 403


def test_the_page_of_a_promise_proves_it(check, now):
    promises.acknowledge(
        promise=check.promise, subject=ROW, reason="Sent twice", by=LENA, now=now
    )
    promises.run(code=CODE, now=now + timedelta(hours=1))

    page = signed_in(LENA).get(url("promise_change", CODE)).text

    promise = check.promise
    for words in (promise.sentence, promise.quote, promise.control, promise.violation):
        assert escape(words) in page
    assert "Every STOP was obeyed." in page
    assert url("promisecheck_change", check.pk) in page
    assert "Sent twice" in page
    assert reverse("admin:consent_event_changelist") in page


@pytest.mark.parametrize("name", [LENA, SAM, PIA, ARI])
def test_each_fact_of_each_promise_opens_for_whoever_sees_it(name):
    client, reader = signed_in(name), User.objects.get(username=name)
    lists = {
        address
        for code in Promise.objects.values_list("code", flat=True)
        for _, address in facts.seen_by(reader, code)
    }

    assert lists
    assert {client.get(each).status_code for each in lists} == {200}


def test_every_promise_names_its_facts():
    assert set(facts.FACTS) == set(Promise.objects.values_list("code", flat=True))


def test_a_promise_that_nobody_looked_at_says_so():
    page = signed_in(SAM).get(url("promise_change", CODE)).text

    assert "Never checked" in page
    assert "Not checked yet" in page
