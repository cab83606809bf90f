"""Every row about a person."""

from collections import Counter
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import identifiers, subjects
from privacy.identifiers import Kind, Mark
from privacy.management.base import PortalCommand, subcommands


class Command(PortalCommand):
    help = "Find every row about a person, counted per table."
    permission = "privacy.view_plan"

    def arguments(self, parser: CommandParser) -> None:
        find = subcommands(parser).add_parser("find", help="count the rows")
        find.add_argument("--phone", action="append", default=[])
        find.add_argument("--email", action="append", default=[])
        find.add_argument("--id", action="append", default=[], metavar="KIND:VALUE")

    def run(self, phone: list[str], email: list[str], **options: Any) -> None:
        marks = [identifiers.phone(p) for p in phone]
        marks += [identifiers.email(e) for e in email]
        marks += [_mark(text) for text in options["id"]]
        if not marks:
            raise CommandError("Name the person: --phone, --email or --id.")
        found = subjects.everywhere(marks=marks, at=timezone.now())
        rows = [row for one in found for row in one.rows.values()]
        own = Counter(str(row.table) for row in rows if not row.is_mention)
        mentions = Counter(str(row.table) for row in rows if row.is_mention)
        words = [f"{count:>8}  {table}" for table, count in sorted(own.items())]
        words += [f"{n:>8}  {table} (mentioned)" for table, n in mentions.items()]
        self.answer("\n".join(words) or "Nothing.", {"rows": own, "mentions": mentions})


def _mark(text: str) -> Mark:
    kind, _, value = text.partition(":")
    if kind == Kind.PHONE:
        return identifiers.phone(value)
    if kind == Kind.EMAIL:
        return identifiers.email(value)
    raise CommandError("Identifiers are looked up by phone or email.")
