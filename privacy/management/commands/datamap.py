"""The map of where personal data lives."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import stores
from privacy.datamap import Map, discovery, drift, files
from privacy.management.base import PortalCommand, subcommands
from privacy.models import Column, Store


class Command(PortalCommand):
    help = "Propose, check, dump and load the map of a store."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        discover = verbs.add_parser("discover", help="propose a map from the store")
        discover.add_argument("name")
        check = verbs.add_parser("check", help="fail on what nobody classified")
        check.add_argument("name", nargs="?")
        verbs.add_parser("dump", help="the map as YAML").add_argument("name")
        verbs.add_parser("load", help="the map from YAML").add_argument("file")

    def run(self, verb: str, **options: Any) -> None:
        kept = {k: options[k] for k in ("name", "file") if k in options}
        getattr(self, f"do_{verb}")(**kept)

    def do_discover(self, name: str) -> None:
        self.require("privacy.change_table")
        found = discovery.discover(
            store=stores.named(name), by=self.by, now=timezone.now()
        )
        columns = discovery.proposed(found.mapped)
        personal = [c for c in columns if c.is_personal]
        words = [
            *(_line(column) for column in personal),
            *(f"{place}: {why}." for place, why in found.unread),
            *(f"{place} is left out: {why}." for place, why in found.left_out),
            f"{len(columns)} columns proposed, {len(personal)} of them personal.",
        ]
        self.answer("\n".join(words), [_described(c) for c in columns])

    def do_check(self, name: str | None = None) -> None:
        self.require("privacy.view_table")
        databases = Store.objects.filter(kind=Store.Kind.DATABASE)
        wanted = [stores.named(name)] if name else list(databases)
        found = [str(p) for store in wanted for p in drift.problems(Map(store))]
        self.answer("\n".join(found) or "The map is complete.", found)
        if found:
            raise CommandError(f"The map is not complete: {found[0]}")

    def do_dump(self, name: str) -> None:
        self.require("privacy.view_table")
        text = files.dump(stores.named(name))
        self.answer(text, {"yaml": text})

    def do_load(self, file: str) -> None:
        self.require("privacy.change_table")
        try:
            text = Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise CommandError(f"{file} can't be read as text.") from None
        store = files.load(text=text, by=self.by, now=timezone.now())
        self.answer(f"Loaded the map of {store}.", {"store": store.name})


def _line(column: Column) -> str:
    return (
        f"{column.table.full_name + '.' + column.full_name:<40} "
        f"{column.category_id:<18} {column.identifier:<12} "
        f"{column.strategy['strategy']:<12} {column.confidence:.0%}  {column.reason}"
    )


def _described(column: Column) -> dict[str, Any]:
    return {
        "column": f"{column.table.full_name}.{column.full_name}",
        "category": column.category_id,
        "identifier": column.identifier,
        "source": column.source_id,
        "treatment": column.strategy["strategy"],
        "not_personal": column.not_personal,
        "confidence": column.confidence,
        "reason": column.reason,
    }
