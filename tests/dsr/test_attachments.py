"""What comes with a mail hangs on its message or request, and has its own end."""

import datetime as dt
from email.message import EmailMessage

import pytest
from django.urls import reverse

from dsr import attachments, identity, mailbox, messages, uploads
from dsr.mailbox import letter
from dsr.models import Mail, Message, Ticket, Upload
from privacy.models import AuditEvent
from tests.dsr.factories import ADAS_MAIL, LENA, NOW, asked

THREE = ["name", "birth", "address"]
pytestmark = pytest.mark.django_db
PASSPORT = b"%PDF-1.7 a passport of nobody"
NAME = "passport-of-ada.pdf"
PAPERS = [("application", "pdf", NAME, PASSPORT), ("text", "csv", "list.csv", b"a;b\n")]


def mailed(verdict, *, ticket=None, papers=PAPERS):
    """A mail of Ada with a passport and a list, as a person joined it."""
    said = EmailMessage()
    said["From"], said["To"] = ADAS_MAIL, "privacy@example.com"
    said["Message-ID"], said["Subject"] = f"<{Mail.objects.count()}@example.com>", "Hi"
    said.set_content("Here is what you asked for.")
    for main, sub, name, content in papers:
        said.add_attachment(content, maintype=main, subtype=sub, filename=name)
    mail = mailbox.ingest(said.as_bytes(), by="mailbox", now=NOW).mail
    if ticket:
        mail.tickets.set([ticket])
    settled = {"settled_by": LENA, "settled_at": NOW}
    Mail.objects.filter(pk=mail.pk).update(verdict=verdict, **settled)
    messages.thread_mails(now=NOW)
    mail.refresh_from_db()
    return mail


def test_what_came_with_a_message_hangs_on_it_and_not_in_the_mail():
    ticket = asked("access")
    mail = mailed("follow_up", ticket=ticket)

    upload = Upload.objects.get()
    assert upload.message == Message.objects.get(mail=mail)
    assert uploads.content(upload=upload, by=LENA, now=NOW) == PASSPORT
    kept = letter.as_bytes(mail.raw.open())
    assert NAME.encode() not in kept
    assert attachments.TAKEN_OUT.encode() in kept
    read = letter.open_(kept)
    assert read.text.strip() == "Here is what you asked for."
    assert [name for _, name in read.attachments] == ["taken-out.txt", "list.csv"]

    messages.thread_mails(now=NOW)
    assert Upload.objects.count() == Message.objects.count() == 1
    assert AuditEvent.objects.filter(action="upload.received").count() == 1


def test_what_came_with_the_request_hangs_on_that():
    mailed("request", ticket=asked("access"))

    upload = Upload.objects.get()
    assert (upload.message, upload.purpose) == (None, "other")
    assert "record of the request" in upload.until


@pytest.mark.parametrize("verdict", ["set_aside", "opt_out"])
def test_what_became_no_request_loses_its_attachments_after_some_weeks(verdict):
    mail = mailed(verdict)
    stay = dt.timedelta(days=30)

    assert attachments.remove_unneeded(now=NOW + stay) == 0
    assert NAME.encode() in letter.as_bytes(Mail.objects.get().raw.open())

    after = NOW + stay + dt.timedelta(seconds=1)
    assert attachments.remove_unneeded(now=after) == 1
    assert attachments.remove_unneeded(now=after) == 0
    kept = letter.as_bytes(Mail.objects.get().raw.open())
    assert NAME.encode() not in kept
    assert attachments.REMOVED.encode() in kept
    assert letter.open_(kept).text.strip() == "Here is what you asked for."
    event = AuditEvent.objects.get(action="mail.attachments_removed")
    assert event.subject == f"mail:{mail.pk}"
    assert '"files":1' in event.payload
    assert Upload.objects.count() == 0


def test_what_waits_belongs_to_a_request_or_is_for_legal_keeps_them():
    later = NOW + dt.timedelta(days=31)
    mailed("set_aside")
    Mail.objects.update(for_legal=True)
    waits = {"verdict": "queue", "settled_by": "", "settled_at": None}
    Mail.objects.filter(pk=mailed("set_aside").pk).update(**waits)
    mailed("request", ticket=asked("access"))

    assert attachments.remove_unneeded(now=later) == 0


def test_a_proof_goes_with_the_decision_and_another_paper_stays():
    ticket = asked("access")
    mailed("follow_up", ticket=ticket)
    first = mailed("request", ticket=ticket)
    proof, other = Upload.objects.order_by("pk")
    assert (proof.purpose, proof.message is None) == ("identity", False)

    identity.decide(ticket=ticket, accepted=False, reason="Blurred", by=LENA, now=NOW)

    proof.refresh_from_db(), other.refresh_from_db()
    assert proof.removed_at == NOW
    assert proof.content is None
    assert other.removed_at is None
    assert other.mail == first

    identity.decide(
        ticket=ticket, accepted=True, reason="Seen it", by=LENA, now=NOW,
        papers=[other], points=THREE, has_declaration=True,
    )  # fmt: skip
    assert not Upload.objects.filter(removed_at=None).exists()


def test_a_mail_that_waits_or_has_no_request_is_left_as_it_is():
    mail = mailed("set_aside")

    assert mail.filed_at is None
    assert b"passport" in letter.as_bytes(mail.raw.open())
    assert not Upload.objects.exists()


def test_a_killed_worker_leaves_mail_and_request_as_they_were(monkeypatch):
    def die(*_):
        raise KeyboardInterrupt

    ticket = asked("access")
    with monkeypatch.context() as patch:
        patch.setattr(attachments, "_record", die)
        with pytest.raises(KeyboardInterrupt):
            mailed("follow_up", ticket=ticket)
    assert not Upload.objects.exists()
    assert not Message.objects.exists()

    messages.thread_mails(now=NOW)
    assert Upload.objects.count() == 1


def test_a_strange_mail_is_filed_all_the_same():
    strange = [
        ("application", "x-" + "y" * 120, "../../../etc/passwd", b"\0" * 9),
        ("image", "png", "a" * 400 + ".png", b"\x89PNG\r\n\x1a\n"),
        ("application", "pdf", "empty.pdf", b""),
    ]
    mail = mailed("follow_up", ticket=asked("access"), papers=strange)

    assert Upload.objects.filter(mail=mail).count() == 2
    assert all(len(row.name.open()) <= 120 for row in Upload.objects.all())


def test_staff_see_each_paper_where_it_came(admin_client):
    ticket = asked("access")
    mailed("follow_up", ticket=ticket)
    mailed("request", ticket=Ticket.objects.get())

    page = admin_client.get(reverse("admin:dsr_ticket_conversation", args=[ticket.pk]))
    said = page.content.decode()
    assert said.index("Sent with the request") < said.index("kept as long as")
    assert "deleted once it is decided who they are" in said
    assert NAME not in said
    who = reverse("admin:dsr_ticket_who", args=[ticket.pk])
    assert "It came with a message of" in admin_client.get(who).content.decode()
    other = Upload.objects.get(message=None)
    given = {"accepted": "yes", "reason": "Her passport", "papers": [other.pk]}
    given |= {"points": THREE, "has_declaration": "on"}
    admin_client.post(who, given)
    assert not Upload.objects.filter(removed_at=None).exists()
