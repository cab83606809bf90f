"""The people whom a breach affected, by name: from a list, or from a column of a store
that the map classifies as a number or an address. They count towards their law's
total."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count

from privacy import audit, identifiers, stores
from privacy.datamap import Map
from privacy.identifiers import Mark, NotAnIdentifier
from privacy.incidents.rules import Closed, UnknownPlace
from privacy.models import (
    Column,
    Incident,
    IncidentPerson,
    IncidentReach,
    IncidentRule,
    Store,
)
from privacy.refusals import Refusal

MOST = 50_000
SHOWN = 5  # lines of a list that are named as wrong
A_LIST = "a list"
CONTACTS = ("phone", "email")


class Nobody(Refusal):
    """Nobody is named there."""


class TooMany(Refusal):
    """More than 50,000 people can't be named one by one: enter how many there are."""


class WrongLines(Refusal):
    """Some lines are neither a number nor an address."""

    def __init__(self, lines: list[int]) -> None:
        named = ", ".join(str(line) for line in lines[:SHOWN])
        more = ", …" if len(lines) > SHOWN else ""
        super().__init__(f"Neither a number nor an address: line {named}{more}.")


class NotAContact(Refusal):
    """Choose a column with numbers or addresses of the people its rows are about."""


def sources() -> list[Column]:
    """The columns that identify people, table by table."""
    found = Column.objects.filter(
        identifier__in=CONTACTS, whose=Column.Whose.SUBJECT, path=[]
    )
    in_order = found.select_related("table__store").order_by("table__store", "table")
    return list(in_order.filter(table__store__kind=Store.Kind.DATABASE))


def called(column: Column) -> str:
    """town.public.person.phone"""
    return f"{column.table}.{column.full_name}"


def counted(incident: Incident) -> list[tuple[str, str, int]]:
    """Counts by law and by where they were found."""
    rows = incident.people.order_by("place", "found_in")
    return list(rows.values_list("place", "found_in").annotate(Count("pk")))


def of_list(text: str) -> list[Mark]:
    """One number or address on each line; anything after a comma or semicolon is
    ignored."""
    lines = text.splitlines()
    if len(lines) > MOST:
        raise TooMany
    marks, wrong = [], []
    for number, line in enumerate(lines, 1):
        said = line.replace(";", ",").partition(",")[0].strip().strip('"')
        try:
            marks += [identifiers.understand(said)] if said else []
        except NotAnIdentifier:
            wrong.append(number)
    if wrong:
        raise WrongLines(wrong)
    return marks


def of_column(column: Column) -> list[Mark]:
    """Each value once; what is neither a number nor an address identifies nobody."""
    if column not in sources():
        raise NotAContact
    mapped = Map(column.table.store)
    name = column.name
    with stores.reaching(column.table.store):
        rows = mapped.rows(column.table).exclude(**{name: None})
        values = rows.order_by(name).values_list(name, flat=True).distinct()
        found = list(values[: MOST + 1])
    if len(found) > MOST:
        raise TooMany
    return _marks(found)


def _marks(values: Iterable[object]) -> list[Mark]:
    marks = []
    for value in values:
        try:
            marks.append(identifiers.understand(str(value)))
        except NotAnIdentifier:
            continue
    return marks


def name(
    *,
    incident: Incident,
    place: str,
    marks: Iterable[Mark],
    found_in: str,
    by: str,
    now: dt.datetime,
) -> int:
    """Names those who were not named yet and returns how many. The total for the law of
    `place` is at least the number named. The audit row says how many and from where,
    never who."""
    if not IncidentRule.objects.filter(place=place).exists():
        raise UnknownPlace
    wanted = list(dict.fromkeys(marks))
    if not wanted:
        raise Nobody
    with transaction.atomic():
        fresh = Incident.objects.select_for_update().get(pk=incident.pk)
        if fresh.closed_at:
            raise Closed
        added = _add(fresh, wanted, place, found_in, now)
        _count(fresh, place)
        audit.record(
            action="incident.people_named",
            subject=f"incident:{fresh.pk}",
            by=by,
            now=now,
            place=place,
            people=added,
            found_in=found_in,
        )
    return added


def _add(
    incident: Incident, marks: list[Mark], place: str, found_in: str, now: dt.datetime
) -> int:
    rows = [
        IncidentPerson(
            incident=incident,
            identifier=identifiers.keep(mark, now=now, revive=True),
            place=place,
            found_in=found_in,
        )
        for mark in marks
    ]
    before = incident.people.count()
    IncidentPerson.objects.bulk_create(rows, ignore_conflicts=True)
    return incident.people.count() - before


def _count(incident: Incident, place: str) -> None:
    named = incident.people.filter(place=place).count()
    known = {"incident": incident, "place": place}
    row, _ = IncidentReach.objects.get_or_create(**known, defaults={"people": named})
    if row.people < named:
        row.people = named
        row.save(update_fields=["people"])
