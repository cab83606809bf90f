"""From the public form to the closing letter: over HTTP, mail and workers alone."""

import email
import email.policy
import io
import json
import re

import pytest
import pyzipper
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.utils import timezone

from consent import inbox
from consent.carriers.base import Message
from consent.models import Program
from dsr.models import Notice, Proof, Ticket
from privacy.models import Store
from privacy.sample.cast import ADA, EMIL
from tests.journeys.conftest import PASSWORD, eventually, ring, texts_of

pytestmark = pytest.mark.django_db(transaction=True)
FORM = "/privacy/request"
TICKETS = "/admin/dsr/ticket/"


def letters_to(address):
    """What went out to somebody, the latest last."""
    files = sorted((settings.DATA_DIR / "outbox").glob("*"), key=_time)
    read = [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for file in files
    ]
    return [letter.get_content() for letter in read if letter["To"] == address]


def _time(file):
    return file.stat().st_mtime_ns


def newest(address, pattern):
    """The first group of a pattern in the latest letter that has it; waits for it."""

    def found():
        return [m for text in letters_to(address) if (m := re.search(pattern, text))]

    assert eventually(lambda: bool(found())), letters_to(address)
    return found()[-1][1]


def asks(visitor, **fields):
    """The path of the page of a new request."""
    visitor.get(FORM)
    fields = {"capacity": "self", "place": "EU-GDPR"} | fields
    answer = visitor.submit(FORM, **fields)
    assert re.fullmatch(FORM + r"/[\w-]+", answer.path), answer.page
    return answer.path


def proves(visitor, path, address, do="ask"):
    """By the code that a worker mails to the address."""
    html = visitor.get(path).body.decode()
    form = re.search(
        rf'name="do" value="{do}">.*?name="identifier" value="(\d+)">'
        r'.*?name="method" value="mail"',
        html,
        re.DOTALL,
    )
    before = len(letters_to(address))
    assert form, html
    visitor.submit(path, do=do, identifier=form[1], method="mail")
    assert eventually(lambda: len(letters_to(address)) > before)
    code = newest(address, r"code is (\d{6})")
    proof = re.findall(r'name="proof" value="(\d+)"', visitor.get(path).body.decode())
    return visitor.submit(path, do="code", proof=proof[-1], code=code)


def is_checked():
    return Proof.objects.filter(checked_at__isnull=False).exists()


def is_done(ticket):
    ticket.refresh_from_db()
    return ticket.status == Ticket.Status.ANSWERED


def planned_and_approved(sign_in, ticket):
    lena, max_ = sign_in("lena.legal"), sign_in("max.legal")
    lena.submit(f"{TICKETS}{ticket.pk}/plan/")
    said = max_.submit(f"{TICKETS}{ticket.pk}/approve/").page
    assert "a worker will carry it out" in said, said


def test_emil_gets_his_copy_after_two_codes(sample, two_workers, visitor, sign_in):
    path = asks(visitor, rights=["access"], email=EMIL.email, reply=EMIL.email)
    ticket = Ticket.objects.get()
    assert path in newest(EMIL.email, r"(/privacy/request/[\w-]+)")
    lena, max_ = sign_in("lena.legal"), sign_in("max.legal")
    lena.submit(f"{TICKETS}{ticket.pk}/plan/")
    refused = max_.submit(f"{TICKETS}{ticket.pk}/approve/").page
    assert "0 of 1 proofs" in refused

    assert "That was right" in proves(visitor, path, EMIL.email).page
    assert eventually(is_checked)
    planned_and_approved(sign_in, ticket)
    assert eventually(lambda: is_done(ticket))
    assert "Our answer is below" in visitor.get(path).page

    assert "First confirm with a new code" in visitor.submit(path, do="take").page
    page = proves(visitor, path, EMIL.email, do="copy").body.decode()
    word = re.search(r"([a-z2-9]{4}(?:-[a-z2-9]{4}){4})", page)[1]
    taken = visitor.submit(path, do="take", reference=str(ticket))

    archive = pyzipper.AESZipFile(io.BytesIO(taken.body))
    archive.setpassword(word.encode())
    tables = json.loads(archive.read("data.json"))["tables"]
    assert EMIL.email in json.dumps(tables)
    assert archive.read("copy.pdf").startswith(b"%PDF")
    assert Notice.objects.get(kind="answer").sent_at is not None


