"""Connect databases and file storages."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import stores
from privacy.datamap import Map
from privacy.management.base import PortalCommand, subcommands
from privacy.models import Store
from privacy.subjects import indexed
from privacy.subjects.indexed import Lacking

NO_INDEX = "no index: a column is of a type (an array) that none can take"


class Command(PortalCommand):
    help = "Connect a database or a file storage, list them, check that they answer."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        add = verbs.add_parser("add", help="connect one")
        add.add_argument("name")
        add.add_argument(
            "url", help="postgres://user:secret@host/db, file:///folder, s3://…"
        )
        move = verbs.add_parser("move", help="its new address, or new password")
        move.add_argument("name")
        move.add_argument("url", help="as for add; it must answer there")
        retire = verbs.add_parser("retire", help="it is gone; search it no more")
        retire.add_argument("name")
        retire.add_argument("--reason", required=True)
        verbs.add_parser("list", help="what is connected")
        check = verbs.add_parser("check", help="do they answer?")
        check.add_argument("name", nargs="?")
        texts = verbs.add_parser("texts", help="large tables whose texts have no index")
        texts.add_argument("name")

    def run(self, verb: str, **options: Any) -> None:
        getattr(self, f"do_{verb}")(
            **{k: options[k] for k in ("name", "url", "reason") if k in options}
        )

    def do_add(self, name: str, url: str) -> None:
        self.require("privacy.add_store")
        store = stores.connect(name=name, url=url, by=self.by, now=timezone.now())
        self.answer(f"Connected {store.name} ({store.place}).", described(store))

    def do_move(self, name: str, url: str) -> None:
        self.require("privacy.change_store")
        store = stores.named(name, among=Store.every)
        stores.move(store=store, url=url, by=self.by, now=timezone.now())
        said = f"{store.name} is at {store.place} now. Next: datamap check {store.name}"
        self.answer(said, described(store))

    def do_retire(self, name: str, reason: str) -> None:
        self.require("privacy.change_store")
        store = stores.named(name)
        stores.retire(store=store, reason=reason, by=self.by, now=timezone.now())
        said = (
            f"{name} is not searched any more; certificates say so. Its rules are "
            f"switched off. If it comes back: stores move {name} URL"
        )
        self.answer(said, described(store))

    def do_list(self) -> None:
        self.require("privacy.view_store")
        found = list(Store.every.all())
        words = "\n".join(f"{s.name}  {s.kind}  {s.place}{gone(s)}" for s in found)
        self.answer(words or "No store is connected.", [described(s) for s in found])

    def do_check(self, name: str | None = None) -> None:
        self.require("privacy.view_store")
        wanted = [stores.named(name)] if name else list(Store.objects.all())
        now = timezone.now()
        answers = {store.name: stores.check(store=store, now=now) for store in wanted}
        lines = [f"{s.name}  {s.problem or 'answers'}{advice(s)}" for s in wanted]
        self.answer("\n".join(lines), answers)
        if not all(answers.values()):
            raise CommandError("Not every store answers.")

    def do_texts(self, name: str) -> None:
        """Prints statements for the owners of the database: the portal changes rows,
        not tables."""
        self.require("privacy.view_store")
        store = stores.named(name)
        if store.kind != Store.Kind.DATABASE:
            raise CommandError(f"{name} is a store of files, which needs no index.")
        found = indexed.lacking(Map(store))
        lines = [
            f"-- {each.table}, about {each.rows:,} rows\n"
            + (f"{each.statement};" if each.statement else f"-- {NO_INDEX}")
            for each in found
        ]
        words = "\n".join(lines) or "Every large table has an index on its texts."
        self.answer(words, [told(each) for each in found])


def advice(store: Store) -> str:
    """What would make the search for a person fast there."""
    if store.problem or store.kind != Store.Kind.DATABASE:
        return ""
    many = sum(bool(each.statement) for each in indexed.lacking(Map(store)))
    if not many:
        return ""
    indexes = "1 index" if many == 1 else f"{many} indexes"
    return f"; {indexes} would avoid reading all texts: stores texts {store.name}"


def told(each: Lacking) -> dict[str, Any]:
    return {"table": str(each.table), "rows": each.rows, "statement": each.statement}


def gone(store: Store) -> str:
    return f"  gone since {store.retired_at:%Y-%m-%d}" if store.retired_at else ""


def described(store: Store) -> dict[str, Any]:
    said = {"name": store.name, "kind": store.kind, "place": store.place}
    return {**said, "retired_at": store.retired_at}
