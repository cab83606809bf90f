"""Letters to people that were not sent, or may not have been."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from dsr import messages, notices
from dsr.models import Message, Notice
from privacy.management.base import PortalCommand, subcommands

WAS = ("sent", "not-sent", "by-hand")
OF_MESSAGE = "message-"


class Command(PortalCommand):
    help = (
        "See which letters and messages are unsent or in doubt, and say what "
        "happened to them."
    )

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        verbs.add_parser("waiting", help="list what has not been sent")
        settle = verbs.add_parser("settle", help="say what happened to one")
        settle.add_argument("number", help="as `letters waiting` shows it")
        settle.add_argument(
            "--was",
            required=True,
            choices=WAS,
            help="as the mail server's log shows; by-hand: printed and posted",
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
        found += [_in_doubt(row) for row in messages.doubtful(now=timezone.now())]
        lines = ["{number:>6}  {request}  {kind}: {state}".format(**f) for f in found]
        self.answer("\n".join(lines) or "Every letter has been sent.", found)

    def settle(self, number: str, was: str) -> None:
        self.require("dsr.change_ticket")
        if number.startswith(OF_MESSAGE):
            self._settle_message(number.removeprefix(OF_MESSAGE), was)
        else:
            self._settle_letter(number, was)
        self.answer("Noted.", {"number": number, "was": was})

    def _settle_letter(self, number: str, was: str) -> None:
        notice = _found(Notice, number)
        now = timezone.now()
        if was == "by-hand":
            notices.by_hand(notice=notice, by=self.by, now=now)
        else:
            notices.settle(notice=notice, was_sent=was == "sent", by=self.by, now=now)

    def _settle_message(self, number: str, was: str) -> None:
        if was == "by-hand":
            raise CommandError("A message was sent, or not-sent.")
        messages.settle(
            message=_found(Message, number),
            was_sent=was == "sent",
            by=self.by,
            now=timezone.now(),
        )


def _found(model: Any, number: str) -> Any:
    is_number = number.isascii() and number.isdecimal() and len(number) < 19
    row = model.objects.filter(pk=int(number)).first() if is_number else None
    if row is None:
        raise CommandError("There is no such letter.")
    return row


def _in_doubt(message: Message) -> dict[str, Any]:
    return {
        "number": f"{OF_MESSAGE}{message.pk}",
        "request": str(message.ticket),
        "kind": "Message of staff",
        "state": "in doubt",
        "message_id": messages.message_id(message),
    }


def _described(notice: Notice, is_doubtful: bool) -> dict[str, Any]:
    state = "in doubt" if is_doubtful else "being sent" if notice.tried_at else "waits"
    return {
        "number": notice.pk,
        "request": str(notice.ticket),
        "kind": notice.get_kind_display(),
        "state": state,
        "message_id": notices.message_id(notice),
    }
