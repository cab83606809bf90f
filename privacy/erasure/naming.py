"""What people are called, as their own rows say, to look for it once those are ended.

A name is no identifier: another may have the same. So nothing is taken out for it, and
where a text still holds it, that is a warning for a person to look at.
"""

import json
import re
from collections import defaultdict
from collections.abc import Sequence

from privacy import stores
from privacy.datamap import Map
from privacy.erasure.drafts import Draft
from privacy.models import Column, Plan, Table
from privacy.residue.matching import Name
from privacy.subjects import Key, by_key
from privacy.subjects.rows import chunks, values_of

WORDS = re.compile(r"[^\W\d_]{2,}")


def of(drafts: Sequence[Draft]) -> list[str | None]:
    """For each erasure, the first and last names of the person, as JSON."""
    found: list[set[Name]] = [set() for _ in drafts]
    maps = {one.mapped.store.pk: one.mapped for d in drafts for one in d.found}
    for mapped in maps.values():
        for table in mapped.tables.values():
            if table.about == Table.About.PERSON and (columns := _named(mapped, table)):
                owned = _owned(drafts, table)
                for key, name in _said(mapped, table, columns, list(owned)):
                    for index in owned[key]:
                        found[index].add(name)
    is_erasure = [draft.kind == Plan.Kind.ERASURE for draft in drafts]
    return [
        json.dumps(sorted(names)) if names and is_asked else None
        for names, is_asked in zip(found, is_erasure, strict=True)
    ]


def read(plan: Plan) -> set[Name]:
    if plan.names is None:
        return set()
    return {(first, last) for first, last in json.loads(plan.names.open())}


def _named(mapped: Map, table: Table) -> list[Column]:
    return [
        c
        for c in mapped.columns(table)
        if c.identifier == "name" and not c.path and c.whose == Column.Whose.SUBJECT
    ]


def _owned(drafts: Sequence[Draft], table: Table) -> dict[Key, list[int]]:
    owned: dict[Key, list[int]] = defaultdict(list)
    for index, draft in enumerate(drafts):
        for one in draft.found if draft.kind == Plan.Kind.ERASURE else ():
            for row in one.of(table):
                owned[row.key].append(index)
    return owned


def _said(
    mapped: Map, table: Table, columns: Sequence[Column], keys: Sequence[Key]
) -> list[tuple[Key, Name]]:
    said = []
    names = [*table.key, *(column.name for column in columns)]
    with stores.reaching(mapped.store):
        for chunk in chunks(keys):
            rows = mapped.rows(table).filter(by_key(table, chunk))
            for cells in values_of(rows, names):
                width = len(table.key)
                said += [(tuple(cells[:width]), n) for n in names_in(cells[width:])]
    return said


def names_in(cells: Sequence[object]) -> set[Name]:
    """`Ada`, `King` and `King, Ada M.` are one name: its first word and its last."""
    words = [WORDS.findall(str(cell).casefold()) for cell in cells if cell]
    alone = [some[0] for some in words if len(some) == 1]
    whole = [(some[0], some[-1]) for some in words if len(some) > 1]
    return {
        (min(pair), max(pair))
        for pair in [*whole, *([(alone[0], alone[-1])] if len(alone) > 1 else [])]
        if pair[0] != pair[1]
    }
