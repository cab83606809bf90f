"""`dsr`: what staff decide on pages is decided by command, too."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from dsr import identity
from dsr.models import Ticket
from privacy import identifiers
from privacy.models import AuditEvent
from tests.consent.factories import contracted
from tests.dsr.factories import ADA, ADAS_MAIL, NOW, asked
from tests.privacy.factories import LENA, MAX, SAM, staff

pytestmark = pytest.mark.django_db
ADAS = [identifiers.phone(ADA), identifiers.email(ADAS_MAIL)]
LETTER = ("--reason", "Compared with her account")


@pytest.fixture(autouse=True)
def people():
    for name in (LENA, MAX, SAM):
        staff(name)


def said(*arguments, by=LENA):
    out = io.StringIO()
    call_command("dsr", *map(str, arguments), "--by", by, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_who_it_is_is_decided_with_the_points_that_matched():
    ticket = asked("erasure")
    decide = ("identity", ticket, "--accepted", "yes", *LETTER)

    said(*decide, "--point", "name")
    assert not identity.standing(ticket).is_enough
    said(*decide, "--point", "name", "--point", "phone")

    assert identity.standing(ticket).is_enough
    with pytest.raises(CommandError, match="decide_identity is needed"):
        said(*decide, by=SAM)


def test_a_number_is_left_out():
    ticket = asked("access", marks=ADAS)
    said("leave-out", ticket, "--who", "(202) 555-0143", *LETTER)

    assert [row.kind for row in ticket.identifiers.all()] == ["email"]
    with pytest.raises(CommandError, match="is not about that number"):
        said("leave-out", ticket, "--who", "+12025550188", *LETTER)


def test_what_is_taken_back_takes_two_people_and_can_go_on():
    ticket = asked("erasure")
    heard = ("--heard", "Lena; she named her order", "--reason", "You called us.")
    with pytest.raises(CommandError, match="Name the message"):
        said("withdraw", ticket, "--shown-by", "message", "--reason", "So.")
    said("withdraw", ticket, "--shown-by", "call", *heard)
    with pytest.raises(CommandError, match="a second person must"):
        said("taken-back", ticket, "--is", "so")

    assert said("taken-back", ticket, "--is", "so", by=MAX)["status"] == "withdrawn"
    said("go-on", ticket)
    assert Ticket.objects.latest("pk").due_date == ticket.due_date


def test_it_is_given_to_somebody_who_works_on_requests():
    ticket = asked("erasure")
    said("assign", ticket, "--to", MAX)
    assert ticket.assignment.to == MAX

    with pytest.raises(CommandError, match="Nobody with that name"):
        said("assign", ticket, "--to", "mallory")


def test_the_counts_of_a_year():
    asked("erasure")
    asked("access")

    found = {line["kind"]: line for line in said("counts", "--year", "2026")}

    assert (found["delete"]["received"], found["know"]["open"]) == (1, 1)
    assert said("counts", "--year", "2025") == []
    with pytest.raises(CommandError, match="from 2018"):
        said("counts", "--year", "1999")


def test_the_register_says_who_gets_it_and_names_nobody(tmp_path):
    ticket, file = asked("erasure", name="Ada Sample"), tmp_path / "register.csv"
    out = ("--year", "2026", "--out", file)
    with pytest.raises(CommandError, match="no recipient of data has that name"):
        said("register", *out, "--to", "x", "--for", "Annual report")
    contracted("Counsel", NOW)

    done = said("register", *out, "--to", "Counsel", "--for", "Annual report")

    text = file.read_text()
    (row,) = csv.DictReader(io.StringIO(text))
    assert (done["requests"], row["reference"]) == (1, str(ticket))
    assert "Ada" not in text
    assert AuditEvent.objects.filter(action="register.exported", by=LENA).exists()
