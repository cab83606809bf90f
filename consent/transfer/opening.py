"""A file of any usual kind, as lines of text: compressed or not, in any usual encoding.

Memory is bounded whatever the content: no line is longer than `LONGEST`, and no quoted
cell spans more lines than `MOST_LINES`. So is time: an archive may not contain more
than `MOST_TIMES` its size, by what it declares and by what comes out of it.
"""

import codecs
import contextlib
import gzip
import io
import zipfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from privacy.refusals import Refusal

LONGEST = 65_536
MOST_LINES = 50
SAMPLE = 64
MOST_TIMES = 50  # lists become a tenth, hardly ever a twentieth
SMALL = 10 * 1024 * 1024  # bytes that are let out of any file
BUFFER = 65_536
LISTING = 1024 * 1024  # bytes of names in an archive: some ten thousand
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
ENCRYPTED = 0x1  # APPNOTE.TXT 4.4.4
OLE = b"\xd0\xcf\x11\xe0"  # spreadsheets before 2007, and locked ones [MS-CFB]
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16 does, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Unreadable(Refusal):
    """The file can't be read as a spreadsheet (.xlsx), CSV or JSON, zipped or not."""


class NotThere(Refusal):
    """There is no file of that name."""


class ASpreadsheet(Refusal):
    """The file is a spreadsheet of another kind, or locked with a password; save it as
    .xlsx without one, or as CSV."""


class PackedTwice(Refusal):
    """The archive contains another archive; unpack it first."""


class Locked(Refusal):
    """The archive is locked with a password; upload one without a password."""


class ManyFiles(Refusal):
    """The archive contains more than one file; unpack it and import each file by
    itself."""


class TooMuchInside(Refusal):
    """The file unpacks to far more than its size suggests; unpack it first."""


class _Counted(io.RawIOBase):
    """Raises `TooMuchInside` as soon as more than `most` bytes came out."""

    def __init__(self, inner: IO[bytes], most: int) -> None:
        self.inner, self.most, self.count = inner, most, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.count = self.inner.seek(offset, whence)
        return self.count

    def readinto(self, into: Any) -> int:
        found = self.inner.read(len(into))
        self.count += len(found)
        if self.count > self.most:
            raise TooMuchInside
        into[: len(found)] = found
        return len(found)


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not UTF-8 were most likely written by Windows."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    found = bytes(error.object[error.start : error.end])
    return found.decode("cp1252", "replace"), error.end


codecs.register_error("consent.windows", _as_windows)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """The text, decompressed while it is read."""
    with contextlib.ExitStack() as stack:
        if not path.exists():
            raise NotThere
        raw = stack.enter_context(path.open("rb"))
        start = raw.peek(SAMPLE)[:SAMPLE]
        if start.startswith(OLE):
            raise ASpreadsheet
        inner: Any = raw
        most = SMALL + MOST_TIMES * path.stat().st_size
        if start.startswith(GZIP):
            inner = _counted(stack.enter_context(gzip.open(raw)), most)
        elif start.startswith(ZIP):
            member = _only_member(archive(raw), most)
            inner = _counted(stack.enter_context(member), most)
        if inner is not raw:
            start = inner.peek(SAMPLE)[:SAMPLE]
            if start.startswith((GZIP, ZIP)):
                raise PackedTwice
        encoding = _encoding(start)
        errors = "consent.windows" if encoding.startswith("utf-8") else "replace"
        yield io.TextIOWrapper(inner, encoding=encoding, errors=errors, newline="")


def archive(file: IO[bytes]) -> zipfile.ZipFile:
    """Each name in it takes memory as soon as it is opened, long before anything is
    unpacked; no list and no spreadsheet has so many. Its end is read as `zipfile` reads
    it, so that the two cannot be shown different things."""
    end: Any = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    if end is not None and end[zipfile._ECD_SIZE] > LISTING:  # type: ignore[attr-defined]
        raise ManyFiles
    return zipfile.ZipFile(file)


def _counted(unpacked: Any, most: int) -> io.BufferedReader:
    return io.BufferedReader(_Counted(unpacked, most), BUFFER)


def _only_member(packed: zipfile.ZipFile, most: int) -> IO[bytes]:
    members = [each for each in packed.infolist() if not each.is_dir()]
    if "content.xml" in [each.filename for each in members]:
        raise ASpreadsheet  # OpenDocument
    if len(members) != 1:
        raise ManyFiles
    if members[0].flag_bits & ENCRYPTED:
        raise Locked
    if members[0].file_size > most:
        raise TooMuchInside
    try:
        return packed.open(members[0])
    except NotImplementedError:  # packed in a way that this Python does not know
        raise Unreadable from None


def _encoding(start: bytes) -> str:
    """By its byte order mark; without one, UTF-16 is recognised by its zero bytes."""
    for mark, name in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return name
    if start[1:8:2] and not any(start[1:8:2]):
        return "utf-16-le"
    if start[:8:2] and not any(start[:8:2]):
        return "utf-16-be"
    return "utf-8-sig"


def lines(file: IO[str]) -> Iterator[str]:
    """The text of each record: one line, or those that a quoted cell spans.

    A longer line comes as an empty one: a cut could lose the column that says what the
    person wanted. A quote that nothing closes is not a quote.
    """
    waiting: deque[str] = deque()
    while line := waiting.popleft() if waiting else _line(file):
        if line.count('"') % 2:
            line = _closed(line, file, waiting)
        yield line


def _line(file: IO[str]) -> str:
    line = file.readline(LONGEST)
    if len(line) < LONGEST:
        return line
    while len(line) == LONGEST and not line.endswith(("\n", "\r")):
        line = file.readline(LONGEST)
    return "\n"


def _closed(line: str, file: IO[str], waiting: deque[str]) -> str:
    """With the lines up to the one that closes the quote; if none does, all wait to be
    read one by one."""
    parts, size, is_open = [line], len(line), True
    for place in range(MOST_LINES):
        more = waiting[place] if place < len(waiting) else _line(file)
        if place >= len(waiting):
            waiting.append(more)
        parts.append(more)
        size += len(more)
        is_open ^= bool(more.count('"') % 2)
        if not is_open or not more or size > LONGEST:
            break
    if is_open or size > LONGEST:
        if not waiting[-1]:
            waiting.pop()  # the end of the file ends the reading
        return line.replace('"', "")
    for _ in parts[1:]:
        waiting.popleft()
    return "".join(parts)
