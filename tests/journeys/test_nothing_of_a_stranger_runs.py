"""What strangers write is shown as words, in a real Chromium: nothing of it runs."""

import email.message

import pytest
from django.utils import timezone

from consent import inbox
from consent.carriers.base import Message
from consent.models import InboundMessage
from dsr import intake, links, mailbox, messages, requests, uploads
from dsr.models import Mail, Upload
from privacy import identifiers, providers
from privacy.models import Instruction, Provider
from tests.dsr.factories import ADA, LENA
from tests.journeys.test_in_a_browser import (
    CHROMIUM,
    a_tab,
    chromium,
    page,
    signed_in,
)

__all__ = ["chromium", "page"]  # their fixtures
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="No Chromium is installed here"),
]
MARK = "stranger"
PDF = b"%PDF-1.4\n%%EOF\n"
EVIL = (
    f"\"'><img id={MARK} src=x onerror=alert(1)><script id={MARK}>alert(2)</script>"
    f"<a id={MARK} href=javascript:alert(3)>x</a></textarea></title>{{{{7*7}}}}"
)


def evil_mail():
    said = email.message.EmailMessage()
    said["From"] = f'"{EVIL[:60].replace(chr(34), "")}" <eve@example.org>'
    said["To"] = "privacy@msgplatform.example"
    said["Subject"] = f"Access request {EVIL}"
    said["Message-ID"] = "<evil@example.org>"
    said["Date"] = "Mon, 02 Nov 2026 10:00:00 +0000"
    said.set_content(f"Please send me a copy of my data under the GDPR. {EVIL}")
    said.add_alternative(f"<p>{EVIL}</p>", subtype="html")
    said.add_attachment(
        PDF,
        maintype="application",
        subtype="pdf",
        filename=f"{EVIL}.pdf",
    )
    return said.as_bytes()


@pytest.fixture
def request_of_eve():
    """A request whose every word is a stranger's, with an answer of a recipient."""
    now = timezone.now()
    (ticket,) = intake.receive(
        rights=["erasure"],
        regime="EU-GDPR",
        marks=[identifiers.phone(ADA)],
        received_at=now,
        source="form",
        by=LENA,
        now=now,
        name=EVIL,
        email="eve@example.org",
        text=EVIL,
    )
    messages.write(ticket=ticket, text=EVIL, now=now)
    file = uploads.File(f"{EVIL}.pdf", PDF, len(PDF))
    uploads.keep(ticket=ticket, files=[file], purpose=Upload.Purpose.OTHER, now=now)
    Provider.objects.create(name="Elsewhere", way="task", owner=LENA)
    (row,) = providers.instruct(
        duty="erase",
        subject=f"ticket:{ticket}",
        marks=[],
        plan=None,
        asked_at=now,
        regime="EU-GDPR",
        by=LENA,
        now=now,
    )
    answer = {"state": "unable", "answer": EVIL}
    providers.answered(instruction=row, by="Elsewhere", now=now, **answer)
    return ticket


def looked_at(page, address):
    """No element of the stranger's, no dialog; the console is empty (`a_tab`)."""
    page.goto(address)
    assert page.locator(f"#{MARK}").count() == 0, address
    assert "49" not in page.locator("body").inner_text().split(), address


def test_no_page_of_staff_runs_what_a_stranger_wrote(page, request_of_eve):
    ticket, dialogs = request_of_eve, []
    page.on("dialog", lambda each: (dialogs.append(each.message), each.dismiss()))
    mailbox.ingest(evil_mail(), by="mailbox", now=timezone.now())
    text = Message(
        carrier="twilio",
        carrier_message_id=EVIL[:60],
        sender=ADA,
        recipient="+12025550100",
        text=EVIL,
    )
    inbox.receive(message=text, now=timezone.now())
    mail, came = Mail.objects.get(), InboundMessage.objects.latest("pk")
    row = Instruction.objects.get()
    signed_in(page, "lena.legal")
    pages = [
        "dsr/ticket/", "dsr/ticket/desk/", "dsr/mail/", "privacy/instruction/",
        "consent/inboundmessage/", f"consent/inboundmessage/{came.pk}/change/",
        f"dsr/mail/{mail.pk}/change/", f"dsr/mail/{mail.pk}/read/",
        f"dsr/mail/{mail.pk}/open_request/", f"privacy/instruction/{row.pk}/change/",
    ]  # fmt: skip
    for name in ("change", "conversation", "who", "write", "answer", "refuse"):
        pages.append(f"dsr/ticket/{ticket.pk}/{name}/")
    for path in pages:
        looked_at(page, f"/admin/{path}")

    assert dialogs == []
    page.goto(f"/admin/dsr/ticket/{ticket.pk}/conversation/")
    assert f"id={MARK}" in page.locator("main, #content").first.inner_text()


def test_no_public_page_runs_it(chromium, live_server, request_of_eve):
    ticket, now = request_of_eve, timezone.now()
    requests.refuse(ticket=ticket, reason=EVIL, ground="OTHER", by=LENA, now=now)
    token = links.make(ticket=ticket, language="en", now=now)
    with a_tab(chromium, live_server.url) as tab:
        looked_at(tab, f"/privacy/request/{token}")
        looked_at(tab, f"/privacy/request?lang={EVIL}&place={EVIL}")
        assert MARK not in tab.locator("body").inner_text()
