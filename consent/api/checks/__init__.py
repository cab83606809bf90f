"""The API of the check: /api/v1/consent/check and /api/v1/consent/check/bulk."""

from collections import defaultdict
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import check, marks
from consent.api.checks import plain
from consent.check.verdicts import Verdict
from consent.instants import instant
from privacy.api import has_scope
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.refusals import Refusal

MOST = 10_000
LONGEST = 320


class TooMany(Refusal):
    """Ask about at most 10,000 recipients at once."""


class NotARecipient(Refusal):
    """A recipient is a text, or an object with either phone or email, and the state
    where they are known to be, as a text, if you know it."""


def optional(most: int, what: str) -> serializers.CharField:
    """A text that may be missing or empty."""
    return serializers.CharField(
        default="", allow_blank=True, max_length=most, help_text=what
    )


class Question(serializers.Serializer[Any]):
    channel = serializers.CharField(help_text="sms, mms, voice or email")
    organization = optional(64, "Empty: every sender.")
    program = optional(120, "Its name, or our number that would send.")
    purpose = optional(
        12,
        "marketing, service, targeted_ads or profiling; by default the program's own",
    )
    at = optional(40, "As of then: ISO 8601 with an offset.")
    known = optional(40, "By what we knew then: ISO 8601 with an offset.")
    state = optional(5, "Where the person is known to be: FL. Default: by area code.")


class CheckRequest(Question):
    phone = serializers.CharField(required=False, max_length=64)
    email = serializers.CharField(required=False, max_length=LONGEST)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("phone" in attrs) == ("email" in attrs):
            raise serializers.ValidationError("Give either phone or email.")
        return attrs


class BulkRequest(Question):
    """Each recipient is a text, or an object with `phone` or `email`, and with `state`
    where it is not that of the question."""

    recipients = serializers.ListField(
        child=serializers.JSONField(), help_text="At most 10,000."
    )


class DecidedBy(serializers.Serializer[Any]):
    """The event that decided, without the person's number or words."""

    event = serializers.IntegerField()
    kind = serializers.CharField()
    channel = serializers.CharField()
    covers = serializers.ListField(child=serializers.CharField())
    organization = serializers.CharField(help_text="Empty: every sender.")
    route = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    evidence = serializers.JSONField()


class CheckAnswer(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    reason = serializers.ChoiceField(check.CODES)
    sentence = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)
    rule = serializers.CharField(help_text="What decided, if it was not an event.")
    decided_by = DecidedBy(allow_null=True)


class BulkResult(serializers.Serializer[Any]):
    """`decided_by` is the number of the event."""

    allowed = serializers.BooleanField()
    reason = serializers.ChoiceField((*check.CODES, "not_an_address"))
    since = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)
    rule = serializers.CharField()
    decided_by = serializers.IntegerField(allow_null=True)


class BulkAnswer(serializers.Serializer[Any]):
    results = BulkResult(many=True, help_text="In the same order as the recipients.")


READER = CheckRequest()  # reads each question and keeps nothing of it


class CheckView(APIView):
    """A plain question is answered without the framework, whose overhead costs more
    than the answer. Anything unusual or wrong goes through the framework and is read
    again there, so that each refusal is worded in one place."""

    permission_classes = [has_scope(check.SCOPE)]

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        return plain.answer(request) or super().dispatch(request, *args, **kwargs)

    @extend_schema(request={"application/json": CheckRequest}, responses=CheckAnswer)
    def post(self, request: Request) -> Response:
        """May we contact this person now? Yes or no, why, since and until when."""
        question = READER.run_validation(request.data)
        return Response(
            check.may_send(plain.mark_of(question), **_terms(question)).facts()
        )


class BulkCheckView(APIView):
    permission_classes = [has_scope(check.SCOPE)]

    @extend_schema(request={"application/json": BulkRequest}, responses=BulkAnswer)
    def post(self, request: Request) -> Response:
        """The same of up to 10,000 recipients."""
        said = request.data if isinstance(request.data, dict) else {}
        recipients = said.get("recipients")
        asked = Question(data={**said, "recipients": None})
        asked.is_valid(raise_exception=True)
        if not isinstance(recipients, list):
            raise serializers.ValidationError({"recipients": "Give a list."})
        if len(recipients) > MOST:
            raise TooMany
        return Response({"results": results(recipients, asked.validated_data)})


def results(recipients: list[Any], question: dict[str, Any]) -> list[dict[str, Any]]:
    """One for each recipient, in their order; those with one kind of address who are in
    one state are one call."""
    alike: dict[tuple[str, str], list[Place]] = defaultdict(list)
    found: list[dict[str, Any]] = [NOT_AN_ADDRESS] * len(recipients)
    for number, recipient in enumerate(recipients):
        kind, text = _address(recipient)
        state = _state(recipient) or question["state"]
        if value := marks.read(kind, text):
            alike[kind, state].append(Place(number, Mark(kind, value)))
    terms = _terms(question)
    for (_, state), places in alike.items():
        people = [place.mark for place in places]
        verdicts = check.may_send_each(people, **(terms | {"state": state}))
        for place, verdict in zip(places, verdicts, strict=True):
            found[place.number] = _facts(verdict)
    return found


class Place(NamedTuple):
    number: int
    mark: Mark


NOT_AN_ADDRESS = {
    "allowed": False,
    "reason": "not_an_address",
    "since": None,
    "until": None,
    "rule": "",
    "decided_by": None,
}


def _facts(verdict: Verdict) -> dict[str, Any]:
    return {
        "allowed": verdict.allowed,
        "reason": verdict.reason,
        "since": verdict.since,
        "until": verdict.until,
        "rule": verdict.rule,
        "decided_by": verdict.said.number if verdict.said else None,
    }


def _address(recipient: Any) -> tuple[str, str]:
    """The kind of a recipient's address, and its text."""
    if isinstance(recipient, dict):
        phone, email = recipient.get("phone"), recipient.get("email")
        if (phone is None) == (email is None):
            raise NotARecipient
        kind = Identifier.Kind.EMAIL if phone is None else Identifier.Kind.PHONE
        recipient = email if phone is None else phone
    else:
        is_mail = isinstance(recipient, str) and "@" in recipient
        kind = Identifier.Kind.EMAIL if is_mail else Identifier.Kind.PHONE
    if not isinstance(recipient, str) or len(recipient) > LONGEST:
        raise NotARecipient
    return kind, recipient


def _state(recipient: Any) -> str:
    """Where this one is known to be, in one spelling."""
    state = recipient.get("state") if isinstance(recipient, dict) else None
    if state is not None and not isinstance(state, str):
        raise NotARecipient
    return (state or "").strip().upper()


def _terms(question: dict[str, Any]) -> dict[str, Any]:
    names = ("channel", "organization", "program", "purpose", "state")
    terms: dict[str, Any] = {name: question[name] for name in names}
    times = {"at": question["at"], "known_at": question["known"]}
    then = {name: instant(text) if text else None for name, text in times.items()}
    return terms | then | {"now": timezone.now()}
