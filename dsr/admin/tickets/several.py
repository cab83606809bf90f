"""Several numbers and addresses of one person, in one field."""

from typing import Any

from django import forms

from privacy import identifiers
from privacy.identifiers import Mark, NotAnIdentifier

MOST = 20


class MarksField(forms.CharField):
    """One a line; each is understood, or named by its line."""

    def __init__(self, **named: Any) -> None:
        super().__init__(
            label="Their other numbers and addresses, one a line",
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            max_length=MOST * 300,
            help_text="Telephone numbers and e-mail addresses. The request is about "
            "each of them.",
            **named,
        )

    def clean(self, value: Any) -> list[Mark]:
        lines = enumerate(super().clean(value).splitlines(), 1)
        said = [(number, line.strip()) for number, line in lines if line.strip()]
        if len(said) > MOST:
            raise forms.ValidationError(f"At most {MOST} in one request.")
        return [self._read(number, text) for number, text in said]

    def _read(self, number: int, text: str) -> Mark:
        try:
            return identifiers.understand(text)
        except NotAnIdentifier as refusal:
            raise forms.ValidationError(f"Line {number}: {refusal}") from None
