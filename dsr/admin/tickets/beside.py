"""Beside the procedure: notes for colleagues, tasks for other teams."""

from functools import partial
from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.http import Http404, HttpRequest, HttpResponse

from dsr import desk, recipients
from dsr.desk import chores
from dsr.models import Ticket
from privacy import providers
from privacy.admin.base import ViewOnlyAdmin
from privacy.models import Instruction

State = Instruction.State
UNANSWERED = (State.WAITING, State.TOLD, State.HELD)


class AnswerForm(forms.Form):
    """What a recipient says that it did, in its own words."""

    state = forms.ChoiceField(
        label="What did they say?",
        choices=[(s.value, s.label) for s in State if s not in UNANSWERED],
    )
    until = forms.DateField(
        label="Not before",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The first day on which they can do it.",
    )
    answer = forms.CharField(
        label="In their words",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Do not name anybody. Required if it was not done.",
    )


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note", widget=forms.Textarea(attrs={"rows": 5}), max_length=5000
    )


class TaskForm(forms.Form):
    title = forms.CharField(
        label="What is to be done?",
        max_length=200,
        help_text="No names, numbers or addresses: the request's reference is enough.",
    )
    team = forms.ChoiceField(
        label="Which team?",
        choices=lambda: [(g.name, g.name) for g in Group.objects.order_by("name")],
    )
    owner = forms.ChoiceField(
        label="By whom?",
        required=False,
        choices=lambda: [
            ("", "anybody on the team"),
            *(
                (name, name)
                for name in User.objects.filter(is_active=True, is_staff=True)
                .order_by("username")
                .values_list("username", flat=True)
            ),
        ],
    )
    due_date = forms.DateField(
        label="By when?", widget=forms.DateInput(attrs={"type": "date"})
    )


def heard(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Records what a recipient of the data answered by mail or telephone."""
    ticket: Ticket = model_admin.row(request, object_id)
    mine = {str(row.pk): row for row in recipients.of(ticket)}
    row = mine.get(request.GET.get("from", ""))
    if row is None:
        raise Http404("That recipient does not belong to this request.")
    return model_admin.step(
        request,
        "beside",
        title=f"Answer of {row.provider}",
        original=ticket,
        form=AnswerForm(request.POST or None),
        act=partial(providers.answered, instruction=row),
        said="The answer is noted.",
    )


class Assigning(forms.Form):
    to = forms.ChoiceField(label="Who takes care of it?")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        names: Any = self.fields["to"]
        names.choices = [(name, name) for name in desk.colleagues()]


def assign(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "beside",
        title="Assign",
        original=ticket,
        form=Assigning(request.POST or None),
        act=partial(desk.assign, tickets=[ticket]),
        said="Assigned.",
    )


def note(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "beside",
        title="Add a note",
        original=ticket,
        form=NoteForm(request.POST or None),
        act=partial(chores.note, ticket=ticket),
        said="Noted.",
    )


def give(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "beside",
        title="Give a task",
        original=ticket,
        form=TaskForm(request.POST or None),
        act=partial(chores.give, ticket=ticket),
        said="The team now has the task.",
    )
