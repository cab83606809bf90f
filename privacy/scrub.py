"""Values that should not be stored at all: full card numbers in any text.

The policy allows the card's type and last four digits. Numbers are found by their form
in the store and by Luhn's check here, and are removed by a plan like everything else.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from django.db.models import TextField
from django.db.models.functions import Cast

from privacy import spellings, stores, subjects
from privacy.datamap import Map
from privacy.erasure import drafts, freezing, planning
from privacy.models import Plan, Store, Table
from privacy.refusals import Refusal
from privacy.subjects import Found, Key, Row

CHUNK = 1000
NUMBER = re.compile(spellings.CARD)


class NothingFound(Refusal):
    """No card number was found, so there is nothing to remove."""


def find(mapped: Map) -> dict[str, list[Key]]:
    """Maps each table to the keys of its rows that hold a full card number."""
    found = {}
    with stores.reaching(mapped.store):
        for name, table in mapped.tables.items():
            if keys := [key for key, numbers in _numbers(mapped, table) if numbers]:
                found[name] = keys
    return found


def _numbers(
    mapped: Map, table: Table, keys: Sequence[Key] | None = None
) -> Iterator[tuple[Key, list[str]]]:
    columns = planning.redactable(mapped, table)
    if not columns:
        return
    rows = mapped.rows(table).filter(subjects.mentions(columns, spellings.CARD))
    if keys is not None:
        rows = rows.filter(subjects.by_key(table, keys))
    texts = {f"text_{i}": Cast(c.name, TextField()) for i, c in enumerate(columns)}
    values = rows.annotate(**texts).order_by().values_list(*table.key, *texts)
    for row in values.iterator(chunk_size=CHUNK):
        key, written = row[: len(table.key)], row[len(table.key) :]
        found = [n for text in written if text for n in NUMBER.findall(text)]
        yield tuple(key), [number for number in found if spellings.is_card(number)]


def pattern(mapped: Map, table: Table, keys: Sequence[Key]) -> str:
    """Only the numbers that these rows hold, so that nothing else is touched."""
    numbers = {n for _, some in _numbers(mapped, table, keys) for n in some}
    one_of = "|".join(sorted(numbers)) or "(?!)"
    return rf"(?<![0-9])(?:{one_of})(?![0-9])"


def plan(*, by: str, now: dt.datetime) -> Plan:
    """A plan to remove every full card number from every text, for approval."""
    found, parts = [], []
    for store in Store.objects.filter(kind=Store.Kind.DATABASE):
        mapped = Map(store)
        one = Found(mapped, [], now)
        for name, keys in find(mapped).items():
            table = mapped.tables[name]
            rows = [Row(table, key, "holds a card number") for key in keys]
            columns = planning.redactable(mapped, table)
            ground = "Only the card's type and last four digits may be kept"
            parts.append(drafts.Part(table, drafts.REDACT, ground, rows, columns))
        found.append(one)
    if not parts:
        raise NothingFound
    return freezing.freeze(
        Plan.Kind.SCRUB, found, parts, "Remove full card numbers", now, by, now
    )
