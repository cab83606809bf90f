"""What it means when a store refuses a statement.

The kind decides what a worker does; the sentence is for staff. It is never the store's
own message, because that may quote a person's data.
"""

from dataclasses import dataclass
from enum import Enum

from django.db import Error
from django.db.utils import InterfaceError, OperationalError


class Kind(Enum):
    WAIT = "wait"  # the store as a whole: leave it alone and come back
    BUSY = "busy"  # somebody else's locks: smaller, and again
    ROW = "row"  # something in some row: find out which
    TABLE = "table"  # the statement itself: it will never work


@dataclass(frozen=True)
class Fault:
    kind: Kind
    sentence: str


NOT_AS_MAPPED = "The store's tables do not match the map."
TAKEN = Fault(Kind.ROW, "A value there must be unique.")
TOO_LARGE = Fault(Kind.TABLE, "The pattern to look for is too large for the store.")
NO_JSON = Fault(Kind.ROW, "A value there should be JSON and is not.")

# SQLSTATE (ISO/IEC 9075; PostgreSQL's appendix A), the longest prefix that fits.
STATES = {
    "08": Fault(Kind.WAIT, "The store did not answer."),
    "57P": Fault(Kind.WAIT, "The store is shutting down."),
    "53": Fault(Kind.WAIT, "The store has no room left."),
    "53100": Fault(Kind.WAIT, "The store's disk is full."),
    "53200": Fault(Kind.WAIT, "The store is out of memory."),
    "53300": Fault(Kind.WAIT, "The store accepts no more connections."),
    "58": Fault(Kind.WAIT, "The store's server has an internal error."),
    "25006": Fault(Kind.WAIT, "The store is read-only at the moment."),
    "40": Fault(Kind.BUSY, "Somebody else changed the same rows at the same time."),
    "40P01": Fault(Kind.BUSY, "Another statement blocked this one."),
    "55P03": Fault(Kind.BUSY, "Somebody else has locked rows there."),
    "57014": Fault(Kind.BUSY, "The store gave up after its time limit."),
    "22": Fault(Kind.ROW, "A value there can't be converted to its new form."),
    "22001": Fault(Kind.ROW, "A value there would be too long."),
    "23": Fault(Kind.ROW, "A rule of the store forbids it."),
    "23502": Fault(Kind.ROW, "A column there must not be empty."),
    "23503": Fault(Kind.ROW, "Other rows still refer to these."),
    "23505": TAKEN,
    "23514": Fault(Kind.ROW, "A check of the store forbids the new value."),
    "P0": Fault(Kind.ROW, "A trigger of the store forbids it."),
    "42": Fault(Kind.TABLE, "The store can't do that with a column of that type."),
    "42P01": Fault(Kind.TABLE, NOT_AS_MAPPED),
    "42703": Fault(Kind.TABLE, NOT_AS_MAPPED),
    "3F000": Fault(Kind.TABLE, NOT_AS_MAPPED),
    "42501": Fault(Kind.TABLE, "The portal's user may not do that in the store."),
}
# MySQL and MariaDB give numbers, which say more than their states.
NUMBERS = {
    1021: STATES["53100"], 1114: STATES["53"], 1040: STATES["53300"],
    1053: STATES["57P"], 1290: STATES["25006"], 1836: STATES["25006"],
    2002: STATES["08"], 2003: STATES["08"], 2006: STATES["08"], 2013: STATES["08"],
    1205: STATES["55P03"], 1213: STATES["40P01"], 3024: STATES["57014"],
    1969: STATES["57014"], 1048: STATES["23502"], 1364: STATES["23502"],
    1451: STATES["23503"], 1452: STATES["23503"], 1062: STATES["23505"],
    4025: STATES["23514"], 3819: STATES["23514"], 1406: STATES["22001"],
    1264: STATES["22"], 1265: STATES["22"], 1366: STATES["22"], 1292: STATES["22"],
    1644: STATES["P0"], 1054: STATES["42703"], 1146: STATES["42P01"], 4038: NO_JSON,
    3140: NO_JSON, 3141: NO_JSON, 1142: STATES["42501"],
    1143: STATES["42501"], 1044: STATES["42501"], 1139: TOO_LARGE,
}  # fmt: skip
# SQLite gives names.
NAMES = {
    "SQLITE_FULL": STATES["53100"], "SQLITE_IOERR": STATES["58"],
    "SQLITE_CANTOPEN": STATES["08"], "SQLITE_READONLY": STATES["25006"],
    "SQLITE_BUSY": STATES["55P03"], "SQLITE_LOCKED": STATES["55P03"],
    "SQLITE_CONSTRAINT_FOREIGNKEY": STATES["23503"],
    "SQLITE_CONSTRAINT_NOTNULL": STATES["23502"],
    "SQLITE_CONSTRAINT_UNIQUE": STATES["23505"],
    "SQLITE_CONSTRAINT_PRIMARYKEY": STATES["23505"],
    "SQLITE_CONSTRAINT_CHECK": STATES["23514"],
    "SQLITE_CONSTRAINT_TRIGGER": STATES["P0"],
    "SQLITE_CONSTRAINT": STATES["23"], "SQLITE_ERROR": STATES["42"],
}  # fmt: skip


def read(error: Error) -> Fault:
    """The fault behind a database error of any engine; every error gives one."""
    cause = error.__cause__ or error
    found = _by_number(cause) or _by_state(cause) or _by_name(cause)
    if found:
        return found
    if isinstance(error, OperationalError | InterfaceError):
        return STATES["08"]
    kind = type(error).__name__
    return Fault(Kind.TABLE, f"The store refused the statement ({kind}).")


def _by_state(cause: BaseException) -> Fault | None:
    state = getattr(cause, "sqlstate", None) or ""
    prefixes = (state[:length] for length in (5, 3, 2))
    return next((STATES[each] for each in prefixes if each in STATES), None)


def _by_number(cause: BaseException) -> Fault | None:
    number = cause.args[0] if cause.args else None
    return NUMBERS.get(number) if isinstance(number, int) else None


def _by_name(cause: BaseException) -> Fault | None:
    """SQLite has one error class for everything wrong with a statement, so its message
    decides."""
    name = getattr(cause, "sqlite_errorname", "")
    if name == "SQLITE_ERROR":
        said = str(cause)
        if said.startswith("malformed JSON"):
            return NO_JSON
        is_gone = said.startswith(("no such table", "no such column"))
        return STATES["42P01" if is_gone else "42"]
    general = "_".join(name.split("_")[:2])
    return NAMES.get(name) or NAMES.get(general)
