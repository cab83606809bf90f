"""/api/v1/requests: partner systems hand in requests and follow them."""

import json
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dsr import appeals, tasks, uploads
from dsr.languages import LANGUAGES
from dsr.models import Exchange
from dsr.protocols import partners, telling
from dsr.protocols.exchanges import NotFromThem
from dsr.representatives import CAPACITIES, Acting
from privacy import identifiers
from privacy.api import has_scope
from privacy.providers import gate

KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key with the same body opens nothing twice.",
)


class ActingFor(serializers.Serializer[Any]):
    """Who asks for the person, where somebody does; our letters go to `reply_to`."""

    capacity = serializers.ChoiceField(choices=list(CAPACITIES))
    name = serializers.CharField(default="", allow_blank=True, max_length=200)
    organization = serializers.CharField(default="", allow_blank=True, max_length=200)
    has_power_of_attorney = serializers.BooleanField(default=False)
    may_act = serializers.BooleanField(
        default=False,
        help_text="Whether you have verified that they may; it counts with `verified`.",
    )


class NewRequest(serializers.Serializer[Any]):
    rights = serializers.ListField(
        child=serializers.CharField(max_length=24),
        min_length=1,
        max_length=20,
        help_text="access, portability, erasure, rectification, opt_out_sale, …",
    )
    regime = serializers.CharField(
        default="unspecified", max_length=16, help_text="EU-GDPR, US-CA, …"
    )
    phones = serializers.ListField(
        child=serializers.CharField(max_length=64), default=list, max_length=20
    )
    emails = serializers.ListField(
        child=serializers.CharField(max_length=320), default=list, max_length=20
    )
    received_at = serializers.DateTimeField(
        required=False, help_text="When the person asked; with an offset. Empty: now."
    )
    name = serializers.CharField(default="", allow_blank=True, max_length=200)
    reply_to = serializers.EmailField(default="", allow_blank=True, max_length=254)
    words = serializers.CharField(default="", allow_blank=True, max_length=10_000)
    against = serializers.RegexField(
        appeals.NUMBER,
        required=False,
        max_length=20,
        help_text="Of an appeal: the number of the decision (R-2026-000001).",
    )
    language = serializers.ChoiceField(
        list(LANGUAGES),
        default="",
        allow_blank=True,
        help_text="What the person reads; our letters are in it. Empty: English.",
    )
    verified = serializers.BooleanField(
        default=False, help_text="Whether you have verified who the person is."
    )
    acting = ActingFor(required=False, help_text="Somebody who asks for the person.")
    callback = serializers.URLField(default="", allow_blank=True, max_length=500)

    def to_internal_value(self, data: Any) -> Any:
        """`phone` for `phones` would otherwise be lost without a word."""
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            said = f"Unknown; there are {', '.join(self.fields)}."
            raise serializers.ValidationError({name: said for name in sorted(unknown)})
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        marks = [identifiers.phone(each) for each in attrs.pop("phones")]
        marks += [identifiers.email(each) for each in attrs.pop("emails")]
        if acting := attrs.pop("acting", None):
            attrs["acting"] = Acting(email=attrs["reply_to"], **acting)
        return attrs | {"marks": marks}


class TicketAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    right = serializers.CharField()
    regime = serializers.CharField()
    asked_under = serializers.CharField(
        allow_blank=True, help_text="The law you named, if it gives no such right."
    )
    status = serializers.CharField()
    outcome = serializers.CharField(allow_blank=True)
    ground = serializers.CharField(allow_blank=True, help_text="With its citation.")
    decision = serializers.CharField(allow_blank=True)
    received_at = serializers.DateTimeField()
    due = serializers.DateField()
    arithmetic = serializers.CharField()
    closed_at = serializers.DateTimeField(allow_null=True)


class RequestAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    tickets = TicketAnswer(many=True)
    is_new = serializers.BooleanField(help_text="False if the key was known already.")


class FileAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    purpose = serializers.CharField()
    media_type = serializers.CharField(help_text="By its first bytes.")


def _partner(request: Request) -> str:
    key: Any = request.auth
    return str(key.name)


def _answer(exchange: Exchange) -> dict[str, Any]:
    try:
        return telling.answer(exchange, now=timezone.now())
    except gate.Refused as refusal:
        raise exceptions.PermissionDenied(str(refusal)) from None


def _own(request: Request, number: str) -> Exchange:
    exchange = partners.find(partner=_partner(request), number=number)
    if exchange is None:
        raise exceptions.NotFound("You have not submitted a request with that number.")
    return exchange


def _hand_in(request: Request, asked: dict[str, Any]) -> tuple[Exchange, bool]:
    try:
        return partners.hand_in(
            partner=_partner(request),
            number=request.headers.get("Idempotency-Key", ""),
            said=json.dumps(request.data, sort_keys=True, default=str).encode(),
            now=timezone.now(),
            **asked,
        )
    except NotFromThem as refusal:
        raise exceptions.PermissionDenied(str(refusal)) from None


class RequestsView(APIView):
    permission_classes = [has_scope("requests:write")]

    @extend_schema(parameters=[KEY], request=NewRequest, responses={201: RequestAnswer})
    def post(self, request: Request) -> Response:
        """Hand in a request; each right becomes a ticket with its own clock."""
        asked = NewRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        exchange, is_new = _hand_in(request, asked.validated_data)
        transaction.on_commit(lambda: tasks.acknowledge.delay(), robust=True)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        body = _answer(exchange) | {"is_new": is_new}
        where = {"Location": f"/api/v1/requests/{exchange.pk}"}
        return Response(RequestAnswer(body).data, code, headers=where)


class FileParser(BaseParser):
    """The body is the file itself, whatever its content type says."""

    media_type = "*/*"

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Any = None
    ) -> Any:
        return stream.read(uploads.MOST_BYTES + 1)


class FilesView(APIView):
    permission_classes = [has_scope("requests:write")]
    parser_classes = (FileParser,)

    @extend_schema(
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={201: FileAnswer},
    )
    def post(self, request: Request, number: str) -> Response:
        """Add a file to a request that you submitted: the body is one PDF, JPEG, PNG or
        HEIC of up to 10 MB. Of an agent or a parent it is what lets them act. The same
        file again is kept once."""
        body = request.data
        row = partners.enclose(
            exchange=_own(request, number),
            content=body if isinstance(body, bytes) else b"",
            by=f"apikey:{_partner(request)}",
            now=timezone.now(),
        )
        return Response(FileAnswer(row).data, status.HTTP_201_CREATED)


class RequestView(APIView):
    permission_classes = [has_scope("requests:write")]

    @extend_schema(responses={200: RequestAnswer})
    def get(self, request: Request, number: str) -> Response:
        """By the id of the answer, or by the reference of a ticket (R-2026-000001)."""
        body = _answer(_own(request, number)) | {"is_new": False}
        return Response(RequestAnswer(body).data)
