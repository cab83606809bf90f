"""The API of the consent ledger: /api/v1/consent/check."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import check
from consent.instants import instant
from privacy import identifiers
from privacy.api import has_scope
from privacy.identifiers import Mark


class CheckRequest(serializers.Serializer[Any]):
    phone = serializers.CharField(required=False, max_length=64)
    email = serializers.CharField(required=False, max_length=320)
    channel = serializers.CharField(help_text="sms, mms, voice or email")
    organization = serializers.CharField(
        default="", allow_blank=True, max_length=64, help_text="Empty: every sender."
    )
    purpose = serializers.CharField(
        default="marketing", help_text="marketing or service"
    )
    at = serializers.CharField(
        default="", max_length=40, help_text="As of then: ISO 8601 with an offset."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("phone" in attrs) == ("email" in attrs):
            raise serializers.ValidationError("Give either phone or email.")
        return attrs


class DecidedBy(serializers.Serializer[Any]):
    """The event that decided, without the person's number or words."""

    event = serializers.IntegerField()
    kind = serializers.CharField()
    channel = serializers.CharField()
    covers = serializers.ListField(child=serializers.CharField())
    organization = serializers.CharField(help_text="Empty: every sender.")
    route = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    evidence = serializers.JSONField()


class CheckAnswer(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    reason = serializers.CharField()
    sentence = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    decided_by = DecidedBy(allow_null=True)


class CheckView(APIView):
    permission_classes = [has_scope("consent:check")]

    @extend_schema(request={"application/json": CheckRequest}, responses=CheckAnswer)
    def post(self, request: Request) -> Response:
        """May we contact this person? Yes or no, why, and since when."""
        asked = CheckRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        question = asked.validated_data
        answer = check.may_contact(
            _mark(question),
            channel=question["channel"],
            organization=question["organization"],
            purpose=question["purpose"],
            at=instant(question["at"]) if question["at"] else None,
            now=timezone.now(),
        )
        return Response(answer.facts())


def _mark(question: dict[str, str]) -> Mark:
    if "phone" in question:
        return identifiers.phone(question["phone"])
    return identifiers.email(question["email"])
