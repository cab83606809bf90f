"""The API of the comparison: /api/v1/consent/blocklists/{carrier}."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import blocklists
from privacy.api import has_scope

SHOWN = 1000


class DifferenceAnswer(serializers.Serializer[Any]):
    difference = serializers.ChoiceField(["not_blocked", "consented"])
    event = serializers.IntegerField(help_text="Of the ledger.")
    organization = serializers.CharField()
    since = serializers.DateTimeField()
    why = serializers.CharField()


class BlockListAnswer(serializers.Serializer[Any]):
    carrier = serializers.CharField()
    compared_at = serializers.DateTimeField()
    listed = serializers.IntegerField()
    recorded = serializers.IntegerField(
        help_text="New to us: now recorded as opt-outs."
    )
    missing = serializers.IntegerField(
        help_text="Our opt-outs that are missing from it."
    )
    consented = serializers.IntegerField(help_text="On it, but opted in here since.")
    differences = DifferenceAnswer(many=True)


class BlockListView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        return [has_scope("consent:check")()]

    @extend_schema(responses=BlockListAnswer)
    def get(self, request: Request, carrier: str) -> Response:
        """How the carrier's last block list differs from the ledger, and why: at most
        1,000 differences of each kind, without whose numbers they are."""
        found = blocklists.last(carrier)
        if found is None:
            raise Http404
        return Response(blocklists.facts(found, most=SHOWN))
