"""The platform's own suppression contract: /suppressions and what is below it."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import suppressions, tasks
from consent.api.suppressions import paging
from privacy.api import has_scope
from privacy.models import ApiKey, Identifier
from privacy.providers import gate

ALLOWED = "This recipient is not suppressed: nothing forbids us to contact them."


class SuppressionEntryRequest(serializers.Serializer[Any]):
    """The platform's document requires `organizationId`, and its newest client leaves
    it out; then every sender is meant, which is the safe reading."""

    organizationId = serializers.CharField(
        default="", allow_null=True, allow_blank=True, max_length=64
    )
    recipientIdentifier = paging.optional()
    phoneNumber = paging.optional()
    email = paging.optional()
    channel = paging.optional(help_text="SMS, voice, email, or all channels")
    reason = paging.optional()


class SuppressionCheckResult(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    organizationId = serializers.CharField(allow_null=True)
    recipientIdentifier = serializers.CharField(allow_null=True)
    normalizedPhoneNumber = serializers.CharField(allow_null=True)
    normalizedEmail = serializers.EmailField(allow_null=True)
    channel = serializers.CharField(allow_null=True)
    suppressionEntryId = serializers.CharField(allow_null=True)
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    suppressedAt = serializers.DateTimeField(allow_null=True)
    customerReason = serializers.CharField()


class SuppressionEntryAudit(serializers.Serializer[Any]):
    id = serializers.CharField()
    status = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    timestamp = serializers.DateTimeField()
    actorId = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    safeMetadata = serializers.DictField(child=serializers.CharField())


class SuppressionEntryResponse(serializers.Serializer[Any]):
    id = serializers.CharField()
    organizationId = serializers.CharField(allow_null=True)
    recipientIdentifier = serializers.CharField(allow_null=True)
    normalizedPhoneNumber = serializers.CharField(allow_null=True)
    normalizedEmail = serializers.EmailField(allow_null=True)
    channel = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    status = serializers.CharField()
    reason = serializers.CharField(allow_null=True)
    suppressedAt = serializers.DateTimeField()
    releasedAt = serializers.DateTimeField(allow_null=True)
    audit = SuppressionEntryAudit(many=True)


class PagedResult(serializers.Serializer[Any]):
    items = SuppressionEntryResponse(many=True)
    pageSize = serializers.IntegerField()
    totalCount = serializers.IntegerField(allow_null=True)
    continuationToken = serializers.CharField(allow_null=True)


class SuppressionsApi(APIView):
    permission_classes = [has_scope("suppressions")]


class SuppressView(SuppressionsApi):
    @extend_schema(
        request={"application/json": SuppressionEntryRequest},
        responses={201: SuppressionEntryResponse},
    )
    def post(self, request: Request) -> Response:
        """Suppress a recipient."""
        asked = _asked(request)
        event = suppressions.suppress(**_change(request, asked))
        _carry_over(asked)
        return _entry(event, asked, status.HTTP_201_CREATED)


class ReleaseView(SuppressionsApi):
    @extend_schema(
        request={"application/json": SuppressionEntryRequest},
        responses=SuppressionEntryResponse,
    )
    def post(self, request: Request) -> Response:
        """Lift what the platform had suppressed."""
        asked = _asked(request)
        event = suppressions.release(**_change(request, asked))
        _carry_over(asked)
        return _entry(event, asked, status.HTTP_200_OK)


class EntryView(SuppressionsApi):
    @extend_schema(responses=SuppressionEntryResponse)
    def get(self, request: Request, entry: str) -> Response:
        """One entry, with what became of it."""
        try:
            with _gated():
                found = suppressions.get(entry, **_asks(request))
        except suppressions.NoSuchEntry as refusal:
            raise exceptions.NotFound(str(refusal)) from None
        return Response(SuppressionEntryResponse(found).data)


class ListView(SuppressionsApi):
    @extend_schema(
        request={"application/json": paging.RequestDataOptions}, responses=PagedResult
    )
    def post(self, request: Request) -> Response:
        """The list, newest first unless asked otherwise."""
        asked = paging.RequestDataOptions(data=request.data)
        asked.is_valid(raise_exception=True)
        options = paging.options(asked.validated_data)
        with _gated():
            page, items = suppressions.listed(**options, **_asks(request))
        return Response(
            {
                "items": SuppressionEntryResponse(items, many=True).data,
                "pageSize": page.size,
                "totalCount": page.total,
                "continuationToken": page.cursor,
            }
        )


def _carry_over(asked: dict[str, Any]) -> None:
    """A worker finds whose id it is; the scheduler is the safety net."""
    if asked["recipientIdentifier"]:
        transaction.on_commit(lambda: tasks.carry_over.delay(), robust=True)


@contextlib.contextmanager
def _gated() -> Iterator[None]:
    """A refusal of the gate becomes the contract's 403."""
    try:
        yield
    except gate.Refused as refusal:
        raise exceptions.PermissionDenied(str(refusal)) from None


