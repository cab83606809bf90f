"""Loads the map of a store from YAML: all or nothing, checked against the store."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import phonenumbers
import yaml
from django.core.exceptions import ValidationError
from django.db import transaction

from privacy import audit, changes, rehearsal, stores, strategies
from privacy.datamap import keyless, linking, schema
from privacy.datamap.dumping import dump
from privacy.datamap.lines import BadMap, Lines, listing, mapping
from privacy.datamap.maps import Map
from privacy.models import Category, Column, Purpose, Source, Store, Table
from privacy.strategies import Unsupported

__all__ = ["BadMap", "dump", "load", "parse"]

TABLE_KEYS = {
    "title",
    "about",
    "start",
    "erasure",
    "ground",
    "k",
    "files",
    "terms",
    "links",
    "columns",
}
COLUMN_KEYS = {
    "json", "not_personal", "category", "source", "purposes", "identifier", "whose",
    "attribute", "until", "words", "told_by", "facts", "region", "free_text",
    "treatment", "ground",
}  # fmt: skip


def load(*, text: str, by: str, now: dt.datetime) -> Store:
    """Replaces a store's map by the file's, all or nothing.

    A table or column that the store does not have is refused by name.
    """
    lines, document = parse(text)
    store = stores.named(str(document.get("store", "")))
    live = {table.full_name: table for table in schema.tables(store)}
    written: dict[str, Table] = {}
    with transaction.atomic():
        for name, said in document["tables"].items():
            with lines.at("tables", name):
                written[name] = _write_table(store, name, said, live, lines)
        for name, said in document["tables"].items():
            with lines.at("tables", name, "links"):
                links = listing((said or {}).get("links"), f"The links of {name}")
                linking.write(written, written[name], links, live[name])
        gone = Table.objects.filter(store=store)
        for table in gone.exclude(pk__in=[table.pk for table in written.values()]):
            linking.leave_out(table)
        _rehearse(Map(store))
        audit.record(
            action="datamap.loaded",
            subject=f"store:{store.pk}",
            by=by,
            now=now,
            tables=len(written),
        )
    return store


def _rehearse(mapped: Map) -> None:
    """Refuses a treatment that a constraint of the store rejects."""
    for table in mapped.tables.values():
        treated = [c for c in mapped.columns(table) if c.is_personal and c.treatment]
        if problem := rehearsal.refusal(mapped, table, treated):
            raise BadMap(f"{table}: {problem} Nothing was changed.")


def parse(text: str) -> tuple[Lines, dict[str, Any]]:
    """The document, its tables by name, and the line of each key."""
    lines = Lines(text)
    document = mapping(lines.document, "A map")
    if not isinstance(document.get("tables"), dict):
        raise BadMap("The map needs the keys store and tables. Nothing was changed.")
    document["tables"] = mapping(document["tables"], "Tables")
    return lines, document


def _write_table(
    store: Store, name: str, words: Any, live: dict[str, schema.LiveTable], lines: Lines
) -> Table:
    said = mapping(words, f"What is said of {name}")
    if name not in live:
        raise BadMap(f"{store} has no table {name}. Nothing was changed.")
    _known(said, TABLE_KEYS, name)
    real = live[name]
    table, _ = Table.objects.update_or_create(
        store=store,
        schema=real.schema,
        name=real.name,
        defaults={
            "title": said.get("title") or name.replace("_", " ").capitalize(),
            "about": said.get("about", Table.About.CONTEXT),
            "key": real.key or keyless.KEY,
            "start": _column_of(real, said.get("start") or ""),
            "erasure": said.get("erasure", Table.Ending.KEEP),
            "ground": said.get("ground") or "",
            "k": said.get("k", 0),
            "files": said.get("files") or {},
            "terms": [_column_of(real, each) for each in said.get("terms") or []],
        },
    )
    _valid(table, name)
    table.columns.all().delete()
    columns = mapping(said.get("columns"), f"The columns of {name}")
    _write_columns(table, columns, real, lines)
    return table


def _write_columns(
    table: Table, said: dict[str, Any], real: schema.LiveTable, lines: Lines
) -> None:
    """Columns that the file leaves out stay unclassified, so a plan cannot be
    complete."""
    kinds = {column.name: (i, column) for i, column in enumerate(real.columns)}
    made = []
    for full_name, words in said.items():
        with lines.at("tables", table.full_name, "columns", full_name):
            name, *path = full_name.split(".")
            if name not in kinds:
                raise BadMap(f"{table} has no column {name}. Nothing was changed.")
            position, live = kinds[name]
            said_of = mapping(words, f"What is said of {table}.{full_name}")
            facts = _path_facts(live) if path else real.facts(live)
            made.append(_column(table, live, path, position, said_of, facts))
    for name, (position, live) in kinds.items():
        if name not in said:
            made.append(_column(table, live, [], position, {}, real.facts(live)))
    Column.objects.bulk_create(made)


def _path_facts(live: schema.LiveColumn) -> dict[str, Any]:
    is_text = {} if live.kind == "JSONField" else {"of_text": True}
    return {"null": True, "type": live.options.get("type", ""), **is_text}


def _column(
    table: Table,
    live: schema.LiveColumn,
    path: list[str],
    position: int,
    words: dict[str, Any] | None,
    facts: dict[str, Any],
) -> Column:
    said = words or {}
    name = ".".join([live.name, *path])
    _known(said, COLUMN_KEYS, f"{table}.{name}")
    column = Column(
        table=table,
        name=live.name,
        path=path,
        position=position,
        kind="JSONPath" if path else live.kind,
        options=facts | _region(said.get("region")) | _more(said),
        state=Column.State.ACCEPTED if said else Column.State.UNKNOWN,
        not_personal=said.get("not_personal", ""),
        category=_word(Category, said.get("category"), name),
        source=_word(Source, said.get("source"), name),
        purposes=_purposes(said.get("purposes"), name),
        identifier=said.get("identifier", ""),
        whose=said.get("whose", Column.Whose.SUBJECT),
        attribute=said.get("attribute", ""),
        until=said.get("until", ""),
        free_text=said.get("free_text", False),
        treatment=_treatment(said.get("treatment"), f"{table}.{name}"),
        ground=said.get("ground") or "",
    )
    _complete(column, said)
    _endable(column)
    _valid(column, name)
    return column


def _region(said: Any) -> dict[str, Any]:
    """The country of telephone numbers that are written without one."""
    if said and said not in phonenumbers.SUPPORTED_REGIONS:
        raise BadMap(f"No country is called {said}. Nothing was changed.")
    return {"region": said} if said else {}


def _more(said: Mapping[str, Any]) -> dict[str, Any]:
    """The words in that column that name other tables, the column whose words say what
    this one holds, and the paths of a document that hold nothing personal."""
    some = listing(said.get("words"), "The words of a column")
    paths = listing(said.get("facts"), "The facts of a document")
    found = {
        "words": [str(word) for word in some],
        "told_by": str(said.get("told_by") or ""),
        "facts": [str(path).split(".") for path in paths],
    }
    return {name: value for name, value in found.items() if value}


def _purposes(said: Any, name: str) -> list[str]:
    codes = listing(said, f"The purposes of {name}")
    return [_word(Purpose, str(code), name).code for code in codes]


def _complete(column: Column, said: dict[str, Any]) -> None:
    """A personal column needs a source, a purpose and a treatment."""
    if not said or column.not_personal:
        return
    missing = [
        word
        for word, value in (
            ("category", column.category_id),
            ("source", column.source_id),
            ("purposes", column.purposes),
            ("treatment", column.treatment),
        )
        if not value
    ]
    if column.treatment.get("strategy") == "keep" and not column.ground:
        missing.append("ground")
    if missing:
        raise BadMap(f"{column} lacks {', '.join(missing)}. Nothing was changed.")


def _treatment(said: Any, where: str) -> dict[str, Any]:
    """A name, or a name under `strategy` with its settings."""
    if said is None:
        return {}
    if not isinstance(said, str | dict):
        raise BadMap(f"{where}: a treatment is a name or a list of settings.")
    treatment = {"strategy": said} if isinstance(said, str) else said
    try:
        return strategies.read(treatment)
    except Unsupported as error:
        raise BadMap(f"{where}: {error} Nothing was changed.") from None


def settings(text: str) -> dict[str, Any]:
    """The settings of a treatment in the form's syntax: `years: 5, earliest: 1937`."""
    try:
        said = yaml.safe_load("{" + text + "}")
    except yaml.YAMLError:
        said = None
    if not isinstance(said, dict):
        raise Unsupported("Write settings as name: value, name: value.")
    return said


