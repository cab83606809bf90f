"""The ground floor's API: under /api/v1 `disclosures/check`, `erasures/check` and
`analytics/clean`."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from privacy import analytics, guard, identifiers
from privacy.api import has_scope
from privacy.identifiers import Mark, NotAnIdentifier
from privacy.providers import gate

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
    understood = serializers.BooleanField(
        help_text="False if it is neither a phone number nor an e-mail address."
    )


class GuardAnswer(serializers.Serializer[Any]):
    results = GuardResult(many=True, help_text="In the same order as the people.")


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


class NamesFields(serializers.Serializer[Any]):
    """`fields` is a word of the framework's own; callers write it all the same."""

    def get_fields(self) -> dict[str, Any]:
        found = super().get_fields()
        return {name.removesuffix("_"): field for name, field in found.items()}


class GateRequest(NamesFields):
    recipient = serializers.CharField(
        default="", allow_blank=True, max_length=120, help_text="Its name in the list."
    )
    process = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=80,
        help_text="Instead of a recipient: the reference of a legal process on file.",
    )
    purpose = serializers.CharField(
        max_length=50,
        help_text="provide, compliance, improve, communicate, legal or protect",
    )
    fields_ = serializers.ListField(
        child=serializers.CharField(max_length=200),
        min_length=1,
        max_length=1000,
        help_text="Categories of the policy, or store.table.column of the data map.",
    )
    people = serializers.ListField(
        child=serializers.CharField(max_length=320),
        default=list,
        max_length=MOST,
        help_text="The phone numbers and e-mail addresses of the people whose data "
        "it is, if known.",
    )


class GateField(serializers.Serializer[Any]):
    field = serializers.CharField()
    category = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = serializers.CharField()


class GateAnswer(NamesFields):
    allowed = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=list(gate.SENTENCES))
    sentence = serializers.CharField()
    fields_ = GateField(many=True)
    not_of = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Places in `people`, from 0, of those whose data may not go.",
    )


class GateView(APIView):
    permission_classes = [has_scope("disclosures:check")]

    @extend_schema(request={"application/json": GateRequest}, responses=GateAnswer)
    def post(self, request: Request) -> Response:
        """May these fields go to this recipient for this purpose?"""
        asked = GateRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        question = asked.validated_data
        people = [identifiers.understand(text) for text in question.pop("people")]
        verdict = gate.check(
            gate.Transfer(**question), people=people, now=timezone.now()
        )
        return Response(verdict.facts())


class Events(serializers.Serializer[Any]):
    events = serializers.ListField(
        child=serializers.DictField(),
        min_length=1,
        max_length=1000,
        help_text="Events as they would be stored, at most 1,000.",
    )


class EventFinding(serializers.Serializer[Any]):
    event = serializers.IntegerField(help_text="Its place, from 0.")
    path = serializers.CharField(help_text="As properties.form.friend")
    what = serializers.CharField(help_text="message, phone, email, card, ip, …")


class CleanEvents(serializers.Serializer[Any]):
    clean = serializers.BooleanField(help_text="True if nothing had to be removed.")
    events = serializers.ListField(child=serializers.DictField())
    findings = EventFinding(many=True)


class AnalyticsView(APIView):
    permission_classes = [has_scope("analytics:clean")]

    @extend_schema(request={"application/json": Events}, responses=CleanEvents)
    def post(self, request: Request) -> Response:
        """The events without message content and without what names a person."""
        asked = Events(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            cleaned = [analytics.clean(each) for each in asked.validated_data["events"]]
        except analytics.TooDeep as refusal:
            raise serializers.ValidationError(str(refusal)) from None
        findings = [
            {"event": number, **finding._asdict()}
            for number, each in enumerate(cleaned)
            for finding in each.findings
        ]
        return Response(
            {
                "clean": not findings,
                "events": [each.event for each in cleaned],
                "findings": findings,
            }
        )


def _mark(text: str) -> Mark | None:
    try:
        return identifiers.understand(text)
    except NotAnIdentifier:
        return None
