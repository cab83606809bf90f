"""What leaves for an address that somebody else named goes there and nowhere else."""

import socket
import threading
from contextlib import contextmanager

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
