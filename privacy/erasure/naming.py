"""What people are called according to their own rows, to look for it once those are
erased.

A name is not an identifier: another person may have the same. So nothing is removed
because of it; a text that still contains it is a warning for a person to look at.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from privacy import spellings, stores
from privacy.datamap import Map, words
from privacy.datamap.attributes import is_name
from privacy.erasure import streets
from privacy.erasure.drafts import Draft
from privacy.models import Column, Plan, Table
from privacy.subjects import Found, Key, by_key
from privacy.subjects.names import Name, columns, names_in
from privacy.subjects.rows import chunks, values_of

SIGN = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|[^\W\d_]{5,}")


def of(drafts: Sequence[Draft]) -> list[str | None]:
    """For each erasure, as JSON, the person's first and last names, what else beside a
    name tells who is meant (`signs`), and where they live (`streets`)."""
    found: list[set[Name]] = [set() for _ in drafts]
    told_by: list[set[str]] = [set() for _ in drafts]
    maps = {one.mapped.store.pk: one.mapped for d in drafts for one in d.found}
    for mapped in maps.values():
        for table in mapped.tables.values():
            if table.about == Table.About.PERSON and (
                some := columns(mapped, table, "name")
            ):
                owned = _owned(drafts, table)
                for key, name in _said(mapped, table, some, list(owned)):
                    for index in owned[key]:
                        found[index].add(name)
                for key, sign in _signs(mapped, table, list(owned)):
                    for index in owned[key]:
                        told_by[index].add(sign)
    for index, draft in enumerate(drafts):
        for one in draft.found if draft.kind == Plan.Kind.ERASURE else ():
            found[index] |= told(one)
    homes = streets.of([one for draft in drafts for one in draft.found])
    return [
        _written(names, some, {h for one in draft.found for h in homes[id(one)]})
        if draft.kind == Plan.Kind.ERASURE
        else None
        for draft, names, some in zip(drafts, found, told_by, strict=True)
    ]


def _written(names: set[Name], some: set[str], homes: set[str]) -> str | None:
    if not (names or homes):
        return None
    said = {"names": sorted(names), "signs": sorted(some), "streets": sorted(homes)}
    return json.dumps(said)


def read(plan: Plan) -> set[Name]:
    return {(first, last) for first, last in _kept(plan)["names"]}


def signs(plan: Plan) -> set[str]:
    """The year of birth, and a word of each street and employer."""
    return set(_kept(plan)["signs"])


def said_of(plan: Plan, *, is_own: bool) -> str:
    """A pattern that finds their names, and where they live."""
    homes = _kept(plan).get("streets", [])
    both = [spellings.of_names(read(plan), is_own=is_own), streets.pattern(homes)]
    return "|".join(filter(None, both))


def _kept(plan: Plan) -> dict[str, Any]:
    """Plans made before signs were stored have only names."""
    said: Any = json.loads(plan.names.open()) if plan.names else []
    return said if isinstance(said, dict) else {"names": said, "signs": []}


def of_one(found: Found) -> set[Name]:
    """What one person is called in one store."""
    named: set[Name] = set()
    for table in found.mapped.tables.values():
        some = columns(found.mapped, table, "name")
        keys = [row.key for row in found.of(table)]
        if table.about == Table.About.PERSON and some and keys:
            named |= {n for _, n in _said(found.mapped, table, some, keys)}
    return named | told(found)


def told(found: Found) -> set[Name]:
    """Where a word beside each value says that it is a name."""
    named: list[str] = []
    for table in found.mapped.tables.values():
        some = [c for c in found.mapped.columns(table) if c.options.get("told_by")]
        keys = [row.key for row in found.of(table)] if some else []
        for column in some:
            for chunk in chunks(keys):
                rows = found.mapped.rows(table).filter(by_key(table, chunk))
                cells = values_of(rows, [column.options["told_by"], column.name])
                named += [str(text) for word, text in cells if is_name(str(word))]
    return names_in(named)


def _owned(drafts: Sequence[Draft], table: Table) -> dict[Key, list[int]]:
    owned: dict[Key, list[int]] = defaultdict(list)
    for index, draft in enumerate(drafts):
        for one in draft.found if draft.kind == Plan.Kind.ERASURE else ():
            for row in one.of(table):
                owned[row.key].append(index)
    return owned


def _signs(mapped: Map, table: Table, keys: Sequence[Key]) -> Iterator[tuple[Key, str]]:
    some = [c for c in mapped.columns(table) if not c.path and _is_sign(c)]
    width, names = len(table.key), [*table.key, *(c.name for c in some)]
    with stores.reaching(mapped.store):
        for chunk in chunks(keys) if some else ():
            rows = mapped.rows(table).filter(by_key(table, chunk))
            for cells in values_of(rows, names):
                for cell in cells[width:]:
                    if found := SIGN.search(str(cell or "")):
                        yield tuple(cells[:width]), found[0].casefold()


def _is_sign(column: Column) -> bool:
    if column.identifier == "birth_date":
        return True
    said = words.named(column.name) if column.is_personal else None
    return said is not None and said.meaning.code in ("address", "job")


def _said(
    mapped: Map, table: Table, named: Sequence[Column], keys: Sequence[Key]
) -> list[tuple[Key, Name]]:
    said = []
    names = [*table.key, *(column.name for column in named)]
    with stores.reaching(mapped.store):
        for chunk in chunks(keys):
            rows = mapped.rows(table).filter(by_key(table, chunk))
            for cells in values_of(rows, names):
                width = len(table.key)
                said += [(tuple(cells[:width]), n) for n in names_in(cells[width:])]
    return said
