"""Counts, in the store, the k-anonymity and l-diversity of what de-identification
leaves.

Rows that are alike in all columns that could single somebody out together form a group.
A row in a group of k cannot be told from k - 1 others (Sweeney 2002); a group with l
different sensitive values does not give one away (Machanavajjhala 2007). Neither
measure covers everything an attacker may know: WP216 asks to look at the whole. The
count is one GROUP BY over the values as they will be, so it can be made before anything
changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, Sum, When, Window
from django.db.models.functions import DenseRank
from django.db.models.lookups import IsNull

from privacy import changes
from privacy.datamap import Map
from privacy.models import Column, Table
from privacy.refusals import Refusal
from privacy.strategies import STRATEGIES

MOST_EXAMPLES = 5
NULLIFY = STRATEGIES["nullify"]


class NothingMarked(Refusal):
    """No column of the table is marked in the map as one that could single somebody out
    in combination, so there are no groups to measure."""


class NothingSensitive(Refusal):
    """No column of the table is marked in the map as sensitive, so there is no
    diversity to measure."""


@dataclass(frozen=True)
class Crowd:
    """Rows of a table, as they will be once the `treated` columns have been treated."""

    mapped: Map
    table: Table
    rows: QuerySet[Any]
    treated: Sequence[Column]
    k: int
    l: int = 0  # noqa: E741 - l-diversity
    quasi: list[Column] = field(default_factory=list)
    sensitive: list[Column] = field(default_factory=list)


def crowd(
    mapped: Map,
    table: Table,
    rows: QuerySet[Any],
    treated: Sequence[Column],
    k: int,
    l: int = 0,  # noqa: E741
) -> Crowd:
    """A `Crowd` of the columns that the map marks; raises `NothingMarked` where it
    marks none."""
    marked = {
        attribute: [c for c in mapped.columns(table) if c.attribute == attribute]
        for attribute in Column.Attribute.values
    }
    if not marked[Column.Attribute.QUASI]:
        raise NothingMarked
    if l and not marked[Column.Attribute.SENSITIVE]:
        raise NothingSensitive
    return Crowd(mapped, table, rows, treated, k, l, *marked.values())


def measure(of: Crowd) -> dict[str, Any]:
    """A dict without any value of a row: `rows`, `groups`, `smallest`, `below` (rows in
    groups smaller than k), `undiverse` (rows in groups with fewer than l values),
    `examples` (sizes, and which columns are filled), and `without` (what would be below
    without each column)."""
    grouped = _grouped(of, of.quasi)
    found = grouped.aggregate(
        groups=Count("*"),
        rows=Sum("n", default=0),
        smallest=Min("n", default=0),
        below=Sum("n", filter=Q(n__lt=of.k), default=0),
        **({"undiverse": Sum("n", filter=_undiverse(of), default=0)} if of.l else {}),
    )
    found = {"undiverse": 0} | found
    found |= {"k": of.k, "l": of.l, "columns": [c.full_name for c in of.quasi]}
    if found["below"] or found["undiverse"]:
        found["examples"] = _examples(of, grouped)
        found["without"] = _without(of)
    return found


def too_small(found: dict[str, Any]) -> str:
    """Why what is left must not be called anonymous; empty if it may be."""
    sentences = []
    if found["below"]:
        sentences.append(
            f"{found['below']:,} rows stand in groups smaller than {found['k']}."
        )
    if found["undiverse"]:
        sentences.append(
            f"{found['undiverse']:,} rows stand in groups with fewer than "
            f"{found['l']} sensitive values."
        )
    if not sentences:
        return ""
    return " ".join([*sentences, "It needs wider bands, or smaller groups emptied."])


def sentences(found: dict[str, Any]) -> list[str]:
    """A measurement in words, for the page of a plan."""
    alike = ", ".join(found["columns"])
    lines = [
        f"{found['rows']:,} rows in {found['groups']:,} groups that are alike in "
        f"{alike}; the smallest has {found['smallest']:,}."
    ]
    if problem := too_small(found):
        lines.append(problem)
    if found.get("suppress") and problem:
        lines.append(
            "Under the rule, these rows lose the values that could single them out."
        )
    if found.get("examples"):
        sizes = ", ".join(f"{each['rows']:,}" for each in found["examples"])
        lines.append(f"Rows of the smallest groups: {sizes}.")
    lines += [
        f"Without {name}, {many:,} rows would stand in groups that are too small."
        for name, many in found.get("without", {}).items()
    ]
    return lines


def alone(of: Crowd) -> QuerySet[Any]:
    """The rows in groups that are too small, each once."""
    names = [F(name) for name in _names(of.quasi)]
    rows = _named(of, of.quasi).annotate(n=Window(Count("*"), partition_by=names))
    wanted = Q(n__lt=of.k)
    for position in range(len(of.sensitive) if of.l else 0):
        rows = rows.annotate(**_ranks(names, position))
        different = F(f"up{position}") + F(f"down{position}") - 1
        rows = rows.annotate(**{f"different{position}": different})
        wanted |= Q(**{f"different{position}__lt": of.l})
    return rows.filter(wanted)


# --- the statement ------------------------------------------------------------------


def _grouped(of: Crowd, quasi: Sequence[Column]) -> QuerySet[Any]:
    values = {
        f"d{position}": _different(position)
        for position in range(len(of.sensitive) if of.l else 0)
    }
    named = _named(of, quasi).order_by()
    return named.values(*_names(quasi)).annotate(n=Count("*"), **values)


def _named(of: Crowd, quasi: Sequence[Column]) -> QuerySet[Any]:
    """Aliases: q0, q1… for columns that could single out, s0, s1… for sensitive ones.
    Rows in which all of the first are empty identify nobody and are left out."""
    names = dict(zip(_names(quasi), quasi, strict=True))
    names |= {f"s{position}": column for position, column in enumerate(of.sensitive)}
    rows = of.rows.filter(_says_something(quasi))
    rows = rows.annotate(**{name: _left(of, column) for name, column in names.items()})
    empty = Q()
    for name in _names(quasi):
        empty &= Q(IsNull(F(name), True))
    return rows.exclude(empty)


def _names(columns: Sequence[Column]) -> list[str]:
    return [f"q{position}" for position in range(len(columns))]


def _left(of: Crowd, column: Column) -> Any:
    if column.full_name in {each.full_name for each in of.treated}:
        return changes.left(column)
    place = changes.place_of(column)
    return place.value


def _says_something(columns: Sequence[Column]) -> Q:
    condition = Q(pk__in=[])
    for column in columns:
        condition |= NULLIFY.still_raw(changes.place_of(column), {})
    return condition


def _undiverse(of: Crowd) -> Q:
    condition = Q()
    for position in range(len(of.sensitive)):
        condition |= Q(**{f"d{position}__lt": of.l})
    return condition


def _different(position: int) -> Any:
    """The number of different values in a group; a missing value counts as one."""
    value = F(f"s{position}")
    missing = Max(Case(When(IsNull(value, True), then=1), default=0))
    return Count(value, distinct=True) + missing


def _ranks(names: list[F], position: int) -> dict[str, Window]:
    """Ranks from both ends; their sum minus one is the number of different values."""
    of = F(f"s{position}")
    return {
        f"up{position}": Window(DenseRank(), partition_by=names, order_by=of.asc()),
        f"down{position}": Window(DenseRank(), partition_by=names, order_by=of.desc()),
    }


# --- what to do about it ------------------------------------------------------------


def _examples(of: Crowd, grouped: QuerySet[Any]) -> list[dict[str, Any]]:
    """The smallest groups: how many rows, and which columns are filled; no values."""
    small = Q(n__lt=of.k) | _undiverse(of) if of.l else Q(n__lt=of.k)
    some = grouped.filter(small).order_by("n")
    return [
        {
            "rows": each["n"],
            "filled": [
                column.full_name
                for name, column in zip(_names(of.quasi), of.quasi, strict=True)
                if each[name] is not None
            ],
        }
        for each in some[:MOST_EXAMPLES]
    ]


def _without(of: Crowd) -> dict[str, int]:
    """How many rows would be in small groups if one column were left out."""
    counts = {}
    for column in of.quasi if len(of.quasi) > 1 else []:
        others = [each for each in of.quasi if each is not column]
        small = Sum("n", filter=Q(n__lt=of.k), default=0)
        counts[column.full_name] = _grouped(of, others).aggregate(below=small)["below"]
    return counts
