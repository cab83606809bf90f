"""What each recipient was told, by whom, and what it answered."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy import providers
from privacy.admin.base import Page, UncountedPaginator, ViewOnlyAdmin
from privacy.models import Instruction
from privacy.providers import byhand

State = Instruction.State
ANSWERS = [
    (s.value, s.label) for s in (State.DONE, State.NOTHING, State.LATER, State.UNABLE)
]


class AnswerForm(forms.Form):
    state = forms.ChoiceField(label="What did they say?", choices=ANSWERS)
    until = forms.DateField(
        label="Not before",
        required=False,
        help_text="The first day on which they can do it (2027-01-31).",
    )
    answer = forms.CharField(
        label="In their words",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Do not name anybody. Required if they can't or won't.",
    )


def note(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Records what they answered by mail or telephone."""
    row: Instruction = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "note",
        title="Note the answer",
        original=row,
        form=AnswerForm(request.POST or None),
        act=partial(providers.answered, instruction=row),
        said="The answer is noted.",
    )


class LogForm(forms.Form):
    was_sent = forms.TypedChoiceField(
        label="What does the mail server's log say?",
        choices=[("yes", "It was sent"), ("no", "It was not sent: send it now")],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
    )


def settle(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Records whether a mail was sent for which the mail server gave no answer."""
    row: Instruction = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "settle",
        title="Say what the mail server's log says",
        original=row,
        form=LogForm(request.POST or None),
        act=partial(providers.settle, instruction=row),
        said="Noted.",
    )


class ToldForm(forms.Form):
    on = forms.DateField(
        label="On which day did you tell it?",
        initial=lambda: timezone.now().date(),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


def tell(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Records that one of us told it, or reminded it."""
    row: Instruction = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "tell",
        title="I have told it",
        original=row,
        form=ToldForm(request.POST or None),
        act=partial(byhand.told, instruction=row),
        said=f"It is noted that you told {row.provider}.",
    )


def words(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """What to tell it: in this one response, because it says whom it is about."""
    row: Instruction = model_admin.row(request, object_id)
    by = request.user.get_username()
    text = byhand.words(instruction=row, by=by, now=timezone.now())
    return model_admin.page(
        request, "words", title="What to tell it", original=row, text=text
    )


class ByHand(admin.SimpleListFilter):
    title = "whether one of us has to tell it"
    parameter_name = "by_hand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "To be told by one of us")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Instruction]
    ) -> QuerySet[Instruction]:
        wanted = byhand.waiting() if self.value() == "yes" else None
        return queryset if wanted is None else queryset.filter(pk__in=wanted)


def is_to_tell(row: Instruction) -> bool:
    """Whether one of us can tell it, or remind it, by hand."""
    is_left = byhand.is_ours(row) or bool(row.problem)
    return is_open(row) and is_left and row.document is not None and not row.tried_at


def is_open(row: Instruction) -> bool:
    return row.state in (State.WAITING, State.TOLD, State.LATER, State.UNABLE)


@admin.register(Instruction)
class InstructionAdmin(ViewOnlyAdmin):
    nothing_yet = (
        "No instructions yet. Each erasure, correction or restriction adds one here "
        "for every recipient of the data."
    )
    pages = (
        Page(
            words,
            "What to tell it",
            "privacy.reveal_identifier",
            offered=is_to_tell,
            at_once=True,
        ),
        Page(tell, "I have told it", "privacy.change_instruction", offered=is_to_tell),
        Page(note, "Note the answer", "privacy.change_instruction", offered=is_open),
        Page(
            settle,
            "Was the mail sent?",
            "privacy.change_instruction",
            offered=lambda row: bool(row.tried_at and row.problem),
        ),
    )
    paginator = UncountedPaginator
    show_full_result_count = False
    list_display = (
        "provider", "duty", "subject", "state", "told_at", "answered_at", "until",
    )  # fmt: skip
    list_filter = (ByHand, "state", "duty")
    search_fields = ("subject__exact",)
    search_help_text = "By the request, such as ticket:R-2026-000001"
    fields = (
        "id", "provider", "duty", "subject", "state", "keeps", "made_at", "told_at",
        "told_by", "reminders", "reminded_at", "failures", "next_at", "problem",
        "asked_at",
        "answered_at", "until", "answer", "noted_by",
    )  # fmt: skip
