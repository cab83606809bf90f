"""How people prove who they are: on the page of the request, and by our letters."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from dsr import identity, languages, links, tasks, texting
from dsr.identity import account, asking, reaching, rules, sending
from dsr.identity.account import NotSigned, OtherBrowser, SomebodyElse
from dsr.identity.asking import NoSuchProof, WrongCode
from dsr.models import IdentityRule, Link, Proof, Ticket
from dsr.views.requests.page import again, page, public
from privacy.models import Identifier

Method = Proof.Method


class Way(NamedTuple):
    """A button: which identifier, by which method, in words."""

    identifier: int
    method: str
    label: str


class Waiting(NamedTuple):
    """A proof that was asked for: what to do now, and where to enter a code."""

    proof: Proof
    sentence: str
    hint: str
    takes_code: bool


def shown(ticket: Ticket, language: str) -> dict[str, Any]:
    """By what was typed and proved alone: nothing here says whether we know anybody."""
    tickets = [each for each in ticket.request.tickets.all() if each.is_open]
    each = [identity.standing(one) for one in tickets] or [identity.standing(ticket)]
    found = next((one for one in each if one.asks_the_person), each[0])
    acting = found.asks_for_authority
    proves = found.asks_for_proof
    named = list(ticket.identifiers.order_by("pk"))
    confirmed = [p for p in found.proofs if p.state == Proof.State.CONFIRMED]
    done = {p.identifier for p in confirmed if p.method != Method.DECLARED}
    wants = any(one.rule.declaration for one in each if one.asks_the_person)
    return {
        "needs_none": all(one.rule.level == IdentityRule.Level.NONE for one in each),
        "is_enough": all(one.is_enough for one in each),
        "asks": bool(tickets) and found.asks_the_person,
        "why": _say(language, f"why_{acting.capacity}" if acting else "why"),
        "acting": acting,
        "proved": ", ".join(reaching.hint(row, ticket) for row in named if row in done),
        "ways": ways(ticket, [row for row in named if row not in done], language)
        if proves
        else [],
        "waiting": waiting(found.proofs, language),
        "account": proves and account.is_possible(),
        "counts": proves and wants,
        "declares": proves and wants and not identity.is_declared(found.proofs),
    }


def ways(ticket: Ticket, rows: Sequence[Identifier], language: str) -> list[Way]:
    possible = {Method.MAIL: True, Method.ON_FILE: True}
    possible[Method.TEXT] = texting.is_possible()
    possible[Method.TEXT_IN] = bool(asking.our_number())
    return [
        Way(row.pk, method, _say(language, method, hint=reaching.hint(row, ticket)))
        for row in rows
        for method in reaching.methods(row, ticket)
        if possible.get(Method(method))
    ]


def waiting(proofs: Iterable[Proof], language: str) -> list[Waiting]:
    now = timezone.now()
    open_ = [p for p in proofs if p.state == Proof.State.ASKED and p.expires_at > now]
    return [_wait(p, language) for p in open_ if p.method != Method.ACCOUNT]


def _wait(proof: Proof, language: str) -> Waiting:
    minutes = rules.limit("code_minutes")
    if proof.method == Method.ON_FILE:
        sentence = _say(language, "on_file_sent")
    elif proof.method == Method.TEXT_IN:
        code = proof.code.open() if proof.code else ""
        number = asking.our_number()
        sentence = _say(language, "text_now", code=code, number=number, minutes=minutes)
    else:
        sentence = _say(language, "sent", minutes=minutes)
    takes_code = proof.method in (Method.MAIL, Method.TEXT)
    return Waiting(
        proof, sentence, reaching.hint(proof.identifier, proof.ticket), takes_code
    )


def _say(language: str, name: str, **values: Any) -> str:
    return languages.say(language, f"identity.{name}", **values)


# --- what is pressed on the page of the request -------------------------------------
class NotCome(Exception):
    """The text is still on its way."""


def _ask(request: HttpRequest, link: Link) -> HttpResponse:
    identity.ask(
        ticket=link.ticket,
        identifier_id=number(request, "identifier"),
        method=request.POST.get("method", ""),
        now=timezone.now(),
    )
    wake()
    return back(link, "waiting")


def _code(request: HttpRequest, link: Link) -> HttpResponse:
    identity.confirm(
        ticket=link.ticket,
        proof_id=number(request, "proof"),
        code=request.POST.get("code", "")[:40],
        now=timezone.now(),
    )
    wake()
    return back(link, "confirmed")


def _texted(request: HttpRequest, link: Link) -> HttpResponse:
    if not sending.take_texts(now=timezone.now(), ticket=link.ticket):
        raise NotCome
    wake()
    return back(link, "confirmed")


def _sign_in(request: HttpRequest, link: Link) -> HttpResponse:
    if not account.is_possible():
        raise NoSuchProof
    begun = account.begin(ticket=link.ticket, now=timezone.now())
    answer = HttpResponseRedirect(begun.address)
    answer.set_cookie(
        _cookie(),
        begun.nonce,
        max_age=rules.limit("code_minutes") * 60,
        path=reverse("request_account"),
        secure=True,
        httponly=True,
        samesite="None",  # the platform's form brings the person back
    )
    return answer


def _cookie() -> str:
    return f"account{settings.COOKIE_MARK}"


DONE = TimestampSigner(salt="dsr.confirmed")
STAYS = dt.timedelta(hours=1)
BUTTONS = {"ask": _ask, "code": _code, "texted": _texted, "account": _sign_in}


def wake() -> None:
    """A worker looks at once; without one, the scheduler does."""
    transaction.on_commit(lambda: tasks.prove.delay(), robust=True)


def number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NoSuchProof
    return int(text)


def back(link: Link, done: str, part: str = "identity") -> HttpResponse:
    """In the language that the page is read in."""
    language = translation.get_language() or link.language
    return again(link.token.open(), language, part, done=done)


# --- letters and sign-ins lead here -------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@public("show who one is")
def confirm(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """Only a press confirms: programs that open links in mails press nothing."""
    now = timezone.now()
    try:
        if request.method == "POST":
            identity.confirm_by_link(token=token, now=now)
            wake()
            query = urlencode({"lang": language, "done": DONE.sign("confirmed")})
            return HttpResponseRedirect(f"{reverse('request_confirmed')}?{query}")
        proof = asking.find_by_link(token=token, now=now)
    except WrongCode:
        return page(request, "confirm", language, 404, state="gone")
    if not request.GET.get("lang"):
        language = links.language_of(proof.ticket)
    rights = languages.group(language, "right")
    tickets = proof.ticket.request.tickets.order_by("pk")
    return page(
        request,
        "confirm",
        language,
        state="ask",
        ticket=proof.ticket,
        rights=[rights[each.right] for each in tickets],
    )


@require_safe
@public("look at a request")
def confirmed(request: HttpRequest, language: str) -> HttpResponse:
    """Names nobody. Can be reloaded for an hour; without a press it says that there is
    nothing."""
    done = request.GET.get("done", "")
    try:
        DONE.unsign(done, max_age=STAYS)
    except BadSignature:
        return page(request, "confirm", language, 404, state="gone")
    kept = urlencode({"done": done})
    return page(request, "confirm", language, state="done", kept=kept)


@require_POST
@public("show who one is", from_outside=True)
def signed_in(request: HttpRequest, language: str) -> HttpResponse:
    """The platform's form; nonce and signature do what a CSRF token would do."""
    try:
        ticket = account.finish(
            statement=request.POST.get("statement", ""),
            nonce=request.COOKIES.get(_cookie(), ""),
            now=timezone.now(),
        )
    except (NotSigned, OtherBrowser, SomebodyElse):
        return page(request, "confirm", language, 403, state="account_failed")
    wake()
    answer = HttpResponseRedirect(f"{links.address_of(ticket)}?done=confirmed")
    answer.delete_cookie(_cookie(), path=reverse("request_account"), samesite="None")
    return answer
