"""Events of the ledger: read one by one, and one's own mistakes taken back."""

from functools import partial

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from consent import hearing, ledger, lines, programs, reasons
from consent.admin.base import sender_of, show_words, to_be_read
from consent.models import Channel, Event
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin


class WrongForm(forms.Form):
    reason = forms.CharField(
        label="What was wrong",
        max_length=500,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
        help_text="Such as “wrong number: she called from another one”. It is sealed.",
    )


def read(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """What the person said, once there is a reason to read it."""
    event = model_admin.row(request, object_id)
    reader = partial(ledger.words_of, event=event)
    return show_words(
        model_admin, request, object_id, title="Read what was said", read=reader
    )


def take_back(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Support's own mistake: the wrong number, or a misheard word."""
    event = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "take_back",
        form=WrongForm(request.POST or None),
        act=partial(hearing.take_back, event=event),
        said="It no longer counts. What was known until now stays on record.",
        original=event,
        title="It was recorded wrongly",
    )


def has_words(event: Event) -> bool:
    return hasattr(event, "utterance")


@admin.register(Event)
class EventAdmin(ListOfMillions, ViewOnlyAdmin):
    nothing_yet = (
        "No events yet. They come from carriers, forms, other systems, and “Look up a "
        "number”."
    )
    pages = (
        Page(
            read,
            "Read what was said",
            permission="consent.view_utterance",
            offered=has_words,
        ),
        Page(
            take_back,
            "It was recorded wrongly",
            permission="consent.add_event",
            offered=hearing.was_heard,
        ),
    )
    list_display = ["sequence", "occurred_at", "person", "kind", "channel", "sender"]
    list_filter = ["kind", "channel", "source"]
    list_select_related = ["identifier"]
    search_fields = ["idempotency_key"]  # through its line, see below
    search_help_text = "The carrier and its full message id: twilio:SM…"
    fields = [
        "sequence",
        "how",
        "person",
        "kind",
        "channel",
        "decides",
        "sender",
        "program",
        "source",
        "route",
        "occurred_at",
        "recorded_at",
        "recorded_by",
        "proof",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return programs.with_senders(super().get_queryset(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        if key := search_term.strip():
            return queryset.filter(**lines.place_of(key)), False
        return queryset, False

    @admin.display(description="Decides")
    def decides(self, event: Event) -> str:
        return ", ".join(str(Channel(each).label) for each in event.covers) or "nothing"

    @admin.display(description="Evidence")
    def proof(self, event: Event) -> SafeString | str:
        return to_be_read(event.evidence)

    @admin.display(description="Person")
    def person(self, event: Event) -> str:
        return event.identifier.hint or "(erased)"

    @admin.display(description="Sender")
    def sender(self, event: Event) -> str:
        return sender_of(event)

    @admin.display(description="In words")
    def how(self, event: Event) -> str:
        return reasons.how(event)
