"""The person takes it back: the evidence, the second person, and the way back."""

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dsr import deadlines, withdrawals
from dsr.models import Message, Ticket, Upload, Withdrawal
from privacy import staff
from privacy.admin.base import ViewOnlyAdmin


def may_withdraw(ticket: Ticket) -> bool:
    return ticket.status in withdrawals.MAY_BE_WITHDRAWN and not is_noted(ticket)


def is_noted(ticket: Any) -> bool:
    """As `withdrawals.marked` has it."""
    return bool(ticket.is_taken_back)


class Messages(forms.ModelChoiceField):
    """By their day: what they say is read in the conversation."""

    def label_from_instance(self, obj: Message) -> str:
        return f"No. {obj.pk}, of {obj.written_at:%-d %B %Y, %H:%M}"


class Papers(forms.ModelChoiceField):
    def label_from_instance(self, obj: Upload) -> str:
        return f"No. {obj.pk}: {obj.get_purpose_display()}, {obj.media_type}"


class Heard(forms.Form):
    """How we know that they take it back."""

    shown_by = forms.ChoiceField(
        label="How did they say so?",
        choices=Withdrawal.Shown,
        widget=forms.RadioSelect,
    )
    message = Messages(
        Message.objects.none(),
        label="Which message?",
        required=False,
        help_text="Of the conversation; the second person reads it there.",
    )
    paper = Papers(Upload.objects.none(), label="Which document?", required=False)
    heard = forms.CharField(
        label="Of a call: who took it, and how did they know the person?",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    said_on = forms.DateField(
        label="On which day?",
        widget=forms.DateInput(attrs={"type": "date"}),
        initial=lambda: deadlines.day_of(timezone.now()),
    )
    reason = forms.CharField(
        label="What do we tell them?",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="They read these words in a letter, which asks them to tell us if "
        "they did not ask for this.",
    )

    def __init__(self, *given: Any, ticket: Ticket, **named: Any) -> None:
        super().__init__(*given, **named)
        fields: dict[str, Any] = self.fields
        fields["message"].queryset = withdrawals.messages_of(ticket)
        fields["paper"].queryset = withdrawals.papers_of(ticket)


class Looked(forms.Form):
    is_so = forms.TypedChoiceField(
        label="Do they take it back?",
        widget=forms.RadioSelect,
        choices=[
            ("yes", "Yes: end the request and write to them"),
            ("no", "No: it goes on"),
        ],
        coerce=lambda value: value == "yes",
    )


def withdraw(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "close",
        title="Withdrawn",
        original=ticket,
        form=Heard(request.POST or None, ticket=ticket),
        act=partial(withdrawals.note, ticket=ticket),
        said="Noted. A second person looks at it; until then nothing is carried out.",
        says="For what the person takes back themselves, and only with evidence. The "
        "request ends when a second person has looked at it.",
    )


def taken_back(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """A second person looks at the evidence; anybody may say that it is not so."""
    ticket: Ticket = model_admin.row(request, object_id)
    by, noted = request.user.get_username(), withdrawals.waiting(ticket)

    def act(*, is_so: bool, **when: Any) -> None:
        verb = withdrawals.confirm if is_so else withdrawals.dismiss
        verb(ticket=ticket, **when)

    return model_admin.step(
        request,
        "taken_back",
        title="Taken back?",
        original=ticket,
        form=Looked(request.POST or None),
        act=act,
        said="Noted.",
        noted=noted,
        others=staff.who_else("dsr.change_ticket", by)
        if noted and noted.noted_by == by
        else None,
    )


def go_on(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    by, now = request.user.get_username(), timezone.now()
    again = withdrawals.go_on(ticket=ticket, by=by, now=now)
    said = f"{again} goes on with it; it is due on {again.due_date:%-d %B %Y}."
    return model_admin.done(request, said, again.pk)