def _endable(column: Column) -> None:
    """Refuses here, and not only in a sweep, what cannot be done to the column."""
    try:
        strategies.check(changes.place_of(column), column.strategy)
    except Unsupported as error:
        raise BadMap(f"{column}: {error} Nothing was changed.") from None


def _word(model: Any, code: str | None, where: str) -> Any:
    if not code:
        return None
    found = model.objects.filter(code=code).first()
    if found is None:
        kind = model._meta.verbose_name
        raise BadMap(f"{where} names an unknown {kind}: {code}. Nothing was changed.")
    return found


def _column_of(real: schema.LiveTable, name: str) -> str:
    if name and name not in {column.name for column in real.columns}:
        raise BadMap(f"{real.full_name} has no column {name}. Nothing was changed.")
    return name


def _known(said: dict[str, Any], keys: set[str], where: str) -> None:
    if unknown := sorted(set(said) - keys):
        known = ", ".join(sorted(keys))
        raise BadMap(
            f"{where} has an unknown key {unknown[0]}; known are {known}."
            " Nothing was changed."
        )


def _valid(row: Any, where: str) -> None:
    try:
        row.clean_fields(exclude=["columns", "options", "kind", "store", "table"])
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise BadMap(f"{where}: {field}: {problems[0]} Nothing was changed.") from None
