"""Letters, which staff may edit, and tasks, which teams complete."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from dsr import languages
from dsr.admin.base import LanguageFilter
from dsr.desk import chores, letters
from dsr.models import Letter, Task
from privacy.admin.base import AuditedAdmin, Page, ViewOnlyAdmin


class LetterForm(forms.ModelForm):
    language = forms.ChoiceField(choices=list(languages.LANGUAGES.items()))

    def clean_text(self) -> str:
        """Refuses a placeholder that nobody can fill in."""
        text = str(self.cleaned_data["text"])
        try:
            letters.places(text)
        except letters.UnknownPlace as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return text


@admin.register(Letter)
class LetterAdmin(AuditedAdmin):
    form = LetterForm
    list_display = ("title", "written_in", "code")
    list_filter = (LanguageFilter,)
    fields = ("title", "code", "language", "text")

    @admin.display(description="Language", ordering="language")
    def written_in(self, letter: Letter) -> str:
        return languages.in_english(letter.language)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **named: Any
    ) -> Any:
        known = "; ".join(
            f"{{{name}}}: {what}" for name, what in letters.PLACES.items()
        )
        form = super().get_form(request, obj, change, **named)
        if "text" in form.base_fields:  # not for those who only read
            form.base_fields["text"].help_text = f"Placeholders you can use: {known}."
        return form


class Result(forms.Form):
    result = forms.CharField(
        label="What was done?",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        help_text="No names, numbers or addresses.",
    )


def finish(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    task: Task = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "finish",
        title="Done",
        original=task,
        form=Result(request.POST or None),
        act=partial(chores.finish, task=task),
        said="Done.",
    )


@admin.register(Task)
class TaskAdmin(ViewOnlyAdmin):
    nothing_yet = "No tasks yet. Give one from the page of a request."
    pages = (
        Page(
            finish,
            "Done",
            "dsr.finish_task",
            offered=lambda task: task.done_at is None,
        ),
    )
    list_display = ("title", "ticket", "team", "owner", "due_date", "done_at")
    list_filter = ("team",)
    list_select_related = ("ticket",)
    fields = (
        "title", "ticket", "team", "owner", "due_date", "made_by", "made_at",
        "result", "done_by", "done_at",
    )  # fmt: skip
