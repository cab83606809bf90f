"""Recipients of the data are told and reminded; what they answer stands there."""

import datetime as dt
import http.server
import json
import threading

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from dsr import recipients, requests, tasks
from dsr.models import Ticket
from dsr.protocols import certificates
from privacy import erasure, handing, holds, identifiers, outgoing, providers
from privacy.checks.disclosures import disclose_necessary
from privacy.models import (
    Category,
    Certificate,
    Disclosure,
    Hold,
    Instruction,
    Provider,
    Table,
)
from privacy.providers import opendsr, telling, webhook
from tests.dsr.factories import ADA, ADAS_MAIL, LENA, MAX, NOW, approved, asked, clock
from tests.privacy.factories import signed_in

pytestmark = pytest.mark.django_db
State = Instruction.State
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def provider(**changed):
    facts = {"name": "Store-It", "way": "task", "owner": LENA}
    return Provider.objects.create(**(facts | changed))


def erased(**changed):
    said = {"regime": "EU-GDPR", "email": ADAS_MAIL} | changed
    return requests.fulfil(ticket=approved("erasure", **said), clock=clock)


@pytest.fixture
def recipient():
    """A recipient's own system: it keeps what it is told and answers as it is set."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def _say(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            server.heard.append((self.command, self.path, dict(self.headers), body))
            self.send_response(server.status)
            self.end_headers()
            self.wfile.write(json.dumps(server.answer).encode())

        do_GET = do_POST = _say

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.heard, server.status, server.answer = [], 200, {}
    server.url = f"http://127.0.0.1:{server.server_port}/privacy"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


# --- who is told ----------------------------------------------------------------
def test_each_recipient_of_the_data_is_told_once_and_stands_there(town):
    provider()
    done = erased()
    requests.fulfil(ticket=done, clock=clock)

    row = Instruction.objects.get()
    assert (row.duty, row.state) == ("erase", State.WAITING)
    assert done.decision.endswith("; 1 recipient has not answered yet")
    assert "Store-It has not been told yet." in mail.outbox[0].body


def test_nobody_is_told_of_what_was_not_done_because_the_data_had_changed(town):
    provider()
    ticket = approved("erasure", regime="EU-GDPR", email=ADAS_MAIL)
    town.execute("UPDATE person SET note = 'New' WHERE phone = %s", [ADA])

    requests.fulfil(ticket=ticket, clock=clock)

    assert ticket.status == Ticket.Status.RECEIVED
    assert not Instruction.objects.exists()
    assert providers.tell_waiting(now=NOW + dt.timedelta(days=1)) == 0


def test_whoever_was_told_of_it_already_stays_told(town):
    provider()
    ticket = approved("erasure", regime="EU-GDPR", email=ADAS_MAIL)
    requests.begin(ticket, NOW)
    providers.tell_waiting(now=NOW)
    town.execute("UPDATE person SET note = 'New' WHERE phone = %s", [ADA])

    requests.fulfil(ticket=ticket, clock=clock)

    assert Instruction.objects.get().asked_at == NOW


def test_who_has_other_data_hears_nothing(town):
    elsewhere = provider(name="Elsewhere")
    elsewhere.categories.set(Category.objects.exclude(code__in=IN_TOWN)[:1])
    contacts = provider(name="Contacts")
    contacts.categories.set([Category.objects.get(code="profile_contact")])

    erased()

    assert [row.provider for row in Instruction.objects.all()] == [contacts]


IN_TOWN = ("profile_contact", "voluntary", "device_technical", "communications")


@pytest.mark.parametrize("off", [{"is_active": False}, {"duties": ["stop"]}])
def test_who_is_not_concerned_hears_nothing(town, off):
    provider(**off)
    done = erased()
    assert not Instruction.objects.exists()
    assert "recipient" not in done.decision


def test_whom_it_was_about_is_sealed_beside_it_and_gone_once_done(town):
    provider()
    erased()
    row = Instruction.objects.get()

    assert ADA in row.document.open()
    assert "2025550143" not in str(list(Instruction.objects.values_list()))
    providers.answered(instruction=row, state="done", by=LENA, now=NOW)
    assert row.document is None


# --- how they are told ----------------------------------------------------------
def test_a_mail_names_the_person_and_the_number_once(town):
    provider(way="mail", address="dpo@store-it.example")
    erased()
    mail.outbox.clear()
    tasks.tell_recipients()
    tasks.tell_recipients()

    (message,) = mail.outbox
    row = Instruction.objects.get()
    assert message.to == ["dpo@store-it.example"]
    assert ADA in message.body
    assert str(row.pk) in message.subject
    assert row.state == State.TOLD


def test_a_mail_that_a_killed_worker_may_have_sent_waits_for_a_person(
    town, monkeypatch
):
    provider(way="mail", address="dpo@store-it.example")
    erased()
    mail.outbox.clear()

    def killed(*_, **__):
        raise SystemError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(telling, "_note", killed)
        with pytest.raises(SystemError):
            providers.tell_waiting(now=NOW)
    soon = NOW + telling.LEASE / 2
    assert providers.tell_waiting(now=soon) == 0
    assert Instruction.objects.get().problem == "", "it may be being sent"
    later = NOW + telling.LEASE + dt.timedelta(hours=1)

    assert providers.tell_waiting(now=later) == 0
    assert len(mail.outbox) == 1
    row = Instruction.objects.get()
    assert mail.outbox[0].extra_headers["Message-ID"] in row.problem
    page = reverse("admin:privacy_instruction_settle", args=[row.pk])
    Instruction.objects.update(tried_at=NOW - dt.timedelta(days=365))
    assert signed_in(LENA).post(page, {"was_sent": "yes"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.problem, row.tried_at) == (State.TOLD, "", None)
    with pytest.raises(providers.NotInDoubt):
        providers.settle(instruction=row, was_sent=False, by=LENA, now=later)


def test_a_mail_that_a_silent_server_did_not_take_goes_once_somebody_says_so(
    town, monkeypatch
):
    provider(way="mail", address="dpo@store-it.example")
    erased()
    mail.outbox.clear()

    def silent(letter):
        raise handing.InDoubt

    with monkeypatch.context() as patch:
        patch.setattr(handing, "hand_over", silent)
        assert providers.tell_waiting(now=NOW) == 0
    later = NOW + telling.LEASE + dt.timedelta(hours=1)
    assert providers.tell_waiting(now=later) == 0
    row = Instruction.objects.get()

    providers.settle(instruction=row, was_sent=False, by=LENA, now=later)

    assert providers.tell_waiting(now=later) == 1
    assert len(mail.outbox) == 1


def test_who_does_not_answer_is_reminded_after_their_days(town):
    provider(way="mail", address="dpo@store-it.example", remind_after=7)
    erased()
    providers.tell_waiting(now=NOW)
    mail.outbox.clear()

    assert providers.tell_waiting(now=NOW + dt.timedelta(days=6)) == 0
    assert providers.tell_waiting(now=NOW + dt.timedelta(days=7)) == 1
    assert "we remind you" in mail.outbox[0].body
    assert Instruction.objects.get().reminders == 1


def test_a_webhook_is_signed_and_may_answer_at_once(town, recipient):
    provider(way="webhook", address=recipient.url, secret=SECRET)
    recipient.answer = {"state": "later", "until": "2027-01-31", "answer": "Backups"}
    erased()
    providers.tell_waiting(now=NOW)

    row = Instruction.objects.get()
    _, _, headers, body = recipient.heard[0]
    said = json.loads(body)
    own = {key.lower(): value for key, value in headers.items()}
    webhook._check(row, body, own, timezone.now())
    assert said["type"] == "privacy.erase"
    assert {"kind": "phone", "value": ADA} in said["data"]["people"]
    assert (row.state, row.until) == (State.LATER, dt.date(2027, 1, 31))
    assert row.next_at.date() == row.until


def test_a_webhook_answers_later_under_its_own_signature(town, recipient, client):
    provider(way="webhook", address=recipient.url, secret=SECRET)
    erased()
    providers.tell_waiting(now=timezone.now())
    row = Instruction.objects.get()
    body = json.dumps({"state": "done"}).encode()
    url = f"/api/v1/instructions/{row.pk}"

    def post(headers):
        return client.post(
            url, body, content_type="application/json", headers=headers
        ).status_code

    good = webhook.signed(row, body)
    assert post({}) == 403
    assert post(good | {"webhook-signature": "v1,eA=="}) == 403
    assert post(good | {"webhook-timestamp": "1"}) == 403
    assert post(good | {"webhook-timestamp": "9" * 400}) == 403
    assert post(good | {"webhook-signature": "v1,é"}) == 403
    assert post(good) == 200
    row.refresh_from_db()
    assert row.state == State.DONE


@pytest.mark.parametrize("status", [0, 404, 500])
def test_who_can_not_be_reached_is_tried_again_later(town, recipient, status):
    provider(way="webhook", address=recipient.url, secret=SECRET)
    recipient.status = status or 503
    erased()

    assert providers.tell_waiting(now=NOW) == 0
    row = Instruction.objects.get()
    assert (row.state, row.failures) == (State.WAITING, 1)
    assert providers.tell_waiting(now=NOW) == 0
    recipient.status = 200
    assert providers.tell_waiting(now=NOW + dt.timedelta(minutes=6)) == 1


def test_nothing_is_locked_while_the_other_side_is_talked_to(town, monkeypatch):
    provider(way="webhook", address="https://store-it.example", secret=SECRET)
    erased()
    outside, depth = len(connection.savepoint_ids), []

    def post(*_, **__):
        depth.append(len(connection.savepoint_ids))
        return 200, b""

    monkeypatch.setattr(outgoing, "post", post)
    providers.tell_waiting(now=NOW)

    assert depth == [outside]


def test_after_a_kill_the_next_worker_says_it_under_the_same_number(
    town, recipient, monkeypatch
):
    provider(way="webhook", address=recipient.url, secret=SECRET)
    erased()
    noting = telling._note
    monkeypatch.setattr(telling, "_note", interrupted)
    with pytest.raises(KeyboardInterrupt):
        providers.tell_waiting(now=NOW)
    monkeypatch.setattr(telling, "_note", noting)

    assert providers.tell_waiting(now=NOW) == 0
    assert len(recipient.heard) == 1
    assert providers.tell_waiting(now=NOW + telling.LEASE) == 1
    first, second = (each[2]["Webhook-Id"] for each in recipient.heard)
    assert first == second
    row = Instruction.objects.get()
    assert (row.state, row.reminders) == (State.TOLD, 0)
    assert Disclosure.objects.count() == 1


def interrupted(*_, **__):
    raise KeyboardInterrupt


def test_opendsr_is_told_and_answers_by_a_signed_callback(town, recipient, client):
    provider(way="opendsr", address=recipient.url, certificate=certificates.pem())
    erased()
    providers.tell_waiting(now=timezone.now())
    row = Instruction.objects.get()
    method, path, _, body = recipient.heard[0]
    said = json.loads(body)

    assert (method, path) == ("POST", "/privacy/requests")
    assert said["subject_request_id"] == str(row.pk)
    assert said["regulation"] == "gdpr"
    assert said["extensions"]["127.0.0.1"]["phone_number"] == ADA
    told = {
        "status_callback_url": said["status_callback_urls"][0],
        "subject_request_id": str(row.pk),
        "request_status": "completed",
    }
    body = json.dumps(told).encode()
    url = f"/opendsr/callbacks/{row.pk}"
    unsigned = client.post(url, body, content_type="application/json")
    signed = client.post(
        url, body, content_type="application/json", headers=certificates.headers(body)
    )
    assert (unsigned.status_code, signed.status_code) == (403, 204)
    row.refresh_from_db()
    assert row.state == State.DONE


def test_a_callback_for_another_request_is_refused(town, recipient, client):
    provider(way="opendsr", address=recipient.url, certificate=certificates.pem())
    erased()
    row = Instruction.objects.get()
    body = json.dumps({"status_callback_url": opendsr.callback(row)}).encode()
    answer = client.post(
        f"/opendsr/callbacks/{row.pk}",
        body,
        content_type="application/json",
        headers=certificates.headers(body),
    )
    assert answer.status_code == 400


def test_opendsr_is_asked_again_when_it_sends_no_callback(town, recipient):
    provider(way="opendsr", address=recipient.url)
    erased()
    providers.tell_waiting(now=NOW)
    recipient.answer = {"request_status": "completed"}
    providers.tell_waiting(now=NOW + dt.timedelta(days=7))

    assert recipient.heard[1][0] == "GET"
    assert Instruction.objects.get().state == State.DONE


@pytest.mark.parametrize("answer", [[], "done", 7, {"request_status": ["done"]}])
def test_what_is_no_answer_keeps_nobody_else_waiting(town, recipient, answer):
    provider(way="opendsr", address=recipient.url)
    provider(name="Other Inc.", way="webhook", address=recipient.url, secret=SECRET)
    erased()
    providers.tell_waiting(now=NOW)
    recipient.answer = answer
    providers.tell_waiting(now=NOW + dt.timedelta(days=30))

    heard = sorted(each[0] for each in recipient.heard)
    assert heard == ["GET", "POST", "POST", "POST"]
    assert not Instruction.objects.filter(state=State.DONE).exists()


def test_an_answer_that_no_database_keeps_is_kept_without(town, recipient):
    provider(way="webhook", address=recipient.url, secret=SECRET)
    recipient.answer = {"state": "unable", "answer": "No\0 \ud800"}
    erased()
    providers.tell_waiting(now=NOW)

    assert Instruction.objects.get().answer == "No ?"


# --- what they answer -----------------------------------------------------------
def test_not_yet_deletable_stands_on_the_ticket_and_the_certificate(town):
    provider()
    done = erased()
    first = Certificate.objects.get()
    assert json.loads(first.document)["recipients"][0]["state"] == "waiting"
    row = Instruction.objects.get()
    providers.tell_waiting(now=NOW)
    providers.answered(
        instruction=row, state="later", until=dt.date(2027, 1, 31), by=LENA, now=NOW
    )

    assert recipients.follow_answers(now=NOW) == 1
    assert recipients.follow_answers(now=NOW) == 0
    after = Certificate.objects.get()
    said = json.loads(after.supplement)["recipients"][0]
    assert (said["state"], said["until"]) == ("later", "2027-01-31")
    assert after.supplement_signature
    assert (after.document, after.signature) == (first.document, first.signature)
    assert "do it before 31 January 2027" in recipients.sentences(done, "en")[0]
    assert providers.open_of(recipients.subject_of(done)) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"state": "told"},
        {"state": "perhaps"},
        {"state": "later"},
        {"state": "later", "until": NOW.date()},
        {"state": "unable"},
        {"state": "unable", "answer": "  "},
    ],
)
def test_an_answer_that_is_none_changes_nothing(town, said):
    provider()
    erased()
    row = Instruction.objects.get()
    with pytest.raises(providers.WrongAnswer):
        providers.answered(instruction=row, by=LENA, now=NOW, **said)
    row.refresh_from_db()
    assert row.state == State.WAITING


def test_what_is_done_stays_done(town):
    provider()
    erased()
    row = Instruction.objects.get()
    providers.answered(instruction=row, state="done", by=LENA, now=NOW)
    providers.answered(instruction=row, state="unable", answer="No", by=MAX, now=NOW)
    assert (row.state, row.noted_by) == (State.DONE, LENA)


@pytest.mark.parametrize(
    ("constraint", "facts"),
    [
        ("privacy_instruction_state_has_its_time", {"state": "done"}),
        ("privacy_instruction_state_has_its_time", {"state": "told"}),
        (
            "privacy_instruction_later_has_its_day",
            {"state": "later", "answered_at": NOW},
        ),
        (
            "privacy_instruction_unable_says_why",
            {"state": "unable", "answered_at": NOW},
        ),
    ],
)
def test_the_table_refuses_half_an_answer(town, constraint, facts):
    provider()
    erased()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Instruction.objects.update(**facts)


# --- other rights, and the screens ------------------------------------------------
def test_an_opt_out_of_sale_is_passed_on(town):
    provider()
    requests.fulfil(ticket=asked("opt_out_sale"), clock=clock)
    assert Instruction.objects.get().duty == "stop"


def test_staff_note_what_they_were_told_on_the_telephone(town):
    provider()
    erased()
    row = Instruction.objects.get()
    lena, sam = signed_in("lena"), signed_in("sam")
    page = reverse("admin:privacy_instruction_note", args=[row.pk])

    wrong = lena.post(page, {"state": "later"}).content.decode()
    assert "later with a day to come" in wrong
    assert sam.post(page, {"state": "done"}).status_code == 403
    lena.post(page, {"state": "done"})
    row.refresh_from_db()
    assert (row.state, row.noted_by) == (State.DONE, "lena")
    assert lena.get(reverse("admin:privacy_instruction_changelist")).status_code == 200


@pytest.mark.parametrize(
    ("was", "changed", "is_fine"),
    [
        ("opendsr", {"address": "https://elsewhere.example"}, False),
        ("webhook", {}, False),
        ("opendsr", {"address": "https://elsewhere.example", "new_secret": "n"}, True),
        ("opendsr", {"name": "Store It"}, True),
    ],
)
def test_a_token_follows_no_new_address_that_somebody_writes(was, changed, is_fine):
    row = provider(way=was, address="https://store-it.example", secret=SECRET)
    said = {
        "name": row.name, "way": "opendsr", "address": row.address, "new_secret": "",
        "duties": ["erase"], "remind_after": 7, "is_active": "on",
        "transfers-TOTAL_FORMS": 0, "transfers-INITIAL_FORMS": 0,
    }  # fmt: skip
    page = reverse("admin:privacy_provider_change", args=[row.pk])

    answer = signed_in("pia").post(page, said | changed)

    assert answer.status_code == (302 if is_fine else 200)
    assert is_fine or "enter it again" in answer.text


def test_a_recipient_is_set_up_on_its_page_and_its_secret_is_never_shown(town):
    pia = signed_in("pia")
    add = reverse("admin:privacy_provider_add")
    said = {
        "name": "Store-It", "way": "webhook", "address": "https://store-it.example/hook",
        "new_secret": SECRET, "duties": ["erase"], "remind_after": 7, "is_active": "on",
        "transfers-TOTAL_FORMS": 0, "transfers-INITIAL_FORMS": 0,
    }  # fmt: skip
    assert (
        "signed with a secret"
        in pia.post(add, said | {"new_secret": ""}).content.decode()
    )
    assert "public https" in pia.post(add, said | {"address": "x"}).content.decode()
    pia.post(add, said)
    row = Provider.objects.get()
    change = reverse("admin:privacy_provider_change", args=[row.pk])
    assert SECRET not in pia.get(change).content.decode()
    pia.post(change, said | {"new_secret": "", "name": "Store It"})

    row.refresh_from_db()
    assert (row.name, row.secret.open()) == ("Store It", SECRET)
    assert Ticket.objects.count() == 0


# --- through the gate -------------------------------------------------------------
def told(changes=(), duty="correct", **facts):
    """One instruction about Ada to a recipient by mail."""
    by_mail = {"way": "mail", "address": "dpo@store-it.example", **facts}
    categories = by_mail.pop("categories", [])
    provider(**by_mail).categories.set(categories)
    providers.instruct(
        duty=duty, subject="ticket:R-2026-000001", marks=[identifiers.phone(ADA)],
        plan=None, asked_at=NOW, regime="EU-GDPR", by=LENA, now=NOW, changes=changes,
    )  # fmt: skip
    providers.tell_waiting(now=NOW)
    return Instruction.objects.get()


CITY = {"field": "city", "after": "Elsewhere", "category": "profile_contact"}
DEVICE = {"field": "device", "after": "X-19", "category": "device_technical"}


def test_a_correction_names_only_what_the_recipient_has():
    row = told([CITY, DEVICE], categories=["profile_contact"])

    (message,) = mail.outbox
    assert "Elsewhere" in message.body
    assert "X-19" not in message.body
    assert row.state == State.TOLD
    entry = Disclosure.objects.get()
    assert (entry.provider, entry.categories) == (row.provider, ["profile_contact"])
    assert disclose_necessary(NOW).state == "kept"


@pytest.mark.parametrize(
    ("changes", "categories", "duty"),
    [
        ([DEVICE], ["profile_contact"], "correct"),
        ([CITY], [], "correct"),
        ([], ["device_technical"], "erase"),
        ([{"field": "city", "after": "Elsewhere"}], ["profile_contact"], "correct"),
    ],
)
def test_what_the_gate_stops_waits_with_its_reason(changes, categories, duty):
    row = told(changes, duty, categories=categories)

    assert mail.outbox == []
    assert (row.state, row.failures) == (State.WAITING, 1)
    assert row.problem.startswith("No: some of these fields may not be disclosed.")
    assert not Disclosure.objects.exists()


# --- what a legal hold keeps --------------------------------------------------------
def test_while_a_hold_keeps_it_here_nobody_is_told_to_erase(town):
    provider()
    ada = identifiers.keep(identifiers.phone(ADA), now=NOW)
    hold = holds.place(matter="Case", identifiers=[ada], tables=[], by=LENA, now=NOW)
    done = erased()
    row = Instruction.objects.get()
    assert (row.state, row.document) == (State.HELD, None)
    assert providers.tell_waiting(now=NOW + dt.timedelta(days=90)) == 0
    assert "Store-It was not told to erase it" in mail.outbox[0].body
    assert "recipient" not in done.decision

    done = released(hold, done)

    assert done.outcome == "part"
    assert [each.state for each in recipients.of(done)] == [State.WAITING]


def released(hold, done):
    holds.release(hold=hold, by=LENA, now=NOW)
    erasure.take_up_released(now=NOW)
    requests.take_up_released(now=NOW)
    done.refresh_from_db()
    requests.approve(ticket=done, by=MAX, now=NOW)
    return requests.fulfil(ticket=done, clock=clock)


def on_hold(name):
    table = Table.objects.get(name=name)
    return holds.place(matter="Case", identifiers=[], tables=[table], by=LENA, now=NOW)


def test_who_has_what_a_held_table_has_is_told_to_leave_it(town):
    provider(way="mail", address="dpo@store-it.example")
    on_hold("message")
    done = erased()
    mail_to_person = mail.outbox.pop()
    providers.tell_waiting(now=NOW)

    row = Instruction.objects.get()
    assert "communications" in row.keeps
    assert "profile_contact" not in row.keeps
    assert f"for legal claims: {Category.objects.get(pk='communications')}" in (
        mail.outbox[0].body
    )
    assert "Part of it stays there" in " ".join(mail_to_person.body.split())
    said = json.loads(Certificate.objects.get().document)["recipients"][0]
    assert said["keeps"] == row.keeps
    assert done.outcome == "part"


def test_who_has_only_what_a_held_table_has_is_told_once_the_hold_ends(town):
    messages = provider(name="Texts Inc.")
    messages.categories.set([Category.objects.get(pk="communications")])
    hold = on_hold("message")
    done = erased()
    assert [row.state for row in recipients.of(done)] == [State.HELD]
    said = json.loads(Certificate.objects.get().document)["recipients"][0]
    assert (said["recipient"], said["state"]) == ("Texts Inc.", "held")

    done = released(hold, done)

    assert [row.state for row in recipients.of(done)] == [State.WAITING]


def test_a_table_that_is_held_after_the_plan_was_approved_counts_too(town):
    provider()
    ticket = approved("erasure", regime="EU-GDPR", email=ADAS_MAIL)
    on_hold("message")
    requests.fulfil(ticket=ticket, clock=clock)

    assert "communications" in Instruction.objects.get().keeps


def test_opendsr_has_no_word_for_a_hold_so_somebody_of_ours_tells_it(town, recipient):
    provider(way="opendsr", address=recipient.url)
    on_hold("message")
    erased()

    assert providers.tell_waiting(now=NOW) == 0
    assert recipient.heard == []
    row = Instruction.objects.get()
    assert row.problem == "OpenDSR cannot express that a legal hold keeps data."
    lena = signed_in("lena")
    page = lena.get(reverse("admin:dsr_ticket_change", args=[Ticket.objects.get().pk]))
    assert "because of a legal hold" in page.content.decode()


def test_nobody_is_told_to_erase_what_the_law_keeps_here(town):
    provider()
    Table.objects.exclude(name="").update(erasure="keep", ground="Tax law, 10 years")
    done = erased()

    assert done.outcome == "denied"
    assert not Instruction.objects.exists()


def test_a_restriction_is_told_to_whoever_has_the_data():
    ada = identifiers.keep(identifiers.phone(ADA), now=NOW)
    holds.place(
        matter="Request R-2026-000001", identifiers=[ada], tables=[], by=LENA, now=NOW,
        kind=Hold.Kind.RESTRICTION,
    )  # fmt: skip

    assert told(duty="restrict").state == State.TOLD
