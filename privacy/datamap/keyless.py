"""Rows of a table without a key, told apart by their whole content.

The key of such a row is a digest of all its columns, which the store computes.
Identical rows have the same digest and are treated together. A changed row has a
different digest, so looking for the old one finds and changes nothing.
"""

from typing import Any

from django.db import models
from django.db.models.expressions import Col
from django.utils.functional import cached_property

from privacy.models.datamap import WHOLE_ROW
from privacy.sql import wholerows

KEY = [WHOLE_ROW]


class WholeRow(Col):
    """The digest of all columns, for use in a statement."""

    target: "WholeRowField"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str, ...]]:
        table = compiler.quote_name_unless_alias(self.alias)
        quote = connection.ops.quote_name
        cells = [f"{table}.{quote(column)}" for column in self.target.columns]
        return wholerows.digest(connection.vendor, cells), ()


class WholeRowField(models.CharField):
    """A field that can be read and compared like any other, and is never written."""

    def __init__(self, *columns: str, **options: Any) -> None:
        super().__init__(max_length=32, **options)
        self.columns = columns

    def get_col(self, alias: str, output_field: Any = None) -> Col:
        return WholeRow(alias, self, output_field or self)

    @cached_property
    def cached_col(self) -> Col:
        return WholeRow(self.model._meta.db_table, self)
