"""What leaves for an address that somebody else named goes there and nowhere else."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from privacy import outgoing

PUBLIC = "93.184.216.34"


@contextmanager
def listening(answer=b""):
    """Somebody who says `answer` to whatever comes; what came is in `got`."""
    got = []

    def take():
        with server.accept()[0] as peer:
            got.append(peer.recv(65_536))
            with suppress(OSError):  # who has enough hangs up
                peer.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname()[1], got
        thread.join(5)


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.8/",
        "https://169.254.169.254/",
        "https://localhost/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://224.0.0.1/",
        "https://[fec0::1]/",
        "https://" + "a" * 70 + ".example/",
        "https://[",
        "https:///",
        "file:///etc/passwd",
        "",
    ],
)
def test_our_own_network_is_no_address(settings, url):
    settings.SECURE = True
    with pytest.raises(outgoing.NotAnAddress):
        outgoing.check(url)


def test_nobody_there_is_no_answer():
    assert outgoing.post("http://127.0.0.1:1/", b"", {}) == (0, b"")


def test_a_name_that_leads_home_after_it_was_looked_up_hears_nothing(
    settings, monkeypatch
):
    settings.SECURE = True
    real = socket.getaddrinfo

    def looked_up(host, port, *more, **named):
        if port is None:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, 0))]
        return real("127.0.0.1", port, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)

    with listening() as (port, got):
        assert outgoing.post(f"https://x.example:{port}/", b"said", {}) == (0, b"")
    assert got == [b""]


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_who_talks_nonsense_did_not_take_it(answer):
    with listening(answer) as (port, got):
        assert outgoing.post(f"http://127.0.0.1:{port}/", b"said", {}) == (0, b"")
    assert got


@contextmanager
def dripping(start):
    """Somebody who never ends: a byte each fiftieth of a second after `start`."""
    is_over = threading.Event()

    def drip():
        with server.accept()[0] as peer, suppress(OSError):
            peer.sendall(start)
            while not is_over.wait(0.02):
                peer.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip)
        thread.start()
        yield server.getsockname()[1]
        is_over.set()
        thread.join(5)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n", b"\x16\3\3@\0"],
    ids=["nothing", "half a head", "a body without a length", "half a handshake"],
)
def test_who_drips_does_not_hold_a_worker(monkeypatch, scheme, start):
    monkeypatch.setattr(outgoing, "SECONDS", 0.3)

    with dripping(start) as port:
        begun = time.monotonic()
        assert outgoing.post(f"{scheme}://127.0.0.1:{port}/", b"", {}) == (0, b"")
        assert time.monotonic() - begun < 5


def test_many_addresses_of_a_name_share_one_time(monkeypatch):
    monkeypatch.setattr(outgoing, "SECONDS", 0.2)
    tried = []

    def looked_up(host, port, *_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, port))] * 50

    def connect(_, timeout):
        tried.append(timeout)
        time.sleep(0.05)
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket, "create_connection", connect)

    assert outgoing.post("http://x.example/", b"", {}) == (0, b"")
    assert len(tried) < 10
    assert tried == sorted(tried, reverse=True)


def test_of_an_endless_answer_a_megabyte_is_read():
    answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (outgoing.MOST_READ + 9)
    with listening(answer) as (port, _):
        status, body = outgoing.post(f"http://127.0.0.1:{port}/", b"", {})
    assert (status, len(body)) == (200, outgoing.MOST_READ)


def test_an_address_of_the_settings_may_be_in_our_own_network(settings):
    settings.SECURE = True

    with listening(b"HTTP/1.1 202 Accepted\r\n\r\n") as (port, got):
        url = f"http://127.0.0.1:{port}/"
        assert outgoing.post(url, b"said", {}, is_ours=True) == (202, b"")
    assert got[0].startswith(b"POST / ")


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_redirect_leads_nowhere(is_ours):
    away = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"
    with listening(away) as (port, _):
        url = f"http://127.0.0.1:{port}/"
        assert outgoing.post(url, b"said", {}, is_ours=is_ours) == (302, b"")


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_says_nothing(body):
    assert outgoing.document(body) == {}
