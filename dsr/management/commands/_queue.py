"""`mail queue` and what can be done with a mail of it: the twins of its pages."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from typing import Any

from django.core.management.base import CommandError

from dsr import deadlines, representatives
from dsr.mailbox import belonging, queue
from dsr.models import Mail, Ticket
from privacy import identifiers
from privacy.identifiers import Mark

Answer = tuple[str, Any]  # words, and one JSON document
WHO = {
    "action": "append",
    "default": [],
    "metavar": "NUMBER_OR_ADDRESS",
    "help": "whose data it is about; default: as it was read",
}
REASON = {"required": True, "help": "recorded with your name; no personal data"}
VERBS: dict[str, tuple[str, dict[str, dict[str, Any]]]] = {
    "show": ("read one, for a reason that is recorded", {"--reason": REASON}),
    "open": (
        "open a request from one",
        {
            "--right": {"action": "append", "required": True, "metavar": "RIGHT"},
            "--regime": {"required": True, "help": "GDPR, UK-GDPR, CCPA, US-VA …"},
            "--who": WHO,
            "--acting": {
                "default": "",
                "choices": representatives.CAPACITIES,
                "help": "its writer asks for somebody else, as this",
            },
            "--against": {"default": "", "help": "of an appeal: which decision"},
        },
    ),
    "join": ("add one to a request", {"reference": {"help": "such as R-2026-000001"}}),
    "opt-out": (
        "record that they want no more messages",
        {"who": {"help": "the number or address that gets no more"}},
    ),
    "hold": (
        "keep what a court or a lawyer wants kept",
        {"--matter": {"required": True, "help": "the case"}, "--who": WHO},
    ),
    "set-aside": ("say that there is nothing to do", {"--reason": REASON}),
}


def find(number: str) -> Mail:
    name = number.removeprefix("mail:")
    is_number = name.isascii() and name.isdecimal() and len(name) < 19
    mail = Mail.objects.filter(pk=int(name)).first() if is_number else None
    if mail is None:
        raise CommandError("There is no such mail; mail queue lists those that wait.")
    return mail


def waiting(now: dt.datetime) -> Answer:
    """The one that has waited longest comes first; names nobody."""
    found = [_described(mail, now) for mail in queue.waiting()]
    lines = [
        "{number:>6}  to be read by {read_by}{late}: {category} ({types}; {regime}). "
        "{reason}".format(
            **each | {"late": ", late" * each["is_late"]},
            types=", ".join(each["asks"]) or "nothing known",
        )
        for each in found
    ]
    return "\n".join(lines) or "No mail is waiting.", found


def _described(mail: Mail, now: dt.datetime) -> dict[str, Any]:
    day = queue.read_by(mail)
    return {
        "number": mail.pk,
        "received_at": mail.received_at.isoformat(),
        "read_by": day.isoformat(),
        "is_late": day < deadlines.day_of(now),
        "category": mail.category,
        "asks": mail.types,
        "regime": mail.regime,
        "language": mail.language,
        "for_legal": mail.for_legal,
        "reason": mail.reason,
    }


def show(mail: Mail, *, reason: str, **who: Any) -> Answer:
    read = queue.read(mail=mail, reason=reason, **who)
    words = f"From: {read.sender}\nSubject: {read.subject}\n\n{read.text}"
    said = {"from": read.sender, "subject": read.subject, "text": read.text}
    files = [name for name, _ in read.attachments]
    likely = [str(ticket) for ticket in belonging.likely(mail)]
    words += f"\n\nIt may belong to {', '.join(likely)}." if likely else ""
    return words, {"number": mail.pk, **said, "attachments": files, "likely": likely}


def open_(
    mail: Mail,
    *,
    right: Sequence[str],
    regime: str,
    who: Sequence[str],
    acting: str,
    against: str,
    **by: Any,
) -> Answer:
    opened = queue.open_requests(
        mail=mail,
        rights=right,
        regime=regime,
        marks=_marks(mail, who),
        received_at=mail.received_at,
        capacity=acting,
        against=against,
        **by,
    )
    lines = [f"{each}: due {each.due_date}. {each.arithmetic}" for each in opened]
    return "\n".join(lines), _outcome(mail, opened)


def join(mail: Mail, *, reference: str, **by: Any) -> Answer:
    ticket = queue.join(mail=mail, reference=reference, **by)
    return f"It belongs to {ticket}.", _outcome(mail, [ticket])


def opt_out(mail: Mail, *, who: str, **by: Any) -> Answer:
    queue.opt_out(mail=mail, mark=identifiers.understand(who), **by)
    return "The opt-out is recorded.", _outcome(mail, [])


def hold(mail: Mail, *, matter: str, who: Sequence[str], **by: Any) -> Answer:
    placed = queue.hold(mail=mail, matter=matter, marks=_marks(mail, who), **by)
    return "The hold is in force.", _outcome(mail, []) | {"hold": placed.pk}


def set_aside(mail: Mail, *, reason: str, **by: Any) -> Answer:
    queue.set_aside(mail=mail, reason=reason, **by)
    return "It is set aside.", _outcome(mail, [])


def _marks(mail: Mail, who: Sequence[str]) -> list[Mark]:
    """Whom somebody names; else whom the portal read, once a person has read it too."""
    subject = json.loads(mail.understood.open())["subject"]
    named = who or [*subject["phones"], *subject["emails"]]
    return [identifiers.understand(text) for text in named]


def _outcome(mail: Mail, opened: Sequence[Ticket]) -> dict[str, Any]:
    return {
        "number": mail.pk,
        "verdict": mail.verdict,
        "references": [str(ticket) for ticket in opened],
    }


ACTS: dict[str, Callable[..., Answer]] = {
    "show": show,
    "open": open_,
    "join": join,
    "opt-out": opt_out,
    "hold": hold,
    "set-aside": set_aside,
}
