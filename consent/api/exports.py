"""The API of lists given out: /api/v1/consent/exports."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import transfer
from consent.models import Channel, Standing
from privacy.api import has_scope
from privacy.providers.grounds import GroundRequest


class ExportRequest(GroundRequest):
    state = serializers.ChoiceField(transfer.WHO, default=Standing.State.OPTED_OUT)
    channel = serializers.ChoiceField(
        Channel.choices, default="", allow_blank=True, help_text="Empty: all of them."
    )
    organization = serializers.CharField(
        default=None, allow_null=True, allow_blank=True, max_length=64
    )
    after = serializers.IntegerField(default=0, min_value=0, max_value=2**62)


class ExportRow(serializers.Serializer[Any]):
    address = serializers.CharField()
    channel = serializers.CharField()
    organization = serializers.CharField()
    kind = serializers.CharField()
    occurred_at = serializers.CharField()
    renewed_at = serializers.CharField()
    part = serializers.CharField()


class ExportAnswer(serializers.Serializer[Any]):
    rows = ExportRow(many=True)
    after = serializers.IntegerField(
        allow_null=True, help_text="Pass it back to get more."
    )


class ExportsView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        return [has_scope("consent:export")()]

    @extend_schema(request=ExportRequest, responses=ExportAnswer)
    def post(self, request: Request) -> Response:
        """Who stands where, in clear, page by page: each page passes the disclosure
        gate, and is an entry of its register."""
        asked = ExportRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        found = transfer.page(
            ground=asked.ground,
            which=transfer.Which(said["state"], said["channel"], said["organization"]),
            reason=said["reason"],
            after=said["after"],
            by=f"apikey:{request.auth}",
            now=timezone.now(),
        )
        return Response(found._asdict())
