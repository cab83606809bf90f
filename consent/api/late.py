"""The API of the report: /api/v1/consent/late."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import reconcile
from privacy.api import has_scope

SHOWN = 1000


class LateAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    message = serializers.CharField(help_text="Store, table and key of the message.")
    organization = serializers.CharField()
    program = serializers.CharField(help_text="Its name, if known.")
    sent_at = serializers.DateTimeField()
    opted_out_at = serializers.DateTimeField()
    event = serializers.IntegerField(
        allow_null=True, help_text="The opt-out in the ledger."
    )
    listing = serializers.IntegerField(
        allow_null=True, help_text="Or the entry of our own do-not-call list."
    )
    marketing = serializers.BooleanField()
    seen_at = serializers.DateTimeField(help_text="When it was last looked at.")


class LateAnswers(serializers.Serializer[Any]):
    messages = LateAnswer(many=True)
    after = serializers.IntegerField(
        allow_null=True, help_text="Pass it back to get more."
    )


class LateView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        return [has_scope("consent:check")()]

    @extend_schema(responses=LateAnswers)
    def get(self, request: Request) -> Response:
        """Messages sent after an opt-out, as the last look found them."""
        number = serializers.IntegerField(min_value=0)
        after = number.run_validation(request.query_params.get("after") or 0)
        found = reconcile.found(SHOWN, after=after)
        more = found[-1].pk if len(found) == SHOWN else None
        return Response({"messages": list(map(reconcile.facts, found)), "after": more})
