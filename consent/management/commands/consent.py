"""The consent ledger without the browser."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from consent import (
    check,
    events,
    hearing,
    honour,
    keywords,
    ledger,
    listings,
    lookup,
    reasons,
    reassigned,
    reconcile,
    standings,
    tasks,
    transfer,
)
from consent.browser import preferences
from consent.carriers import CARRIERS
from consent.instants import instant
from consent.management.commands import _address as address
from consent.management.commands import _blocklists as blocklists
from consent.management.commands import _dealings as dealings
from consent.management.commands import _evidence as evidence
from consent.management.commands import _questions as questions
from consent.management.commands import _transfers as transfers
from consent.models import Channel, Event, Keyword
from privacy import stores
from privacy.management.base import PortalCommand, subcommands


class Command(PortalCommand):
    help = "Ask and tell the consent ledger."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        look = verbs.add_parser("lookup", help="the answer, its reason, the history")
        address.argument(look)
        told = verbs.add_parser("history", help="everything a person told us")
        address.argument(told)
        as_of = verbs.add_parser("as-of", help="the answer at an instant")
        address.argument(as_of)
        as_of.add_argument("at", metavar="ISO")
        as_of.add_argument("--known", metavar="ISO", help="by what was recorded then")
        may = verbs.add_parser("check", help="may we contact this person?")
        address.argument(may)
        may.add_argument("--channel", choices=check.ALL, help="default: each of them")
        may.add_argument("--purpose", default="", choices=["", *check.PURPOSES])
        may.add_argument("--organization", default="")
        may.add_argument("--program", default="", help="its name, or our number")
        may.add_argument("--at", metavar="ISO")
        may.add_argument("--known", metavar="ISO", help="by what was recorded then")
        may.add_argument("--state", default="", help="where they live, as FL")
        record = verbs.add_parser("record", help="write down what a person told us")
        address.argument(record)
        record.add_argument("--kind", required=True, choices=events.KINDS)
        record.add_argument(
            "--channel", default="", choices=Channel, help="default: a call, or e-mail"
        )
        record.add_argument("--organization", default="")
        record.add_argument("--program", default="", help="only it, or our number")
        record.add_argument("--reason", required=True, help="how they told us; sealed")
        record.add_argument("--at", metavar="ISO", help="when, if not now")
        take = verbs.add_parser("take-over", help="what the platform recorded so far")
        take.add_argument("store")
        take.add_argument("--wait", action="store_true", help="do it here")
        late = verbs.add_parser("late", help="messages sent after an opt-out")
        late.add_argument("--most", type=int, default=1000, help="default: 1,000")
        slow = verbs.add_parser("honour", help="opt-outs that took effect too late")
        slow.add_argument("--most", type=int, default=1000, help="default: 1,000")
        _care(verbs)
        transfers.arguments(verbs)
        blocklists.arguments(verbs)
        questions.arguments(verbs)

    def run(self, **options: Any) -> None:
        verb = options.pop("verb").replace("-", "_")
        getattr(self, f"do_{verb}")(options)

    def do_lookup(self, options: dict[str, Any]) -> None:
        self.require("consent.view_standing")
        found = lookup.look_up(
            text=address.text(options), by=self.by, now=timezone.now()
        )
        self.answer(found.words(), found.facts())

    def do_take_over(self, options: dict[str, Any]) -> None:
        self.require("consent.add_event")
        store = stores.named(options["store"])
        if store.name == "sample":
            transfer.describe_sample(store)
        if options["wait"]:
            taken = transfer.take_over(store=store, by=self.by, now=timezone.now())
            self.answer(f"Took over {taken} events.", {"events": taken})
            return
        tasks.take_over.delay(store.pk)
        self.answer("A worker will take them over.", {"events": None})

    def do_import(self, options: dict[str, Any]) -> None:
        transfers.do_import(self, options)

    def do_export(self, options: dict[str, Any]) -> None:
        transfers.do_export(self, options)

    def do_scrub(self, options: dict[str, Any]) -> None:
        transfers.do_scrub(self, options)

    def do_blocklist(self, options: dict[str, Any]) -> None:
        blocklists.do_blocklist(self, options)

    def do_blocklist_push(self, options: dict[str, Any]) -> None:
        blocklists.do_push(self, options)

    def do_history(self, options: dict[str, Any]) -> None:
        self.require("consent.view_event")
        mark = address.mark(options)
        told = events.everything(mark, by=self.by, now=timezone.now())
        words = "\n".join(reasons.how(event) for event in told)
        self.answer(
            words or "We have nothing on record for that number or address.",
            [ledger.facts(event) for event in told],
        )

    def do_as_of(self, options: dict[str, Any]) -> None:
        self.require("consent.view_standing")
        found = lookup.look_up(
            text=address.text(options),
            at=instant(options["at"]),
            known_at=instant(options["known"]) if options["known"] else None,
            by=self.by,
            now=timezone.now(),
        )
        self.answer(found.words(), found.facts())

    def do_late(self, options: dict[str, Any]) -> None:
        self.require("consent.view_latemessage")
        reconcile.look(now=timezone.now())
        found = [reconcile.facts(row) for row in reconcile.found(options["most"])]
        lines = [
            f"{each['message']}: sent {each['sent_at']:%Y-%m-%d %H:%M:%S} UTC, opted "
            f"out {each['opted_out_at']:%Y-%m-%d %H:%M:%S} UTC"
            for each in found
        ]
        words = "\n".join(lines) or "No message went out after an opt-out."
        self.answer(words, found)

    def do_honour(self, options: dict[str, Any]) -> None:
        self.require("consent.view_lateoptout")
        count = honour.look(now=timezone.now())
        found = [honour.facts(row) for row in honour.found(options["most"])]
        lines = [
            f"Event {each['event']}: said {each['received_at']:%Y-%m-%d %H:%M} UTC, in "
            f"force since {each['enforced_at']:%Y-%m-%d %H:%M} UTC; the law allows "
            f"until {each['last_day']}"
            for each in found
        ]
        words = "\n".join(lines) or "Every opt-out took effect in time."
        self.answer(words, {"late": count, "opt_outs": found})

    def do_rebuild(self, options: dict[str, Any]) -> None:
        self.require("consent.add_event")
        rows = standings.rebuild(by=self.by, now=timezone.now())
        self.answer(f"{rows:,} standings derived from the ledger.", {"standings": rows})

    def do_correct(self, options: dict[str, Any]) -> None:
        self.require("consent.add_event")
        event = Event.objects.filter(pk=options["event"]).first()
        if event is None:
            raise ledger.NothingToCorrect
        made = ledger.correct(
            event=event, reason=options["reason"], by=self.by, now=timezone.now()
        )
        self.answer(reasons.how(made), ledger.facts(made))

    def do_do_not_call(self, options: dict[str, Any]) -> None:
        self.require("consent.add_event")
        now = timezone.now()
        row = listings.request(
            mark=address.mark(options),
            source=options["source"],
            asked_at=instant(options["at"]) if options["at"] else now,
            by=self.by,
            now=now,
        )
        until = row.ends_at.isoformat() if row.ends_at else None
        self.answer(f"Kept until {until}.", {"ends_at": until})

    def do_dealing(self, options: dict[str, Any]) -> None:
        dealings.do_dealing(self, options)

    def do_reassigned(self, options: dict[str, Any]) -> None:
        self.require("consent.add_event")
        try:
            counts = reassigned.take(
                content=options["file"].read_bytes(),
                source=options["file"].name,
                asked=options["asked"],
                by=self.by,
                now=timezone.now(),
            )
        except OSError:
            raise CommandError(f"{options['file']} can't be read.") from None
        words = ", ".join(f"{answer}: {n:,}" for answer, n in sorted(counts.items()))
        self.answer(words or "The file has no rows.", dict(counts))

    def do_check(self, options: dict[str, Any]) -> None:
        questions.do_check(self, options)

    def do_preferences(self, options: dict[str, Any]) -> None:
        self.require("consent.add_event")
        mark, now = address.mark(options), timezone.now()
        url = preferences.offer(mark=mark, by=self.by, now=now)
        self.answer(url, {"url": url})

    def do_evidence(self, options: dict[str, Any]) -> None:
        evidence.do_evidence(self, options)

    def do_record(self, options: dict[str, Any]) -> None:
        self.require("consent.add_event")
        event = hearing.hear(
            text=address.text(options),
            kind=options["kind"],
            channel=options["channel"],
            organization=options["organization"],
            program=options["program"],
            reason=options["reason"],
            occurred_at=instant(options["at"]) if options["at"] else None,
            by=self.by,
            now=timezone.now(),
        )
        self.answer(reasons.how(event), ledger.facts(event))

    def do_recording(self, options: dict[str, Any]) -> None:
        questions.do_recording(self, options)

    def do_gpc(self, options: dict[str, Any]) -> None:
        questions.do_gpc(self, options)

    def do_understand(self, options: dict[str, Any]) -> None:
        texts = options["text"]
        if texts == ["-"]:
            texts = [line.rstrip("\r\n") for line in sys.stdin]
        now, by = timezone.now(), keywords.Route(options["carrier"], options["line"])
        found = [(text, keywords.understand(text, now, by)) for text in texts]
        self.answer(
            "\n".join(f"{each.meaning}\t{each.rule}\t{text}" for text, each in found),
            [
                {"text": text, "meaning": each.meaning, "rule": each.rule}
                for text, each in found
            ],
        )


def _care(verbs: Any) -> None:
    """The verbs that prove, correct, rebuild and understand, and those for lists."""
    mean = verbs.add_parser("understand", help="what texts mean")
    mean.add_argument("--carrier", default="", choices=CARRIERS)
    mean.add_argument("--line", default="", choices=Keyword.Line, help="to which")
    mean.add_argument("text", nargs="+", help="or - for one text a line")
    alone = verbs.add_parser("do-not-call", help="put a person on our do-not-call list")
    address.argument(alone)
    alone.add_argument("--source", required=True, help="how they asked")
    alone.add_argument("--at", metavar="ISO", help="when, if not now")
    gone = verbs.add_parser(
        "reassigned", help="answers from the reassigned numbers database"
    )
    gone.add_argument(
        "file",
        type=Path,
        help="CSV with the columns phone, answer, and date asked about",
    )
    gone.add_argument(
        "--asked", metavar="DAY", default="", help="the day of the query: 2026-11-24"
    )
    dealings.arguments(verbs)
    verbs.add_parser("rebuild", help="derive every consent state again from the events")
    wrong = verbs.add_parser("correct", help="take back an event that was wrong")
    wrong.add_argument("event", type=int)
    wrong.add_argument("--reason", required=True, help="sealed with the correction")
    evidence.arguments(verbs)
    link = verbs.add_parser(
        "preferences", help="a link to a person's own preference page"
    )
    address.argument(link)
