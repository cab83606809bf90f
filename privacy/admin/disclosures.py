"""What was given to whom, and the register of legal process."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse

from privacy.admin.base import Page, UncountedPaginator, ViewOnlyAdmin
from privacy.models import Disclosure, Hold, LegalProcess
from privacy.providers import processes


@admin.register(Disclosure)
class DisclosureAdmin(ViewOnlyAdmin):
    nothing_yet = (
        "Nothing was given to anybody. Each export writes an entry here, before its"
        " first row leaves."
    )
    paginator = UncountedPaginator
    show_full_result_count = False
    list_display = ("made_at", "provider", "process", "purpose", "people", "made_by")
    list_filter = ("provider", "purpose")
    fields = (
        "made_at", "made_by", "provider", "process", "purpose", "fields", "categories",
        "people", "what", "reason",
    )  # fmt: skip


class ProcessForm(forms.Form):
    reference = forms.CharField(max_length=80, help_text="As the paper numbers itself.")
    kind = forms.ChoiceField(choices=LegalProcess.Kind.choices)
    authority = forms.CharField(max_length=200, help_text="Who demands it.")
    scope = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What is demanded. Names nobody.",
    )
    received_on = forms.DateField(
        label="Received on", widget=forms.DateInput(attrs={"type": "date"})
    )
    paper = forms.FileField(
        label="The paper", help_text="Kept sealed. 20 MB at most.", max_length=200
    )
    hold = forms.ModelChoiceField(
        Hold.objects.filter(released_at=None),
        required=False,
        help_text="What it made us keep, if anything.",
    )


def record(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    def act(*, paper: UploadedFile, **facts: Any) -> LegalProcess:
        return processes.record(paper=paper.read(), **facts)

    return model_admin.step(
        request,
        "record",
        title="Record a legal process",
        form=ProcessForm(request.POST or None, request.FILES or None),
        act=act,
        said="The legal process is on file.",
    )


@admin.register(LegalProcess)
class LegalProcessAdmin(ViewOnlyAdmin):
    nothing_yet = "No subpoena, order or audit is on file."
    pages = (
        Page(
            record,
            "Record a legal process",
            permission="privacy.add_legalprocess",
            on="list",
        ),
    )
    list_display = ("reference", "kind", "authority", "received_on", "recorded_by")
    fields = (
        "reference", "kind", "authority", "scope", "received_on", "digest", "hold",
        "recorded_by", "recorded_at",
    )  # fmt: skip
