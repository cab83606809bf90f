"""Letters to people that have not gone out, or of which nobody knows."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from dsr import notices
from dsr.models import Notice
from privacy.management.base import PortalCommand, subcommands

WAS = ("sent", "not-sent", "by-hand")


class Command(PortalCommand):
    help = "See which letters wait or are in doubt, and say what became of them."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        verbs.add_parser("waiting", help="letters that have not gone out")
        settle = verbs.add_parser("settle", help="say what became of one")
        settle.add_argument("number", type=int, help="as `letters waiting` shows it")
        settle.add_argument(
            "--was",
            required=True,
            choices=WAS,
            help="as the log of the mail server says; by-hand: printed and sent",
        )

    def run(self, verb: str, **options: Any) -> None:
        if verb == "waiting":
            self.waiting()
        else:
            self.settle(options["number"], options["was"])

    def waiting(self) -> None:
        self.require("dsr.view_notice")
        doubtful = set(notices.doubtful(now=timezone.now()))
        rows = Notice.objects.filter(sent_at=None).select_related("ticket")
        found = [_described(row, row in doubtful) for row in rows.order_by("pk")]
        lines = ["{number:>6}  {request}  {kind}: {state}".format(**f) for f in found]
        self.answer("\n".join(lines) or "Every letter has gone out.", found)

    def settle(self, number: int, was: str) -> None:
        self.require("dsr.change_ticket")
        notice = Notice.objects.filter(pk=number).select_related("ticket").first()
        if notice is None:
            raise CommandError("There is no such letter.")
        now = timezone.now()
        if was == "by-hand":
            notices.by_hand(notice=notice, by=self.by, now=now)
        else:
            notices.settle(notice=notice, was_sent=was == "sent", by=self.by, now=now)
        self.answer("Noted.", {"number": number, "was": was})


def _described(notice: Notice, is_doubtful: bool) -> dict[str, Any]:
    state = "in doubt" if is_doubtful else "being sent" if notice.tried_at else "waits"
    return {
        "number": notice.pk,
        "request": str(notice.ticket),
        "kind": notice.get_kind_display(),
        "state": state,
        "message_id": notices.message_id(notice),
    }
