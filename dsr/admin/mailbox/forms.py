"""The forms for adding, reading and deciding about a mail."""

from collections.abc import Sequence
from typing import Any

from django import forms

from dsr import appeals
from dsr.admin.base import CapacityField, laws
from dsr.fulfilment import FULFILMENTS
from dsr.models import Right, Ticket
from privacy import identifiers
from privacy.identifiers import Mark, NotAnIdentifier


def _marks(text: str) -> list[Mark]:
    """One on each line; an error names the line, never what is written there."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            found += [identifiers.understand(line.strip())] if line.strip() else []
        except NotAnIdentifier as refusal:
            raise forms.ValidationError(f"Line {number}: {refusal}") from None
    return found


class MarksField(forms.CharField):
    """Phone numbers and e-mail addresses, one on each line."""

    def __init__(self, **named: Any) -> None:
        rows = forms.Textarea(attrs={"rows": 4, "autocomplete": "off"})
        super().__init__(
            help_text="Phone numbers and e-mail addresses, one a line. Check them"
            " against the mail.",
            widget=rows,
            **named,
        )

    def clean(self, value: Any) -> Any:
        return _marks(super().clean(value))


class AddForm(forms.Form):
    file = forms.FileField(
        label="The e-mail",
        help_text="Save it in your mail program as a file that ends in .eml.",
        widget=forms.ClearableFileInput(attrs={"accept": ".eml,message/rfc822"}),
    )


class ReadForm(forms.Form):
    reason = forms.CharField(
        label="Why you need to read it",
        max_length=300,
        initial="To decide what to do with it",
        help_text="Recorded with your name; no personal data here.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )


class OpenForm(forms.Form):
    rights = forms.MultipleChoiceField(
        label="What does the person ask for?",
        choices=lambda: [(code, Right(code).label) for code in FULFILMENTS],
        widget=forms.CheckboxSelectMultiple,
        help_text="Each becomes a separate request.",
    )
    regime = forms.ChoiceField(label="Under which law?", choices=laws)
    people = MarksField(label="Whose data is it about?")
    capacity = CapacityField()
    received_at = forms.DateTimeField(
        label="When did we receive it?", help_text="The deadline counts from here. UTC."
    )
    against = forms.RegexField(
        appeals.NUMBER,
        strip=True,
        required=False,
        label="Of an appeal: the number of the decision",
        help_text="Such as R-2026-000001, if the mail gives it.",
    )


class JoinForm(forms.Form):
    """The likeliest request is filled in, so that Enter is enough."""

    reference = forms.CharField(
        label="Which request does it belong to?",
        max_length=20,
        help_text="Its reference, such as R-2026-000001.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )

    def __init__(self, *given: Any, likely: Sequence[Ticket], **named: Any) -> None:
        super().__init__(*given, **named)
        if len(likely) > 1:
            others = "; ".join(map(in_words, likely))
            self.fields["reference"].help_text = f"Of this sender: {others}."


def in_words(ticket: Ticket) -> str:
    right, state = ticket.get_right_display(), ticket.get_status_display().lower()
    return f"{ticket} ({right}, received {ticket.received_at:%-d %B %Y}, {state})"


class OptOutForm(forms.Form):
    who = forms.CharField(
        label="Which number or address must get no more messages?",
        max_length=254,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )


class HoldForm(forms.Form):
    matter = forms.CharField(
        label="Matter", max_length=120, help_text="The case; no personal data."
    )
    people = MarksField(label="Whose data must be kept?")


class AsideForm(forms.Form):
    reason = forms.CharField(
        label="Why is there nothing to do?",
        max_length=300,
        help_text="It is kept with the mail; no personal data here.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
