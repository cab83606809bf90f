"""What the search after an erasure still finds, for a person to look at and decide."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from privacy import leftovers, tasks
from privacy.admin.base import Page, UncountedPaginator, ViewOnlyAdmin, shown_on
from privacy.models import Leftover, Plan


class LookForm(forms.Form):
    reason = forms.CharField(
        label="Why you need to see it",
        max_length=300,
        help_text="Recorded with your name; do not write the person's data here.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )


class DecideForm(forms.Form):
    decision = forms.ChoiceField(label="Decision", widget=forms.RadioSelect)
    words = forms.CharField(
        label="Words to remove",
        required=False,
        help_text="One a line, exactly as in the text. They are stored sealed until "
        "they have been removed.",
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    ground = forms.CharField(
        label="Legal ground, or how you know that it is not theirs",
        required=False,
        help_text="Such as “GDPR Art. 17(3)(e): legal claims”. It appears on the "
        "certificate; no personal data.",
        widget=forms.TextInput(attrs={"list": "grounds", "size": 60}),
    )
    alike = forms.BooleanField(
        label="Apply to all others at this place", required=False
    )

    def __init__(self, leftover: Leftover, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        possible = leftovers.possible(leftover)
        choices = [(each, each.label) for each, why in possible.items() if not why]
        self.fields["decision"].choices = choices  # type: ignore[attr-defined]
        if Leftover.Decision.REDACT not in dict(choices):
            del self.fields["words"]
        if len(leftovers.alike(leftover)) < 2:
            del self.fields["alike"]


def look(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """The content is in this one response; seeing it again needs a reason again."""
    row: Leftover = model_admin.row(request, object_id)
    form, plain = LookForm(request.POST or None), None
    if form.is_valid():
        with shown_on(form), transaction.atomic():
            plain = leftovers.reveal(
                leftover=row,
                reason=form.cleaned_data["reason"],
                by=request.user.get_username(),
                now=timezone.now(),
            )
    return model_admin.page(
        request,
        "look",
        title="Look at it",
        original=row,
        row=leftovers.row_name(row),
        form=None if plain is not None else form,
        plain=plain,
    )


def decide(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """A decision to remove something leads to a plan that a second person approves."""
    row: Leftover = model_admin.row(request, object_id)
    form = DecideForm(row, request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        with shown_on(form), transaction.atomic():
            plan = leftovers.decide(
                leftovers=leftovers.alike(row) if said.get("alike") else [row],
                decision=said["decision"],
                ground=said["ground"],
                words=said.get("words", ""),
                by=request.user.get_username(),
                now=timezone.now(),
            )
            return _done(model_admin, request, row, plan)
    return model_admin.page(
        request,
        "decide",
        title="Decide",
        original=row,
        row=leftovers.row_name(row),
        form=form,
        grounds=leftovers.GROUNDS,
        why_not=[
            (each.label, why) for each, why in leftovers.possible(row).items() if why
        ],
    )


def _done(
    model_admin: ViewOnlyAdmin, request: HttpRequest, row: Leftover, plan: Plan
) -> HttpResponse:
    if plan.pk != row.plan_id:
        sentence = "This is what would change. A second person must approve it."
        model_admin.message_user(request, sentence)
        return redirect("admin:privacy_plan_change", plan.pk)
    key = str(plan.pk)
    transaction.on_commit(lambda: tasks.work.delay(key), robust=True)
    return model_admin.done(request, "It stays, with your ground on the certificate.")


class Open(admin.SimpleListFilter):
    title = "whether somebody must decide"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Needs human review"), ("no", "Decided, or gone")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Leftover]
    ) -> QuerySet[Leftover]:
        open_ = leftovers.waiting().values("pk")
        if self.value() == "yes":
            return queryset.filter(pk__in=open_)
        return queryset.exclude(pk__in=open_) if self.value() else queryset


def is_open(row: Leftover) -> bool:
    return leftovers.waiting().filter(pk=row.pk).exists()


@admin.register(Leftover)
class LeftoverAdmin(ViewOnlyAdmin):
    nothing_yet = (
        "Nothing is left of anybody who was erased. If the search after an erasure "
        "finds something, it appears here for a person to look at."
    )
    pages = (
        Page(look, "Look at it", "privacy.change_leftover", offered=is_open),
        Page(decide, "Decide", "privacy.change_leftover", offered=is_open),
    )
    paginator = UncountedPaginator
    show_full_result_count = False
    list_display = (
        "place", "which", "kind", "plan", "decision", "decided_by", "gone_at",
    )  # fmt: skip
    list_filter = (Open, "kind", "decision")
    list_select_related = ("plan", "table")
    readonly_fields = ("which",)
    fields = (
        "place", "which", "kind", "plan", "found_at", "decision", "ground",
        "decided_by", "decided_at", "ending", "gone_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Leftover]:
        return super().get_queryset(request).prefetch_related("table__columns")

    @admin.display(description="Row")
    def which(self, leftover: Leftover) -> str:
        return leftovers.row_name(leftover) or "see “Look at it”"
