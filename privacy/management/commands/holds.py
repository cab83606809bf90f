"""Legal holds."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import holds, identifiers
from privacy.management import listing
from privacy.management.base import PortalCommand, subcommands
from privacy.models import Hold, Table

HEAD = ("hold", "kind", "matter", "since", "placed by", "keeps until it is released")


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
        release = verbs.add_parser("release", help="its data may go again when due")
        release.add_argument("hold", type=int, help="its number: see holds list")
        verbs.add_parser("list", help="who keeps what, why, and since when")

    def run(self, verb: str, **options: Any) -> None:
        if verb == "release":
            self.release(options["hold"])
        elif verb == "list":
            self.list()
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
            identifiers=[
                identifiers.keep(mark, now=now, revive=True) for mark in marks
            ],
            tables=[_table(name) for name in table],
            by=self.by,
            now=now,
        )
        self.answer(f"Hold {hold.pk} is placed.", {"hold": hold.pk})

    def list(self) -> None:
        """Those that are open; what each keeps, but not whose address it is."""
        self.require("privacy.view_hold")
        found = Hold.objects.filter(released_at=None).order_by("pk")
        found = found.prefetch_related("identifiers", "tables")
        lines = listing.lines(HEAD, [_line(hold) for hold in found])
        self.answer("\n".join(lines) or "No hold is open.", [_said(h) for h in found])

    def release(self, number: int) -> None:
        self.require("privacy.change_hold")
        hold = Hold.objects.filter(pk=number).first()
        if hold is None:
            raise CommandError(
                "There is no hold with that number; holds list shows those there are."
            )
        holds.release(hold=hold, by=self.by, now=timezone.now())
        self.answer(f"Hold {hold.pk} is released.", {"hold": hold.pk})


def _said(hold: Hold) -> dict[str, Any]:
    return {
        "hold": hold.pk,
        "kind": hold.kind,
        "matter": hold.matter,
        "identifiers": len(hold.identifiers.all()),
        "tables": [str(table) for table in hold.tables.all()],
        "placed_by": hold.placed_by,
        "placed_at": hold.placed_at,
    }


def _line(hold: Hold) -> tuple[Any, ...]:
    said = _said(hold)
    people = f"rows about people (numbers and addresses: {said['identifiers']})"
    kept = [*([people] if said["identifiers"] else []), *said["tables"]]
    kind, since = hold.get_kind_display().lower(), f"{hold.placed_at:%Y-%m-%d}"
    return str(hold.pk), kind, hold.matter, since, hold.placed_by, ", ".join(kept)


def _table(name: str) -> Table:
    for table in Table.objects.select_related("store"):
        if str(table) == name:
            return table
    raise CommandError(
        f"The map has no table {name}. Write it as STORE.TABLE; nothing was changed."
    )
