"""Letters to the person, and messages from them."""

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from dsr import languages, links, messages, notices, tasks
from dsr.desk import letters
from dsr.models import Letter, Message, Ticket, Upload
from privacy.admin.base import ViewOnlyAdmin, shown_on


class Mailed(forms.Form):
    """What the mail server's log says about a message, or that a person sent it."""

    message = forms.ModelChoiceField(Message.objects.none())
    was = forms.ChoiceField(
        choices=[(each, each) for each in ("sent", "not_sent", "by_hand")]
    )


class Writing(forms.Form):
    text = forms.CharField(
        label="Your message",
        widget=forms.Textarea(attrs={"rows": 16}),
        max_length=messages.LONGEST,
    )


def conversation(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Both sides, in order; reading it is recorded."""
    ticket: Ticket = model_admin.row(request, object_id)
    now = timezone.now()
    told = messages.conversation(ticket=ticket, by=request.user.get_username(), now=now)
    doubtful = set(messages.doubtful(now=now).values_list("pk", flat=True))
    return model_admin.page(
        request,
        "conversation",
        title="Conversation",
        original=ticket,
        told=[
            (each, text, each.pk in doubtful and messages.message_id(each))
            for each, text in told
        ],
        files=Upload.objects.filter(ticket__request=ticket.request_id, message=None),
    )


def mailed(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Records whether a message was sent, as the mail server's log says."""
    ticket: Ticket = model_admin.row(request, object_id)
    form = Mailed(request.POST)
    mine = Message.objects.filter(ticket__request=ticket.request_id)
    form.fields["message"].queryset = mine  # type: ignore[attr-defined]
    if not form.is_valid():
        raise notices.NotInDoubt
    if form.cleaned_data["was"] == "by_hand":
        by, now = request.user.get_username(), timezone.now()
        messages.by_hand(message=form.cleaned_data["message"], by=by, now=now)
        model_admin.message_user(request, "Noted: it was sent by hand.")
        return redirect("admin:dsr_ticket_by_hand")
    was_sent = form.cleaned_data["was"] == "sent"
    with transaction.atomic():
        messages.settle(
            message=form.cleaned_data["message"],
            was_sent=was_sent,
            by=request.user.get_username(),
            now=timezone.now(),
        )
        transaction.on_commit(lambda: tasks.send_notices.delay(), robust=True)
    said = "Noted: it was sent." if was_sent else "Noted; it will be sent now."
    return model_admin.done(request, said, ticket.pk)


def write(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """A letter from a template, read and edited before it is sent."""
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
