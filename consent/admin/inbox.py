"""Incoming messages; unclear ones wait for somebody to read them."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent import programs, review
from consent.admin.base import rule_in_words, show_words
from consent.models import InboundMessage
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin
from privacy.refusals import Refusal

HEED, ASIDE = "Treat as an opt-out", "Not an opt-out"
LAST = "The START came after the STOP"


def read(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """The text in clear, once there is a reason."""
    row = model_admin.row(request, object_id)
    reader = partial(review.read, row=row)
    return show_words(
        model_admin, request, object_id, title="Read the message", read=reader
    )


def heed(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Asks once, then records the opt-out."""
    done = "The opt-out is recorded."
    return _settle(model_admin, request, object_id, "heed", HEED, review.heed, done)


def believe(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Asks once, then records the opt-in."""
    done = "The opt-in is recorded."
    settle = review.believe
    return _settle(model_admin, request, object_id, "believe", LAST, settle, done)


def set_aside(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Asks once, then lets marketing go on."""
    done = "It no longer holds anything up."
    settle = review.set_aside
    return _settle(model_admin, request, object_id, "set_aside", ASIDE, settle, done)


def _settle(
    model_admin: ViewOnlyAdmin,
    request: HttpRequest,
    object_id: str,
    name: str,
    title: str,
    settle: Callable[..., object],
    done: str,
) -> HttpResponse:
    row = model_admin.row(request, object_id)
    if request.method == "POST":
        settle(row=row, by=request.user.get_username(), now=timezone.now())
        return model_admin.done(request, done, row.pk)
    sender = programs.sender(row.program.organization) if row.program else ""
    return model_admin.page(
        request, name, title=title, original=row, form=forms.Form(), sender=sender
    )


DECISIONS = {
    "opt_out": (review.heed, "Opt-out recorded"),
    "opt_in": (review.accept, "Opt-in recorded"),
    "neither": (review.set_aside, "Neither opt-out nor opt-in noted"),
}


class DecisionForm(forms.Form):
    row = forms.IntegerField(required=False, min_value=0)
    decision = forms.ChoiceField(
        required=False, choices=[(name, name) for name in DECISIONS]
    )


def decide(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """One message after the other, a key each. To read one is recorded, so it is shown
    in answer to a press alone."""
    show = partial(model_admin.page, request, "decide", title="Decide what they mean")
    if request.method != "POST":
        return show(form=forms.Form(), number=review.unclear().count())
    by, now = request.user.get_username(), timezone.now()
    last = _decided(model_admin, request, by, now)
    number = review.unclear().count()
    found = review.next_unclear(after=last, by=by, now=now)
    if found is None:
        return show(number=number)
    row, words = found
    return show(
        row=row,
        words=words,
        number=number,
        rule=rule_in_words(row.rule),
        is_in_doubt=is_in_doubt(row),
    )


def _decided(
    model_admin: ViewOnlyAdmin, request: HttpRequest, by: str, now: dt.datetime
) -> int:
    """The message that was shown before; it is settled unless they were not sure."""
    form = DecisionForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["row"]:
        return 0
    row = model_admin.row(request, str(form.cleaned_data["row"]))
    if made := form.cleaned_data["decision"]:
        settle, said = DECISIONS[made]
        try:
            settle(row=row, by=by, now=now)
            messages.success(request, f"{said} for {row.identifier.hint}.")
        except Refusal as refusal:
            messages.error(request, str(refusal))
    return int(row.pk)


def asked(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row = model_admin.row(request, object_id)
    review.asked(row=row, by=request.user.get_username(), now=timezone.now())
    return model_admin.done(request, "Noted: somebody has asked.", row.pk)


def is_to_ask(row: InboundMessage) -> bool:
    return bool(row.also) and row.asked_at is None


def is_unclear(row: InboundMessage) -> bool:
    return review.unclear().filter(pk=row.pk).exists()


def may_mean_stop(row: InboundMessage) -> bool:
    """Also after somebody took it for consent or for neither."""
    meanings = InboundMessage.Meaning
    return row.meaning in (meanings.AMBIGUOUS, meanings.NONE)


def is_in_doubt(row: InboundMessage) -> bool:
    return review.in_doubt().filter(pk=row.pk).exists()


class Waiting(admin.SimpleListFilter):
    title = "whether somebody must read it"
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("yes", "Unclear and unread"),
            ("ask", "May mean more than STOP; not asked yet"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Model]
    ) -> QuerySet[Model]:
        if self.value() == "ask":
            return review.to_ask()
        return review.unclear() if self.value() else queryset


@admin.register(InboundMessage)
class InboundMessageAdmin(ListOfMillions, ViewOnlyAdmin):
    nothing_yet = (
        "No messages yet. Carriers send them to our webhooks; unclear ones wait here "
        "for a person to read."
    )
    pages = (
        Page(
            decide,
            "Decide what they mean",
            permission="consent.add_event",
            on="list",
        ),
        Page(read, "Read the message", permission="consent.view_inboundmessage"),
        Page(
            heed,
            HEED,
            permission="consent.add_event",
            offered=may_mean_stop,
        ),
        Page(
            believe,
            LAST,
            permission="consent.add_event",
            offered=is_in_doubt,
        ),
        Page(set_aside, ASIDE, permission="consent.add_event", offered=is_unclear),
        Page(
            asked,
            "Somebody has asked",
            permission="consent.add_event",
            offered=is_to_ask,
            at_once=True,
        ),
    )
    list_display = ["received_at", "sender", "our_number", "meaning", "which"]
    list_filter = [Waiting, "meaning"]
    list_select_related = ["identifier"]
    search_fields = ["carrier_message_id"]
    search_help_text = "The carrier's full message id."
    fields = [
        "received_at",
        "carrier",
        "carrier_message_id",
        "sender",
        "our_number",
        "program",
        "meaning",
        "which",
        "also",
        "asked_at",
        "replied_by",
        "reply",
        "signature",
    ]

    @admin.display(description="From")
    def sender(self, row: InboundMessage) -> str:
        return row.identifier.hint or "(erased)"

    @admin.display(description="Signature of the carrier")
    def signature(self, row: InboundMessage) -> str:
        return review.signature(row)

    @admin.display(description="Rule")
    def which(self, row: InboundMessage) -> str:
        return rule_in_words(row.rule)
