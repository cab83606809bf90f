"""Rows on their way into the database: numbered, collected, copied in blocks."""

from collections import Counter, defaultdict
from itertools import count
from typing import Any

import psycopg
from psycopg import sql

BLOCK = 20_000  # rows in memory
COUNTED = "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)"


class Rows:
    """Holds one block in memory, whatever the total size."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.counts: Counter[str] = Counter()
        self._numbers: dict[str, count[int]] = defaultdict(lambda: count(1))
        self._waiting: dict[str, list[tuple[Any, ...]]] = defaultdict(list)

    def add(self, table: str, *values: Any) -> None:
        """A row with all its columns, in the order of the schema."""
        self._waiting[table].append(values)

    def number(self, table: str, *values: Any) -> int:
        """A row that the platform numbers; the number is its key."""
        key = next(self._numbers[table])
        self._waiting[table].append((key, *values))
        return key

    def flush_when_full(self) -> None:
        if sum(map(len, self._waiting.values())) >= BLOCK:
            self.flush()

    def flush(self) -> None:
        for table, waiting in self._waiting.items():
            statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
            with self.connection.cursor().copy(statement) as copy:
                for row in waiting:
                    copy.write_row(row)
            self.counts[table] += len(waiting)
        self._waiting.clear()

    def close(self) -> None:
        """Sets the sequences, so that the platform continues numbering where we
        stopped."""
        self.flush()
        for table in self._numbers:
            self.connection.execute(COUNTED, (table, self.counts[table]))
