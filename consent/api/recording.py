"""The API of recorded calls: /api/v1/consent/recording."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import recording
from privacy.api import has_scope


class RecordingRequest(serializers.Serializer[Any]):
    caller = serializers.CharField(max_length=64, help_text="A phone number.")
    callee = serializers.CharField(max_length=64, help_text="A phone number.")


class RecordingAnswer(serializers.Serializer[Any]):
    everybody = serializers.BooleanField(help_text="Must all parties agree first?")
    citation = serializers.CharField()
    sentence = serializers.CharField()


class RecordingView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        return [has_scope("consent:check")()]

    @extend_schema(request=RecordingRequest, responses=RecordingAnswer)
    def post(self, request: Request) -> Response:
        """Who must agree before a call between these two is recorded."""
        asked = RecordingRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        answer = recording.ask(**asked.validated_data, now=timezone.now())
        return Response(answer.facts())
