"""The map of where personal data lives."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import own, stores
from privacy.datamap import Map, acceptance, discovery, drift, fides, files
from privacy.management import listing
from privacy.management.base import PortalCommand, subcommands
from privacy.models import Column, Link, Store

HEAD = ("column", "category", "identifier", "treatment", "sure", "why")
UNSURE = 0.5  # below it, "not personal" is little more than a guess
MANY = 10  # columns named in a sentence
OWN = ("name", "every", "file", "confidence", "tables", "links", "store")


def percent(text: str) -> float:
    """80, 80% and 0.8 are the same."""
    try:
        number = float(text.rstrip("%"))
    except ValueError:
        raise argparse.ArgumentTypeError("give a number from 0 to 100") from None
    share = number / 100 if number > 1 else number
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("give a number from 0 to 100")
    return share


class Command(PortalCommand):
    help = "Propose, check, dump and load the map of a store."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        discover = verbs.add_parser("discover", help="propose a map from the store")
        discover.add_argument("name")
        discover.add_argument(
            "--all",
            action="store_true",
            dest="every",
            help="list also the columns that are not personal, with the reason",
        )
        accept = verbs.add_parser("accept", help="accept what was proposed")
        accept.add_argument("name")
        accept.add_argument(
            "--confidence",
            type=percent,
            default=0.0,
            metavar="N",
            help="only columns that are at least this certain, in percent",
        )
        accept.add_argument(
            "--table", action="append", default=[], dest="tables", metavar="TABLE"
        )
        accept.add_argument(
            "--links", action="store_true", help="also the proposed links"
        )
        check = verbs.add_parser("check", help="fail if anything is unclassified")
        check.add_argument("name", nargs="?")
        verbs.add_parser("own", help="what the portal itself stores about people")
        verbs.add_parser("dump", help="the map as YAML").add_argument("name")
        fides = verbs.add_parser("import-fides", help="read Fides' dataset YAML")
        fides.add_argument("file")
        fides.add_argument("--store", required=True, metavar="NAME")
        verbs.add_parser("load", help="the map from YAML").add_argument("file")

    def run(self, verb: str, **options: Any) -> None:
        kept = {k: options[k] for k in OWN if k in options}
        getattr(self, f"do_{verb.replace('-', '_')}")(**kept)

    def do_discover(self, name: str, *, every: bool) -> None:
        self.require("privacy.change_table")
        found = discovery.discover(
            store=_database(name), by=self.by, now=timezone.now()
        )
        columns = discovery.proposed(found.mapped)
        shown = [c for c in columns if every or c.is_personal]
        words = [
            *listing.lines(HEAD, map(_line, shown)),
            *(_link(link) for link in discovery.links(found.mapped)),
            *(f"{place}: {why}." for place, why in found.unread),
            *(f"{place} is left out: {why}." for place, why in found.left_out),
            *_counted(columns, name, every=every),
        ]
        self.answer(
            "\n".join(words),
            [_described(c) | {"doubts": _doubts(c, found)} for c in columns],
        )

    def do_accept(
        self, name: str, confidence: float, tables: list[str], links: bool
    ) -> None:
        self.require("privacy.change_column")
        store = _database(name)
        waiting = acceptance.proposals(store, tables)
        done = acceptance.accept(
            columns=waiting, least=confidence, by=self.by, now=timezone.now()
        )
        linked = []
        if links:
            linked = acceptance.accept_links(
                store=store, tables=tables, by=self.by, now=timezone.now()
            )
        words = [
            *(f"{column} is still open. {why}" for column, why in done.left),
            *(f"Accepted the link {link.table}: {link.said}." for link in linked),
            f"Accepted: {len(done.taken)}. Still open: {len(done.left)}.",
            *_waiting(store),
        ]
        document = {
            "accepted": [str(column) for column in done.taken],
            "links": [f"{link.table}: {link.said}" for link in linked],
            "open": [{"column": str(c), "why": why} for c, why in done.left],
        }
        self.answer("\n".join(words), document)

    def do_check(self, name: str | None = None) -> None:
        self.require("privacy.view_table")
        databases = Store.objects.filter(kind=Store.Kind.DATABASE)
        wanted = [_database(name)] if name else list(databases)
        found = [str(p) for store in wanted for p in drift.check(Map(store))]
        waiting = [words for store in wanted for words in _waiting(store)]
        words = found or ["The map is complete."]
        self.answer("\n".join([*words, *waiting]), found)
        if found:
            raise CommandError(f"The map is not complete: {found[0]}")

    def do_own(self) -> None:
        self.require("privacy.view_table")
        found = own.declared()
        words = [f"{o.place}: {o.purpose}. {o.ending}." for o in found if o.category]
        self.answer("\n".join(words), [asdict(each) for each in found])

    def do_dump(self, name: str) -> None:
        self.require("privacy.view_table")
        text = files.dump(_database(name))
        self.answer(text, {"yaml": text})

    def do_import_fides(self, file: str, store: str) -> None:
        self.require("privacy.change_table")
        done = fides.load(
            text=_read(file),
            store=_database(store),
            by=self.by,
            now=timezone.now(),
        )
        words = [
            *(f"{each}." for each in done.left),
            f"Read {done.fields} fields and {done.links} references. Their columns are"
            f" proposed: datamap accept {store}.",
        ]
        document = {
            "fields": done.fields,
            "references": done.links,
            "not_translated": done.left,
        }
        self.answer("\n".join(words), document)

    def do_load(self, file: str) -> None:
        self.require("privacy.change_table")
        store = files.load(text=_read(file), by=self.by, now=timezone.now())
        self.answer(f"Loaded the map of {store}.", {"store": store.name})


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CommandError(f"There is no file {file}.") from None
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"{file} can't be read as text (UTF-8).") from None


def _database(name: str) -> Store:
    store = stores.named(name)
    if store.kind != Store.Kind.DATABASE:
        raise CommandError(f"{name} is a store of files, which has no tables to map.")
    return store


def _line(column: Column) -> tuple[str, ...]:
    return (
        f"{column.table.full_name}.{column.full_name}",
        column.category_id or "not personal",
        column.identifier,
        column.strategy["strategy"],
        f"{column.confidence:.0%}",
        column.reason,
    )


def _counted(columns: list[Column], name: str, *, every: bool) -> list[str]:
    """How many are personal and how many are not, which of those to look at, and what
    comes next."""
    if not columns:
        return [f"Nothing is new: every column of {name} was accepted before."]
    rest = [column for column in columns if not column.is_personal]
    words = [
        f"{len(columns)} columns proposed: {len(columns) - len(rest)} personal, "
        f"{len(rest)} not personal."
    ]
    if doubtful := [c for c in rest if c.confidence < UNSURE]:
        some = ", ".join(f"{c.table.full_name}.{c.full_name}" for c in doubtful[:MANY])
        more = f" and {len(doubtful) - MANY} more" if len(doubtful) > MANY else ""
        words.append(f"Not personal, but look at them yourself: {some}{more}.")
    if rest and not every:
        words.append(f"With the reasons: datamap discover {name} --all")
    return [*words, f"Correct what is wrong, then: datamap accept {name}"]


def _waiting(store: Store) -> list[str]:
    """That rows of people may be missed while nobody has decided about references."""
    links = Link.objects.filter(table__store=store, state=Link.State.PROPOSED)
    if not (count := links.count()):
        return []
    name = store.name
    return [
        f"References of {name} that nobody has decided about: {count}. Until then"
        " whose rows they lead to is not known, and plans say so. See them: datamap"
        f" discover {name}. Accept them: datamap accept {name} --links"
    ]


def _link(link: Link) -> str:
    waits = link.state == Link.State.PROPOSED
    said = "may refer" if waits else "refers"
    more = " It counts once somebody accepts it." if waits else ""
    return f"{link.table} {said}: {link.said}. {link.reason}.{more}"


def _doubts(column: Column, found: discovery.Discovery) -> list[str]:
    """What is wrong with its table, and the links from it that wait for a person."""
    said = [f"{why}." for place, why in found.unread if place == column.table.full_name]
    return said + [
        f"{link.said}: {link.reason}."
        for link in discovery.links(found.mapped)
        if link.state == Link.State.PROPOSED
        and link.table_id == column.table_id
        and any(name.split(".")[0] == column.name for name in link.columns)
    ]


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
