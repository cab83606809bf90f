"""Where recipients of data answer: /api/v1/instructions/…, /opendsr/callbacks/…"""

from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from dsr.protocols import certificates
from privacy import outgoing
from privacy.models import Instruction
from privacy.providers import opendsr, webhook
from privacy.refusals import Refusal


@csrf_exempt
@require_http_methods(["POST"])
def answer(request: HttpRequest, number: UUID) -> HttpResponse:
    """A later answer to a webhook, signed with its secret."""
    row = _row(number)
    try:
        if row is None:
            raise webhook.NotSigned
        webhook.receive(
            instruction=row,
            body=request.body,
            headers=request.headers,
            now=timezone.now(),
        )
    except webhook.NotSigned as refusal:
        return _problem(HTTPStatus.FORBIDDEN, str(refusal))
    except Refusal as refusal:
        return _problem(HTTPStatus.BAD_REQUEST, str(refusal))
    return JsonResponse({"state": row.state})


@csrf_exempt
@require_http_methods(["POST"])
def callback(request: HttpRequest, number: UUID) -> HttpResponse:
    """8.8 of OpenDSR: the signature first, then the body, then that it is for us."""
    row = _row(number)
    signature = request.headers.get("X-OpenDSR-Signature", "")
    known = row.provider.certificate if row else ""
    if row is None or not certificates.is_signed(request.body, signature, known):
        return _problem(HTTPStatus.FORBIDDEN, "The callback is not signed by them.")
    said = outgoing.document(request.body)
    names = said.get("status_callback_url"), said.get("subject_request_id")
    if names != (opendsr.callback(row), str(row.pk)):
        return _problem(
            HTTPStatus.BAD_REQUEST, "The callback is for a different recipient."
        )
    opendsr.take(row, said, now=timezone.now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _row(number: UUID) -> Instruction | None:
    return Instruction.objects.filter(pk=number).select_related("provider").first()


def _problem(status: int, detail: str) -> HttpResponse:
    said = {"type": "about:blank", "status": int(status), "detail": detail}
    return JsonResponse(said, status=status, content_type="application/problem+json")