def test_ada_is_forgotten_after_she_texted_the_code(
    sample, two_workers, visitor, sign_in
):
    Program.objects.update_or_create(
        name="House",
        defaults={
            "numbers": ["+12025550100"],
            "help_text": "h",
            "opt_out_text": "o",
            "opt_in_text": "i",
        },
    )
    path = asks(visitor, rights=["erasure"], phone=ADA.phone, reply="ada@example.net")
    ticket = Ticket.objects.get()
    row = ticket.identifiers.get()
    shown = visitor.submit(path, do="ask", identifier=row.pk, method="text_in").page
    code = re.search(r"Send the code (\d{6})", shown)[1]
    assert "not arrived yet" in visitor.submit(path, do="texted").page
    texted(ADA.phone, code)
    assert "That was right" in visitor.submit(path, do="texted").page
    assert eventually(is_checked)

    planned_and_approved(sign_in, ticket)

    assert eventually(lambda: is_done(ticket)), ticket.status
    left = [place for *place, text in texts_of(sample) if ADA.email in text]
    assert left == []
    assert ("found no remaining copy") in newest(
        "ada@example.net", r"(found no remaining copy)"
    )
    assert "answered" in visitor.get(path).page


def test_an_appeal_after_an_erasure_is_decided_by_a_third_person(
    sample, two_workers, visitor, sign_in
):
    me = {"email": EMIL.email, "reply": "emil@example.net", "place": "US-VA"}
    path = asks(visitor, rights=["erasure"], **me)
    ticket = Ticket.objects.get()
    proves(visitor, path, EMIL.email)
    assert eventually(is_checked)
    planned_and_approved(sign_in, ticket)
    assert eventually(lambda: is_done(ticket)), ticket.status

    why = {"appeal-appeal_reason": "My recordings are still there."}
    visitor.submit(path, do="appeal", **why, **{"appeal-appeal_which": str(ticket)})
    appeal = Ticket.objects.get(right="appeal")
    decided = {"outcome": "whole", "reason": "We look once more.", "ground": ""}
    for name in ("lena.legal", "max.legal"):  # who planned, and who approved
        said = sign_in(name).submit(f"{TICKETS}{appeal.pk}/decide/", **decided)
        assert "can't decide the appeal against it" in said.page
    nora = User.objects.create_user("nora.legal", password=PASSWORD, is_staff=True)
    nora.groups.add(Group.objects.get(name="Legal"))
    sign_in("nora.legal").submit(f"{TICKETS}{appeal.pk}/decide/", **decided)

    assert eventually(lambda: is_done(appeal))
    again = Ticket.objects.get(about=appeal)
    assert (again.right, again.status) == ("erasure", "received")
    assert again.received_at > ticket.closed_at
    assert "We agree with you" in newest("emil@example.net", r"(We agree with you)")


def texted(sender, text):
    """As a carrier hands it over, past its signature."""
    inbox.receive(
        message=Message(
            carrier="twilio",
            carrier_message_id="SM1",
            sender=sender,
            recipient="+12025550100",
            text=text,
        ),
        now=timezone.now(),
    )


def test_a_store_that_is_away_keeps_a_proof_waiting_and_loses_nothing(
    sample, two_workers, visitor
):
    path = asks(visitor, rights=["access"], email=EMIL.email, reply=EMIL.email)
    store = Store.objects.get(name="sample")
    address = store.address.open()
    store.address = "postgres://nobody@127.0.0.1:9/nothing"
    store.save(update_fields=["address"])
    proves(visitor, path, EMIL.email)
    ring("look at proofs of identity")
    assert not is_checked()

    store.address = address
    store.save(update_fields=["address"])
    ring("look at proofs of identity")

    assert eventually(is_checked)
