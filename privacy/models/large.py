"""Columns that are too large to be read with every row: files, mails, lists."""

from typing import TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


class WithoutLarge(models.Manager[Row]):
    """Defers those columns: each is read only when asked for, one row at a time."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = names

    def get_queryset(self) -> models.QuerySet[Row]:
        return super().get_queryset().defer(*self.names)
