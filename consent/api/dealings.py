"""The API of what implies consent: /api/v1/consent/dealings."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import dealings
from consent.instants import instant
from consent.models import Dealing
from privacy import identifiers
from privacy.api import has_scope


class DealingRequest(serializers.Serializer[Any]):
    phone = serializers.CharField(required=False, max_length=64)
    email = serializers.CharField(required=False, max_length=320)
    organization = serializers.CharField(max_length=64, help_text="Which sender.")
    kind = serializers.ChoiceField(choices=Dealing.Kind.choices)
    happened_at = serializers.CharField(
        max_length=40, help_text="ISO 8601 with an offset."
    )
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=120, help_text="What proves it: the number of an order or a ticket."
    )
    country = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=2,
        help_text="For an e-mail address: CA.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("phone" in attrs) == ("email" in attrs):
            raise serializers.ValidationError("Give either phone or email.")
        phone, email = attrs.pop("phone", ""), attrs.pop("email", "")
        mark = identifiers.phone(phone) if phone else identifiers.email(email)
        return attrs | {"mark": mark, "happened_at": instant(attrs["happened_at"])}


class ManyDealings(serializers.Serializer[Any]):
    dealings = DealingRequest(
        many=True, help_text="At most 1,000; either all are recorded or none."
    )


class DealingAnswer(serializers.Serializer[Any]):
    organization = serializers.CharField()
    kind = serializers.CharField()
    happened_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(
        help_text="From this time on it implies no consent."
    )
    citation = serializers.CharField()


class DealingAnswers(serializers.Serializer[Any]):
    dealings = DealingAnswer(many=True)


class DealingsView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        return [has_scope("consent:write")()]

    @extend_schema(request=ManyDealings, responses={201: DealingAnswers})
    def post(self, request: Request) -> Response:
        """Record purchases and inquiries that imply consent; told again, they are the
        same rows."""
        asked = ManyDealings(data=request.data)
        asked.is_valid(raise_exception=True)
        rows = dealings.record_many(
            told=asked.validated_data["dealings"],
            by=f"apikey:{request.auth}",
            now=timezone.now(),
        )
        said = DealingAnswer(rows, many=True).data
        return Response({"dealings": said}, status=status.HTTP_201_CREATED)
