"""/api/v1/requests/counts and /register: the numbers of a year, and its list."""

from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dsr import deadlines, metrics, register
from privacy.api import has_scope
from privacy.providers import gate
from privacy.providers.grounds import GroundRequest


class Year(serializers.Serializer[Any]):
    year = serializers.IntegerField(
        min_value=metrics.FIRST_YEAR,
        max_value=9999,
        required=False,
        help_text="Empty: this one.",
    )

    @property
    def asked(self) -> int:
        this = deadlines.day_of(timezone.now()).year
        return int(self.validated_data.get("year", this))


class Handing(Year, GroundRequest):
    """Whom the register of a year is given to."""


class CountAnswer(serializers.Serializer[Any]):
    regime = serializers.CharField()
    kind = serializers.CharField(help_text="know, delete, correct, opt out, …")
    received = serializers.IntegerField()
    complied = serializers.IntegerField()
    whole = serializers.IntegerField()
    part = serializers.IntegerField()
    nothing = serializers.IntegerField()
    denied = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    open = serializers.IntegerField()
    late = serializers.IntegerField()
    median = serializers.FloatField(allow_null=True, help_text="Days.")
    mean = serializers.FloatField(allow_null=True, help_text="Days.")
    why_denied = serializers.CharField(allow_blank=True)


class CountsView(APIView):
    permission_classes = [has_scope("requests:counts")]

    @extend_schema(
        parameters=[OpenApiParameter("year", int, description="Empty: this one.")],
        responses=CountAnswer(many=True),
    )
    def get(self, request: Request) -> Response:
        """What was received in a year, by law and kind, and how it ended (11 CCR
        7102)."""
        asked = Year(data=request.query_params)
        asked.is_valid(raise_exception=True)
        lines = metrics.counts(year=asked.asked, now=timezone.now())
        return Response(CountAnswer(lines, many=True).data)


class RegisterView(APIView):
    permission_classes = [has_scope("requests:register")]

    @extend_schema(request=Handing, responses={(200, "text/csv"): str})
    def post(self, request: Request) -> StreamingHttpResponse:
        """The register of a year as CSV: it names nobody, passes the disclosure gate,
        and is an entry of its register."""
        asked = Handing(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            lines = register.export(
                year=asked.asked,
                ground=asked.ground,
                reason=asked.validated_data["reason"],
                by=f"apikey:{request.auth}",
                now=timezone.now(),
            )
        except gate.Refused as refusal:
            raise exceptions.PermissionDenied(str(refusal)) from None
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
