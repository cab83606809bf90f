"""Verbs of `dsr` about one request: who it is, who has it, and what is taken back."""

import datetime as dt
import sys
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError

from dsr import appeals, deadlines, desk, identity, withdrawals
from dsr.management.commands._described import described
from dsr.models import Ticket, Withdrawal
from privacy import identifiers
from privacy.management.base import PortalCommand, day
from privacy.models import Identifier

Said = dict[str, Any]
REASON = {"required": True, "help": "what proves it, or is missing; it is recorded"}
FLAG = {"action": "store_true"}
OPTIONS: dict[str, dict[str, Said]] = {
    "identity": {
        "accepted": {"required": True, "choices": ("yes", "no")},
        "reason": REASON,
        "point": {
            "action": "append",
            "default": [],
            "choices": list(identity.points_of_data()),
            "help": "what matched with what we hold, where the portal has no column of "
            "it; may be repeated",
        },
        "compare": {
            **FLAG,
            "help": "read what they told you from standard input, a line each, such as "
            "“name: Ada Sample”, and compare it; it is not kept",
        },
        "declared": {**FLAG, "help": "a signed declaration is on file"},
        "may-act": {**FLAG, "help": "who asks for them may do so"},
        "power-of-attorney": {**FLAG, "help": "…under one that we have seen"},
    },
    "leave-out": {
        "who": {"required": True, "metavar": "NUMBER|EMAIL"},
        "reason": REASON,
    },
    "withdraw": {
        "shown-by": {"required": True, "choices": Withdrawal.Shown.values},
        "message": {"type": int, "metavar": "N", "help": "of the conversation"},
        "paper": {"type": int, "metavar": "N", "help": "of the documents on file"},
        "heard": {"default": "", "help": "of a call: who took it, how they knew them"},
        "on": {"type": day, "metavar": "DATE", "help": "default: today"},
        "reason": {"required": True, "help": "as they are told"},
    },
    "taken-back": {"is": {"required": True, "choices": ("so", "not-so")}},
    "go-on": {},
    "against": {"decision": {"required": True, "metavar": "R-2026-000001"}},
    "assign": {"to": {"required": True, "metavar": "USERNAME"}},
}
VERBS = {
    "identity": "decide whether it is the person",
    "leave-out": "leave out a number or address that nobody proved",
    "withdraw": "note that they take it back, with the evidence",
    "taken-back": "as a second person: it ends, or goes on",
    "go-on": "they did not take it back: the same again, with its first clock",
    "against": "name the decision that an appeal is against",
    "assign": "give it to somebody",
}


def run(command: PortalCommand, verb: str, ticket: Ticket, said: Said) -> None:
    permission, act = ACTS[verb]
    command.require(permission)
    words = act(ticket, said, command.by, said["now"])
    ticket.refresh_from_db()
    command.answer(words, described(ticket))


def _identity(ticket: Ticket, said: Said, by: str, now: dt.datetime) -> str:
    decision = identity.decide(
        ticket=ticket,
        accepted=said["accepted"] == "yes",
        reason=said["reason"],
        points=said["point"],
        said=_told() if said["compare"] else {},
        has_declaration=said["declared"],
        may_act=said["may_act"],
        has_power_of_attorney=said["power_of_attorney"],
        by=by,
        now=now,
    )
    missing = identity.standing(ticket).missing
    found = [f"{point}: {result}." for point, result in decision.compared.items()]
    found += missing or [f"{ticket}: we are sure enough who it is."]
    return " ".join(found)


def _told() -> dict[str, str]:
    """Not an option: the shell would keep it in its history."""
    lines = [line.partition(":") for line in sys.stdin if line.strip()]
    return {point.strip(): text.strip() for point, _, text in lines}


def _leave_out(ticket: Ticket, said: Said, by: str, now: dt.datetime) -> str:
    row = identifiers.find(identifiers.understand(said["who"]))
    if row is None or not ticket.identifiers.filter(pk=row.pk).exists():
        raise CommandError(f"{ticket} is not about that number or address.")
    mine: Identifier = row
    reason = said["reason"]
    identity.leave_out(ticket=ticket, identifier=mine, reason=reason, by=by, now=now)
    return f"{ticket} no longer covers it."


def _withdraw(ticket: Ticket, said: Said, by: str, now: dt.datetime) -> str:
    message = withdrawals.messages_of(ticket).filter(pk=said["message"]).first()
    paper = withdrawals.papers_of(ticket).filter(pk=said["paper"]).first()
    withdrawals.note(
        ticket=ticket,
        shown_by=said["shown_by"],
        message=message,
        paper=paper,
        heard=said["heard"],
        said_on=said["on"] or deadlines.day_of(now),
        reason=said["reason"],
        by=by,
        now=now,
    )
    return f"Noted. Next, another person: dsr taken-back {ticket} --is so --by NAME"


def _taken_back(ticket: Ticket, said: Said, by: str, now: dt.datetime) -> str:
    if said["is"] == "so":
        withdrawals.confirm(ticket=ticket, by=by, now=now)
        return f"{ticket} is withdrawn, and they are told how to go on."
    withdrawals.dismiss(ticket=ticket, by=by, now=now)
    return f"{ticket} goes on."


def _go_on(ticket: Ticket, said: Said, by: str, now: dt.datetime) -> str:
    again = withdrawals.go_on(ticket=ticket, by=by, now=now)
    return f"{again} goes on with it; it is due {again.due_date}."


def _against(ticket: Ticket, said: Said, by: str, now: dt.datetime) -> str:
    appeals.name(appeal=ticket, reference=said["decision"], by=by, now=now)
    return f"{ticket} is an appeal against {ticket.about}."


def _assign(ticket: Ticket, said: Said, by: str, now: dt.datetime) -> str:
    desk.assign(tickets=[ticket], to=said["to"], by=by, now=now)
    return f"{ticket} is now assigned to {said['to']}."


CHANGE, WHO = "dsr.change_ticket", "dsr.decide_identity"
ACTS: dict[str, tuple[str, Callable[[Ticket, Said, str, dt.datetime], str]]] = {
    "identity": (WHO, _identity),
    "leave-out": (WHO, _leave_out),
    "withdraw": (CHANGE, _withdraw),
    "taken-back": (CHANGE, _taken_back),
    "go-on": (CHANGE, _go_on),
    "against": (CHANGE, _against),
    "assign": (CHANGE, _assign),
}
