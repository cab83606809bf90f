"""Incoming messages; unclear ones wait for somebody to read them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent import programs, review
from consent.admin.base import rule_in_words, show_words
from consent.models import InboundMessage
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin

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
        Page(read, "Read the message", permission="consent.view_inboundmessage"),
        Page(
            heed,
            HEED,
            permission="consent.add_event",
            offered=is_unclear,
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
    ]

    @admin.display(description="From")
    def sender(self, row: InboundMessage) -> str:
        return row.identifier.hint or "(erased)"

    @admin.display(description="Rule")
    def which(self, row: InboundMessage) -> str:
        return rule_in_words(row.rule)
