"""The words of a simple PDF, for a first look; a person opens the real one."""

import re
import zlib

LARGEST_STREAM = 2_000_000  # bytes after unpacking
LONGEST = 12_000  # characters
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
SHOWN = re.compile(rb"\(((?:\\.|[^\\()])*)\)\s*(?:Tj|'|\")|\[((?:[^\]\\]|\\.)*)\]\s*TJ")
STRING = re.compile(rb"\(((?:\\.|[^\\()])*)\)")
ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
MEANT = {b"n": b"\n", b"r": b"\n", b"t": b"\t", b"b": b"", b"f": b""}


def words(content: bytes) -> str:
    """Literal strings that are shown; nothing for scans and for fonts of their own."""
    found: list[str] = []
    for stream in STREAM.findall(content):
        for alone, spaced in SHOWN.findall(_unpacked(stream)):
            pieces = STRING.findall(spaced) if spaced else [alone]
            found.append("".join(_text(piece) for piece in pieces))
    return "\n".join(found)[:LONGEST]


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream, LARGEST_STREAM)
    except zlib.error:  # not packed, or packed in a way that we do not read
        return stream[:LARGEST_STREAM]


def _text(literal: bytes) -> str:
    return ESCAPE.sub(_meant, literal).decode("cp1252", errors="replace")


def _meant(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code[0] in b"01234567":
        return bytes([int(code, 8) & 0xFF])
    return MEANT.get(code, code)
