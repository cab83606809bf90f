"""`mail queue`, and what can be done with a mail of it by command."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from consent.models import Event
from dsr import mailbox
from dsr.models import Mail, Representative, Ticket
from privacy.models import AuditEvent, Hold
from tests.dsr.factories import ADA, asked
from tests.dsr.mails import ADDRESS, mail
from tests.privacy.factories import LENA, SAM, staff

pytestmark = pytest.mark.django_db


def said(*arguments):
    out = io.StringIO()
    call_command("mail", *map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def waiting():
    raw = mail(f"What is it about {ADA} with you?", Subject="A question")
    return mailbox.ingest(raw, by="mailbox", now=timezone.now()).mail


@pytest.fixture
def read(waiting):
    said("show", waiting.pk, "--reason", "To decide")
    return waiting


def verdict(mail_):
    return Mail.objects.get(pk=mail_.pk).verdict


def test_what_waits_is_listed_with_its_day_and_names_nobody(waiting, capsys):
    (one,) = said("queue")
    call_command("mail", "queue")
    words = capsys.readouterr().out

    assert (one["number"], one["read_by"], one["is_late"]) == (
        waiting.pk,
        "2026-11-04",
        True,
    )
    assert "to be read by 2026-11-04, late" in words
    assert ADDRESS not in words + json.dumps(one)


def test_reading_one_is_recorded_with_its_reason(waiting):
    shown = said("show", f"mail:{waiting.pk}", "--reason", "To decide")

    assert (shown["from"], shown["subject"]) == (ADDRESS, "A question")
    assert ADA in shown["text"]
    assert AuditEvent.objects.filter(action="mail.read", by="operator").exists()


@pytest.mark.parametrize(
    "step",
    [
        ("open", "--right", "access", "--regime", "GDPR"),
        ("join", "R-2026-000001"),
        ("opt-out", ADA),
        ("hold", "--matter", "Doe"),
        ("set-aside", "--reason", "Nothing"),
    ],
)
def test_nothing_is_decided_about_what_nobody_read(waiting, step):
    verb, *rest = step
    with pytest.raises(CommandError, match="Read the mail first"):
        call_command("mail", verb, str(waiting.pk), *rest)
    assert verdict(waiting) == "queue"


def test_a_request_is_opened_about_whom_the_mail_names(read):
    made = said("open", read.pk, "--right", "access", "--regime", "GDPR")

    ticket = Ticket.objects.get()
    assert made["references"] == [str(ticket)]
    assert sorted(ticket.identifiers.values_list("kind", flat=True)) == [
        "email",
        "phone",
    ]
    assert verdict(read) == "request"


def test_a_request_is_opened_for_somebody_else(read):
    step = ("--right", "access", "--regime", "CCPA", "--who", ADA, "--acting", "agent")
    said("open", read.pk, *step)

    assert Ticket.objects.get().identifiers.get().kind == "phone"
    assert Representative.objects.get().capacity == "agent"


def test_one_is_joined_opted_out_held_or_set_aside(read):
    ticket = asked("access")
    assert said("join", read.pk, ticket)["references"] == [str(ticket)]
    assert said("opt-out", read.pk, ADA)["verdict"] == "opt_out"
    assert Event.objects.get().kind == "opt_out"
    said("hold", read.pk, "--matter", "Doe", "--who", ADA)
    assert Hold.objects.get().matter == "Doe"


def test_one_is_set_aside_once_with_a_reason(read):
    said("set-aside", read.pk, "--reason", "An advertisement")

    assert verdict(read) == "set_aside"
    assert said("queue") == []
    with pytest.raises(CommandError, match="no such mail"):
        call_command("mail", "show", "0", "--reason", "x")


@pytest.mark.parametrize("who", [SAM, "nobody"])
def test_only_who_may_settle_mails_sees_the_queue(who):
    staff(SAM)
    with pytest.raises(CommandError):
        call_command("mail", "queue", "--by", who)


def test_staff_act_under_their_own_name(waiting):
    staff(LENA)
    said("show", waiting.pk, "--reason", "To decide", "--by", LENA)
    said("set-aside", waiting.pk, "--reason", "Nothing", "--by", LENA)

    assert Mail.objects.get(pk=waiting.pk).settled_by == LENA
