"""Beside the procedure: notes for colleagues, tasks for other teams."""

from django import forms
from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dsr.desk import chores
from dsr.models import Ticket
from privacy.admin.base import ViewOnlyAdmin, shown_on


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note", widget=forms.Textarea(attrs={"rows": 5}), max_length=5000
    )


class TaskForm(forms.Form):
    title = forms.CharField(
        label="What is to be done?",
        max_length=200,
        help_text="Without names, numbers or addresses: the number of the request is "
        "enough.",
    )
    team = forms.ChoiceField(
        label="By which team?",
        choices=lambda: [(g.name, g.name) for g in Group.objects.order_by("name")],
    )
    owner = forms.ChoiceField(
        label="By whom?",
        required=False,
        choices=lambda: [
            ("", "whoever of the team"),
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


def note(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            chores.note(
                ticket=ticket,
                text=form.cleaned_data["text"],
                by=request.user.get_username(),
                now=timezone.now(),
            )
            return model_admin.done(request, "Noted.", ticket.pk)
    return model_admin.page(
        request, "beside", title="Add a note", original=ticket, form=form
    )


def give(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    form = TaskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            chores.give(
                ticket=ticket,
                **form.cleaned_data,
                by=request.user.get_username(),
                now=timezone.now(),
            )
            return model_admin.done(request, "The team has it.", ticket.pk)
    return model_admin.page(
        request, "beside", title="Give a task", original=ticket, form=form
    )
