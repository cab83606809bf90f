"""Hides the small cells of a published table, and enough others that no total gives
them away.

A hidden cell can be computed from what is shown exactly when it is a bridge in this
graph: its nodes are the rows and columns, totals included, and its edges the hidden
cells. So cells are hidden until no hidden one is a bridge, and until the hidden cells
of a line add up to the smallest number that may be shown. Zero may be shown.
"""

from collections import defaultdict
from collections.abc import Mapping

from privacy.anonymity.attacks import number

TOTAL = "total"
Place = tuple[str, str]  # row and column
Table = dict[Place, int]


def published(counts: Mapping[Place, int]) -> dict[Place, int | None]:
    """Every cell and total of the table, with None where the value is hidden."""
    table, least = _whole(counts), number("cell")
    hidden = {place for place, count in table.items() if 0 < count < least}
    while weak := _weak(table, hidden, least):
        hidden.add(weak)
    return {p: None if p in hidden else count for p, count in table.items()}


def _whole(counts: Mapping[Place, int]) -> Table:
    """The table with its zeros and totals."""
    rows, columns = ({place[i] for place in counts} for i in (0, 1))
    table = {(r, c): counts.get((r, c), 0) for r in rows for c in columns}
    for (row, column), count in list(table.items()):
        for place in ((row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            table[place] = table.get(place, 0) + count
    return table


def _weak(table: Table, hidden: set[Place], least: int) -> Place | None:
    """The next cell to hide because a hidden one can still be computed; None if none
    can."""
    for line in _lines(table):
        covered = line & hidden
        inner = {place for place in covered if TOTAL not in place}
        is_thin = bool(inner) and sum(table[p] for p in inner) < least
        if is_thin and not covered - inner:
            return _next(table, hidden, line)
    for place in sorted(hidden):
        if _is_bridge(place, hidden):
            return _next(table, hidden, _through(table, place))
    return None


def _lines(table: Table) -> list[set[Place]]:
    found: dict[tuple[int, str], set[Place]] = defaultdict(set)
    for place in table:
        for side in (0, 1):
            found[side, place[side]].add(place)
    return [found[key] for key in sorted(found)]


def _through(table: Table, place: Place) -> set[Place]:
    return {each for each in table if each[0] == place[0] or each[1] == place[1]}


def _next(table: Table, hidden: set[Place], among: set[Place]) -> Place | None:
    """The smallest cell that carries information; a total only as a last resort."""
    left = [place for place in among - hidden if table[place]]
    if not left:
        left = [place for place in set(table) - hidden if table[place]]
    key = lambda place: (TOTAL in place, table[place], place)  # noqa: E731
    return min(left, key=key, default=None)


def _is_bridge(place: Place, hidden: set[Place]) -> bool:
    """Whether removing the cell separates its row from its column."""
    ways = defaultdict(set)
    for row, column in hidden - {place}:
        ways["row", row].add(("column", column))
        ways["column", column].add(("row", row))
    start, goal = ("row", place[0]), ("column", place[1])
    seen, todo = {start}, [start]
    while todo:
        for each in ways[todo.pop()] - seen:
            seen.add(each)
            todo.append(each)
    return goal not in seen
