"""Text out of the bytes of a file, piece by piece: in any Unicode, packed by gzip, or
inside documents of office programs, which are ZIP archives of XML.

Unpacking has bounds, since a small archive may unpack to more than any disk. What was
not read is named in `unread`, counted by kind: it is said on the certificate, where a
person reads how far the search reached.
"""

import codecs
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO

from privacy.storages import PIECE

OVERLAP = 400  # characters read twice, so that nothing is cut in two
LARGEST = 256 * PIECE  # bytes that one packed file may unpack to
LARGEST_XML = 32 * PIECE  # of one part of a document, which is read whole
MOST_PARTS = 5000
LOOKED_AT = 8192

PDF, BINARY = "PDF documents", "files that are not text"
NESTED, TOO_LARGE = "archives inside archives", "archives that unpack to too much"
LOCKED, BROKEN = "archives under a password", "archives that can't be unpacked"
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
SIGNS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# What ends a line in documents and tables; other tags may stand inside a number.
ENDS = re.compile(r"</(?:\w+:)?(?:p|h|si|c|v|row|tr|td)>|<\w+:(?:tab|br|line-break)\b")
TAGS = re.compile(r"<[^>]*>")


def texts(file: IO[bytes], unread: Counter[str]) -> Iterator[str]:
    """The texts of a file that can be read from any place, as a bucket's can."""
    first = file.read(LOOKED_AT)
    file.seek(0)
    if first.startswith(ZIP):
        yield from _parts(file, unread)
    elif first.startswith(GZIP):
        yield from _plain(_unpacked(file, unread), unread)
    else:
        yield from _plain(iter(lambda: file.read(PIECE), b""), unread)


def decoded(pieces: Iterable[bytes], encoding: str = "utf-8") -> Iterator[str]:
    """Pieces that overlap a little; a letter may be cut in two."""
    decoder, before = codecs.getincrementaldecoder(encoding)("replace"), ""
    for piece in pieces:
        text = before + decoder.decode(piece)
        yield text
        before = text[-OVERLAP:]


def _plain(pieces: Iterator[bytes], unread: Counter[str]) -> Iterator[str]:
    """What is not packed, or is unpacked by now."""
    first = next(pieces, b"")
    if kind := _unreadable(first):
        unread[kind] += 1
    elif first:
        yield from decoded(_all(first, pieces), _encoding(first))


def _all(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _unreadable(first: bytes) -> str:
    """The kind of what has no text that could be read here."""
    if first.startswith(b"%PDF"):
        return PDF
    if first.startswith((ZIP, GZIP)):
        return NESTED
    return BINARY if _encoding(first) == "" else ""


def _encoding(first: bytes) -> str:
    """By its first bytes; of UTF-16 without a sign every other byte is mostly zero.
    Empty for what is no text."""
    for sign, name in SIGNS:
        if first.startswith(sign):
            return name
    some = first[:LOOKED_AT]
    even, odd = some[::2].count(0), some[1::2].count(0)
    if not even and not odd:
        return "utf-8"
    if min(even, odd) * 20 > len(some) or max(even, odd) * 3 < len(some) // 2:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


# --- packed ---------------------------------------------------------------------


def _unpacked(file: IO[bytes], unread: Counter[str]) -> Iterator[bytes]:
    """Gzip, also of several members one after the other."""
    size, unpacker = 0, zlib.decompressobj(zlib.MAX_WBITS | 16)
    while said := unpacker.unconsumed_tail or unpacker.unused_data or file.read(PIECE):
        if unpacker.eof:
            unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            piece = unpacker.decompress(said, PIECE)
        except zlib.error:
            unread[BROKEN] += 1
            return
        size += len(piece)
        if size > LARGEST:
            unread[TOO_LARGE] += 1
            return
        yield piece
    yield unpacker.flush()
    if not unpacker.eof:
        unread[BROKEN] += 1


def _parts(file: IO[bytes], unread: Counter[str]) -> Iterator[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            size = 0
            for number, part in enumerate(archive.infolist()):
                yield part.filename
                size += part.file_size
                if size > LARGEST or number > MOST_PARTS:
                    unread[TOO_LARGE] += 1
                    return
                if part.flag_bits & 1:
                    unread[LOCKED] += 1
                elif not part.is_dir():
                    yield from _part(archive, part, unread)
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError):
        unread[BROKEN] += 1


def _part(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, unread: Counter[str]
) -> Iterator[str]:
    """The size that the archive states is the most that can be read of a part."""
    is_xml = part.filename.endswith((".xml", ".rels"))
    with archive.open(part) as inside:
        if is_xml and part.file_size <= LARGEST_XML:
            yield from _of_document(inside.read())
        else:
            yield from _plain(iter(lambda: inside.read(PIECE), b""), unread)


def _of_document(said: bytes) -> Iterator[str]:
    """As it is, for what stands in the tags (addresses of links), and without them: a
    number may be cut by a change of letters."""
    text = said.decode(_encoding(said[:LOOKED_AT]) or "utf-8", "replace")
    yield text
    yield TAGS.sub("", ENDS.sub("\n<", text))
