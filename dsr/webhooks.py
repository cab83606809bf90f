"""/webhooks/mail/{provider}: mail that a provider receives for us and passes on.
django-anymail knows how each provider signs and formats it.

Providers that sign nothing are known by a name and password in the address
(MAIL_WEBHOOK_SECRET); without either nobody is let in.
"""

import re
import warnings
from http import HTTPStatus
from importlib import import_module
from typing import Any

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.webhooks.base import AnymailBasicAuthMixin
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from dsr import mailbox, rate, tasks
from dsr.mailbox import letter
from privacy.refusals import Refusal

BY = "mailbox"
BY_PASSWORD = "WEBHOOK_SECRET"  # noqa: S105 - the name of a setting
NOT_WHOLE = (LookupError, TypeError, AttributeError)  # what JSON of another shape is
# Provider to its module and view in django-anymail, and the secret it is known by.
PROVIDERS = {
    "amazon_ses": ("amazon_ses", "AmazonSESInboundWebhookView", BY_PASSWORD),
    "brevo": ("brevo", "BrevoInboundWebhookView", BY_PASSWORD),
    "mailersend": (
        "mailersend",
        "MailerSendInboundWebhookView",
        "MAILERSEND_INBOUND_SECRET",
    ),
    "mailgun": ("mailgun", "MailgunInboundWebhookView", "MAILGUN_WEBHOOK_SIGNING_KEY"),
    "mailjet": ("mailjet", "MailjetInboundWebhookView", BY_PASSWORD),
    "postal": ("postal", "PostalInboundWebhookView", "POSTAL_WEBHOOK_KEY"),
    "postmark": ("postmark", "PostmarkInboundWebhookView", BY_PASSWORD),
    "sendgrid": ("sendgrid", "SendGridInboundWebhookView", BY_PASSWORD),
    "sparkpost": ("sparkpost", "SparkPostInboundWebhookView", BY_PASSWORD),
}
# Of those who sign the body, where the signature stands and how it looks: HMAC-SHA256
# in hex; RSA in base64. All others show who they are before it.
SIGNATURES = {
    "mailersend": ("Signature", re.compile(r"[0-9a-f]{64}")),
    "postal": ("X-Postal-Signature", re.compile(r"[A-Za-z0-9+/]{170,}={0,2}")),
}
LARGEST = letter.LARGEST * 2  # bytes; a mail as JSON is larger than the mail


class NotLetIn(Refusal):
    """This is not signed by a mail provider of ours."""


class TooLarge(Refusal):
    """The mail is larger than 30 MB."""


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def take_mail(request: HttpRequest, name: str) -> HttpResponse:
    if request.method == "HEAD":  # some look whether the address is there
        return HttpResponse()
    try:
        mails = _mails(request, name)
    except (NotLetIn, AnymailWebhookValidationFailure):
        return _problem(HTTPStatus.FORBIDDEN, str(NotLetIn()))
    except rate.TooOften as refusal:
        return _problem(HTTPStatus.TOO_MANY_REQUESTS, str(refusal))
    except TooLarge as refusal:
        return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(refusal))
    except (AnymailError, ImproperlyConfigured, ValueError, *NOT_WHOLE):
        return _problem(HTTPStatus.BAD_REQUEST, "The provider's message is incomplete.")
    for raw in mails:
        _take(raw)
    transaction.on_commit(lambda: tasks.acknowledge.delay(), robust=True)
    return HttpResponse()


def _take(raw: bytes) -> None:
    """Nobody but us has the mail: what can't be read is kept for a person."""
    now = timezone.now()
    try:
        mailbox.ingest(raw, by=BY, now=now)
    except Refusal as refusal:
        mailbox.keep_unread(raw, why=str(refusal), by=BY, now=now)


def _mails(request: HttpRequest, name: str) -> list[bytes]:
    """The mails of a message whose signature is right, each as it came."""
    view = _view(name)
    _look_before(request, view, name)
    _read(request, name)
    _prove(request, view, name)
    events = view.parse_events(request)
    found = [event.message for event in events if event.event_type == "inbound"]
    return [message.as_bytes() for message in found if message is not None]


def _prove(request: HttpRequest, view: Any, name: str) -> None:
    """For a wrong signature the body is read a few times, and then not for a while."""
    try:
        view.run_validators(request)
    except AnymailWebhookValidationFailure:
        if name in SIGNATURES:
            rate.count("sign a mail wrongly", rate.place(request), now=timezone.now())
        raise


def _view(name: str) -> Any:
    """As the settings configure it; one without its secret lets nobody in."""
    if name not in PROVIDERS:
        raise NotLetIn
    module, view, secret = PROVIDERS[name]
    if not settings.ANYMAIL[secret]:
        raise NotLetIn
    # of providers that sign, no password is asked
    own: dict[str, list[str]] = {} if secret == BY_PASSWORD else {"webhook_secret": []}
    try:
        with warnings.catch_warnings():  # that none is
            warnings.simplefilter("ignore")
            found = import_module(f"anymail.webhooks.{module}")
            return getattr(found, view)(**own)
    except (ImproperlyConfigured, AnymailError, ImportError):
        raise NotLetIn from None


def _look_before(request: HttpRequest, view: Any, name: str) -> None:
    """Refuses what it can before reading any of the body: a wrong password, no
    signature, a size that no mail has."""
    AnymailBasicAuthMixin.validate_request(view, request)
    if name in SIGNATURES:
        header, looks = SIGNATURES[name]
        if not looks.fullmatch(request.headers.get(header, "")):
            raise NotLetIn
        rate.refuse("sign a mail wrongly", rate.place(request), now=timezone.now())
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        raise TooLarge


def _read(request: HttpRequest, name: str) -> None:
    """A mail as JSON is larger than other requests may be; mailgun sends none of that
    kind."""
    if request.content_type == "application/json" and name != "mailgun":
        body = request.read(LARGEST)
        request._body = body


def _problem(status: int, detail: str) -> HttpResponse:
    said = {"type": "about:blank", "status": int(status), "detail": detail}
    return JsonResponse(said, status=status, content_type="application/problem+json")
