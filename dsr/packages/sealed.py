"""The bytes of a package: sealed in pieces, so that none is ever whole in memory.

A piece is bound to its package and place, so that pieces can't be exchanged.
"""

import hashlib
import io

from dsr.models import Package, PackagePart
from privacy.models.sealing import seal_bytes, unseal_bytes

PIECE = 1024 * 1024


def context(package: Package, number: int) -> str:
    return f"dsr_packagepart.{package.pk}.{number}"


class Writer(io.RawIOBase):
    """What is written becomes rows; `close` writes the rest, and size and digest."""

    def __init__(self, package: Package) -> None:
        self.package, self.number, self.size = package, 0, 0
        self.digest, self.waiting = hashlib.sha256(), bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        content = bytes(data)  # type: ignore[call-overload]
        self.digest.update(content)
        self.size += len(content)
        self.waiting += content
        while len(self.waiting) >= PIECE:
            self._keep(bytes(self.waiting[:PIECE]))
            del self.waiting[:PIECE]
        return len(content)

    def close(self) -> None:
        if self.closed:
            return
        if self.waiting:
            self._keep(bytes(self.waiting))
            self.waiting.clear()
        self.package.size, self.package.digest = self.size, self.digest.hexdigest()
        self.package.save(update_fields=["size", "digest", "own"])
        super().close()

    def _keep(self, content: bytes) -> None:
        PackagePart.objects.create(
            package=self.package,
            number=self.number,
            content=seal_bytes(content, context=context(self.package, self.number)),
        )
        self.number += 1


class Reader(io.RawIOBase):
    """The same bytes again, from any position; one piece is open at a time."""

    def __init__(self, package: Package) -> None:
        self.package, self.place = package, 0
        self.number, self.piece = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {
            io.SEEK_SET: 0,
            io.SEEK_CUR: self.place,
            io.SEEK_END: self.package.size,
        }
        self.place = max(0, start[whence] + offset)
        return self.place

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        number, offset = divmod(self.place, PIECE)
        content = self._open(number)[offset : offset + len(view)]
        view[: len(content)] = content
        self.place += len(content)
        return len(content)

    def _open(self, number: int) -> bytes:
        if number * PIECE >= self.package.size:
            return b""
        if number != self.number:
            row = PackagePart.objects.get(package=self.package, number=number)
            sealed = bytes(row.content)
            self.piece = unseal_bytes(sealed, context=context(self.package, number))
            self.number = number
        return self.piece
