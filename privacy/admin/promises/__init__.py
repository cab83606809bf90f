"""The history of the promise board, and the judgements of people."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy import promises
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin, shown_on
from privacy.admin.promises import facts
from privacy.board import Line
from privacy.models import Acknowledgement, Promise, PromiseCheck

SHOWN = 20  # looks on the page of a promise; the list has all


class AcknowledgeForm(forms.Form):
    subject = forms.ChoiceField(label="Which row")
    reason = forms.CharField(
        label="Why it can stay as it is",
        max_length=500,
        help_text="It is recorded with your name; no personal data.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, check: PromiseCheck, *args: Any) -> None:
        super().__init__(*args)
        subjects = [(each["subject"], each["sentence"]) for each in open_rows(check)]
        self.fields["subject"].choices = subjects  # type: ignore[attr-defined]


def open_rows(check: PromiseCheck) -> list[dict[str, Any]]:
    """The evidence that names one row and that nobody has judged yet."""
    done = promises.acknowledged(check.promise_id)
    return [
        each for each in check.evidence if each.get("subject", "") not in {"", *done}
    ]


def latest(promise: Promise) -> PromiseCheck | None:
    return promise.checks.order_by("-checked_at", "-id").first()


def can_be_judged(promise: Promise) -> bool:
    check = latest(promise)
    return check is not None and bool(open_rows(check))


def acknowledge(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    promise: Promise = model_admin.row(request, object_id)
    check = latest(promise)
    if check is None or not open_rows(check):
        raise promises.NothingToJudge
    form = AcknowledgeForm(check, request.POST or None)
    if form.is_valid():
        with shown_on(form):
            promises.acknowledge(
                promise=promise,
                subject=form.cleaned_data["subject"],
                reason=form.cleaned_data["reason"],
                by=request.user.get_username(),
                now=timezone.now(),
            )
            sentence = "Acknowledged; the next check leaves it out."
            return model_admin.done(request, sentence, promise.pk)
    return model_admin.page(
        request, "acknowledge", title="Acknowledge", original=promise, form=form
    )


def look(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    promise: Promise = model_admin.row(request, object_id)
    found = promises.run(code=promise.code, now=timezone.now())[0]
    sentence = f"{found.get_state_display()}. {found.summary}"
    return model_admin.done(request, sentence, promise.pk)


@admin.register(Promise)
class PromiseAdmin(ViewOnlyAdmin):
    nothing_yet = "No promises are loaded yet; “manage.py migrate” loads them."
    pages = (
        Page(look, "Check now", "privacy.add_promisecheck", at_once=True),
        Page(
            acknowledge,
            "Acknowledge",
            "privacy.add_acknowledgement",
            offered=can_be_judged,
        ),
    )
    list_display = ("sentence", "section", "code")
    list_filter = ("section",)
    sortable_by = ()

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **named: Any
    ) -> HttpResponse:
        """Shows the promise, the controls that keep it, and the latest evidence."""
        promise: Promise = context["original"]
        looks = promise.checks.order_by("-checked_at", "-id")
        context |= {
            "title": promise.sentence,
            "subtitle": None,
            "line": Line(promise, latest(promise), request.user),
            "facts": facts.seen_by(request.user, promise.code),
            "judged": promise.acknowledgement_set.order_by("-acknowledged_at"),
            "history": looks[:SHOWN],
        }
        return super().render_change_form(request, context, *args, **named)


@admin.register(PromiseCheck)
class PromiseCheckAdmin(ListOfMillions, ViewOnlyAdmin):
    nothing_yet = (
        "Nothing has been checked yet. A worker checks every quarter of an hour."
    )
    list_display = ("promise", "state", "summary", "checked_at")
    list_filter = ("state",)
    search_fields = ("promise",)
    search_help_text = "The full id of a promise, for example stop-honoured."
    fields = ("promise", "state", "summary", "lines", "checked_at")

    @admin.display(description="Evidence")
    def lines(self, check: PromiseCheck) -> str:
        return "\n".join(
            each["sentence"]
            if each["count"] is None
            else f"{each['sentence']} ({each['count']})"
            for each in check.evidence
        )


@admin.register(Acknowledgement)
class AcknowledgementAdmin(ViewOnlyAdmin):
    nothing_yet = "No violations have been acknowledged."
    list_display = ("promise", "subject", "acknowledged_by", "acknowledged_at")
