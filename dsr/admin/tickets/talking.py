"""Letters to the person, and what they wrote."""

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dsr import languages, links, messages, notices, tasks
from dsr.desk import letters
from dsr.models import Letter, Ticket, Upload
from privacy.admin.base import ViewOnlyAdmin, shown_on


class Writing(forms.Form):
    text = forms.CharField(
        label="What do we write?",
        widget=forms.Textarea(attrs={"rows": 16}),
        max_length=messages.LONGEST,
    )


def conversation(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Both sides, in order; that somebody of the staff read it is recorded."""
    ticket: Ticket = model_admin.row(request, object_id)
    told = messages.conversation(
        ticket=ticket, by=request.user.get_username(), now=timezone.now()
    )
    return model_admin.page(
        request,
        "conversation",
        title="Conversation",
        original=ticket,
        told=told,
        files=Upload.objects.filter(ticket__request=ticket.request_id, message=None),
    )


def write(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """A letter from a template, looked at and changed before it goes."""
    ticket: Ticket = model_admin.row(request, object_id)
    now = timezone.now()
    letter = _chosen(request)
    text = letters.filled(letter=letter, ticket=ticket, now=now) if letter else ""
    form = Writing(request.POST or None, initial={"text": text})
    if request.method == "POST" and form.is_valid():
        with shown_on(form), transaction.atomic():
            messages.write(
                ticket=ticket,
                text=form.cleaned_data["text"],
                by=request.user.get_username(),
                now=now,
            )
            transaction.on_commit(lambda: tasks.send_notices.delay(), robust=True)
            return model_admin.done(request, "Written.", ticket.pk)
    language = links.language_of(ticket)
    return model_admin.page(
        request,
        "write",
        title="Write to them",
        original=ticket,
        form=form,
        letters=Letter.objects.all(),
        letter=letter,
        language=languages.LANGUAGES[language],
        by_mail=bool(notices.address_of(ticket)),
        by_page=bool(links.address_of(ticket)),
    )


def _chosen(request: HttpRequest) -> Letter | None:
    name = request.GET.get("letter", "")
    if not (name.isascii() and name.isdecimal() and len(name) < 19):
        return None
    return Letter.objects.filter(pk=int(name)).first()
