"""Rules that look at other tables: rows with, or without, a row that is linked to them.

A condition is one sentence in words of the map, never SQL:

    without invoice.invoice_date since 2025-01-01
    with subscription by owner_id
    without payment.paid_at by bill_id then client_id

`since` is a day; without one, a date that is named is compared with the rule's own
cut-off: nobody has had an invoice for as long as the rule says. It becomes EXISTS or
NOT EXISTS inside each statement of a sweep, so a row that comes meanwhile is obeyed.
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from privacy import instants
from privacy.datamap import Map, ends
from privacy.datamap.maps import DATES
from privacy.models import Link, Rule, Table
from privacy.refusals import Refusal

SENTENCE = re.compile(
    r"(with|without)\s+(.+?)(?:\s+by\s+(.+?))?(?:\s+since\s+(\S+))?", re.IGNORECASE
)
THEN = " then "  # between the links of a way
MOST_LINKS = 4
Condition = dict[str, Any]  # has, table, by, date, since


class BadCondition(Refusal):
    """Write “without TABLE.DATE since YYYY-MM-DD” or “with TABLE by COLUMN”."""


def read(
    mapped: Map, table: Table, text: str, *, must_date: bool = False
) -> list[Condition]:
    """Sentences, one a line, as a rule keeps them; checked against the map.

    With `must_date` a date is looked for where none is named: nothing else says when.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [_read(mapped, table, line, must_date) for line in lines]


def written(condition: Condition) -> str:
    """The sentence again."""
    date = f".{condition['date']}" if condition["date"] else ""
    since = f" since {condition['since']}" if condition["since"] else ""
    how = "with" if condition["has"] else "without"
    return f"{how} {condition['table']}{date} by {condition['by']}{since}"


def _read(mapped: Map, table: Table, line: str, must_date: bool) -> Condition:
    said = SENTENCE.fullmatch(line)
    if said is None:
        raise BadCondition(f"“{line}” is not a condition. {BadCondition.__doc__}")
    how, what, by, since = said.groups()
    other, date = _place(mapped, what)
    path = _path(mapped, table, other, by)
    has = how.lower() == "with"
    if not date and (since or (must_date and not has)):
        date = _date(mapped, other)
    return {
        "has": has,
        "table": other.full_name,
        "by": _by(path),
        "date": date,
        "since": _day(since).isoformat() if since else "",
    }


def _place(mapped: Map, what: str) -> tuple[Table, str]:
    """TABLE or TABLE.DATE; the table may have a schema before it."""
    if what in mapped.tables:
        return mapped.tables[what], ""
    name, _, date = what.rpartition(".")
    table = mapped.table(name or what)
    if not instants.is_date(mapped, table, mapped.column(table, date)):
        raise BadCondition(f"{table}.{date} is not a date.")
    return table, date


def _date(mapped: Map, table: Table) -> str:
    dates = [c.name for c in mapped.columns(table) if c.kind in DATES and not c.path]
    if table.start in dates:
        return table.start
    if len(dates) != 1:
        raise BadCondition(f"Say which date of {table} counts: {table.name}.COLUMN.")
    return dates[0]


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise BadCondition(f"“{text}” is not a day; write it as 2025-01-31.") from None


