"""A document sent to an address that somebody else named.

Who may name an address could point us at our own network, so an address must be https
and public; a portal that has no https itself (a trial on one machine) may go anywhere.
A name can lead elsewhere a moment after it was looked up, so who answers is looked at
again before a word is said.
"""

import ipaddress
import json
import logging
import socket
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from django.conf import settings

from privacy.refusals import Refusal

log = logging.getLogger(__name__)
SECONDS = 10
MOST_READ = 2**20  # bytes of an answer
UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is given out, RFC 4291


class NotAnAddress(Refusal):
    """Documents are sent to public https addresses only."""


class _NoRedirect(HTTPRedirectHandler):
    """A redirect could lead where the first address may not."""

    def redirect_request(self, *_: object) -> None:
        return None


class _Looking(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        if settings.SECURE and not is_public(self.sock.getpeername()[0]):
            self.close()
            raise NotAnAddress


class _Connection(HTTPSConnection, _Looking):
    """It looks between the connection and the handshake."""


class _Https(HTTPSHandler):
    def https_open(self, req: Request) -> HTTPResponse:
        by_proxy = getattr(req, "_tunnel_host", None)  # it looks the name up for us
        return self.do_open(HTTPSConnection if by_proxy else _Connection, req)


_named_by_others = build_opener(_NoRedirect, _Https)
_our_own = build_opener(_NoRedirect)


def check(url: str) -> None:
    """Raises `NotAnAddress`."""
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
    """Of no network of our own, also not of one that stands inside an IPv6 address."""
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
    """The answer's status and its first megabyte; status 0 when nobody answered.

    What went wrong stands in the log, without the address's path. `is_ours`: the
    settings name the address, so it may be in our own network.
    """
    opener = _our_own if is_ours else _named_by_others
    try:
        if not is_ours:
            check(url)
        asked = Request(url, data=body, headers=dict(headers), method=method)  # noqa: S310
        with opener.open(asked, timeout=SECONDS) as answer:
            return answer.status, answer.read(MOST_READ)
    except HTTPError as refused:
        refused.close()
        return refused.code, b""
    except NotAnAddress:
        log.warning("Nothing was sent: the address is not public, or not https.")
    except (HTTPException, OSError, ValueError) as problem:
        host, why = urlsplit(url).hostname, type(problem).__name__
        log.warning("Nobody took it at %s: %s", host, why)
    return 0, b""


def is_taken(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def document(body: bytes) -> dict[str, Any]:
    """The JSON object that somebody sent; empty for what is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
