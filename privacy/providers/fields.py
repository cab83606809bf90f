"""Which fields a contract or a legal process covers: categories of the policy, or
columns of the data map."""

from collections.abc import Sequence
from dataclasses import dataclass

from privacy.models import Category, Column

NEVER_GIVEN = ("credential", "government_id", "bank", "card")  # kinds of identifier


@dataclass(frozen=True)
class Field:
    """`reason`: covered, not_covered, not_classified, unknown or never_given."""

    field: str
    category: str
    allowed: bool
    reason: str


def covering(names: Sequence[str], covered: set[str]) -> tuple[Field, ...]:
    """For each of the fields, whether these categories cover it; in two queries,
    however many there are."""
    known = Category.objects.filter(pk__in=names)
    categories = set(known.values_list("pk", flat=True))
    columns = _columns(set(names) - categories)
    return tuple(
        _as_covered(name, name, covered)
        if name in categories
        else _field(name, columns.get(name), covered)
        for name in names
    )


def _as_covered(name: str, category: str, covered: set[str]) -> Field:
    fine = category in covered
    return Field(name, category, fine, "covered" if fine else "not_covered")


def _field(name: str, column: Column | None, covered: set[str]) -> Field:
    if column is None:
        return Field(name, "", False, "unknown")
    category = column.category_id or ""
    if column.identifier in NEVER_GIVEN:
        return Field(name, category, False, "never_given")
    if not category:
        return Field(name, "", False, "not_classified")
    return _as_covered(name, category, covered)


def _columns(names: set[str]) -> dict[str, Column]:
    """Columns of the stores that are named, by `store.table.column`."""
    stores = {name.partition(".")[0] for name in names}
    found = Column.objects.filter(table__store__name__in=stores)
    return {
        f"{each.table}.{each.full_name}": each
        for each in found.select_related("table__store")
    }
