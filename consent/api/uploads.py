"""The API of lists: /api/v1/consent/lists."""

from typing import Any

from django.db import transaction
from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import reassigned, tasks, transfer, uploads
from consent.models import Channel, Dealing, Event, ListUpload
from privacy.api import has_scope


class ListParser(BaseParser):
    """The body is the list itself, whatever its content type."""

    media_type = "*/*"

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Any = None
    ) -> Any:
        return stream.read(uploads.LARGEST + 1)


class ListOptions(serializers.Serializer[Any]):
    """The query string gives what the list does not say itself."""

    kind = serializers.ChoiceField(
        [Event.Kind.OPT_OUT, Event.Kind.OPT_IN], default="", allow_blank=True
    )
    listing = serializers.ChoiceField(
        [(each.value, each.label) for each in uploads.LISTS],
        default="",
        allow_blank=True,
        help_text="For numbers that must not be called: which list they are on.",
    )
    whole = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=60,
        help_text="The list is a complete copy of this registry, such as “FTC 202”.",
    )
    dealing = serializers.ChoiceField(
        Dealing.Kind.choices,
        default="",
        allow_blank=True,
        help_text="Purchase or inquiry, for rows that do not say which.",
    )
    country = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=2,
        help_text="For e-mail addresses in such a list: CA.",
    )
    channel = serializers.ChoiceField(Channel.choices, default=Channel.SMS)
    organization = serializers.CharField(default="", allow_blank=True, max_length=64)
    columns = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=300,
        help_text="phone=Number,occurred_at=3",
    )
    timezone = serializers.CharField(default="UTC", max_length=60)
    day_first = serializers.BooleanField(default=False)
    received = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=10,
        help_text="The day on which you received the list, if not today: 2026-11-24.",
    )
    wording = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=4000,
        help_text="The wording shown at opt-in.",
    )
    page = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=300,
        help_text="The page, form or document it was shown on.",
    )


class ListAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(ListUpload.State.choices)
    problem = serializers.CharField()
    uploaded_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    rows = serializers.IntegerField(help_text="Done so far.")
    recorded = serializers.IntegerField()
    known = serializers.IntegerField()
    refused = serializers.IntegerField()


class ListsView(APIView):
    parser_classes = (ListParser,)

    def get_permissions(self) -> list[BasePermission]:
        return [has_scope("consent:write")()]

    @extend_schema(
        parameters=[ListOptions],
        request={"text/csv": OpenApiTypes.BINARY},
        responses={202: ListAnswer},
    )
    def post(self, request: Request) -> Response:
        """Hand over a list of opt-outs or opt-ins, a spreadsheet (.xlsx), CSV or
        JSON, also packed, up to 20 MB; a worker takes it in."""
        asked = ListOptions(data=request.query_params)
        asked.is_valid(raise_exception=True)
        by, now, body = f"apikey:{request.auth}", timezone.now(), request.data
        row = uploads.keep(
            content=body if isinstance(body, bytes) else b"",
            options=transfer.Options(**asked.validated_data),
            by=by,
            now=now,
        )
        uploads.start(row=row, by=by, now=now)
        transaction.on_commit(lambda: tasks.take_lists.delay(), robust=True)
        row.refresh_from_db()
        return Response(uploads.facts(row), status=status.HTTP_202_ACCEPTED)


class ListView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        return [has_scope("consent:write")()]

    @extend_schema(responses=ListAnswer)
    def get(self, request: Request, pk: int) -> Response:
        """How far a list of this key's is."""
        return Response(uploads.facts(_own(request, pk)))


class ListResultsView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        return [has_scope("consent:write")()]

    @extend_schema(
        parameters=[OpenApiParameter("pk", int, OpenApiParameter.PATH)],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """What became of each row: row, result, reason."""
        rows = uploads.results(_own(request, pk))
        return StreamingHttpResponse(rows, content_type="text/csv")


def _own(request: Request, pk: int) -> ListUpload:
    """Lists of other keys are not visible."""
    row = ListUpload.objects.filter(pk=pk, uploaded_by=f"apikey:{request.auth}")
    found = row.select_related("taken").first()
    if found is None:
        raise Http404
    return found


# --- answers of the Reassigned Numbers Database -------------------------------------
class AskedWhen(serializers.Serializer[Any]):
    asked = serializers.CharField(
        max_length=10,
        help_text="The day of the query, for rows that don't say it: 2026-11-24.",
    )


class ReassignedView(APIView):
    parser_classes = (ListParser,)

    def get_permissions(self) -> list[BasePermission]:
        return [has_scope("consent:write")()]

    @extend_schema(
        parameters=[AskedWhen],
        request={"text/csv": OpenApiTypes.BINARY},
        responses={200: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request) -> Response:
        """Hand over answers, at most 10,000: CSV with the columns phone, answer and
        date (that was asked about). How many there were of each."""
        asked = AskedWhen(data=request.query_params)
        asked.is_valid(raise_exception=True)
        by, body = f"apikey:{request.auth}", request.data
        counts = reassigned.take(
            content=body if isinstance(body, bytes) else b"",
            source=by,
            asked=asked.validated_data["asked"],
            by=by,
            now=timezone.now(),
            most=reassigned.MOST,
        )
        return Response(dict(counts))
