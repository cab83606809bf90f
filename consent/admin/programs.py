"""Programs: an ordinary form whose saves are audited."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from consent import wording
from consent.admin.base import SenderInput, derive_again
from consent.models import Program
from privacy.admin.base import AuditedAdmin


class ProgramForm(forms.ModelForm):
    class Meta:
        labels = {"organization": "Sender"}
        help_texts = {
            "organization": "Type part of the name of another of its programs, or the "
            "platform id of an organization that has none yet. Empty: all "
            "organizations.",
        }
        widgets = {
            "organization": SenderInput(attrs={"class": "vLargeTextField"}),
            "numbers": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            **{
                f"{name}_text": forms.Textarea(
                    attrs={"rows": 3, "class": "vLargeTextField"}
                )
                for name in ("help", "opt_out", "clarify", "opt_in")
            },
        }

    def clean(self) -> dict[str, Any]:
        """Checks the texts against the wordings in force."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        texts = {name: text for name, text in told.items() if name.endswith("_text")}
        found = wording.problems(Program(**texts), now=timezone.now())
        for field in found.keys() & texts.keys():
            self.add_error(field, found[field])
        return told


@admin.register(Program)
class ProgramAdmin(AuditedAdmin):
    form = ProgramForm
    nothing_yet = (
        "No programs yet. A program says who sends, from which numbers and for what. A "
        "number without one counts as a sender of its own."
    )
    list_display = ["name", "numbers_", "purpose", "monthly_cap"]
    list_filter = ["purpose"]
    search_fields = ["name", "organization"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "organization",
                    "address",
                    "numbers",
                    "purpose",
                    "exemption",
                ]
            },
        ),
        (
            "What we answer",
            {"fields": ["help_text", "opt_out_text", "clarify_text", "opt_in_text"]},
        ),
        ("How often, how long", {"fields": ["monthly_cap", "consent_months"]}),
    ]

    class Media:
        js = ["count.js"]

    def save_model(
        self, request: HttpRequest, obj: Program, form: forms.ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if {"exemption", "purpose"} & set(form.changed_data):
            derive_again(request)

    @admin.display(description="Numbers")
    def numbers_(self, program: Program) -> str:
        return ", ".join(program.numbers) or "any other number"
