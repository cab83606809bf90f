"""Since when a row has been there: the date that retention counts from."""

import re
from collections.abc import Sequence

from privacy import instants
from privacy.datamap.maps import DATES
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveColumn, LiveTable

# Names of dates: those that no row begins with, and those that most likely say when.
NEVER = (
    r"birth|geb|naci|nasc|dob|urodz|fod|рожд|生年|due|deadline|expir|until|_end|^end|bis$"
    r"|decea|death|died|delet|discard|archiv|valid(?!_?(from|since|start))"
)
FIRST = (
    r"^creat|^date_?creat",
    r"creat|insert|regist|erstellt|angelegt|added|joined|cre[eé]|criad",
    r"(?<!up)dat(e|um)|fecha|dat[ae]$|at$|time|(^|_)ts$|stamp|epoch|unix",
)


def start(table: LiveTable, values: Values) -> str:
    """The name of the column; empty where there is none. Numbers and texts must be
    called like a time too, since other numbers look like one."""
    dates = [c.name for c in table.columns if c.kind in DATES]
    more = [c.name for c in table.columns if _are_instants(c, values.get(c.name, []))]
    past = [n for n in (*dates, *more) if not re.search(NEVER, n, re.IGNORECASE)]
    ranked = [n for rank in FIRST for n in past if re.search(rank, n, re.IGNORECASE)]
    return next(iter([*ranked, *(name for name in past if name in dates)]), "")


def _are_instants(column: LiveColumn, values: Sequence[str]) -> bool:
    if column.kind not in instants.UNIX | instants.TEXTS or "labels" in column.options:
        return False
    is_number = column.kind in instants.UNIX
    some = [value for value in values if not is_number or float(value) != 0]
    read = (instants.read(float(v) if is_number else v) for v in some)
    return bool(some) and all(each is not None for each in read)
