"""Every row about a person."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from privacy import identifiers, owners, subjects
from privacy.identifiers import Kind, Mark
from privacy.management.base import PortalCommand, day, subcommands
from privacy.models import Column, Table
from privacy.subjects import Role, Row
from privacy.subjects.equality import EITHER


class Command(PortalCommand):
    help = "Find every row about a person, counted per table."
    permission = "privacy.view_plan"

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        owner = verbs.add_parser("owner", help="since or until when one person has it")
        owner.add_argument("identifier", metavar="PHONE_OR_EMAIL")
        owner.add_argument("--since", type=day, metavar="DATE")
        owner.add_argument("--until", type=day, metavar="DATE")
        owner.add_argument("--ground", required=True, help="how we know")
        find = verbs.add_parser("find", help="count the rows")
        find.add_argument("--phone", action="append", default=[])
        find.add_argument("--email", action="append", default=[])
        find.add_argument("--id", action="append", default=[], metavar="KIND:VALUE")

    def run(self, verb: str, **options: Any) -> None:
        if verb == "owner":
            self.owner(**options)
        else:
            self.find(options["phone"], options["email"], options["id"])

    def owner(self, identifier: str, ground: str, **options: Any) -> None:
        self.require("privacy.add_ownerperiod")
        now, mark = timezone.now(), identifiers.understand(identifier)
        with transaction.atomic():
            period = owners.note(
                identifier=identifiers.keep(mark, now=now),
                since=options["since"],
                until=options["until"],
                ground=ground,
                by=self.by,
                now=now,
            )
        days = {"since": period.since, "until": period.until}
        self.answer("It is noted.", {"identifier": period.identifier_id, **days})

    def find(self, phone: list[str], email: list[str], ids: list[str]) -> None:
        marks = [identifiers.phone(p) for p in phone]
        marks += [identifiers.email(e) for e in email]
        marks += [_mark(text) for text in ids]
        if not marks:
            raise CommandError("Name the person: --phone, --email or --id.")
        found = subjects.everywhere(marks=marks, at=timezone.now())
        every = [r for one in found for r in (*one.rows.values(), *one.acted.values())]
        tables = _counted(every)
        rows, mentions = _totals(tables, is_mention=False), _totals(tables)
        withheld = Counter(str(r.table) for one in found for r in one.withheld.values())
        doubts = [text for one in found for text in one.said_doubts()]
        words = [line for said in tables for line in _lines(said)]
        words += [f"{n:>8}  {table} (another owner's)" for table, n in withheld.items()]
        self.answer(
            "\n".join([*words, *doubts]) or "Nothing.",
            {
                "rows": rows, "mentions": mentions, "withheld": withheld,
                "tables": tables, "doubts": doubts,
            },
        )  # fmt: skip


def _counted(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """One entry for each table and role, with how many rows each path led to."""
    paths: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        paths[str(row.table), str(row.role)][row.path] += 1
    return [
        {"table": table, "role": role, "rows": some.total(), "paths": dict(some)}
        for (table, role), some in sorted(paths.items())
    ]


def _totals(tables: list[dict[str, Any]], *, is_mention: bool = True) -> Counter[str]:
    """Rows by table: the person's own, and those of others that mention them."""
    totals: Counter[str] = Counter()
    for said in tables:
        if (said["role"] != Role.SUBJECT) == is_mention:
            totals[said["table"]] += said["rows"]
    return totals


ROLES = {
    Role.SUBJECT: "",
    Role.PARTY: " (the other side)",
    Role.ACTOR: " (they had to do with it)",
    Role.MENTION: " (mentioned)",
}


def _lines(said: dict[str, Any]) -> Iterator[str]:
    yield f"{said['rows']:>8}  {said['table']}{ROLES[said['role']]}"
    for path, count in said["paths"].items():
        yield f"{'':>10}{count} by {path}"


def _mark(text: str) -> Mark:
    """KIND is phone, email, any kind that the map gives a column, or STORE.TABLE."""
    kind, _, value = text.partition(":")
    if kind == EITHER:
        return identifiers.understand(value)
    if kind == Kind.PHONE:
        return identifiers.phone(value)
    if kind == Kind.EMAIL:
        return identifiers.email(value)
    known = set(
        Column.objects.exclude(identifier="").values_list("identifier", flat=True)
    )
    known |= {str(table) for table in Table.objects.select_related("store")}
    if kind not in known or not value.strip():
        raise CommandError(
            f"{kind or text} is not a kind of identifier in the map. Give phone:…, "
            "email:…, a kind that a column of the map has, or STORE.TABLE:KEY."
        )
    return Mark(kind, value.strip())
