"""The register of disclosures, and that of legal process."""

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
        "No disclosures yet. Each export adds an entry here before its first row is "
        "written."
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
    reference = forms.CharField(
        max_length=80, help_text="The reference on the document."
    )
    kind = forms.ChoiceField(
        choices=[
            (code, label)
            for code, label in LegalProcess.Kind.choices
            if code != LegalProcess.Kind.LETTER
        ]
    )
    authority = forms.CharField(max_length=200, help_text="Who requires it.")
    scope = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What is required, without naming anybody.",
    )
    received_on = forms.DateField(
        label="Received on", widget=forms.DateInput(attrs={"type": "date"})
    )
    paper = forms.FileField(
        label="The paper", help_text="Stored sealed. Up to 20 MB.", max_length=200
    )
    hold = forms.ModelChoiceField(
        Hold.objects.filter(released_at=None),
        required=False,
        help_text="The hold it made us place, if any.",
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
    nothing_yet = "No subpoena, court order or audit is on file."
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
