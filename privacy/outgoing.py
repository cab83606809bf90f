"""Sends documents to addresses that somebody else named.

Whoever names an address could point us at our own network, so it must be https and
public; a portal that has no https itself (a trial on one machine) may go anywhere. A
name can resolve differently a moment later, so the connected address is checked again
before anything is sent.
"""

import contextlib
import ipaddress
import json
import logging
import socket
import threading
import time
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    build_opener,
)

from django.conf import settings

from privacy.refusals import Refusal

log = logging.getLogger(__name__)
SECONDS = 10  # for all of an exchange
MOST_READ = 2**20  # bytes of an answer
UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is given out, RFC 4291


class NotAnAddress(Refusal):
    """Documents are sent to public https addresses only."""


class _NoRedirect(HTTPRedirectHandler):
    """A redirect could lead where the first address may not."""

    def redirect_request(self, *_: object) -> None:
        return None


class _Deadline:
    """For the whole exchange: a server that sends a byte every second never hits the
    timeout for one byte, so at the end the connection is cut."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.lines: list[socket.socket] = []
        self.timer = threading.Timer(seconds, self._cut)
        self.timer.daemon = True

    def __enter__(self) -> Self:
        self.timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()
        for line in self.lines:
            line.close()

    def left(self) -> float:
        """Seconds left. Raises `TimeoutError` when there are none."""
        if (seconds := self.end - time.monotonic()) <= 0:
            raise TimeoutError
        return seconds

    def watch(self, line: socket.socket) -> None:
        """Uses a file descriptor of its own, since the handshake takes over the first
        one."""
        self.lines.append(line.dup())
        self.left()

    def _cut(self) -> None:
        for line in self.lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


class _Connection(HTTPConnection):
    deadline: _Deadline
    is_looking: bool

    def connect(self) -> None:
        """It looks who answers between the connection and the handshake."""
        self._create_connection = self._reach
        super().connect()
        if self.is_looking and not is_public(self.sock.getpeername()[0]):
            self.close()
            raise NotAnAddress

    def _reach(self, address: tuple[str, int], *_: object) -> socket.socket:
        """One time limit for all addresses of a name."""
        problem = OSError("no address")
        for found in socket.getaddrinfo(*address, type=socket.SOCK_STREAM):
            where = str(found[4][0]), address[1]
            try:
                line = socket.create_connection(where, self.deadline.left())
            except OSError as refused:
                problem = refused
            else:
                self.deadline.watch(line)
                return line
        raise problem


class _Secure(HTTPSConnection, _Connection):
    """The same, followed by a TLS handshake."""


class _Bounded(HTTPHandler, HTTPSHandler):
    def __init__(self, deadline: _Deadline, *, is_ours: bool) -> None:
        super().__init__()
        self.deadline, self.is_ours = deadline, is_ours

    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(partial(self._to, _Connection), req)

    def https_open(self, req: Request) -> HTTPResponse:
        by_proxy = getattr(req, "_tunnel_host", None)  # it looks the name up for us
        return self.do_open(partial(self._to, _Secure, by_proxy=bool(by_proxy)), req)

    def _to(
        self, kind: type[_Connection], *args: Any, by_proxy: bool = False, **named: Any
    ) -> _Connection:
        connection = kind(*args, **named)
        connection.deadline = self.deadline
        is_by_others = not (self.is_ours or by_proxy)
        connection.is_looking = settings.SECURE and is_by_others
        return connection


def check(url: str) -> None:
    """Raises `NotAnAddress` unless the address may be used."""
    try:
        scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
    except ValueError:
        raise NotAnAddress from None
    if scheme not in ("https", "http") or not host:
        raise NotAnAddress
    if settings.SECURE and (scheme != "https" or not _leads_outside(host)):
        raise NotAnAddress


def _leads_outside(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return False
    return all(is_public(str(each[4][0])) for each in found)


def is_public(address: str) -> bool:
    """Not in any private network, even one embedded in an IPv6 address."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return found.is_global and found in UNICAST and found.sixtofour is None
    return found.is_global and not found.is_multicast


def post(
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    *,
    method: str = "POST",
    is_ours: bool = False,
) -> tuple[int, bytes]:
    """The answer's status and its first megabyte; status 0 when nobody answered, or not
    completely within ten seconds.

    The log says what went wrong, without the path. `is_ours`: the settings name the
    address, so it may be in our own network.
    """
    try:
        if not is_ours:
            check(url)
        asked = Request(url, data=body, headers=dict(headers), method=method)  # noqa: S310
        with _Deadline(SECONDS) as deadline:
            return _exchange(asked, deadline, is_ours=is_ours)
    except NotAnAddress:
        log.warning("Nothing was sent: the address is not public, or not https.")
    except (HTTPException, OSError, ValueError) as problem:
        host, why = urlsplit(url).hostname, type(problem).__name__
        log.warning("Nobody took it at %s: %s", host, why)
    return 0, b""


def _exchange(
    asked: Request, deadline: _Deadline, *, is_ours: bool
) -> tuple[int, bytes]:
    """An answer that was cut off may look complete, so the time is checked once
    more."""
    opener = build_opener(_NoRedirect, _Bounded(deadline, is_ours=is_ours))
    try:
        with opener.open(asked, timeout=SECONDS) as answer:
            found = answer.status, answer.read(MOST_READ)
    except HTTPError as refused:
        refused.close()
        found = refused.code, b""
    deadline.left()
    return found


def is_taken(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def document(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; empty for anything else."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
