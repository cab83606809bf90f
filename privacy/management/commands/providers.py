"""Recipients of data: list them, add one with what its contract covers, note who was
told by hand."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import providers
from privacy.management.base import PortalCommand, day, subcommands
from privacy.models import Instruction, InternationalTransfer, Provider
from privacy.providers import byhand, register, transfers


class Command(PortalCommand):
    help = "List the recipients of data, or add one with what its contract covers."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        verbs.add_parser("list", help="Who may be given what.")
        add = verbs.add_parser(
            "add", help="Add a recipient, whom `--owner` tells of requests."
        )
        add.add_argument("name")
        add.add_argument("--contract", default="", help="where it is filed")
        add.add_argument("--ends", type=day, help="its last day")
        add.add_argument("--purpose", action="append", default=[], dest="purposes")
        add.add_argument("--category", action="append", default=[], dest="categories")
        add.add_argument(
            "--owner",
            default="",
            help="the colleague who tells it, and asks for its answers",
        )
        agree = verbs.add_parser("agree", help="Agree to a change, as a second person.")
        agree.add_argument("recipient", metavar="name")
        verbs.add_parser("waiting", help="Who must be told by one of us.")
        told = verbs.add_parser("told", help="Note that you told a recipient.")
        told.add_argument("number", type=UUID, help="as `waiting` shows it")
        told.add_argument("--on", type=day, help="the day; today without it")
        place = verbs.add_parser(
            "place", help="Add a country where it processes the data."
        )
        place.add_argument("recipient", metavar="name")
        place.add_argument("country", help="two letters, such as DE")
        place.add_argument(
            "--safeguard", default="", choices=InternationalTransfer.Safeguard.values
        )
        place.add_argument("--document", default="", help="where its document is filed")
        place.add_argument("--ends", type=day, help="its last day")

    def run(self, **options: Any) -> None:
        if options["verb"] == "agree":
            self.agree(options["recipient"])
        elif options["verb"] in ("list", "waiting"):
            getattr(self, options["verb"])()
        else:
            getattr(self, options["verb"])(options)

    def add(self, options: dict[str, Any]) -> None:
        self.require("privacy.add_provider")
        names = ("name", "contract", "ends", "purposes", "categories", "owner")
        row = register.add(
            **{name: options[name] for name in names}, by=self.by, now=timezone.now()
        )
        self.answer(f"{row.name} is on the list.", _facts(row))

    def place(self, options: dict[str, Any]) -> None:
        self.require("privacy.change_provider")
        names = ("recipient", "country", "safeguard", "document", "ends")
        row = transfers.put(
            **{name: options[name] for name in names}, by=self.by, now=timezone.now()
        )
        self.answer(f"{row} is on record.", _facts(row.provider))

    def agree(self, name: str) -> None:
        self.require("privacy.agree_provider")
        row = Provider.objects.filter(name=name.strip()).first()
        if row is None:
            raise CommandError("No recipient of data has that name.")
        register.agree(provider=row, by=self.by, now=timezone.now())
        self.answer(f"{row.name} is agreed.", _facts(row))

    def waiting(self) -> None:
        self.require("privacy.view_instruction")
        rows = byhand.waiting().select_related("provider")
        found = [{"number": str(row.pk), **providers.facts(row)} for row in rows]
        lines = [f"{row.pk}  {row}, {row.subject}" for row in rows]
        self.answer("\n".join(lines) or "Nobody waits to be told by hand.", found)

    def told(self, options: dict[str, Any]) -> None:
        self.require("privacy.change_instruction")
        row = Instruction.objects.filter(pk=options["number"]).first()
        if row is None:
            raise CommandError("No recipient is told anything under that number.")
        now = timezone.now()
        on = options["on"] or now.date()
        byhand.told(instruction=row, on=on, by=self.by, now=now)
        said = {"number": str(row.pk), **providers.facts(row)}
        self.answer(f"It is noted that you told {row.provider}.", said)

    def list(self) -> None:
        self.require("privacy.view_provider")
        found = [_facts(row) for row in Provider.objects.all()]
        lines = [
            f"{each['name']}: {', '.join(each['categories']) or 'nothing'}"
            f" for {', '.join(each['purposes']) or 'nothing'}"
            f" ({each['contract'] or 'no contract on file'})"
            for each in found
        ]
        self.answer("\n".join(lines) or "The list is empty.", found)


def _facts(row: Provider) -> dict[str, Any]:
    return {
        "name": row.name,
        "contract": row.contract,
        "changed_by": row.changed_by,
        "contract_ends": row.contract_ends and row.contract_ends.isoformat(),
        "purposes": sorted(row.purposes.values_list("pk", flat=True)),
        "categories": sorted(row.categories.values_list("pk", flat=True)),
        "transfers": [
            {
                "country": each.country,
                "safeguard": each.safeguard,
                "document": each.document,
                "ends": each.ends and each.ends.isoformat(),
            }
            for each in row.transfers.all()
        ],
        "is_active": row.is_active,
    }
