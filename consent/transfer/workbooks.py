"""A spreadsheet (.xlsx) as rows of text, as if it had been saved as CSV.

The library holds one row and all shared texts in memory; so anything large is checked
first: it must be rows or texts, neither long nor more than a sheet has.
"""

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path
from typing import IO, Any

import openpyxl

from consent.transfer import opening
from privacy.refusals import Refusal

MEGABYTE = 1_048_576
SMALL = 8 * MEGABYTE  # bytes of a part that is not looked through
LARGEST = 256 * MEGABYTE
LONGEST = MEGABYTE  # bytes of one row or text
MOST_ROWS = 1_048_576  # of a sheet, in Excel and in LibreOffice
MOST_COLUMNS = 256
MOST_DIGITS = 10**15  # above it Excel has rounded
ROW_OR_TEXT = re.compile(rb"<(?:\w+:)?(?:row|si)\b")
AT_ONCE = 1000


class TooMuchInASheet(Refusal):
    """This spreadsheet is too large; save the sheet with the list as CSV."""


class ManySheets(Refusal):
    """More than one sheet has rows; keep only the sheet with the list."""


class NoSheet(Refusal):
    """No visible sheet has rows."""


def is_one(path: Path) -> bool:
    """Packed as the Office Open XML formats are (ECMA-376-2)."""
    try:
        with path.open("rb") as file, opening.archive(file) as packed:
            return "[Content_Types].xml" in packed.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def rows(path: Path) -> Iterator[list[str]]:
    """Of the one sheet that is visible and has rows; hidden rows too."""
    _refuse_too_much(path)
    with path.open("rb") as file:
        book = _quietly(openpyxl.load_workbook, file, read_only=True, data_only=True)
        found = _sheet(book)
        while block := _quietly(list, islice(found, AT_ONCE)):
            yield from block


def _quietly(call: Any, *given: Any, **more: Any) -> Any:
    """Hides the library's warnings about what it leaves out (colours, charts, input
    checks); for a broken file it may raise anything."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return call(*given, **more)
        except (Refusal, MemoryError):
            raise
        except Exception:
            raise opening.Unreadable from None


def _refuse_too_much(path: Path) -> None:
    with path.open("rb") as file, opening.archive(file) as packed:
        for part in packed.infolist():
            if part.flag_bits & opening.ENCRYPTED:
                raise opening.Locked
            if part.file_size > LARGEST:
                raise TooMuchInASheet
            if part.file_size > SMALL:
                with packed.open(part) as inside:
                    _look_through(inside)


def _look_through(part: IO[bytes]) -> None:
    count = since = 0
    while block := part.read(opening.BUFFER):
        begun = len(ROW_OR_TEXT.findall(block))
        count += begun
        since = 0 if begun else since + len(block)
        if since > LONGEST or count > 2 * MOST_ROWS:
            raise TooMuchInASheet


def _sheet(book: Any) -> Iterator[list[str]]:
    found = [
        sheet
        for sheet in book.worksheets
        if sheet.sheet_state == "visible" and _quietly(any, _texts(sheet))
    ]
    if not found:
        raise NoSheet
    if len(found) > 1:
        raise ManySheets
    return _texts(found[0])


def _texts(sheet: Any) -> Iterator[list[str]]:
    """Without blank rows at the end, which are many where a whole column was coloured.
    The size that a sheet declares is often wrong, so it is not used."""
    sheet.reset_dimensions()
    blank = 0
    for row in sheet.iter_rows(values_only=True, max_row=MOST_ROWS):
        texts = [_text(value) for value in row[:MOST_COLUMNS]]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            blank += 1
            continue
        yield from repeat([], blank)
        blank = 0
        yield texts


def _text(value: Any) -> str:
    """Whole numbers without a decimal point, unless they were rounded; times as ISO
    8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < MOST_DIGITS:
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value)
