"""Lines for a terminal: columns that stand under each other."""

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

GAP = "  "
LEAST = 24  # characters for the last column, however narrow the terminal


def lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A line for the head and each row. Numbers stand to the right; the last column is
    wrapped on a terminal, and left whole in a pipe or a file."""
    cells = [[_said(each) for each in row] for row in rows]
    if not cells:
        return []
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)][:-1]
    room = _room(sum(width + len(GAP) for width in widths))
    found = []
    for row in [list(head), *cells]:
        start = GAP.join(map(_placed, row, widths))
        start += GAP if widths else ""
        for part in _wrapped(row[-1], room):
            found.append((start + part).rstrip())
            start = " " * len(start)
    return found


def _said(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _placed(cell: str, width: int) -> str:
    is_number = cell.replace(",", "").rstrip("%").isdigit()
    return cell.rjust(width) if is_number else cell.ljust(width)


def _room(taken: int) -> int:
    """Characters for the last column; 0 where it need not be wrapped."""
    is_read = sys.stdout.isatty()
    there = shutil.get_terminal_size((0, 0)).columns if is_read else 0
    return max(there - taken, LEAST) if there else 0


def _wrapped(text: str, room: int) -> list[str]:
    if not room:
        return [text]
    return textwrap.wrap(text, room, break_long_words=False) or [text]
