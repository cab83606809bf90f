"""What staff enter about a request."""

from typing import Any

from django import forms
from django.utils import timezone

from dsr import appeals, deadlines, grounds, languages, uploads
from dsr.admin.base import CapacityField, laws
from dsr.admin.tickets.proof import DeclarationField, PointsField
from dsr.admin.tickets.several import MarksField
from dsr.fulfilment import FULFILMENTS
from dsr.models import Right, Ticket
from dsr.representatives import Acting
from dsr.uploads import File, WrongFile
from privacy import correction, identifiers
from privacy.correction import Change

Outcome = Ticket.Outcome


class Scans(forms.ClearableFileInput):
    allow_multiple_selected = True


class ScansField(forms.FileField):
    """Every file of a letter: its pages, and what was sent along."""

    def __init__(self) -> None:
        super().__init__(
            label="The letter, scanned",
            required=False,
            widget=Scans,
            help_text="One file or several: PDF, JPEG, PNG or HEIC, each up to 10 MB. "
            "They are stored sealed with the request.",
        )

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(ScansField, self).clean(each, initial) for each in data or []]


class NewTicket(forms.Form):
    """What staff know when a request arrives."""

    rights = forms.MultipleChoiceField(
        label="What does the person ask for?",
        widget=forms.CheckboxSelectMultiple,
        help_text="Each becomes a separate request, with its own due date.",
        choices=lambda: [(code, Right(code).label) for code in FULFILMENTS],
    )
    regime = forms.ChoiceField(
        label="Under which law?",
        choices=laws,
        help_text="The law of the place where the person lives. Type its first "
        "letters.",
    )
    phone = forms.CharField(
        label="Phone number", required=False, help_text="In any common form."
    )
    email = forms.CharField(label="E-mail address", required=False)
    more = MarksField()
    name = forms.CharField(label="Name", required=False, max_length=200)
    capacity = CapacityField()
    acting_name = forms.CharField(
        label="If somebody asks for them: the name of who asks",
        required=False,
        max_length=200,
    )
    acting_organization = forms.CharField(
        label="Their organization, if any", required=False, max_length=200
    )
    may_act = forms.BooleanField(
        label="They have shown that they may act for the person",
        required=False,
        help_text="You have seen the signed permission, the birth certificate or the "
        "papers of the estate. Otherwise the receipt asks for them.",
    )
    reply_to = forms.EmailField(
        label="Where should we answer?",
        required=False,
        widget=forms.EmailInput(attrs={"class": "vTextField"}),
        help_text="An e-mail address. Empty: the one above, if the person asks.",
    )
    post = forms.CharField(
        label="Or by post, to which address?",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="As on the envelope. Without an e-mail address our letters wait on "
        "the desk, under “Letters to send by hand”.",
    )
    language = forms.ChoiceField(
        label="Which language do they read?",
        choices=list(languages.LANGUAGES.items()),
        required=False,
        help_text="Our letters are written in this language.",
    )
    received_at = forms.DateTimeField(
        label="When did we receive it?",
        initial=timezone.now,
        help_text="The deadline counts from here, not from when it is entered. UTC.",
    )
    source = forms.ChoiceField(
        label="How did it reach us?",
        choices=[
            (code, label)
            for code, label in Ticket.Source.choices
            if code in ("staff", "mail", "post", "phone")
        ],
    )
    scan = ScansField()
    known_by = forms.CharField(
        label="How do you know who they are?",
        required=False,
        max_length=500,
        help_text="What you checked. Empty: they prove it later, and nothing is "
        "disclosed or changed until then.",
    )
    points = PointsField()
    has_declaration = DeclarationField()
    words = forms.CharField(
        label="What did they write?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    against = forms.RegexField(
        appeals.NUMBER,
        strip=True,
        label="Of an appeal: the number of the decision, if they give it",
        required=False,
        help_text="Such as R-2026-000001.",
    )

    def clean_scan(self) -> list[File]:
        given = self.cleaned_data["scan"]
        files = [File(each.name, each.read(), each.size) for each in given]
        try:
            uploads.check(files)
        except WrongFile as wrong:
            raise forms.ValidationError(str(wrong)) from None
        return files

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("has_declaration") and not given.get("scan"):
            self.add_error("scan", "Attach the declaration that they signed.")
        if given.get("points") and not given.get("known_by", "").strip():
            self.add_error("known_by", "Say how you compared it.")
        if given.get("acting_name") and not given.get("capacity"):
            self.add_error("capacity", "Say as what they ask for the person.")
        if given.get("may_act") and not given.get("known_by", "").strip():
            self.add_error("known_by", "Say what you have seen.")
        return given

    def acting(self) -> Acting | None:
        given = self.cleaned_data
        if not given["capacity"]:
            return None
        return Acting(
            capacity=given["capacity"],
            name=given["acting_name"].strip(),
            organization=given["acting_organization"].strip(),
            email=given["reply_to"],
            may_act=given["may_act"],
        )

    def reply_to_email(self) -> str:
        """An erasure ends the address that it is about; its letter needs one."""
        given = self.cleaned_data
        theirs = given["email"] and not given["capacity"]
        if given["reply_to"] or given["post"] or not theirs:
            return str(given["reply_to"])
        return identifiers.email(given["email"]).value

    def marks(self) -> list[identifiers.Mark]:
        given = self.cleaned_data
        marks = [identifiers.phone(given["phone"])] if given["phone"] else []
        marks += [identifiers.email(given["email"])] if given["email"] else []
        return list(dict.fromkeys([*marks, *given["more"]]))


