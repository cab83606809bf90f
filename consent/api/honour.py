"""The API of the honour clock: /api/v1/consent/honour."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import honour
from privacy.api import has_scope

SHOWN = 1000


class LateOptOutAnswer(serializers.Serializer[Any]):
    event = serializers.IntegerField(help_text="The opt-out in the ledger.")
    organization = serializers.CharField()
    program = serializers.CharField(help_text="Its name, if known.")
    route = serializers.CharField()
    told_by = serializers.CharField(help_text="import:12, or the event alone.")
    received_at = serializers.DateTimeField()
    known_at = serializers.DateTimeField()
    enforced_at = serializers.DateTimeField()
    last_day = serializers.DateField(help_text="The latest time the law allowed.")
    citation = serializers.CharField()


class LateOptOutAnswers(serializers.Serializer[Any]):
    opt_outs = LateOptOutAnswer(many=True)
    after = serializers.IntegerField(
        allow_null=True, help_text="Pass it back to get more."
    )


class HonourView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        return [has_scope("consent:check")()]

    @extend_schema(responses=LateOptOutAnswers)
    def get(self, request: Request) -> Response:
        """Opt-outs that took effect too late, as the last look found them."""
        number = serializers.IntegerField(min_value=0)
        after = number.run_validation(request.query_params.get("after") or 0)
        found = honour.found(SHOWN, after=after)
        more = found[-1].pk if len(found) == SHOWN else None
        return Response({"opt_outs": list(map(honour.facts, found)), "after": more})
