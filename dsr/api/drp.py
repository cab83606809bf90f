"""/drp/v1/…: the Data Rights Protocol over HTTP (its 2.01 to 2.06, errors 3.06)."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from dsr.models import Agent
from dsr.protocols import drp, telling
from dsr.protocols.exchanges import NotFromThem
from privacy.providers import gate
from privacy.refusals import Refusal

View = Callable[..., HttpResponse]


def said(view: View) -> View:
    """A refusal in the format of the protocol."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, **named: Any) -> HttpResponse:
        try:
            return view(request, **named)
        except Refusal as refusal:
            return _error(refusal)

    return guarded


def _error(refusal: Refusal) -> HttpResponse:
    code = getattr(refusal, "code", HTTPStatus.BAD_REQUEST)
    if isinstance(refusal, gate.Refused | NotFromThem):
        code = HTTPStatus.FORBIDDEN
    body: dict[str, Any] = {"code": str(int(code)), "message": str(refusal)}
    if getattr(refusal, "fatal", False):
        body["fatal"] = True
    return JsonResponse(body, status=code)


def _agent(request: HttpRequest) -> Agent:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise drp.NotAllowed
    return drp.agent_of(token.strip())


@said
@require_http_methods(["GET", "POST"])
def agent(request: HttpRequest, code: str) -> HttpResponse:
    """2.05 creates a token, 2.06 says whether it is still valid."""
    if request.method == "GET":
        if _agent(request).code != code:
            raise drp.NotAllowed
        return JsonResponse({})
    try:
        token = drp.set_up(code=code, body=request.body, now=timezone.now())
    except Refusal:  # 2.05.1: no response body
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    return JsonResponse({"agent-id": code, "token": token})


@said
@require_http_methods(["POST"])
def exercise(request: HttpRequest) -> HttpResponse:
    made = drp.exercise(agent=_agent(request), body=request.body, now=timezone.now())
    return JsonResponse(telling.answer(made, now=timezone.now()))


@said
@require_http_methods(["GET", "DELETE"])
def one(request: HttpRequest, number: str) -> HttpResponse:
    """2.02 and 2.04."""
    who = _agent(request)
    exchange = drp.find(agent=who, number=number)
    if request.method == "DELETE":
        drp.revoke(exchange=exchange, agent=who, body=request.body, now=timezone.now())
    return JsonResponse(telling.answer(exchange, now=timezone.now()))


@said
@require_http_methods(["GET"])
def business(request: HttpRequest) -> HttpResponse:
    return JsonResponse(drp.business())
