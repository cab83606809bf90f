"""What the pages of the ledger ask."""

import secrets

from django import forms

from consent import programs
from consent.transfer import Ground

WHOM = "Phone number, e-mail address or lead id"
WHEN = forms.DateTimeInput(attrs={"type": "datetime-local"})


class AddressForm(forms.Form):
    """The value is posted and never part of an address: addresses end up in logs."""

    address = forms.CharField(
        label=WHOM,
        max_length=320,
        help_text="Any form of the number. The look-up is recorded.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )


class LookupForm(AddressForm):
    at = forms.DateTimeField(
        label="As of (UTC)",
        required=False,
        widget=WHEN,
        help_text="What the answer was then. Empty: now.",
    )
    known_at = forms.DateTimeField(
        label="By what we knew at (UTC)",
        required=False,
        widget=WHEN,
        help_text="Leaves out what was recorded or corrected later. Empty: all that "
        "we know.",
    )


class HeardForm(forms.Form):
    address = forms.CharField(label=WHOM, max_length=320)
    organization = forms.ChoiceField(
        label="Which sender",
        choices=lambda: [("", "Every sender"), *programs.senders()],
        required=False,
    )
    program = forms.ChoiceField(
        label="Which of its messages",
        choices=lambda: [("", "All of them"), *programs.parts()],
        required=False,
        help_text="If the person spoke of one program or number alone.",
    )
    reason = forms.CharField(
        label="What the person said",
        max_length=500,
        # one line: Enter records it
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Press Enter to record it. It is sealed and kept as evidence.",
    )
    others = forms.CharField(
        label="Their other numbers and addresses",
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="If the person said it of these, too; separated by commas.",
    )
    once = forms.CharField(  # pressed twice, it is recorded once
        max_length=40,
        required=False,
        initial=lambda: secrets.token_urlsafe(16),
        widget=forms.HiddenInput(),
    )

    def clean_others(self) -> list[str]:
        said = self.cleaned_data["others"].replace(";", ",").split(",")
        return [each.strip() for each in said if each.strip()]


class EvidenceForm(forms.Form):
    address = forms.CharField(label=WHOM, max_length=320)
    reason = forms.CharField(
        label="Why you need the evidence",
        max_length=200,
        help_text="Recorded with your name. The pack names the person.",
    )
    recipient = forms.CharField(
        label="Recipient outside the company",
        max_length=120,
        required=False,
        help_text="Their name in the list of recipients. Empty: the pack stays with "
        "us.",
    )
    process = forms.CharField(
        label="Or which legal process",
        max_length=120,
        required=False,
        help_text="Its reference; its document must be on file.",
    )

    def ground(self) -> Ground | None:
        said = self.cleaned_data
        found = Ground(said["recipient"], "legal", said["process"])
        return found if found.recipient or found.process else None
