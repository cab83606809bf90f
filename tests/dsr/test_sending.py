"""A letter is handed to a mail server at most once, whatever the server does."""

import datetime as dt
import socketserver
import threading
import time

import pytest

from dsr import notices
from dsr.models import Notice, Ticket
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
