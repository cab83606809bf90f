"""/privacy/request/{token}: how it goes on, in the person's language."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from dsr import (
    deadlines,
    identity,
    languages,
    links,
    messages,
    rate,
    submissions,
    tasks,
)
from dsr import uploads as files_
from dsr.identity import NoSuchProof, rules
from dsr.identity.asking import AskedTooOften, WrongCode
from dsr.models import Link, Upload
from dsr.packages import NoPackage
from dsr.packages.handing import CodeNeeded, TakenTooOften
from dsr.tickets import NotNow
from dsr.uploads import WrongFile
from dsr.views.requests import copying, proving, showing
from dsr.views.requests.forms import LIMITS, WRONG, FilesField, Worded
from dsr.views.requests.page import again, has_signal, page, public
from privacy.plans import TooLate

DONE = ("asked", "sent", "uploaded", "withdrawn", "waiting", "confirmed", "declared")


class OfThePage(Worded):
    def group(self, name: str) -> str:
        return "status"


class WriteForm(OfThePage):
    message = forms.CharField(
        max_length=messages.LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class UploadForm(OfThePage):
    documents = FilesField()

    def clean_documents(self) -> list[files_.File]:
        return self.checked(self.cleaned_data["documents"])


class WithdrawForm(OfThePage):
    withdraw_sure = forms.BooleanField()


class DeclareForm(OfThePage):
    """The words stand above it; the name is the signature."""

    declare_name = forms.CharField(max_length=200)
    declare_sure = forms.BooleanField()


class AppealForm(OfThePage):
    appeal_which = forms.CharField(widget=forms.Select)
    appeal_reason = forms.CharField(
        max_length=messages.LONGEST, widget=forms.Textarea(attrs={"rows": 5})
    )


def _write(link: Link, form: forms.Form) -> str:
    messages.write(
        ticket=link.ticket, text=form.cleaned_data["message"], now=timezone.now()
    )
    return "sent"


def _upload(purpose: Upload.Purpose) -> Callable[[Link, forms.Form], str]:
    def keep(link: Link, form: forms.Form) -> str:
        files_.keep(
            ticket=link.ticket,
            files=form.cleaned_data["documents"],
            purpose=purpose,
            now=timezone.now(),
        )
        return "uploaded"

    return keep


def _papers(link: Link, form: forms.Form) -> str:
    """Documents of a representative prove authority, not identity."""
    purpose = Upload.Purpose.IDENTITY
    if identity.standing(link.ticket).asks_for_authority:
        purpose = Upload.Purpose.AUTHORITY
    return _upload(purpose)(link, form)


def _withdraw(link: Link, form: forms.Form) -> str:
    submissions.withdraw(link=link, now=timezone.now())
    transaction.on_commit(lambda: tasks.send_notices.delay(), robust=True)
    return "withdrawn"


def _declare(link: Link, form: forms.Form) -> str:
    language = translation.get_language() or link.language
    submissions.declare(
        link=link,
        words=languages.say(language, "status.declaration"),
        name=form.cleaned_data["declare_name"],
        now=timezone.now(),
    )
    return "declared"


FORMS: dict[str, tuple[type[OfThePage], str, Callable[[Link, forms.Form], str]]] = {
    "write": (WriteForm, "message_missing", _write),
    "upload": (UploadForm, "files_missing", _upload(Upload.Purpose.OTHER)),
    "papers": (UploadForm, "files_missing", _papers),
    "declare": (DeclareForm, "declare_missing", _declare),
    "withdraw": (WithdrawForm, "withdraw_missing", _withdraw),
}


# Buttons without a form of their own, and what stands above the page when one fails.
BUTTONS: dict[str, Callable[[HttpRequest, Link], HttpResponseBase]] = {
    **proving.BUTTONS,
    "copy": copying.ask,
    "take": copying.take,
}
PROBLEMS: dict[type[Exception], str] = {
    AskedTooOften: "identity.wait",
    WrongCode: "identity.wrong",
    NoSuchProof: "identity.wrong",
    proving.NotCome: "identity.not_come",
    CodeNeeded: "copy.code_first",
    NoPackage: "copy.gone",
    TakenTooOften: "copy.too_often",
}


@require_http_methods(["GET", "HEAD", "POST"])
@public("look at a request")
def follow(request: HttpRequest, language: str, token: str) -> HttpResponseBase:
    link = links.find(token)
    if has_signal(request):
        submissions.heed_signal(ticket=link.ticket, now=timezone.now())
    if not request.GET.get("lang"):
        language = link.language
    with translation.override(language):
        if request.method == "POST":
            rate.count("act on a request", rate.place(request), now=timezone.now())
            return _pressed(request, link, language)
        messages.read(ticket=link.ticket, by="", now=timezone.now())
        return _page(request, link, language)


def _pressed(request: HttpRequest, link: Link, language: str) -> HttpResponseBase:
    name = request.POST.get("do", "")
    if name == "appeal":
        return _appeal(request, link, language)
    if name in FORMS:
        return _act(name, request, link, language)
    if name not in BUTTONS:
        return _page(request, link, language)
    try:
        return BUTTONS[name](request, link)
    except tuple(PROBLEMS) as refused:
        return again(link.token.open(), language, problem=PROBLEMS[type(refused)])


def _act(name: str, request: HttpRequest, link: Link, language: str) -> HttpResponse:
    form, act = _form(name, request, language), FORMS[name][2]
    if form.is_valid() and "language" not in request.POST:
        try:
            done = act(link, form)
        except (NotNow, TooLate, files_.Closed):
            form.add_error(None, languages.say(language, "status.too_late"))
        except messages.TooMuch:
            form.add_error(None, languages.say(language, "status.too_much"))
        except WrongFile as wrong:
            form.add_error("documents", form.word(WRONG[type(wrong)]))
        else:
            return again(link.token.open(), language, done=done)
    return _page(request, link, language, tried={name: form})


def _appeal(request: HttpRequest, link: Link, language: str) -> HttpResponse:
    form = _form("appeal", request, language)
    if form.is_valid() and "language" not in request.POST:
        try:
            with transaction.atomic():
                text = form.cleaned_data["appeal_reason"]
                _, token = submissions.appeal(
                    link=link,
                    reference=form.cleaned_data["appeal_which"],
                    text=text,
                    now=timezone.now(),
                )
                transaction.on_commit(lambda: tasks.send_notices.delay(), robust=True)
            return again(token, language, done="asked")
        except submissions.NoAppeal:
            form.add_error(None, languages.say(language, "status.too_late"))
    return _page(request, link, language, tried={"appeal": form})


def _form(name: str, request: HttpRequest | None, language: str) -> OfThePage:
    kind, missing = FORMS[name][:2] if name in FORMS else (AppealForm, "appeal_missing")
    given = (request.POST, request.FILES) if request else ()
    form = kind(*given, language=language, prefix=name)
    for field in form.fields.values():
        field.error_messages["required"] = languages.say(language, f"status.{missing}")
    return form


def _page(
    request: HttpRequest,
    link: Link,
    language: str,
    tried: Mapping[str, OfThePage] = MappingProxyType({}),
) -> HttpResponse:
    said = showing.shown(link.ticket, language)
    parts = {
        name: tried.get(name) or _form(name, None, language)
        for name, is_offered in said["offered"].items()
        if is_offered or name in tried
    }
    if "appeal" in parts:
        parts["appeal"].fields["appeal_which"].widget.choices = _answers(link)
    done, problem = _said(request) if not tried else ("", "")
    return page(
        request,
        "status",
        language,
        422 if tried else 200,
        ticket=link.ticket,
        problem=problem and _problem(problem, language),
        kept=urlencode({"done": done, "problem": problem}),
        retype=next((f"do_{name}" for name in tried), ""),
        copy=copying.shown(link.ticket, language),
        parts=parts,
        problems=[form for form in tried.values() if form.errors],
        done=done,
        own_address=links.address(link.token.open()),
        first_due=min(line.ticket.due_date for line in said["lines"]),
        limits=LIMITS,
        **said,
    )


def _said(request: HttpRequest) -> tuple[str, str]:
    """The result of the last action, by name; any other value in the address is
    ignored."""
    done, problem = request.GET.get("done", ""), request.GET.get("problem", "")
    is_known = problem in PROBLEMS.values()
    return done if done in DONE else "", problem if is_known else ""


def _problem(name: str, language: str) -> str:
    return languages.say(language, name, minutes=rules.limit("download_minutes"))


def _answers(link: Link) -> list[tuple[str, str]]:
    """The answers that may be appealed, by number."""
    today = deadlines.day_of(timezone.now())
    return [
        (str(each), str(each))
        for each in link.ticket.request.tickets.order_by("pk")
        if submissions.may_appeal(each, on=today)
    ]
