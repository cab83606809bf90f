"""What the Reassigned Numbers Database answered."""

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent import reassigned
from consent.models import ReassignedAnswer
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin, shown_on


class AnswersForm(forms.Form):
    file = forms.FileField(
        label="The answers",
        help_text="CSV with the columns phone and answer (yes, no or no data), and "
        "date, the day that was asked about, where the file has it.",
    )
    asked = forms.DateField(
        label="When was the database asked?",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="For rows that do not say it in a column “asked”.",
    )


def take(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """Consent from before ends where the number was given up; every answer is kept."""
    form = AnswersForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file: UploadedFile = form.cleaned_data["file"]
        with shown_on(form):
            counts = reassigned.take(
                content=file.read(),
                source=file.name or "",
                asked=form.cleaned_data["asked"].isoformat(),
                by=request.user.get_username(),
                now=timezone.now(),
                most=reassigned.MOST,
            )
            said = ", ".join(f"{name}: {n:,}" for name, n in sorted(counts.items()))
            return model_admin.done(request, said or "The file has no rows.")
    title = "Take in answers about reassigned numbers"
    return model_admin.page(request, "take", title=title, form=form)


@admin.register(ReassignedAnswer)
class ReassignedAnswerAdmin(ListOfMillions, ViewOnlyAdmin):
    nothing_yet = (
        "No answer is kept yet. Ask the Reassigned Numbers Database about your "
        "numbers, then “Take in answers”: “no” proves that you asked."
    )
    pages = (Page(take, "Take in answers", permission="consent.add_event", on="list"),)
    list_display = ["person", "answer", "asked_on", "about_on", "source"]
    list_filter = ["answer"]
    list_select_related = ["identifier"]
    fields = [
        "person",
        "answer",
        "asked_on",
        "about_on",
        "source",
        "file",
        "recorded_at",
        "recorded_by",
    ]

    @admin.display(description="Person")
    def person(self, row: ReassignedAnswer) -> str:
        return row.identifier.hint or "(erased)"
