"""What the consent screens share: sealed texts are read only with a reason."""

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from consent import programs, tasks
from consent.check import places
from consent.models import LateMessage, LateOptOut
from privacy.admin.base import (
    AuditedAdmin,
    ListOfMillions,
    Page,
    PagesAdmin,
    ViewOnlyAdmin,
    shown_on,
)

CODE = re.compile(r"[a-z]+(_[a-z]+)+")


def sender_of(row: Any) -> str:
    """The sender by name; one that has no program has only its id."""
    if not row.organization:
        return "every sender"
    return getattr(row, "sender_name", None) or row.organization


def rule_in_words(rule: str) -> str:
    """“TCPA: per se (“stop”)” for `tcpa.per_se: stop`; our own rules are called
    product."""
    name, _, text = rule.partition(": ")
    source, *parts = name.replace("_", " ").split(".")
    said = ", ".join(part.capitalize() for part in parts[:1]) + "".join(
        f", {part}" for part in parts[1:]
    )
    whose = {"tcpa": "TCPA", "product": "Our own"}.get(source, source.capitalize())
    return (f"{whose}: {said}" if said else whose) + (f" (“{text}”)" if text else "")


def to_be_read(evidence: dict[str, Any]) -> SafeString | str:
    """In words, line by line."""
    lines = [
        (name.replace("_", " ").capitalize(), _value(value))
        for name, value in sorted(evidence.items())
        if value not in ("", None, [], {})
    ]
    return format_html_join("", "<div>{}: {}</div>", lines) or "none"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{name}: {each}" for name, each in value.items())
    if isinstance(value, bool):
        return ("no", "yes")[value]
    is_code = isinstance(value, str) and CODE.fullmatch(value)
    return value.replace("_", " ") if is_code else str(value)


class SenderInput(forms.TextInput):
    """Takes an id of the platform. It offers those we know by their programs' names,
    and shows the current one with its numbers."""

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: Any = None
    ) -> SafeString:
        listed = {**(attrs or {}), "list": f"{name}-known"}
        known = format_html_join(
            "", '<option value="{}">{}</option>', programs.senders()
        )
        return format_html(
            '{}<datalist id="{}-known">{}</datalist><div class="help">{}</div>',
            super().render(name, value, listed, renderer),
            name,
            known,
            programs.in_words(value) if value else "",
        )


def sender_field() -> forms.CharField:
    return forms.CharField(
        label="Which sender",
        max_length=64,
        required=False,
        widget=SenderInput,
        help_text="Type part of the name of one of its programs, or its id on the "
        "platform. Empty: every sender.",
    )


class DatedRuleAdmin(AuditedAdmin):
    @admin.display(description="Rule", ordering="name")
    def in_words(self, row: Any) -> str:
        return str(row.in_words)

    @admin.display(description="What it sets")
    def sets(self, row: Any) -> str:
        return str(row.says)

    @admin.display(description="Whose", ordering="jurisdiction")
    def whose(self, row: Any) -> str:
        return "our own" if row.jurisdiction == "house" else str(row.jurisdiction)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A rule ends with its last day; it is never deleted."""
        return False


class PlaceForm(forms.ModelForm):
    """Of a rule that applies to the people of a place."""

    def clean_jurisdiction(self) -> str:
        try:
            return places.jurisdiction(self.cleaned_data["jurisdiction"])
        except places.UnknownJurisdiction as refusal:
            raise forms.ValidationError(str(refusal)) from None


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=200,
        label="Why you need to read it",
        help_text="The reason is recorded with your name.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )


def show_words(
    model_admin: PagesAdmin,
    request: HttpRequest,
    object_id: str,
    *,
    title: str,
    read: Callable[..., str],
) -> HttpResponse:
    """Asks for the reason, then shows what `read(reason=, by=, now=)` returns."""
    form, words = ReasonForm(request.POST or None), None
    if form.is_valid():
        with shown_on(form):
            words = read(
                reason=form.cleaned_data["reason"],
                by=request.user.get_username(),
                now=timezone.now(),
            )
    return model_admin.page(
        request,
        "read",
        title=title,
        original=model_admin.row(request, object_id),
        form=form if words is None else None,
        words=words,
    )


def derive_again(request: HttpRequest) -> None:
    """A worker does it once the change is committed; the scheduler is the safety
    net."""
    transaction.on_commit(tasks.rebuild.delay)
    messages.info(
        request,
        "Within minutes, every consent state is worked out again by the new rule, from "
        "the same events. As-of answers use it already.",
    )


def look(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """A worker searches: there may be millions of messages and events."""
    transaction.on_commit(lambda: tasks.look_again.delay(), robust=True)
    return model_admin.done(
        request, "A worker is going through them; reload in a moment."
    )


class FoundLate(ListOfMillions, ViewOnlyAdmin):
    """What the last search found about a person after their opt-out."""

    pages = (
        Page(
            look,
            "Look again",
            permission="privacy.add_promisecheck",
            on="list",
            at_once=True,
        ),
    )

    @admin.display(description="Person")
    def person(self, row: LateOptOut | LateMessage) -> str:
        return row.identifier.hint or "(erased)"

    @admin.display(description="Sender")
    def sender(self, row: LateOptOut | LateMessage) -> str:
        return sender_of(row)

    @admin.display(description="The opt-out")
    def opt_out(self, row: LateOptOut | LateMessage) -> SafeString:
        if listing := getattr(row, "listing_id", None):
            url = reverse("admin:consent_listing_change", args=[listing])
            return format_html('<a href="{}">Our own do-not-call list</a>', url)
        url = reverse("admin:consent_event_change", args=[row.event_id])
        return format_html('<a href="{}">Event {}</a>', url, row.event_id)
