"""/opendsr/…: OpenDSR 2.0 over HTTP, and the routes of OpenGDPR before it (10.1).

Callers are identified by their API key with the scope requests:write (4.3 leaves it to
us).
"""

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from dsr.protocols import certificates, opendsr, telling
from dsr.protocols.exchanges import NotFromThem
from privacy import apikeys
from privacy.providers import gate
from privacy.refusals import Refusal

View = Callable[..., HttpResponse]
SCOPE = "requests:write"
NOT_FOUND = (opendsr.Unknown,)
NOT_SET_UP = (certificates.NoCertificate,)


class NoKey(Refusal):
    """Give an API key with the scope requests:write as Authorization: Bearer."""


def said(view: View) -> View:
    """Signed, with refusals in the format of the specification (7.5, 7.6)."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, **named: Any) -> HttpResponse:
        try:
            return view(request, **named)
        except Refusal as refusal:
            return _error(refusal)

    return guarded


def _error(refusal: Refusal) -> HttpResponse:
    code = HTTPStatus.BAD_REQUEST
    if isinstance(refusal, NoKey):
        code = HTTPStatus.UNAUTHORIZED
    elif isinstance(refusal, gate.Refused | NotFromThem):
        code = HTTPStatus.FORBIDDEN
    elif isinstance(refusal, NOT_FOUND):
        code = HTTPStatus.NOT_FOUND
    elif isinstance(refusal, NOT_SET_UP):
        code = HTTPStatus.SERVICE_UNAVAILABLE
    reason = type(refusal).__name__
    detail = {"domain": "Validation", "reason": reason, "message": str(refusal)}
    said = {"code": int(code), "message": str(refusal), "errors": [detail]}
    return HttpResponse(
        json.dumps({"error": said}),
        status=code,
        content_type="application/json;charset=UTF-8",
    )


def _signed(document: dict[str, Any], status: int = HTTPStatus.OK) -> HttpResponse:
    body = json.dumps(document).encode()
    return HttpResponse(
        body,
        status=status,
        content_type="application/json",
        headers=certificates.headers(body),
    )


def _controller(request: HttpRequest) -> str:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    holder = apikeys.holder(key.strip()) if scheme.lower() == "bearer" else None
    if holder is None or SCOPE not in holder.scopes:
        raise NoKey
    return holder.name


@said
@require_http_methods(["GET"])
def discovery(request: HttpRequest) -> HttpResponse:
    return _signed(opendsr.discovery())


@said
@require_http_methods(["GET"])
def certificate(request: HttpRequest) -> HttpResponse:
    return HttpResponse(certificates.pem(), content_type="application/x-pem-file")


@said
@require_http_methods(["POST"])
def requests(request: HttpRequest) -> HttpResponse:
    answer = opendsr.take(
        controller=_controller(request), body=request.body, now=timezone.now()
    )
    return _signed(answer, HTTPStatus.CREATED)


@said
@require_http_methods(["GET", "DELETE"])
def one(request: HttpRequest, number: str) -> HttpResponse:
    exchange = opendsr.find(controller=_controller(request), number=number)
    if request.method == "DELETE":
        answer = opendsr.cancel(exchange=exchange, now=timezone.now())
        return _signed(answer, HTTPStatus.ACCEPTED)
    return _signed(telling.answer(exchange, now=timezone.now()))