class Decision(forms.Form):
    """What is decided about a right that a person weighs, or about a whole request."""

    outcome = forms.ChoiceField(
        label="What do you decide?",
        choices=[
            (Outcome.WHOLE, "Granted"),
            (Outcome.PART, "Granted in part"),
            (Outcome.DENIED, "Denied"),
        ],
    )
    ground = forms.ChoiceField(
        label="On which ground?",
        required=False,
        help_text="For what is denied. Only grounds that this law allows.",
    )
    reason = forms.CharField(
        label="Why?",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="In the words the person will read.",
    )

    def __init__(self, *given: Any, ticket: Ticket, **named: Any) -> None:
        super().__init__(*given, **named)
        known = grounds.known(
            regime=ticket.regime,
            right=ticket.right,
            on=deadlines.day_of(timezone.now()),
        )
        choices = [(each.code, str(each)) for each in known]
        self.fields["ground"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]


class Denial(Decision):
    outcome = None  # type: ignore[assignment]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["ground"].required = True


class Correction(forms.Form):
    """Up to five fields: what they hold and what they should hold."""

    LINES = 5

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        fields = [("", "—"), *((name, name) for name in correction.fields())]
        for number in range(1, self.LINES + 1):
            self.fields[f"field_{number}"] = forms.ChoiceField(
                label=f"{number}. Which field?", required=number == 1, choices=fields
            )
            self.fields[f"before_{number}"] = forms.CharField(
                label="Wrong value",
                required=False,
                help_text="Empty: whatever it says now, in all of their records.",
            )
            self.fields[f"after_{number}"] = forms.CharField(
                label="What it should say", required=False
            )

    def changes(self) -> list[Change]:
        given = self.cleaned_data
        return [
            Change(
                field=given[f"field_{number}"],
                before=given[f"before_{number}"],
                after=given[f"after_{number}"],
            )
            for number in range(1, self.LINES + 1)
            if given[f"field_{number}"]
        ]


class Reason(forms.Form):
    reason = forms.CharField(
        label="Reason", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )


class Appealed(forms.Form):
    """The decision that an appeal is against."""

    reference = forms.ChoiceField(
        label="Which decision is it against?",
        required=False,
        help_text="Answered or refused requests of the same number or address.",
    )
    another = forms.RegexField(
        appeals.NUMBER,
        strip=True,
        required=False,
        label="Or the number of another decision",
        help_text="If they write from another address than the first time. It counts "
        "once somebody has decided that it is the same person (“Who is it?”).",
    )

    def __init__(self, *given: Any, appeal: Ticket, **named: Any) -> None:
        super().__init__(*given, **named)
        field: Any = self.fields["reference"]
        known = {str(one): _decided(one) for one in appeals.possible(appeal)}
        field.choices = [("", "—"), *known.items()]
        said = appeal.against
        self.initial = {"reference": said} if said in known else {"another": said}

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if bool(given.get("reference")) == bool(given.get("another")):
            self.add_error("reference", "Choose one, or write its number below.")
        return {"reference": given.get("reference") or given.get("another", "")}


def _decided(ticket: Ticket) -> str:
    right, state = ticket.get_right_display(), ticket.get_status_display()
    return f"{ticket}: {right}. {state}, {ticket.closed_at:%-d %B %Y}."
