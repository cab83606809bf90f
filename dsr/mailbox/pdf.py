"""The words of a simple PDF, for a first look; a person opens the real one.

Anybody may send one, so each byte is read once and the amount of unpacked data is
limited.
"""

import re
import zlib
from collections.abc import Iterator
from itertools import islice

MOST_UNPACKED = 5_000_000  # bytes of one paper
LARGEST_STREAM = 2_000_000
LONGEST = 12_000  # characters
BEGINS = re.compile(rb"stream\r?\n")
# A string, a name, an operator; a string that nothing closes ends with the stream.
TOKEN = re.compile(rb"\(((?:\\.|[^\\()])*)\)?|/[^\s()\[\]/]*|[A-Za-z*'\"]+", re.DOTALL)
SHOWS = {b"Tj", b"TJ", b"'", b'"'}
ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
MEANT = {b"n": b"\n", b"r": b"\n", b"t": b"\t", b"b": b"", b"f": b""}


def words(content: bytes) -> str:
    """Literal strings that are shown; nothing for scans and for embedded encodings."""
    found = (said for stream in _streams(content) for said in _shown(stream))
    return "\n".join(islice(found, LONGEST))[:LONGEST]


def _streams(content: bytes) -> Iterator[bytes]:
    left = MOST_UNPACKED
    for piece in content.split(b"endstream")[:-1]:
        if begins := BEGINS.search(piece):
            packed = piece[begins.end() :]
            try:
                stream = zlib.decompressobj().decompress(packed, LARGEST_STREAM)
            except zlib.error:  # not packed, or packed in a way that we do not read
                stream = packed
            left -= len(stream)
            if left < 0:
                return
            yield stream


def _shown(stream: bytes) -> Iterator[str]:
    """The strings before each operator that shows text, joined."""
    waiting: list[str] = []
    for token in TOKEN.finditer(stream):
        if token[1] is not None:
            waiting.append(_text(token[1][:LONGEST]))
        elif not token[0].startswith(b"/"):
            if token[0] in SHOWS and waiting:
                yield "".join(waiting)
            waiting = []


def _text(literal: bytes) -> str:
    return ESCAPE.sub(_meant, literal).decode("cp1252", errors="replace")


def _meant(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code[0] in b"01234567":
        return bytes([int(code, 8) & 0xFF])
    return MEANT.get(code, code)
