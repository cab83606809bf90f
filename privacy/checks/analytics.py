"""Analytics uses only de-identified data, and nothing that people wrote."""

import datetime as dt
from collections.abc import Iterator, Sequence

from django.db.models import Q
from django.urls import reverse

from privacy import promises, stores, strategies, subjects
from privacy.anonymity import groups
from privacy.changes import place_of
from privacy.datamap import Map, contents
from privacy.erasure import planning
from privacy.models import Category, Column, Table
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


CLEAN = Remedy(
    "Send events through /api/v1/analytics/clean before they are stored, and remove "
    "what is there already, with a rule that de-identifies the table.",
    needs="privacy.add_rule",
)
NONE_MARKED = "No table is marked as an analytics table."
MARK = Remedy(
    "If analytics uses a table, open it and set its smallest group above 0; from then "
    "on it is checked. If analytics uses none, there is nothing to do.",
    needs="privacy.change_table",
)
DIALLED = r"[0-9][-0-9 ().]{7,}[0-9]"  # what could be a number; then it is read
MESSAGES = 1000  # the latest of each table, looked for among analytics
SHORTEST = 20  # letters of a text that nobody else would have written as well


@promises.register("analytics-deidentified")
def analytics_deidentified(now: dt.datetime) -> Outcome:
    """Tables for analytics hold no direct identifier and no group that is too small."""
    tables = list(
        Table.objects.filter(k__gt=0, store__retired_at=None).select_related("store")
    )
    found = [each for table in tables for each in _looked_at(table)]
    if found:
        return promises.broken("Analytics data could single people out.", *found)
    if not tables:
        return _nothing_marked()
    return promises.kept(f"{len(tables)} tables for analytics name nobody.")


@promises.register("analytics-clean")
def analytics_clean(now: dt.datetime) -> Outcome:
    """Tables for analytics hold no phone number in any text and no copy of a
    message."""
    tables = list(
        Table.objects.filter(k__gt=0, store__retired_at=None).select_related("store")
    )
    found = [each for table in tables for each in _unclean(table)]
    if found:
        return promises.broken(
            "Analytics data holds messages or phone numbers.", *found
        )
    if not tables:
        return _nothing_marked()
    return promises.kept("Analytics data holds no phone numbers and no messages.")


def _nothing_marked() -> Outcome:
    tables = reverse("admin:privacy_table_changelist")
    way = Evidence("The tables of the data map", url=tables, remedy=MARK)
    return Outcome(promises.State.UNKEPT, NONE_MARKED, (way,))


def _unclean(table: Table) -> Iterator[Evidence]:
    mapped = Map(table.store)
    columns = planning.redactable(mapped, table)
    url = reverse("admin:privacy_table_change", args=[table.pk])
    with stores.reaching(table.store):
        counts = {
            "rows with a phone number": _with_numbers(mapped, table, columns),
            "rows with a copy of a message": _with_messages(mapped, table, columns),
        }
    for words, count in counts.items():
        if count:
            yield Evidence(f"{table}: {words}", count, url, remedy=CLEAN)


def _with_numbers(mapped: Map, table: Table, columns: Sequence[Column]) -> int:
    if not columns:
        return 0
    rows = mapped.rows(table).filter(subjects.mentions(columns, DIALLED)).order_by()
    texts = rows.values_list(*(column.name for column in columns))
    return sum(
        any(
            mention.kind == "phone"
            for text in row
            if text is not None
            for mention in contents.find(str(text))
        )
        for row in texts.iterator(chunk_size=MESSAGES)
    )


def _with_messages(mapped: Map, table: Table, columns: Sequence[Column]) -> int:
    """Compares with the latest messages only: older ones were looked for when they were
    new."""
    plain = [column for column in columns if column.kind in ("CharField", "TextField")]
    texts = [text for text in _messages(mapped) if len(text) >= SHORTEST]
    if not plain or not texts:
        return 0
    same = Q(*((f"{column.name}__in", texts) for column in plain), _connector=Q.OR)
    return mapped.rows(table).filter(same).count()


def _messages(mapped: Map) -> Iterator[str]:
    said = Column.objects.filter(
        table__store=mapped.store,
        table__k=0,
        category=Category(code="communications"),
        free_text=True,
        path=[],
    ).select_related("table")
    for column in said:
        rows = mapped.rows(column.table).exclude(**{column.name: None})
        order = [f"-{column.table.start}"] if column.table.start else []
        texts = rows.order_by(*order).values_list(column.name, flat=True)
        yield from map(str, texts[:MESSAGES])


def _looked_at(table: Table) -> list[Evidence]:
    mapped = Map(table.store)
    url = reverse("admin:privacy_table_change", args=[table.pk])
    with stores.reaching(table.store):
        found = [
            Evidence(
                f"{column} holds data that identifies a person",
                count,
                url,
                remedy=DEIDENTIFY,
            )
            for column in mapped.columns(table)
            if column.identifier in DIRECT and (count := _named(mapped, column))
        ]
        return found + _small_groups(mapped, table, url)


def _named(mapped: Map, column: Column) -> int:
    """Rows whose value is untreated, whatever the map plans for it later."""
    return mapped.rows(column.table).filter(_raw(column)).count()


def _raw(column: Column) -> Q:
    """A treatment recognises its own results; a value that is kept is raw."""
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
