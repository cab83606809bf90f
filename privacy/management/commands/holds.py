"""Legal holds."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import holds, identifiers
from privacy.management.base import PortalCommand, subcommands
from privacy.models import Hold, Table


class Command(PortalCommand):
    help = "Place and release legal holds."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        place = verbs.add_parser("place", help="keep data while a matter is open")
        place.add_argument("--matter", required=True)
        place.add_argument("--phone", action="append", default=[])
        place.add_argument("--email", action="append", default=[])
        place.add_argument(
            "--table", action="append", default=[], metavar="STORE.TABLE"
        )
        verbs.add_parser("release").add_argument("hold", type=int)

    def run(self, verb: str, **options: Any) -> None:
        if verb == "release":
            self.release(options["hold"])
        else:
            words = ("matter", "phone", "email", "table")
            self.place(**{k: options[k] for k in words})

    def place(
        self,
        matter: str,
        phone: list[str],
        email: list[str],
        table: list[str],
    ) -> None:
        self.require("privacy.add_hold")
        now = timezone.now()
        marks = [identifiers.phone(p) for p in phone]
        marks += [identifiers.email(e) for e in email]
        hold = holds.place(
            matter=matter,
            identifiers=[identifiers.keep(mark, now=now) for mark in marks],
            tables=[_table(name) for name in table],
            by=self.by,
            now=now,
        )
        self.answer(f"Hold {hold.pk} is placed.", {"hold": hold.pk})

    def release(self, number: int) -> None:
        self.require("privacy.change_hold")
        hold = Hold.objects.filter(pk=number).first()
        if hold is None:
            raise CommandError("There is no hold with that number.")
        holds.release(hold=hold, by=self.by, now=timezone.now())
        self.answer(f"Hold {hold.pk} is released.", {"hold": hold.pk})


def _table(name: str) -> Table:
    for table in Table.objects.select_related("store"):
        if str(table) == name:
            return table
    raise CommandError(f"The map has no table {name}.")
