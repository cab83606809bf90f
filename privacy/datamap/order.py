"""In which order tables are emptied, so that no row is in another's way."""

from privacy.datamap.maps import Map
from privacy.models import Table


def children_first(mapped: Map) -> list[Table]:
    """The tables, each before those that it refers to."""
    order: list[Table] = []
    seen: set[int] = set()

    def visit(table: Table) -> None:
        if table.pk in seen:
            return
        seen.add(table.pk)
        for link in mapped.links_to(table):
            if mapped.answers(link) is None:
                visit(link.table)
        order.append(table)

    for table in mapped.tables.values():
        visit(table)
    return order
