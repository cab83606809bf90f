"""The platform's own suppression contract: /suppressions/check."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import suppressions
from privacy.api import has_scope
from privacy.models import Identifier

LONGEST = 320
ALLOWED = "Nobody told us to stop contacting this recipient."


def optional(**options: Any) -> serializers.CharField:
    return serializers.CharField(
        default="", allow_null=True, allow_blank=True, max_length=LONGEST, **options
    )


class SuppressionEntryRequest(serializers.Serializer[Any]):
    organizationId = serializers.CharField(max_length=64)
    recipientIdentifier = optional()
    phoneNumber = optional()
    email = optional()
    channel = optional(help_text="SMS, voice, email, or all channels")
    reason = optional()


class SuppressionCheckResult(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    organizationId = serializers.CharField()
    recipientIdentifier = serializers.CharField(allow_null=True)
    normalizedPhoneNumber = serializers.CharField(allow_null=True)
    normalizedEmail = serializers.EmailField(allow_null=True)
    channel = serializers.CharField(allow_null=True)
    suppressionEntryId = serializers.CharField(allow_null=True)
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    suppressedAt = serializers.DateTimeField(allow_null=True)
    customerReason = serializers.CharField()


class CheckView(APIView):
    permission_classes = [has_scope("suppressions")]

    @extend_schema(
        request={"application/json": SuppressionEntryRequest},
        responses=SuppressionCheckResult,
    )
    def post(self, request: Request) -> Response:
        """Is this recipient suppressed?"""
        asked = SuppressionEntryRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(SuppressionCheckResult(self.result(asked.validated_data)).data)

    def result(self, asked: dict[str, Any]) -> dict[str, Any]:
        marks = suppressions.recipient(
            phone=asked["phoneNumber"] or "",
            email=asked["email"] or "",
            identifier=asked["recipientIdentifier"] or "",
        )
        answer = suppressions.active(
            marks=marks,
            channel=asked["channel"] or "",
            organization=asked["organizationId"],
            now=timezone.now(),
        )
        values = {mark.kind: mark.value for mark in marks}
        event = answer.decided_by if answer else None
        return {
            "allowed": answer is None,
            "organizationId": asked["organizationId"],
            "recipientIdentifier": asked["recipientIdentifier"] or None,
            "normalizedPhoneNumber": values.get(Identifier.Kind.PHONE),
            "normalizedEmail": values.get(Identifier.Kind.EMAIL),
            "channel": asked["channel"] or None,
            "suppressionEntryId": suppressions.entry_id(event) if event else None,
            "source": event.route if event else None,
            "suppressedAt": answer.since if answer else None,
            "customerReason": answer.sentence if answer else ALLOWED,
        }
