"""Requests of data subjects, from receipt to proof, without the browser."""

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from dsr import (
    clocks,
    deadlines,
    notices,
    packages,
    requests,
    restrictions,
    tasks,
    tickets,
    together,
)
from dsr.management.commands import _counts, _further, _new
from dsr.management.commands._described import described
from dsr.management.commands._planned import planned, where_it_stands
from dsr.models import Ticket
from privacy.correction import Change
from privacy.management.base import PortalCommand, day, subcommands

PATIENCE = 5  # seconds until nobody else is expected to do it
DAYS = {"ask": clocks.ask, "told": clocks.told, "identified": clocks.identified}
REASON = {"required": True, "help": "as they are told"}
GROUND = {"default": "", "help": "its code, if denied"}
ON = {"type": day, "metavar": "DATE", "help": "default: today"}
OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "plan": {
        "change": {
            "action": "append",
            "default": [],
            "metavar": "FIELD=VALUE",
            "help": "of a rectification: store.table.column=what it should be",
        }
    },
    "decide": {
        "outcome": {"required": True, "choices": ("whole", "part", "denied")},
        "reason": REASON,
        "ground": GROUND,
    },
    "refuse": {"reason": REASON, "ground": GROUND},
    "extend": {"reason": REASON},
    "announce": {"reason": REASON},
    "ask": {"on": ON},
    "told": {"on": ON},
    "identified": {"on": ON},
    "fulfil": {"wait": {"action": "store_true", "help": "wait until it is done"}},
    "package": {"out": {"required": True, "metavar": "FILE"}},
}
VERBS = {
    "plan": "what would happen to every row, and why",
    "approve": "approve it as a second person",
    "decide": "decide a right that needs a person's judgement, and say why",
    "extend": "extend the deadline; the person is told why",
    "ask": "note that we asked the person to clarify",
    "told": "note that the person clarified",
    "identified": "note the day we knew who they are",
    "announce": "tell the person that a restriction will end, and why",
    "lift": "end a restriction, once they have been told",
    "refuse": "deny all of it, on a legal ground",
    "fulfil": "have it carried out",
    "show": "show where it stands",
    "package": "the person's copy",
}


