"""The API of the ledger: /api/v1/consent/events."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import events, ledger
from consent.instants import instant
from privacy import identifiers
from privacy.api import has_scope
from privacy.identifiers import Mark


class EventRequest(serializers.Serializer[Any]):
    phone = serializers.CharField(required=False, max_length=64)
    email = serializers.CharField(required=False, max_length=320)
    kind = serializers.CharField(
        help_text="opt_in, opt_out, help, expiry or reassignment", max_length=20
    )
    channel = serializers.CharField(help_text="sms, mms, voice, email or web")
    organization = serializers.CharField(
        default="", allow_blank=True, max_length=64, help_text="Empty: every sender."
    )
    program = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=120,
        help_text="Its name, or the number of ours that the person replied to.",
    )
    scope = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=12,
        help_text="What the person chose: sender (evidence.our_number), program, "
        "organization or all. Empty: the dated rules say how far it reaches.",
    )
    source = serializers.CharField(  # type: ignore[assignment]
        default="providers", help_text="direct, automatic, providers or third_party"
    )
    route = serializers.CharField(default="api", max_length=20)
    occurred_at = serializers.CharField(
        default="", max_length=40, help_text="ISO 8601 with an offset; empty: now."
    )
    key = serializers.CharField(
        default="", allow_blank=True, max_length=50, help_text="Idempotency key."
    )
    evidence = serializers.DictField(default=dict)
    words = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=2000,
        help_text="What the person said; it is sealed.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("phone" in attrs) == ("email" in attrs):
            raise serializers.ValidationError("Give either phone or email.")
        said = attrs["occurred_at"]
        return attrs | {"occurred_at": instant(said) if said else None}


class EventAnswer(serializers.Serializer[Any]):
    event = serializers.IntegerField()
    kind = serializers.CharField()
    channel = serializers.CharField()
    covers = serializers.ListField(child=serializers.CharField())
    organization = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    route = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    evidence = serializers.JSONField()
    is_new = serializers.BooleanField(help_text="False if the key was known already.")


class History(serializers.Serializer[Any]):
    events = EventAnswer(many=True)
    before = serializers.IntegerField(
        allow_null=True, help_text="Pass it back to get older events."
    )


class EventsView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        scope = "consent:check" if self.request.method == "GET" else "consent:write"
        return [has_scope(scope)()]

    @extend_schema(
        request={"application/json": EventRequest}, responses={201: EventAnswer}
    )
    def post(self, request: Request) -> Response:
        """Record what a person said; or a list, or {"events": […]}, of up to 1,000."""
        body = request.data
        many = body.get("events") if isinstance(body, dict) else body
        is_many = many is not None
        asked = EventRequest(data=many if is_many else [body], many=True)
        asked.is_valid(raise_exception=True)
        taken = events.take(
            told=[(_mark(said), said) for said in asked.validated_data],
            by=f"apikey:{request.auth}",
            now=timezone.now(),
        )
        said = [ledger.facts(event) | {"is_new": is_new} for event, is_new in taken]
        new = any(is_new for _, is_new in taken)
        return Response(
            {"events": said} if is_many else said[0],
            status=status.HTTP_201_CREATED if new else status.HTTP_200_OK,
        )

    @extend_schema(responses=History)
    def get(self, request: Request) -> Response:
        """What one person told us, newest first; `phone` or `email` in the query."""
        asked = {name: request.query_params.get(name) for name in ("phone", "email")}
        given = {name: text for name, text in asked.items() if text}
        if len(given) != 1:
            raise serializers.ValidationError("Give either phone or email.")
        before = serializers.IntegerField(min_value=1, required=False)
        page = request.query_params.get("before")
        found, more = events.history(
            _mark(given),
            before=before.run_validation(page) if page else None,
            by=f"apikey:{request.auth}",
            now=timezone.now(),
        )
        said = [ledger.facts(event) for event in found]
        return Response({"events": said, "before": more})


def _mark(said: dict[str, Any]) -> Mark:
    if "phone" in said:
        return identifiers.phone(said["phone"])
    return identifiers.email(said["email"])
