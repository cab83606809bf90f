"""A letter is handed to a mail server at most once, whatever the server does."""

import datetime as dt
import socketserver
import threading
import time

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from dsr import messages, notices
from dsr.models import Message, Notice, Ticket
from tests.dsr.factories import ADAS_MAIL, MAX, NOW, asked

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(minutes=11)


class Session(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a letter needs; `ill` says where it fails."""

    def handle(self):
        ill = self.server.ill
        if ill == "cut at once":
            return
        self.say("220 ready")
        for line in self.rfile:
            verb = line.decode().split()[0].upper().split(":")[0]
            if verb == "DATA":
                self.say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.server.taken += 1
                if ill == "cut":
                    return
                if ill == "silent":
                    time.sleep(1)
                    return
            if verb == "QUIT" and ill == "silent at the end":
                time.sleep(1)
                return
            if verb == "RCPT" and ill in ("refuses", "busy"):
                self.say("550 nobody" if ill == "refuses" else "451 later")
            else:
                self.say("250 fine")

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")


@pytest.fixture
def server(settings):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as it:
        it.daemon_threads, it.ill, it.taken = True, "", 0
        threading.Thread(target=it.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = it.server_address
        settings.EMAIL_TIMEOUT = 0.3
        yield it
        it.shutdown()


def written():
    ticket = asked(email=ADAS_MAIL)
    Notice.objects.all().delete()
    notices.receipt(ticket=ticket, token="x", language="en", now=NOW)
    return Ticket.objects.get(pk=ticket.pk)


def sent(ticket, now=NOW):
    return notices.send_waiting(ticket=ticket, now=now)


@pytest.mark.parametrize("ill", ["", "silent at the end"])
def test_a_letter_that_was_taken_goes_once(server, ill):
    server.ill, ticket = ill, written()

    assert (sent(ticket), sent(ticket, LATER)) == (1, 0)
    assert server.taken == 1


@pytest.mark.parametrize("ill", ["cut at once", "refuses", "busy"])
def test_one_that_was_not_taken_goes_later(server, ill):
    server.ill, ticket = ill, written()
    assert (sent(ticket), server.taken) == (0, 0)

    server.ill = ""
    assert (sent(ticket, LATER), server.taken) == (1, 1)


@pytest.mark.parametrize("ill", ["cut", "silent"])
def test_one_of_which_nobody_knows_waits_for_a_person(server, ill):
    server.ill, ticket = ill, written()
    assert sent(ticket) == 0
    server.ill = ""
    assert sent(ticket, LATER) == 0
    assert server.taken == 1

    doubtful = notices.doubtful(now=LATER).get()
    notices.settle(notice=doubtful, was_sent=False, by=MAX, now=LATER)
    assert (sent(ticket, LATER), server.taken) == (1, 2)


# --- messages of staff ----------------------------------------------------------
def said():
    ticket = asked(email=ADAS_MAIL)
    return messages.write(ticket=ticket, text="It is on its way.", by=MAX, now=NOW)


@pytest.mark.parametrize("ill", ["cut", "silent"])
def test_a_message_without_an_answer_of_the_server_is_in_doubt_and_not_repeated(
    server, ill
):
    server.ill, message = ill, said()
    assert messages.send_waiting(now=NOW) == 0
    server.ill = ""

    assert messages.send_waiting(now=LATER) == 0
    assert server.taken == 1
    assert [*messages.doubtful(now=LATER)] == [message]
    assert not messages.doubtful(now=NOW)  # it may still be on its way


@pytest.mark.parametrize("ill", ["refuses", "busy", "cut at once"])
def test_a_message_that_was_not_taken_goes_with_the_next_try(server, ill):
    server.ill = ill
    said()
    assert messages.send_waiting(now=NOW) == 0
    server.ill = ""

    assert messages.send_waiting(now=LATER) == 1
    assert messages.send_waiting(now=LATER) == 0
    assert server.taken == 1


@pytest.mark.parametrize(("was", "taken"), [("sent", 1), ("not_sent", 2)])
def test_staff_say_what_the_log_has_of_a_message_in_doubt(server, client, was, taken):
    server.ill, message = "cut", said()
    messages.send_waiting(now=NOW)
    server.ill = ""
    lena = User.objects.create(username="lena", is_staff=True)
    lena.groups.add(Group.objects.get(name="Legal"))
    client.force_login(lena)
    page = reverse("admin:dsr_ticket_conversation", args=[message.ticket_id])
    shown = client.get(page).content.decode()
    assert messages.message_id(message).strip("<>") in shown
    desk = client.get(reverse("admin:dsr_ticket_desk")).content.decode()
    assert "Letters and messages in doubt" in desk
    assert page in desk

    address = reverse("admin:dsr_ticket_mailed", args=[message.ticket_id])
    answer = client.post(address, {"message": message.pk, "was": was}, follow=True)

    assert "Noted" in answer.content.decode()
    messages.send_waiting(now=LATER)
    assert server.taken == taken
    assert Message.objects.get().sent_at
    again = client.post(address, {"message": message.pk, "was": was}, follow=True)
    assert "is not in doubt" in again.content.decode()
