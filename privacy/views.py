"""The ground floor's API: /api/v1/erasures/check."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from privacy import guard, identifiers
from privacy.api import has_scope
from privacy.identifiers import Mark, NotAnIdentifier

MOST = 10_000


class GuardRequest(serializers.Serializer[Any]):
    people = serializers.ListField(
        child=serializers.CharField(max_length=320),
        min_length=1,
        max_length=MOST,
        help_text="Phone numbers and e-mail addresses, at most 10,000.",
    )


class GuardResult(serializers.Serializer[Any]):
    erased = serializers.BooleanField()
    erased_at = serializers.DateTimeField(allow_null=True)
    understood = serializers.BooleanField(help_text="False: neither phone nor e-mail.")


class GuardAnswer(serializers.Serializer[Any]):
    results = GuardResult(many=True, help_text="In the order of the people.")


class GuardView(APIView):
    permission_classes = [has_scope("erasures:check")]

    @extend_schema(request={"application/json": GuardRequest}, responses=GuardAnswer)
    def post(self, request: Request) -> Response:
        """Which of these people were erased, so that no old list brings them back?"""
        asked = GuardRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        marks = [_mark(text) for text in asked.validated_data["people"]]
        gone = guard.erased([mark for mark in marks if mark])
        results = [
            {
                "erased": mark in gone,
                "erased_at": gone.get(mark) if mark else None,
                "understood": mark is not None,
            }
            for mark in marks
        ]
        return Response({"results": results})


def _mark(text: str) -> Mark | None:
    try:
        return identifiers.understand(text)
    except NotAnIdentifier:
        return None
