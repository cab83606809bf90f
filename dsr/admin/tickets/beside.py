"""Beside the procedure: notes for colleagues, tasks for other teams."""

from django import forms
from django.contrib.auth.models import Group, User
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from dsr import recipients
from dsr.desk import chores
from dsr.models import Ticket
from privacy import providers
from privacy.admin.base import ViewOnlyAdmin, shown_on
from privacy.models import Instruction

UNANSWERED = (Instruction.State.WAITING, Instruction.State.TOLD)


class AnswerForm(forms.Form):
    """What a recipient says that it did, in its words."""

    state = forms.ChoiceField(
        label="What did they say?",
        choices=[(s.value, s.label) for s in Instruction.State if s not in UNANSWERED],
    )
    until = forms.DateField(
        label="Not before",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The day from which they can do it.",
    )
    answer = forms.CharField(
        label="In their words",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Names nobody. Needed when it is not done.",
    )


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


def heard(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """What a recipient of the data answered by mail or telephone."""
    ticket: Ticket = model_admin.row(request, object_id)
    mine = {str(row.pk): row for row in recipients.of(ticket)}
    row = mine.get(request.GET.get("from", ""))
    if row is None:
        raise Http404("This request has no such recipient.")
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            providers.answered(
                instruction=row,
                by=request.user.get_username(),
                now=timezone.now(),
                **form.cleaned_data,
            )
            return model_admin.done(request, "The answer is noted.", ticket.pk)
    title = f"Answer of {row.provider}"
    return model_admin.page(request, "beside", title=title, original=ticket, form=form)


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
