"""What the page of a request shows: every right that was asked, and its progress."""

from typing import Any, NamedTuple

from django.utils import timezone

from dsr import deadlines, languages, links, submissions
from dsr.models import Message, Notice, Ticket, Upload
from dsr.views.requests import proving

Status = Ticket.Status
STEPS = ("received", "identity", "work", "answered")


class Line(NamedTuple):
    """One right: in words, its ticket, and its outcome once it has ended."""

    right: str
    ticket: Ticket
    ended: str


def shown(ticket: Ticket, language: str) -> dict[str, Any]:
    tickets = list(ticket.request.tickets.order_by("pk"))
    proof = proving.shown(ticket, language)
    is_open = any(each.is_open for each in tickets)
    together = {"ticket__request": ticket.request_id}
    messages = Message.objects.filter(mail=None, **together)  # they have their mails
    answers = Notice.objects.filter(**together).exclude(kind=Notice.Kind.RECEIPT)
    return {
        "lines": _lines(tickets, language),
        "is_open": is_open,
        "identity": proof,
        "steps": _steps(tickets, proof),
        "next": _next(tickets, proof),
        "letters_in": links.language_of(ticket),
        "messages": [(m, m.text.open()) for m in messages],
        "notices": [(n, n.text.open()) for n in answers.order_by("written_at")],
        "uploads": Upload.objects.filter(uploaded_by="", **together),
        "offered": _offered(tickets, proof, is_open),
        "authority": _authority(ticket, language),
    }


def _authority(ticket: Ticket, language: str) -> str:
    """Where else one can complain: in the United States there is no data protection
    authority, except California's."""
    if not ticket.regime.startswith("US-"):
        return languages.say(language, "status.authority")
    words = languages.group(language, "remedy")
    return words.get(ticket.regime, words["attorney_general"])


def _offered(
    tickets: list[Ticket], proof: dict[str, Any], is_open: bool
) -> dict[str, bool]:
    today = deadlines.day_of(timezone.now())
    undecided = [t for t in tickets if t.status in submissions.MAY_BE_WITHDRAWN]
    return {
        "write": True,
        "upload": is_open,
        "papers": proof["asks"],
        "declare": proof["declares"],
        "withdraw": bool(undecided),
        "appeal": any(submissions.may_appeal(each, on=today) for each in tickets),
    }


def _lines(tickets: list[Ticket], language: str) -> list[Line]:
    words = languages.group(language, "right")
    ended = languages.group(language, "ended")
    return [
        Line(words[each.right], each, ended.get(each.status, "")) for each in tickets
    ]


def _next(tickets: list[Ticket], proof: dict[str, Any]) -> str:
    if proof["asks"]:
        return "status.identity_next"
    if any(each.is_open for each in tickets):
        return "status.open_next"
    states = {each.status for each in tickets}
    return f"status.{states.pop() if len(states) == 1 else 'answered'}_next"


def _steps(tickets: list[Ticket], proof: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and state of each step, by the slowest of the rights."""
    if not any(each.is_open for each in tickets):
        return [(f"status.step_{name}", "status.step_done") for name in _taken(tickets)]
    now = 2 if proof["is_enough"] else 1
    return [
        (f"status.step_{name}", f"status.step_{_state(place, now)}")
        for place, name in enumerate(STEPS)
    ]


def _taken(ended: list[Ticket]) -> tuple[str, ...]:
    """The steps taken: for a refused or withdrawn request nothing was done."""
    states = {each.status for each in ended}
    if states == {Status.WITHDRAWN}:
        return ("received",)
    if states <= {Status.REFUSED, Status.WITHDRAWN}:
        return ("received", "answered")
    return STEPS


def _state(place: int, now: int) -> str:
    if place < now:
        return "done"
    return "now" if place == now else "later"