def _path(mapped: Map, table: Table, other: Table, by: str | None) -> list[Link]:
    """The accepted links from the rule's table to the other: one, of either; or several
    references one after the other, up to the rule's. `by` where there are more ways."""
    direct = [
        [link]
        for link in mapped.links
        if {link.table_id, link.target_id} == {table.pk, other.pk}
    ]
    found = [
        path
        for path in direct or _chains(mapped, table, other)
        if by is None or _by(path) == by
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadCondition(f"No accepted link of the map joins {other} and {table}.")
    ways = " or ".join(f"“by {_by(path)}”" for path in found)
    raise BadCondition(f"{other} is linked more than once: say {ways}.")


def _by(path: Sequence[Link]) -> str:
    """In the order in which the other table's rows lead to the rule's."""
    return THEN.join(", ".join(link.columns) for link in reversed(path))


def _chains(mapped: Map, table: Table, other: Table) -> list[list[Link]]:
    """The shortest ways on which every table refers to the one before."""
    paths: list[list[Link]] = [[link] for link in mapped.links_to(table)]
    for _ in range(MOST_LINKS - 1):
        paths = [
            [*path, link]
            for path in paths
            for link in mapped.links_to(mapped.by_id(path[-1].table_id))
            if link.table_id not in {table.pk, *(p.table_id for p in path)}
        ]
        if found := [path for path in paths if path[-1].table_id == other.pk]:
            return found
    return []


# --- as part of a statement -----------------------------------------------------


def condition(mapped: Map, rule: Rule, before: dt.datetime) -> Q:
    found = Q()
    for one in rule.linked:
        table, path = _ends(mapped, rule, one)
        exists = Exists(_others(mapped, table, path, one, before))
        found &= Q(exists) if one["has"] else ~Q(exists)
    return found


def _ends(mapped: Map, rule: Rule, one: Condition) -> tuple[Table, list[Link]]:
    table = mapped.table(rule.table.full_name)
    return table, _path(mapped, table, mapped.table(one["table"]), one["by"])


def _others(
    mapped: Map,
    table: Table,
    path: Sequence[Link],
    one: Condition,
    before: dt.datetime,
) -> QuerySet[Any]:
    """Rows that are linked to a row of the table, and by which one further on is."""
    other, rows = joined(mapped, path[0], table)
    if len(path) > 1:
        return rows.filter(Exists(_others(mapped, other, path[1:], one, before)))
    if not one["date"]:
        return rows
    date = mapped.column(other, one["date"])
    recent = instants.since(date, _from(one, before))
    if not one["has"]:
        recent |= instants.missing(date) or Q()  # perhaps of late
    return rows.filter(recent)


def _from(one: Condition, before: dt.datetime) -> dt.datetime:
    if not one["since"]:
        return before
    return dt.datetime.combine(_day(one["since"]), dt.time(), dt.UTC)


def joined(mapped: Map, link: Link, table: Table) -> tuple[Table, QuerySet[Any]]:
    """The table at the other end, and its rows that are linked to one of this."""
    sides = {link.table_id, link.target_id}
    other = mapped.by_id(next(iter(sides - {table.pk}), table.pk))
    rows = mapped.rows(other)
    theirs, ours = link.lookups, link.target_columns
    if link.table_id == other.pk:
        rows = rows.filter(**link.when)
    else:
        theirs, ours = ours, theirs
    for index, (their, our) in enumerate(zip(theirs, ours, strict=True)):
        if ends.are_alike((mapped, other, their), (mapped, table, our)):
            rows = rows.filter(**{their: OuterRef(our)})
        else:
            said = {f"said_{index}": ends.text(their)}
            rows = rows.alias(**said).filter(
                **dict.fromkeys(said, ends.text(our, OuterRef))
            )
    return other, rows


def latest(mapped: Map, rule: Rule) -> Subquery:
    """Where the rule has no date of its own: the newest of the rows that count."""
    one = dated(rule.linked)[0]
    return _latest(mapped, *_ends(mapped, rule, one), one["date"])


def _latest(mapped: Map, table: Table, path: Sequence[Link], date: str) -> Subquery:
    other, rows = joined(mapped, path[0], table)
    if len(path) > 1:
        rows = rows.annotate(newest=_latest(mapped, other, path[1:], date))
        date = "newest"
    rows = rows.exclude(**{date: None})
    return Subquery(rows.order_by(f"-{date}").values(date)[:1])


def dated(linked: Sequence[Condition]) -> list[Condition]:
    """Those that can stand for a date of the row itself."""
    return [one for one in linked if one["date"] and not one["has"]]
