"""The links of a map in a file: read, checked against the store, and written as rows.

A link is `{column: contact_id, to: contact.id, role: subject}`. Several columns are
separated by commas, a path in JSON has dots (`meta.contact_id`), a table of another
store has its store before it (`shop:contact.id`), and where one column refers to
several tables, `when: {kind: contact}` says which rows are meant.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Q

from privacy.datamap.lines import BadMap
from privacy.datamap.schema import LiveTable
from privacy.models import Link, Table

KEYS = {"column", "to", "role", "when", "state", "reason"}


def write(
    written: Mapping[str, Table], table: Table, said: Any, real: LiveTable
) -> None:
    """Writes the links of the file, and every constraint of the database that it leaves
    out."""
    table.links.all().delete()
    left = {(tuple(own), to, tuple(theirs)) for own, to, theirs in real.references}
    for words in said or []:
        link = _read(written, table, words, real)
        theirs = tuple(link.target_columns)
        place = (tuple(link.columns), link.target.full_name, theirs)
        link.is_constraint = place in left
        left.discard(place)
        link.save()
    for own, target, theirs in sorted(left):
        if target in written:
            Link.objects.create(
                table=table,
                columns=list(own),
                target=written[target],
                target_columns=list(theirs),
                is_constraint=True,
            )


def _read(
    written: Mapping[str, Table], table: Table, words: Any, real: LiveTable
) -> Link:
    if not isinstance(words, dict) or not {"column", "to"} <= set(words) <= KEYS:
        raise BadMap(f"A link of {table} is not written as one. Nothing was changed.")
    place, _, theirs = str(words["to"]).rpartition(".")
    link = Link(
        table=table,
        columns=_listed(words["column"]),
        target=_target(written, table, place),
        target_columns=_listed(theirs),
        role=words.get("role", Link.Role.CONTEXT),
        when=words.get("when", {}),
        state=words.get("state", Link.State.ACCEPTED),
        reason=words.get("reason", ""),
    )
    if problem := fault(link, {column.name for column in real.columns}):
        raise BadMap(f"{table}: {problem} Nothing was changed.")
    return link


def fault(link: Link, names: set[str]) -> str:
    """Why a link is impossible, or empty; `names` are the columns of its table."""
    if not isinstance(link.when, dict):
        return "When a link is meant is a column and its value."
    for name in [*link.columns, *link.when]:
        if name.split(".")[0] not in names:
            return f"It has no column {name}."
    theirs = set(link.target.columns.values_list("name", flat=True))
    for name in link.target_columns:
        if name not in theirs:
            return f"{link.target} has no column {name}."
    if len(link.columns) != len(link.target_columns):
        return "A link has as many columns on one side as on the other."
    if link.role not in Link.Role.values or link.state not in Link.State.values:
        roles = ", ".join(Link.Role.values)
        return f"The role of a link is one of {roles}; it is accepted or proposed."
    return ""


def _target(written: Mapping[str, Table], table: Table, place: str) -> Table:
    store, _, name = place.rpartition(":")
    if not store:
        found = written.get(name)
    else:
        known = Table.objects.select_related("store").filter(store__name=store)
        found = next((t for t in known if t.full_name == name), None)
    if found is None:
        raise BadMap(f"{table} links to {place}, which the map does not have.")
    return found


def _listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else str(value).split(",")


def leave_out(table: Table) -> None:
    """A table in the history of plans stays as a name; without a column it is in no
    map."""
    try:
        with transaction.atomic():
            table.delete()
    except ProtectedError:
        table.columns.all().delete()
        Link.objects.filter(Q(table=table) | Q(target=table)).delete()
