"""Identifiers: masked, found without a trace in addresses, revealed with a reason."""

import pytest
from django.urls import reverse

from privacy import identifiers
from privacy.models import AuditEvent
from tests.privacy.factories import ARI, LENA, PIA, SAM, ada, signed_in

pytestmark = pytest.mark.django_db
FIND = "/admin/privacy/identifier/find/"


def url(name, *args):
    return reverse(f"admin:privacy_identifier_{name}", args=args)


@pytest.mark.parametrize("where", ["changelist", "change"])
def test_staff_see_the_hint_and_not_the_number(where):
    row = ada()
    args = [row.pk] if where == "change" else []

    page = signed_in(ARI).get(url(where, *args)).text

    assert "••43" in page
    assert "+12025550143" not in page


def test_a_number_is_found_in_any_form():
    row = ada()

    answer = signed_in(LENA).post(FIND, {"text": "(202) 555-0143"})

    assert answer.url == url("change", row.pk)


def test_what_is_not_known_says_so_and_is_not_kept():
    answer = signed_in(LENA).post(FIND, {"text": "+1 202 555 0144"})

    assert "does not know that number" in answer.text
    assert identifiers.find(identifiers.phone("+12025550144")) is None


def test_what_is_no_identifier_is_an_error_of_the_form():
    answer = signed_in(LENA).post(FIND, {"text": "Ada"})

    assert "neither a phone number nor an e-mail" in answer.text


def test_a_reveal_shows_the_number_once_and_is_recorded():
    row = ada()
    client = signed_in(LENA)
    asked = client.get(url("reveal", row.pk))

    shown = client.post(url("reveal", row.pk), {"reason": "Ticket 7"})

    assert "+12025550143" not in asked.text
    assert "+12025550143" in shown.text
    assert "no-store" in shown["Cache-Control"]
    assert "+12025550143" not in client.get(url("reveal", row.pk)).text
    event = AuditEvent.objects.get(action="identifier.revealed")
    assert (event.by, event.subject) == (LENA, f"identifier:{row.pk}")
    assert "Ticket 7" in event.payload


def test_a_reveal_without_a_reason_shows_nothing():
    answer = signed_in(LENA).post(url("reveal", ada().pk), {"reason": "  x "})

    assert "Say in a few words why you need to see it" in answer.text
    assert "+12025550143" not in answer.text
    assert not AuditEvent.objects.filter(action="identifier.revealed").exists()


@pytest.mark.parametrize("name", [SAM, PIA, ARI])
def test_only_lawyers_reveal(name):
    answer = signed_in(name).post(url("reveal", ada().pk), {"reason": "Ticket 7"})

    assert answer.status_code == 403
    assert not AuditEvent.objects.filter(action="identifier.revealed").exists()


def test_support_does_not_open_the_list():
    assert signed_in(SAM).get(url("changelist")).status_code == 403


def test_an_erased_identifier_has_nothing_to_reveal(now):
    row = ada()
    identifiers.forget(identifier=row, by=LENA, now=now)
    client = signed_in(LENA)

    page = client.get(url("change", row.pk)).text
    answer = client.post(url("reveal", row.pk), {"reason": "Ticket 7"})

    assert "only the digest is left" in page
    assert url("reveal", row.pk) not in page
    assert "destroyed with an erasure" in answer.text