class Command(PortalCommand):
    help = "Open a request, plan it, approve it, have it carried out, see the proof."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        new = verbs.add_parser("new", help="open a request")
        _new.arguments(new)
        every = OPTIONS | _further.OPTIONS
        for verb, words in (VERBS | _further.VERBS).items():
            sub = verbs.add_parser(verb, help=words)
            sub.add_argument("id")
            for name, options in every.get(verb, {}).items():
                sub.add_argument(f"--{name}", **options)
        _counts.arguments(verbs)
        waiting = "make a plan for each request without one"
        verbs.add_parser("plan-waiting", help=waiting)

    def run(self, verb: str, **options: Any) -> None:
        now = timezone.now()
        if verb in OF_NO_TICKET:
            OF_NO_TICKET[verb](self, options, now)
            return
        ticket = tickets.find(options["id"])
        if verb in _further.VERBS:
            _further.run(self, verb, ticket, options | {"now": now})
            return
        if verb in DAYS:
            self.note(DAYS[verb], ticket, options, now)
        else:
            getattr(self, verb)(ticket, options, now)

    def new(self, options: dict[str, Any], now: dt.datetime) -> None:
        self.require("dsr.add_ticket")
        opened = _new.receive(options, by=self.by, now=now)
        transaction.on_commit(lambda: tasks.acknowledge.delay(), robust=True)
        lines = [f"{each}: due {each.due_date}. {each.arithmetic}" for each in opened]
        tickets_ = [described(each) for each in opened]
        self.answer("\n".join(lines), {**tickets_[0], "tickets": tickets_})

    def plan_waiting(self, options: dict[str, Any], now: dt.datetime) -> None:
        self.require("privacy.add_plan")
        made = together.plan(some=together.unplanned(), by=self.by, now=now)
        lines = [f"{plan.title}: {plan.digest}" for plan in made]
        ids = [str(plan.pk) for plan in made]
        self.answer(
            "\n".join(lines) or "No request is waiting for a plan.", {"plans": ids}
        )

    def plan(self, ticket: Ticket, options: dict[str, Any], now: dt.datetime) -> None:
        self.require("privacy.add_plan")
        changes = [_change(text) for text in options["change"]]
        made = requests.plan(ticket=ticket, by=self.by, now=now, changes=changes)
        self.answer(planned(ticket, made), described(ticket))

    def approve(
        self, ticket: Ticket, options: dict[str, Any], now: dt.datetime
    ) -> None:
        self.require("privacy.approve_plan")
        requests.approve(ticket=ticket, by=self.by, now=now)
        self.answer(f"{ticket} is approved.", described(ticket))

    def decide(self, ticket: Ticket, options: dict[str, Any], now: dt.datetime) -> None:
        self.require("dsr.change_ticket")
        said = {name: options[name] for name in ("outcome", "reason", "ground")}
        requests.decide(ticket=ticket, by=self.by, now=now, **said)
        self.answer(f"{ticket} is decided.", described(ticket))

    def extend(self, ticket: Ticket, options: dict[str, Any], now: dt.datetime) -> None:
        self.require("dsr.change_ticket")
        reason = options["reason"]
        clocks.extend(ticket=ticket, reason=reason, by=self.by, now=now)
        notices.send_waiting(ticket=ticket, now=now)
        self.answer(f"{ticket} is due {ticket.due_date}.", described(ticket))

    def announce(
        self, ticket: Ticket, options: dict[str, Any], now: dt.datetime
    ) -> None:
        self.require("dsr.change_ticket")
        reason = options["reason"]
        restrictions.announce(ticket=ticket, reason=reason, by=self.by, now=now)
        self.answer(f"{ticket}: they are told that it ends.", described(ticket))

    def lift(self, ticket: Ticket, options: dict[str, Any], now: dt.datetime) -> None:
        self.require("dsr.change_ticket")
        restrictions.lift(ticket=ticket, by=self.by, now=now)
        self.answer(f"{ticket}: the restriction is lifted.", described(ticket))

    def note(
        self,
        verb: Callable[..., Ticket],
        ticket: Ticket,
        options: dict[str, Any],
        now: dt.datetime,
    ) -> None:
        """A day that moves the clocks, where the law says so."""
        self.require("dsr.change_ticket")
        on = options["on"] or deadlines.day_of(now)
        ticket = verb(ticket=ticket, on=on, by=self.by, now=now)
        words = f"{ticket}: due {ticket.due_date}. {ticket.arithmetic}"
        self.answer(words, described(ticket))

    def refuse(self, ticket: Ticket, options: dict[str, Any], now: dt.datetime) -> None:
        self.require("dsr.change_ticket")
        said = {name: options[name] for name in ("reason", "ground")}
        requests.refuse(ticket=ticket, by=self.by, now=now, **said)
        self.answer(f"{ticket} is refused.", described(ticket))

    def fulfil(self, ticket: Ticket, options: dict[str, Any], now: dt.datetime) -> None:
        self.require("privacy.approve_plan")
        if copy := requests.copy_first(ticket):
            raise CommandError(f"{ticket} waits for the copy that {copy} asks for.")
        if ticket.is_open and ticket not in requests.waiting():
            raise CommandError(_not_begun(ticket))
        if ticket.is_open:
            tasks.fulfil.delay(ticket.pk)
        if options["wait"]:
            self._wait(ticket)
        self.show(ticket, options, now)

    def _wait(self, ticket: Ticket) -> None:
        """A worker does it; if none comes, it is done here."""
        patient_until = time.monotonic() + PATIENCE
        while ticket in requests.waiting():
            if time.monotonic() > patient_until:
                requests.fulfil(ticket=ticket, clock=timezone.now)
            time.sleep(0.2)
            ticket.refresh_from_db()

    def show(self, ticket: Ticket, options: dict[str, Any], now: dt.datetime) -> None:
        self.require("dsr.view_ticket")
        plan = ticket.plan
        words = f"{ticket}: {ticket.get_status_display()}, due {ticket.due_date}."
        if plan is None and (problem := requests.why_back(ticket)):
            words += f" It must be planned again: {problem}"
        lines = [" ".join(filter(None, (words, ticket.decision)))]
        lines += where_it_stands(plan) if plan is not None else []
        self.answer("\n".join(lines), described(ticket))

    def package(
        self, ticket: Ticket, options: dict[str, Any], now: dt.datetime
    ) -> None:
        self.require("dsr.change_package")
        pieces = packages.stream(ticket=ticket, by=self.by, now=now)
        try:
            with Path(options["out"]).open("wb") as file:
                size = sum(map(file.write, pieces))
        except OSError as error:
            raise CommandError(f"{options['out']}: {error.strerror}.") from None
        words = f"Wrote {size} bytes to {options['out']}."
        self.answer(words, {"file": options["out"], "bytes": size})


OF_NO_TICKET: dict[str, Callable[[Any, dict[str, Any], dt.datetime], None]] = {
    "new": Command.new,
    "plan-waiting": Command.plan_waiting,
    "counts": _counts.counts,
    "register": _counts.register,
}


def _not_begun(ticket: Ticket) -> str:
    """Why nobody can carry it out yet, and what to do."""
    if ticket.status == Ticket.Status.PLANNED:
        return f"{ticket} must be approved first: dsr approve {ticket} --by NAME"
    if problem := requests.why_back(ticket):
        return f"{ticket} must be planned again (dsr plan {ticket}): {problem}"
    return f"{ticket} has no plan that is approved: dsr plan {ticket}"


def _change(text: str) -> Change:
    field, equals, after = text.partition("=")
    if not equals:
        raise CommandError(f"Write a change as store.table.column=value, not {text}.")
    return Change(field=field, after=after)
