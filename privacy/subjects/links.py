"""Rows that refer to the person's rows, and so are about the same person.

A link leads from rows to rows of the same store or of another one, by columns or paths
in JSON; a polymorphic one counts only where a column says that it is meant (`when`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from privacy.datamap import Map
from privacy.models import Link, Table
from privacy.subjects import merged, shares, whose
from privacy.subjects.rows import Found, Key, Role, Row
from privacy.subjects.steps import Parents, children, meant, path_of, wanted_by


def follow(mapped: Map, founds: Sequence[Found]) -> dict[int, list[tuple[Found, Row]]]:
    """From each of the person's rows to the rows about the same person.

    Returns the rows that were followed, by table.
    """
    for found in founds:
        _follow_withheld(found)
    passed: dict[int, list[tuple[Found, Row]]] = defaultdict(list)
    while frontier := _frontier(founds):
        for table_id, parents in frontier.items():
            passed[table_id] += parents
            for link in owned(mapped, mapped.by_id(table_id)):
                _follow(mapped, link, wanted_by(mapped, link, parents))
    return passed


def owned(mapped: Map, table: Table, *, back: bool = False) -> Iterator[Link]:
    """References to rows of the table that make a row the same person's; or the reverse
    of links from such a row."""
    if not back:
        yield from (link for link in mapped.lists if link.target_id == table.pk)
    links = mapped.links_to(table)
    # Pairs first: what is shared is known then.
    for link in sorted(links, key=lambda each: each.table_id not in mapped.holders):
        is_back = mapped.answers(link) is not None
        is_theirs = link.role == Link.Role.SUBJECT
        is_shared = link.role == Link.Role.PARTY and not is_back
        if is_back == back and (is_theirs or is_shared):
            yield link


def note_acted(mapped: Map, founds: Sequence[Found]) -> None:
    """Rows of others on which the people acted: handled, sold, approved."""
    for table in mapped.tables.values():
        people = [(found, row) for found in founds for row in found.of(table)]
        if not people:
            continue
        for link in mapped.links_to(table):
            if link.role == Link.Role.ACTOR:
                by_value = wanted_by(mapped, link, people)
                for key, said in children(mapped, link, list(by_value)):
                    for found, row in meant(by_value, said):
                        path = path_of(link, row)
                        found.note_acted(Row(link.table, key, path, Role.ACTOR))


def across(founds: Sequence[Found], others: Sequence[Found]) -> bool:
    """From rows in another store (`others`, person by person) to rows here.

    True if one was found.
    """
    mapped, there = founds[0].mapped, others[0].mapped
    before = sum(len(found.rows) for found in founds)
    for link in mapped.links_to_other_stores:
        if link.role == Link.Role.SUBJECT and link.target.store_id == there.store.pk:
            target = there.by_id(link.target_id)
            parents = [
                (found, row)
                for found, other in zip(founds, others, strict=True)
                for row in other.of(target)
            ]
            _follow(mapped, link, wanted_by(there, link, parents))
    return sum(len(found.rows) for found in founds) > before


def _frontier(founds: Sequence[Found]) -> dict[int, list[tuple[Found, Row]]]:
    by_table: dict[int, list[tuple[Found, Row]]] = defaultdict(list)
    for found in founds:
        for row in found.frontier:
            if row.place not in found.withheld:
                by_table[row.table.pk].append((found, row))
        found.frontier = []
    return by_table


def _follow(mapped: Map, link: Link, parents: Parents) -> None:
    """A row that depends on a shared row is shared as well, unless it names its owner
    (`whose`), or depends on another person's row: then it is theirs."""
    is_theirs = link.role == Link.Role.SUBJECT
    is_of_person = is_theirs and shares.is_somebody(mapped, link.target)
    is_ours = is_of_person and (
        shares.has_owner(mapped, link) or shares.is_of_people(link.target)
    )
    some = []
    for key, said in children(mapped, link, list(parents)):
        for found, parent in meant(parents, said):
            if is_ours and not parent.is_own:
                continue
            path = path_of(link, parent)
            role = Role.SUBJECT if parent.is_own and is_theirs else Role.PARTY
            row = Row(link.table, key, path, role, parent.place, parent.is_common)
            some.append((found, row))
    if merged.is_merge(link):
        some = merged.settle(mapped, link.table, some)
    if is_theirs and not is_of_person:
        some = whose.settle(mapped, link, some)
    shares.settle(mapped, link.table, some)
    for found, row in some:
        if found.add(row) and row.role == Role.PARTY:
            found.frontier.append(row)


def _follow_withheld(found: Found) -> None:
    """What depends on a row of the number's other owner is theirs as well."""
    frontier = list(found.withheld.values())
    while frontier:
        following = [
            Row(link.table, key, path_of(link, parent))
            for table, parents in _by_table(frontier)
            for link in owned(found.mapped, table)
            if link.role == Link.Role.SUBJECT
            for key, parent in _linked(found, link, parents)
        ]
        frontier = []
        for row in following:
            known = found.rows.get(row.place)
            if row.place not in found.withheld and (known is None or not known.is_own):
                found.withhold(row)
                frontier.append(row)


def _by_table(rows: Sequence[Row]) -> list[tuple[Table, list[Row]]]:
    by_table: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_table[row.table.pk].append(row)
    return [(some[0].table, some) for some in by_table.values()]


def _linked(
    found: Found, link: Link, parents: Sequence[Row]
) -> Iterator[tuple[Key, Row]]:
    by_value = wanted_by(found.mapped, link, [(found, row) for row in parents])
    for key, said in children(found.mapped, link, list(by_value)):
        for _, parent in meant(by_value, said)[:1]:
            yield key, parent
