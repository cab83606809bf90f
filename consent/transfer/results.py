"""The result file of an import: what became of each row, without its content."""

import contextlib
import csv
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from django.db.models.functions import Length

from consent.models import ListResult, ListUpload
from privacy.refusals import Refusal

RECORDED, KNOWN, REFUSED = "recorded", "known", "refused"
HEAD = ("row", "result", "reason")


class CannotWrite(Refusal):
    """The result file can't be written there."""


class Results:
    """Rows are written before their chunk is committed. What was written for a chunk
    that failed is cut off when the import continues."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: IO[bytes] | None = None

    @contextlib.contextmanager
    def opened(self, length: int) -> Iterator[None]:
        """At that length; without a file, or of length 0, from the beginning."""
        try:
            file = self.path.open("r+b" if length and self.path.exists() else "w+b")
        except OSError:
            raise CannotWrite from None
        with file:
            file.truncate(min(length, self.path.stat().st_size))
            file.seek(0, os.SEEK_END)
            self.file = file
            if not file.tell():
                self.write([HEAD])
            yield

    @property
    def length(self) -> int:
        return self.file.tell() if self.file else 0

    def write(self, rows: Iterable[tuple[object, ...]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        if self.file:
            self.file.write(text.getvalue().encode())
            self.file.flush()


class StoredResults(Results):
    """Results as rows, so that any worker can continue and any server can return
    them."""

    def __init__(self, upload: ListUpload) -> None:
        self.upload = upload
        self.told = 0

    @contextlib.contextmanager
    def opened(self, length: int) -> Iterator[None]:
        texts = ListResult.objects.filter(upload=self.upload)
        self.told = sum(texts.values_list(Length("text"), flat=True))
        if not self.told:
            self.write([HEAD])
        yield

    @property
    def length(self) -> int:
        return self.told

    def write(self, rows: Iterable[tuple[object, ...]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        ListResult.objects.create(upload=self.upload, text=text.getvalue())
        self.told += len(text.getvalue())
