"""One page for each step: add a mail, read it, decide about it."""

import json
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from dsr import mailbox, representatives, tasks
from dsr.admin.mailbox.forms import (
    AddForm,
    AsideForm,
    HoldForm,
    JoinForm,
    OpenForm,
    OptOutForm,
    ReadForm,
    in_words,
)
from dsr.fulfilment import FULFILMENTS
from dsr.mailbox import belonging, letter, queue
from dsr.mailbox.understood import UNSPECIFIED
from dsr.models import Mail
from privacy import identifiers
from privacy.admin.base import ViewOnlyAdmin, attachment, shown_on

ADD = "Add to a request"


def add(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """Adds a mail that came another way, from its file."""
    form = AddForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        raw = form.cleaned_data["file"].read(letter.LARGEST + 1)
        with shown_on(form):
            taken = mailbox.ingest(raw, **_who(request))
            _acknowledge()
            return model_admin.done(request, taken.mail.reason, taken.mail.pk)
    return model_admin.page(request, "add", title="Add a mail", form=form)


def read(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """The text is in this one response; reading it again needs a reason again."""
    mail: Mail = model_admin.row(request, object_id)
    form, written = ReadForm(request.POST or None), None
    if form.is_valid():
        with shown_on(form):
            reason = form.cleaned_data["reason"]
            written = queue.read(mail=mail, reason=reason, **_who(request))
    return model_admin.page(
        request,
        "read",
        title="Read",
        original=mail,
        form=None if written else form,
        written=written,
        law=_said(mail).get("jurisdiction_reason", "") if written else "",
        likely=_likely(mail, model_admin, request) if written else [],
        steps=[b for b in model_admin.buttons(request, mail) if b["label"] != "Read"],
    )


def _likely(
    mail: Mail, model_admin: ViewOnlyAdmin, request: HttpRequest
) -> list[dict[str, str]]:
    """One link for each request that it may belong to, for those who may add it."""
    steps = {b["label"]: b["url"] for b in model_admin.buttons(request, mail)}
    if ADD not in steps:
        return []
    return [
        {"url": f"{steps[ADD]}?to={ticket}", "label": f"Add to {in_words(ticket)}"}
        for ticket in belonging.likely(mail)
    ]


def download(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponseBase:
    """With its attachments, for a mail program; downloading it is recorded."""
    mail: Mail = model_admin.row(request, object_id)
    content = queue.content(mail=mail, **_who(request))
    return attachment(content, f"mail-{mail.pk}.eml", "message/rfc822")


def open_request(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """The machine's reading is filled in; a person corrects it."""
    mail = _read_before(model_admin, request, object_id)
    form = OpenForm(request.POST or None, initial=_understood(mail))
    if form.is_valid():
        said = form.cleaned_data
        with shown_on(form):
            opened = queue.open_requests(
                mail=mail,
                rights=said["rights"],
                regime=said["regime"],
                marks=said["people"],
                received_at=said["received_at"],
                capacity=said["capacity"],
                against=said["against"],
                **_who(request),
            )
            _acknowledge()
            names = ", ".join(f"{t}, due {t.due_date:%-d %B %Y}" for t in opened)
            return model_admin.done(request, f"Opened {names}.", mail.pk)
    return _asking(model_admin, request, "open_request", "Open a request", mail, form)


def join(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    mail = _read_before(model_admin, request, object_id)
    likely = belonging.likely(mail)
    named = [t for t in likely if str(t) == request.GET.get("to")] or likely
    first = str(named[0]) if named else ""
    form = JoinForm(request.POST or None, initial={"reference": first}, likely=likely)
    if form.is_valid():
        reference = form.cleaned_data["reference"]
        with shown_on(form):
            ticket = queue.join(mail=mail, reference=reference, **_who(request))
            return model_admin.done(request, f"Added to {ticket}.", mail.pk)
    return _asking(model_admin, request, "join", ADD, mail, form)


def opt_out(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    mail = _read_before(model_admin, request, object_id)
    named = _understood(mail)["people"].splitlines()
    form = OptOutForm(request.POST or None, initial={"who": "".join(named[:1])})
    if form.is_valid():
        with shown_on(form):
            mark = identifiers.understand(form.cleaned_data["who"])
            queue.opt_out(mail=mail, mark=mark, **_who(request))
            return model_admin.done(request, "The opt-out is recorded.", mail.pk)
    return _asking(model_admin, request, "opt_out", "Record an opt-out", mail, form)


def hold(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    mail = _read_before(model_admin, request, object_id)
    form = HoldForm(request.POST or None, initial=_understood(mail))
    if form.is_valid():
        said = form.cleaned_data
        with shown_on(form):
            queue.hold(
                mail=mail,
                matter=said["matter"],
                marks=said["people"],
                **_who(request),
            )
            return model_admin.done(request, "The hold is in force.", mail.pk)
    return _asking(model_admin, request, "hold", "Place a legal hold", mail, form)


def set_aside(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    mail = _read_before(model_admin, request, object_id)
    form = AsideForm(request.POST or None)
    if form.is_valid():
        with shown_on(form):
            reason = form.cleaned_data["reason"]
            queue.set_aside(mail=mail, reason=reason, **_who(request))
            return model_admin.done(request, "It is set aside.")
    return _asking(model_admin, request, "set_aside", "Set aside", mail, form)


# --- what pages share -------------------------------------------------------------
def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user.get_username(), "now": timezone.now()}


def _acknowledge() -> None:
    """Whoever asked is told at once that we have it."""
    transaction.on_commit(lambda: tasks.acknowledge.delay(), robust=True)


def _read_before(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> Mail:
    """The forms show what the mail says, so they are only for those who have read
    it."""
    mail: Mail = model_admin.row(request, object_id)
    queue.require_read(mail, request.user.get_username())
    return mail


def _said(mail: Mail) -> dict[str, Any]:
    """What was understood when it came; an older mail has fewer fields."""
    return dict(json.loads(mail.understood.open()))


def _understood(mail: Mail) -> dict[str, Any]:
    said = _said(mail)
    subject, known = said["subject"], mail.regime != UNSPECIFIED
    return {
        "rights": [right for right in mail.types if right in FULFILMENTS],
        "regime": mail.regime
        if known
        else said.get("jurisdiction_likely", mail.regime),
        "people": "\n".join([*subject["phones"], *subject["emails"]]),
        "received_at": mail.received_at,
        "capacity": representatives.of_kind(said["agent"]),
        "against": str(mail.tickets.first() or ""),
    }


def _asking(
    model_admin: ViewOnlyAdmin,
    request: HttpRequest,
    name: str,
    title: str,
    mail: Mail,
    form: forms.Form,
) -> HttpResponse:
    return model_admin.page(request, name, title=title, original=mail, form=form)
