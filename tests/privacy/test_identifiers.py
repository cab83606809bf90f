"""Identifiers: any form in, one row, nothing readable without a reason."""

import phonenumbers
import pytest
from django.db import connection

from privacy import identifiers
from privacy.models import AuditEvent, Identifier
from privacy.refusals import ReasonNeeded

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text",
    [
        "+12025550143",
        "(202) 555-0143",
        "202.555.0143",
        "1-202-555-0143",
        "\uff0b1 202 555 0143",
        " tel:+1-202-555-0143 ",
    ],
)
def test_any_common_form_of_a_phone_number_is_one_identifier(text):
    assert identifiers.phone(text).value == "+12025550143"


@pytest.mark.parametrize(
    "text", ["+12025550117", "12025550117", "2025550117", "9112345678", "4930123456"]
)
def test_a_plain_number_is_read_as_the_library_reads_it(text):
    assert identifiers.PLAIN.fullmatch(text)
    number = phonenumbers.parse(text, "US")

    assert phonenumbers.is_possible_number(number)
    assert identifiers.phone(text).value == f"+1{number.national_number}"


@pytest.mark.parametrize("text", ["", "abc", "12", "1-800-FLOWERS", "+1 202", "\x00"])
def test_what_is_no_phone_number_is_refused_in_words(text):
    with pytest.raises(identifiers.NotAnIdentifier, match="not a phone number"):
        identifiers.phone(text)


@pytest.mark.parametrize(
    "text",
    [
        "a@b",
        "@example.com",
        "a b@example.com",
        "x" * 300,
        "a\0@example.com",
        "\ud800@example.com",
    ],
)
def test_what_is_no_email_is_refused(text):
    with pytest.raises(identifiers.NotAnIdentifier):
        identifiers.email(text)


def test_an_identifier_is_kept_once_and_sealed(now):
    mark = identifiers.understand("Ada.Sample@Example.com")

    first = identifiers.keep(mark, now=now)
    again = identifiers.keep(mark, now=now)

    assert first.pk == again.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT row::text FROM privacy_identifier row")
        stored = cursor.fetchone()[0].lower()
    # "ada" alone is also three digits of a random digest
    for told in ("ada.", "sample", b"ada.sample".hex(), b"Ada.Sample".hex()):
        assert told not in stored


def test_a_reveal_needs_a_reason_and_is_recorded(now):
    row = identifiers.keep(identifiers.phone("+12025550143"), now=now)

    with pytest.raises(ReasonNeeded):
        identifiers.reveal(identifier=row, reason=" ", by="sam", now=now)
    plain = identifiers.reveal(identifier=row, reason="Ticket 7", by="sam", now=now)

    assert plain == "+12025550143"
    event = AuditEvent.objects.get(action="identifier.revealed")
    assert event.by == "sam"
    assert "0143" not in event.payload


def test_forgetting_keeps_the_digest_alone(now):
    mark = identifiers.phone("+12025550143")
    row = identifiers.keep(mark, now=now)

    identifiers.forget(identifier=row, by="sam", now=now)

    row = Identifier.objects.get()
    assert (row.value, row.hint) == (None, "")
    assert identifiers.find(mark) == row
    with pytest.raises(identifiers.AlreadyErased):
        identifiers.value(row)


def test_a_new_key_still_finds_what_the_old_key_digested(now, settings):
    row = identifiers.keep(identifiers.phone("+12025550143"), now=now)
    new = "k2:" + "B" * 43 + "="
    settings.IDENTIFIER_KEYS = [new, *settings.IDENTIFIER_KEYS]
    settings.SEALING_KEYS = [new, *settings.SEALING_KEYS]

    assert identifiers.find(identifiers.phone("202 555 0143")) == row
    assert identifiers.value(row).value == "+12025550143"


def test_marks_do_not_show_in_tracebacks():
    assert "0143" not in repr(identifiers.phone("+12025550143"))
