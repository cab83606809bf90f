"""Removes a person from texts that stay: their identifiers, their name, their
documents.

A number or an address is theirs wherever it stands. A name is not: it is removed where
the row is known to be about them, first and last name together; in their own rows also
either one alone. Codes, keys and words of a list are left.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from privacy import changes
from privacy.datamap import Map
from privacy.destruction import Ending
from privacy.erasure import naming, planning, rewriting, unlisting
from privacy.models import Column, Plan, Range, Table
from privacy.subjects import Key, by_key

Documents = Mapping[str, Sequence[Any]]

# What no text has. An empty pattern would mean the whole value (`changes.options_of`),
# and a row that is somebody else's too would be emptied for a person of whom nothing is
# known any more.
NOTHING = "(?!)"


def ending(
    plan: Plan, piece: Range, mapped: Map, table: Table, keys: Sequence[Key], marks: str
) -> Ending:
    """The change of a range that removes a person from the texts of its rows."""
    marks = marks or NOTHING
    columns, rows = planning.redactable(mapped, table), by_key(table, keys)
    said = piece.lower if isinstance(piece.lower, dict) else {}
    is_own = bool(said.get("again") or said.get("own"))
    named = naming.said_of(plan, is_own=is_own)
    read = rewriting.rewritten(plan, mapped, table, keys, columns)
    if not (named or read or mapped.lists_of(table)):
        return Ending(mapped, table, rows, columns, pattern=marks)
    values, raw = _taken(columns, marks, named, read)
    if mapped.lists_of(table):
        values |= unlisting.removals(plan, mapped, table, values)
        raw = Q()
    return Ending(mapped, table, rows & raw, columns, values=values)


def with_own(
    plan: Plan,
    mapped: Map,
    table: Table,
    keys: Sequence[Key],
    own: Sequence[Column],
    marks: str,
) -> Ending:
    """The person's own rows in a table without a key, which can be found only once:
    their values are treated and the other texts redacted in one statement."""
    read = rewriting.rewritten(plan, mapped, table, keys, own, is_own=True)
    ended = {column.name for column in own}
    rest = [c for c in planning.redactable(mapped, table) if c.name not in ended]
    named = naming.said_of(plan, is_own=True)
    values, raw = _taken(rest, marks or NOTHING, named, {})
    values |= changes.assignments(own, own=marks, documents=read)
    raw |= changes.still_raw(own, own=marks)
    return Ending(mapped, table, by_key(table, keys) & raw, own, values=values)


def _taken(
    columns: Sequence[Column], marks: str, named: str, read: Documents
) -> tuple[dict[str, Any], Q]:
    """Maps each column to what is left of its text, and says in which rows anything
    changes."""
    some = planning.named_in(columns) if named else []
    rest = [column for column in columns if column not in some]
    both = "|".join(filter(None, [marks.removeprefix(NOTHING), named]))
    values = changes.assignments(rest, pattern=marks, documents=_of(read, rest))
    values |= changes.assignments(some, pattern=both, documents=_of(read, some))
    raw = changes.still_raw(rest, pattern=marks) | changes.still_raw(some, pattern=both)
    for when in (when for whens in read.values() for when in whens):
        raw |= when.condition
    return values, raw


def _of(read: Documents, columns: Iterable[Column]) -> Documents:
    names: Collection[str] = {column.name for column in columns}
    return {name: whens for name, whens in read.items() if name in names}