def _asks(request: Request) -> dict[str, Any]:
    key = request.auth
    assert isinstance(key, ApiKey)  # noqa: S101 - nobody else gets here
    return {
        "recipient": key.recipient,
        "by": f"apikey:{key}",
        "now": timezone.now(),
    }


def _asked(request: Request) -> dict[str, Any]:
    asked = SuppressionEntryRequest(data=request.data)
    asked.is_valid(raise_exception=True)
    return {name: value or "" for name, value in asked.validated_data.items()}


def _marks(asked: dict[str, Any]) -> list[Any]:
    return suppressions.recipient(
        phone=asked["phoneNumber"],
        email=asked["email"],
        identifier=asked["recipientIdentifier"],
        channel=asked["channel"],
    )


def _change(request: Request, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "marks": _marks(asked),
        "channel": asked["channel"],
        "organization": asked["organizationId"],
        "reason": asked["reason"],
        "by": f"apikey:{request.auth}",
        "now": timezone.now(),
    }


def _entry(event: Any, asked: dict[str, Any], code: int) -> Response:
    """With every identifier that was given, not only the entry's own."""
    shown = suppressions.shown(event)
    values = {mark.kind: mark.value for mark in _marks(asked)}
    for field, kind in (
        ("recipientIdentifier", Identifier.Kind.OTHER),
        ("normalizedPhoneNumber", Identifier.Kind.PHONE),
        ("normalizedEmail", Identifier.Kind.EMAIL),
    ):
        shown[field] = shown[field] or values.get(kind)
    return Response(SuppressionEntryResponse(shown).data, status=code)


class CheckView(SuppressionsApi):
    @extend_schema(
        request={"application/json": SuppressionEntryRequest},
        responses=SuppressionCheckResult,
    )
    def post(self, request: Request) -> Response:
        """Is this recipient suppressed?"""
        return Response(SuppressionCheckResult(self.result(_asked(request))).data)

    def result(self, asked: dict[str, Any]) -> dict[str, Any]:
        marks = _marks(asked)
        found = suppressions.active(
            marks=marks,
            channel=asked["channel"],
            organization=asked["organizationId"],
            now=timezone.now(),
        )
        values = {mark.kind: mark.value for mark in marks}
        return {
            "allowed": found is None,
            "organizationId": asked["organizationId"] or None,
            "recipientIdentifier": asked["recipientIdentifier"] or None,
            "normalizedPhoneNumber": values.get(Identifier.Kind.PHONE),
            "normalizedEmail": values.get(Identifier.Kind.EMAIL),
            "channel": asked["channel"] or None,
            "suppressionEntryId": found.entry if found else None,
            "source": found.source if found else None,
            "suppressedAt": found.answer.since if found else None,
            "customerReason": found.answer.sentence if found else ALLOWED,
        }
