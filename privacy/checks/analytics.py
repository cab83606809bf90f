"""Analytics uses de-identified data only."""

import datetime as dt

from django.db.models import Q
from django.urls import reverse

from privacy import promises, stores, strategies
from privacy.anonymity import groups
from privacy.changes import place_of
from privacy.datamap import Map
from privacy.models import Column, Table
from privacy.promises import Evidence, Outcome, Remedy

# What names one person by itself; a pseudonym of it may stay (CCPA 1798.140(m) asks
# that it can't reasonably be linked, so the key is the portal's alone).
DIRECT = ("phone", "email", "name", "card", "credential", "ip", "cookie", "address")
PRESENT = strategies.STRATEGIES["nullify"]

DEIDENTIFY = Remedy(
    "Write a rule that de-identifies the table, press “Preview”, and have a second "
    "person approve it.",
    needs="privacy.add_rule",
)


@promises.register("analytics-deidentified")
def analytics_deidentified(now: dt.datetime) -> Outcome:
    """Tables for analytics: no direct identifier in them, no group too small."""
    tables = list(Table.objects.filter(k__gt=0).select_related("store"))
    found = [each for table in tables for each in _looked_at(table)]
    if found:
        return promises.broken("Analytics could tell people apart.", *found)
    if not tables:
        return Outcome(promises.State.UNKEPT, "No table is marked as for analytics.")
    return promises.kept(f"{len(tables)} tables for analytics name nobody.")


def _looked_at(table: Table) -> list[Evidence]:
    mapped = Map(table.store)
    url = reverse("admin:privacy_table_change", args=[table.pk])
    with stores.reaching(table.store):
        found = [
            Evidence(
                f"{column} holds what names a person", count, url, remedy=DEIDENTIFY
            )
            for column in mapped.columns(table)
            if column.identifier in DIRECT and (count := _named(mapped, column))
        ]
        return found + _small_groups(mapped, table, url)


def _named(mapped: Map, column: Column) -> int:
    """Rows whose value is as it came, whatever the map plans for it later."""
    return mapped.rows(column.table).filter(_raw(column)).count()


def _raw(column: Column) -> Q:
    """A treatment knows its own results; what is kept is raw."""
    strategy = strategies.STRATEGIES[column.strategy["strategy"]]
    if strategy.effect == strategies.Effect.KEPT:
        return PRESENT.still_raw(place_of(column), {})
    return strategy.still_raw(place_of(column), column.strategy)


def _small_groups(mapped: Map, table: Table, url: str) -> list[Evidence]:
    try:
        of = groups.crowd(mapped, table, mapped.rows(table), [], table.k)
    except groups.NothingMarked:
        return []
    if not (below := groups.measure(of)["below"]):
        return []
    sentence = f"{table}: rows in groups smaller than {table.k}"
    return [Evidence(sentence, below, url, remedy=DEIDENTIFY)]
