"""Who gets what leaves, or by which legal process, as staff say it."""

from typing import Any

from django import forms

from privacy.models import Provider
from privacy.providers.grounds import Ground


class GroundForm(forms.Form):
    """To be completed by `purpose` and `reason`."""

    recipient = forms.ModelChoiceField(
        Provider.objects.filter(is_active=True),
        label="Who gets it?",
        to_field_name="name",
        required=False,
        empty_label="nobody: legal process",
        help_text="Their contract must cover it.",
        error_messages={"invalid_choice": "No recipient has that name."},
    )
    process = forms.CharField(
        label="Or legal process",
        max_length=120,
        required=False,
        help_text="Its reference; its document must be on file.",
    )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not told["recipient"] and not told["process"]:
            raise forms.ValidationError("Choose who gets it, or name a legal process.")
        return told

    @property
    def ground(self) -> Ground:
        said = self.cleaned_data
        name = said["recipient"].name if said["recipient"] else ""
        return Ground(name, said["purpose"].pk, said["process"])
