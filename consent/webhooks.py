"""Where carriers deliver messages: /webhooks/{carrier}. Translate, receive, answer."""

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from consent import carriers, segments
from consent.carriers import CARRIERS
from consent.carriers.base import (
    AsksToConfirm,
    Call,
    Carrier,
    Forged,
    Message,
    NobodyWrote,
    NoCertificate,
    NoSecret,
    Stale,
    UnknownCarrier,
    WrongContentType,
)
from privacy.refusals import Refusal

TOO_LARGE = "The body is larger than any message."
STATUS = {
    UnknownCarrier: HTTPStatus.NOT_FOUND,
    NoSecret: HTTPStatus.SERVICE_UNAVAILABLE,
    NoCertificate: HTTPStatus.SERVICE_UNAVAILABLE,
    Forged: HTTPStatus.FORBIDDEN,
    Stale: HTTPStatus.FORBIDDEN,
    # told again, it would be the same: the carrier need not come back with it
    NobodyWrote: HTTPStatus.OK,
    AsksToConfirm: HTTPStatus.OK,
    WrongContentType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}


@csrf_exempt
def take(request: HttpRequest, name: str) -> HttpResponse:
    """The carrier's answer, or one plain sentence that says what was wrong."""
    if request.method not in carriers.methods(name):
        return HttpResponseNotAllowed(carriers.methods(name))
    try:
        body = request.body
    except RequestDataTooBig:
        return _plain(TOO_LARGE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        return _answer(name, _call(request, body))
    except Refusal as refusal:
        return _plain(str(refusal), STATUS.get(type(refusal), HTTPStatus.BAD_REQUEST))


def _answer(name: str, call: Call) -> HttpResponse:
    carrier = CARRIERS.get(name)
    if carrier is None:
        raise UnknownCarrier
    message = _message(name, carrier, call)
    reply = segments.receive(message=message, now=call.received_at)
    content, content_type = carrier.reply(reply, message)
    return HttpResponse(content, content_type=content_type)


def _message(name: str, carrier: Carrier, call: Call) -> Message:
    try:
        return carriers.read(carrier, call, settings.CARRIER_SECRETS[carrier.SECRETS])
    except AsksToConfirm as asked:
        carriers.leave_to_staff(asked, carrier=name, now=call.received_at)
        raise


def _call(request: HttpRequest, body: bytes) -> Call:
    """The signed address is our public one, whatever a proxy made of it."""
    return Call(
        url=settings.PUBLIC_URL + request.get_full_path(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        received_at=timezone.now(),
    )


def _plain(sentence: str, status: HTTPStatus) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain")
