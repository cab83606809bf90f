"""Lists as other systems write them: a spreadsheet, CSV with any delimiter, JSON, or
JSON lines."""

import csv
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Any

from consent.transfer import columns, opening, workbooks
from consent.transfer.opening import Unreadable

SAMPLE_CHARACTERS = 4096
DELIMITERS = ",;\t|"
QUOTED = re.compile(r'"[^"]*"')
# Excel's own first line, which names the delimiter.
NAMED = re.compile(r"sep=([,;\t|])(?:\r?\n|\r|$)", re.IGNORECASE)
ARRAY = re.compile(r'\[\s*(?=[{"])')
AFTER = re.compile(r"\s*([,\]])\s*(?=\S|$)")
BLOCK = 65_536
LONGEST_RECORD = 1_048_576  # characters of one element of JSON
BAD = (
    OSError, EOFError, csv.Error, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
    UnicodeError,
)  # fmt: skip
# numbers stay as they are written: of any length, and not rounded
DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row with its position, from 0, blank ones too. For JSON, the first row holds
    the names of the first record."""
    try:
        is_one = workbooks.is_one(path)
        yield from enumerate(workbooks.rows(path) if is_one else _of_text(path))
    except (*BAD, json.JSONDecodeError, RecursionError):
        raise Unreadable from None


def _of_text(path: Path) -> Iterator[list[str]]:
    with opening.opened(path) as file:
        sample = _sample(file)
        yield from _json(file) if _is_json(sample) else _csv(file, sample)


def delimiter_of(path: Path) -> str:
    """The delimiter of CSV; a comma for all else, and by default."""
    if workbooks.is_one(path):
        return ","
    try:
        with opening.opened(path) as file:
            sample = _sample(file)
    except BAD:
        raise Unreadable from None
    return "," if _is_json(sample) else _delimiter(sample)


def _sample(file: IO[str]) -> str:
    """The first lines; the file is read from the beginning afterwards."""
    found = file.read(SAMPLE_CHARACTERS)
    file.seek(0)
    return found.lstrip()


def _is_json(sample: str) -> bool:
    return sample[:1] in ("{", "[")


def _delimiter(sample: str) -> str:
    """From the first line that has one: a title may stand above."""
    if named := NAMED.match(sample):
        return named[1]
    for line in QUOTED.sub("", sample).splitlines():
        if any(each in line for each in DELIMITERS):
            return max(DELIMITERS, key=line.count)
    return ","


def _csv(file: IO[str], sample: str) -> Iterator[list[str]]:
    """A row that is not valid CSV comes empty; the next is read all the same."""
    texts = opening.lines(file)
    if NAMED.match(sample):
        next(texts)
    reader = csv.reader(texts, delimiter=_delimiter(sample))
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield []


# --- JSON -----------------------------------------------------------------------
def _json(file: IO[str]) -> Iterator[list[str]]:
    """The first record's names, then each record's values in their order."""
    names: list[str] = []
    for record in _records(file):
        told = record if isinstance(record, dict) else {"phone": record}
        if not names:
            names = list(told)
            yield [_text(name) for name in names]
        yield [_text(told.get(name)) for name in names]


def _text(value: Any) -> str:
    """Only plain values are read; half a surrogate pair becomes a question mark."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, (dict, list)):
        return ""
    return str(value).encode(errors="replace").decode()


def _records(file: IO[str]) -> Iterator[Any]:
    """One record on each line, or the elements of each array of records, as a stream:
    pages that were saved one after another are one list."""
    first = file.readline(opening.LONGEST)
    file.seek(0)
    if _is_record(first):
        for line in iter(lambda: file.readline(LONGEST_RECORD), ""):
            if line.strip():
                yield DECODER.decode(line)
    else:
        yield from _elements(file)


def _is_record(line: str) -> bool:
    try:
        told = DECODER.decode(line)
    except json.JSONDecodeError:
        return False
    return isinstance(told, dict) and columns.names_an_address(list(told))


def _elements(file: IO[str]) -> Iterator[Any]:
    text = ""
    while block := file.read(BLOCK):
        text += block
        while found := ARRAY.search(text):
            text = yield from _array(text[found.end() :], file)
        text = text[-BLOCK:]


def _array(text: str, file: IO[str]) -> Generator[Any, None, str]:
    """The elements up to the closing bracket; returns what follows it."""
    at = 0
    while True:
        if at > BLOCK:
            text, at = text[at:], 0
        try:
            element, end = DECODER.raw_decode(text, at)
            mark = AFTER.match(text, end)
        except json.JSONDecodeError:
            mark = None
        if mark is None:  # it goes on in what was not read yet
            block = file.read(BLOCK)
            if not block or len(text) - at > LONGEST_RECORD:
                raise Unreadable
            text += block
            continue
        yield element
        at = mark.end()
        if mark[1] == "]":
            return text[at:]
