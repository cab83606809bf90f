"""The mailbox is emptied over IMAP: each mail once, the unreadable flagged."""

import re
import socketserver
import threading
import time

import pytest

from dsr import tasks
from dsr.mailbox import polling
from dsr.models import Mail, Poll, Ticket
from tests.dsr.mails import mail

pytestmark = pytest.mark.django_db


class Server(socketserver.ThreadingTCPServer):
    """As much of IMAP (RFC 3501) as a poller speaks, on this machine."""

    daemon_threads = True

    def __init__(self, messages):
        super().__init__(("127.0.0.1", 0), Session)
        self.messages, self.flagged, self.validity = messages, set(), 7
        self.fetched = []


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.say(b"* OK ready")
        for line in self.rfile:
            tag, verb, *rest = line.decode().split(None, 2)
            what = rest[0].strip() if rest else ""
            if verb == "UID":
                verb, _, what = what.partition(" ")
            getattr(self, verb.lower())(what)
            if not self.refused:
                self.say(f"{tag} OK done".encode())
            else:
                self.say(f"{tag} NO not here".encode())

    refused = False

    def say(self, line):
        self.wfile.write(line + b"\r\n")

    def capability(self, what):
        self.say(b"* CAPABILITY IMAP4rev1")

    def login(self, what):
        self.refused = "secret" not in what

    def select(self, what):
        self.say(f"* {len(self.server.messages)} EXISTS".encode())
        self.say(f"* OK [UIDVALIDITY {self.server.validity}] valid".encode())

    def search(self, what):
        found = sorted(self.server.flagged)
        if start := re.search(r"UID (\d+):\*", what):
            uids = sorted(self.server.messages)
            found = [u for u in uids if u >= int(start[1])] or uids[-1:]
        self.say(b"* SEARCH " + " ".join(map(str, found)).encode())

    def fetch(self, what):
        uid, _, wanted = what.partition(" ")
        raw = self.server.messages[int(uid)]
        if "SIZE" in wanted:
            size = 99_999_999 if raw == b"huge" else len(raw)
            self.say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {size})".encode())
            return
        self.server.fetched.append(int(uid))
        self.say(f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}".encode())
        self.say(raw + b")")

    def store(self, what):
        assert "Flagged" in what
        self.server.flagged.add(int(what.split()[0]))

    def logout(self, what):
        self.say(b"* BYE")


@pytest.fixture
def server(monkeypatch):
    with Server({1: mail("CCPA: please delete my data."), 2: mail("Hello?")}) as it:
        threading.Thread(target=it.serve_forever, daemon=True).start()
        port = it.server_address[1]
        url = f"imap://privacy%40example.org:secret@127.0.0.1:{port}/INBOX"
        monkeypatch.setenv("MAILBOX_URL", url)
        yield it
        it.shutdown()


def test_each_mail_is_taken_once_and_nothing_else_is_fetched(server, now):
    assert polling.poll(now=now) == 2
    assert polling.poll(now=now) == 0

    assert server.fetched == [1, 2]
    assert (Mail.objects.count(), Ticket.objects.count()) == (2, 1)
    assert Poll.objects.get().emptied_at == now


def test_a_mailbox_that_is_numbered_anew_is_read_again_and_nothing_doubled(server, now):
    polling.poll(now=now)
    server.validity = 8

    assert polling.poll(now=now) == 0
    assert server.fetched == [1, 2, 1, 2]
    assert Ticket.objects.count() == 1


def test_what_no_machine_reads_is_flagged_and_keeps_nothing_else_waiting(server, now):
    server.messages = {1: b"junk", 2: b"huge", 3: mail("CCPA: please delete my data.")}

    assert polling.poll(now=now) == 1

    assert server.flagged == {1, 2}
    assert 2 not in server.fetched
    assert Poll.objects.get().left == 2


def test_a_header_without_end_is_read_by_a_person_and_holds_nobody_up(server, now):
    endless = mail("CCPA: please delete my data.", References="<a@b> " * 40_000)
    server.messages = {1: endless, 2: mail("CCPA: please delete my data.")}
    begun = time.process_time()

    assert polling.poll(now=now) == 1

    assert time.process_time() - begun < 5  # some megabytes of it took hours
    assert server.flagged == {1}


def test_a_mailbox_that_lets_nobody_in_says_so_on_its_row(server, now, monkeypatch):
    port = server.server_address[1]
    monkeypatch.setenv("MAILBOX_URL", f"imap://privacy:wrong@127.0.0.1:{port}/INBOX")

    with pytest.raises(polling.NotLetIn):
        polling.poll(now=now)

    row = Poll.objects.get()
    assert row.emptied_at is None
    assert "did not let us in" in row.problem
    assert "wrong" not in f"{row.problem} {polling.address()!r}"


def test_a_mailbox_that_is_down_says_so_and_the_worker_goes_on(monkeypatch):
    monkeypatch.setenv("MAILBOX_URL", "imap://privacy:secret@127.0.0.1:1/INBOX")

    assert tasks.poll_mailbox() == 0
    assert "reached" in Poll.objects.get().problem


def test_the_worker_empties_the_mailbox(server):
    assert tasks.poll_mailbox() == 2


def test_without_a_mailbox_the_worker_has_nothing_to_do(monkeypatch):
    monkeypatch.delenv("MAILBOX_URL", raising=False)

    assert tasks.poll_mailbox() == 0
    with pytest.raises(polling.NoMailbox):
        polling.poll(now=None)


@pytest.mark.parametrize("url", ["http://user@host/", "imaps://host/", "imaps:"])
def test_an_address_that_is_no_mailbox_is_refused(monkeypatch, url, now):
    monkeypatch.setenv("MAILBOX_URL", url)

    with pytest.raises(polling.NoMailbox):
        polling.poll(now=now)


def test_a_database_that_is_down_is_not_the_mail_s_fault(server, now, monkeypatch):
    def down(*arguments, **named):
        raise polling.DatabaseError

    monkeypatch.setattr("dsr.mailbox.polling.taking.ingest", down)
    with pytest.raises(polling.DatabaseError):
        polling.poll(now=now)

    assert server.flagged == set()
    assert Poll.objects.get().last_uid == 0


def test_a_mail_that_no_table_keeps_holds_nobody_up(server, now, monkeypatch):
    take = polling.taking.ingest

    def picky(raw, **named):
        if b"CCPA" in raw:
            raise polling.DataError
        return take(raw, **named)

    monkeypatch.setattr("dsr.mailbox.polling.taking.ingest", picky)

    assert polling.poll(now=now) == 1
    assert server.flagged == {1}
    assert Poll.objects.get().last_uid == 2
