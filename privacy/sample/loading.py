"""Creates the sample platform beside the portal and connects it with its map and
rules."""

import datetime as dt
from pathlib import Path
from typing import Any

import psycopg
import yaml
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from privacy import audit, stores
from privacy.datamap import Map, files
from privacy.models import Category, Promise, Rule, Store
from privacy.refusals import Refusal
from privacy.sample import beside
from privacy.sample.generating import HERE, Summary, generate
from privacy.subjects import indexed

NAME, RECORDINGS = "sample", "sample-recordings"
RULE_KEYS = {
    "name", "title", "table", "start", "period", "action", "where", "columns",
    "category", "promise", "citation", "minimum", "anonymity",
}  # fmt: skip


class BadRules(Refusal):
    """The rules are not written as rules. Nothing was changed."""


def load(*, scale: float, seed: int, by: str, now: dt.datetime) -> Summary | None:
    """None when it was loaded before: then nothing changes.

    An interrupted load leaves nothing connected, and the next one starts over.
    """
    with beside.alone() as server:
        if Store.objects.filter(name=NAME).exists():
            return None
        database = beside.make(server)
        folder = Path(settings.DATA_DIR) / "recordings"
        with psycopg.connect(beside.address(database)) as connection:
            summary = generate(
                connection, seed=seed, scale=scale, now=now, recordings=folder
            )
            connection.execute("ANALYZE")
        store = connect(database=database, recordings=folder, by=by, now=now)
        index_texts(database, store)
    return summary


def index_texts(database: str, store: Store) -> None:
    """Creates the indexes that `stores texts` recommends."""
    address = beside.address(database)
    with psycopg.connect(address, autocommit=True) as connection:
        for each in indexed.lacking(Map(store)):
            if each.statement:
                connection.execute(each.statement)
        connection.execute("ANALYZE")


def connect(*, database: str, recordings: Path, by: str, now: dt.datetime) -> Store:
    """All or nothing: both stores, the map, the rules."""
    with transaction.atomic():
        store = stores.connect(
            name=NAME, url=f"{stores.OWN_SERVER}://{database}", by=by, now=now
        )
        stores.connect(name=RECORDINGS, url=recordings.as_uri(), by=by, now=now)
        files.load(text=(HERE / "map.yaml").read_text(), by=by, now=now)
        load_rules(store, (HERE / "rules.yaml").read_text(), by, now)
    return store


# --- rules -------------------------------------------------------------------------


def load_rules(store: Store, text: str, by: str, now: dt.datetime) -> list[Rule]:
    """Retention rules of a store from YAML, all or nothing; a known name is
    overwritten.

    A rule that differs from what was approved has to be approved again.
    """
    mapped = Map(store)
    with transaction.atomic():
        rules = [_write(mapped, said) for said in _listed(text)]
        audit.record(
            action="rules.loaded",
            subject=f"store:{store.pk}",
            by=by,
            now=now,
            rules=[rule.name for rule in rules],
        )
    return rules


def _listed(text: str) -> list[dict[str, Any]]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        raise BadRules("The rules are not YAML. Nothing was changed.") from None
    if not isinstance(document, list) or not all(isinstance(r, dict) for r in document):
        raise BadRules("The rules are not a list. Nothing was changed.")
    return document


def _write(mapped: Map, said: dict[str, Any]) -> Rule:
    """The row of one rule, checked against the map and by its own constraints."""
    name = said.get("name", "")
    if unknown := sorted(set(said) - RULE_KEYS):
        raise BadRules(f"The rule {name} has an unknown key {unknown[0]}.")
    table = mapped.table(str(said.get("table", "")))
    for column in (str(said.get("start", "")), *said.get("columns", [])):
        mapped.column(table, column)
    rule = Rule.objects.filter(name=name).first() or Rule(name=name, table=table)
    if rule.table.store_id != mapped.store.pk:
        raise BadRules(f"The rule {name} belongs to another store.")
    rule.table = table
    _take_over(rule, said)
    try:
        rule.full_clean()
    except ValidationError as error:
        raise BadRules(f"The rule {name}: {' '.join(error.messages)}") from None
    rule.save()
    return rule


def _take_over(rule: Rule, said: dict[str, Any]) -> None:
    period, minimum = said.get("period", {}), said.get("minimum", {})
    rule.title = said.get("title", "")
    rule.start = said["start"]
    rule.months, rule.days = period.get("months", 0), period.get("days", 0)
    rule.action = said.get("action", "")
    rule.where, rule.columns = said.get("where", {}), said.get("columns", [])
    rule.category = _coded(Category, said.get("category"), rule)
    rule.promise = _coded(Promise, said.get("promise"), rule)
    rule.citation = said.get("citation", "")
    left = said.get("anonymity", {})
    rule.k, rule.l = left.get("k", 0), left.get("l", 0)
    rule.suppress = left.get("suppress", False)
    rule.minimum_months = minimum.get("months", 0)
    rule.minimum_citation = minimum.get("citation", "")


def _coded(model: Any, code: Any, rule: Rule) -> Any:
    """The policy's own word for it."""
    found = model.objects.filter(code=code).first()
    if found is None:
        kind = model._meta.verbose_name
        raise BadRules(f"The rule {rule.name} names an unknown {kind}: {code}.")
    return found
