"""A document sent to an address that somebody else named.

Who may name an address could point us at our own network, so an address must be https
and public; a portal that has no https itself (a trial on one machine) may go anywhere.
"""

import ipaddress
import logging
import socket
from collections.abc import Mapping
from http import HTTPStatus
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

from privacy.refusals import Refusal

log = logging.getLogger(__name__)
SECONDS = 10


class NotAnAddress(Refusal):
    """Documents are sent to public https addresses only."""


class _NoRedirect(HTTPRedirectHandler):
    """A redirect could lead where the first address may not."""

    def redirect_request(self, *_: object) -> None:
        return None


_opener = build_opener(_NoRedirect)


def check(url: str) -> None:
    """Raises `NotAnAddress`."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise NotAnAddress
    if not settings.SECURE:
        return
    if parts.scheme != "https" or not _is_public(parts.hostname):
        raise NotAnAddress


def _is_public(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ipaddress.ip_address(each[4][0]).is_global for each in found)


def post(
    url: str, body: bytes | None, headers: Mapping[str, str], *, method: str = "POST"
) -> tuple[int, bytes]:
    """The answer's status and its first megabyte; status 0 when nobody answered.

    What went wrong stands in the log, without the address's path.
    """
    try:
        check(url)
        asked = Request(url, data=body, headers=dict(headers), method=method)  # noqa: S310
        with _opener.open(asked, timeout=SECONDS) as answer:
            return answer.status, answer.read(2**20)
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read(2**20)
    except (URLError, OSError, ValueError, Refusal) as problem:
        log.warning("Nobody took it at %s: %s", urlsplit(url).hostname, type(problem))
        return 0, b""


def is_taken(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
