"""What users entered about others: the numbers on a user's stop list are those of
people in another table, and not the user's."""

from collections.abc import Iterator, Mapping, Sequence

from privacy.datamap import contents, proposals, sampling, words
from privacy.datamap.references import FEW, LEAST, NOBODY, SOME
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveTable
from privacy.datamap.verdicts import MOST, Around
from privacy.models import Store

Marks = list[tuple[str, str]]  # columns of numbers or addresses, and which of the two


def infer(
    store: Store, tables: Sequence[LiveTable], samples: Mapping[str, Values]
) -> None:
    """Notes such references in their table (`acting`)."""
    people = {t.full_name: t for t in tables if words.is_of_persons(t.name)}
    known = {name: _marks(t, samples[name]) for name, t in people.items()}
    for table in tables:
        users = [
            (own, name)
            for own, name, _ in table.references
            if name in people and any(map(words.is_user, own))
        ]
        if not users or table.full_name in people or words.is_contact(table.name):
            continue
        for column, kind in _marks(table, samples[table.full_name]):
            some = sorted(set(samples[table.full_name][column]) - NOBODY)[:SOME]
            if len(some) < LEAST or words.sides(column):
                continue
            there = {
                name: max(_counts(store, people[name], known[name], kind, some))
                for name in people
            }
            for own, name in users:
                others = [many for other, many in there.items() if other != name]
                is_users = there[name] >= FEW * len(some)
                if not is_users and max(others, default=0) >= MOST * len(some):
                    table.acting.append(own)


def _marks(table: LiveTable, values: Values) -> Marks:
    """Seconds since 1970 have as many digits as a telephone number, and are none."""
    around = Around(table.name)
    return [
        (column.name, kind)
        for column in table.columns
        for kind in ("email", "phone")
        if contents.share(some := values.get(column.name, []), kind) > MOST
        and proposals.propose(column, some, around).code == kind
    ]


def _counts(
    store: Store, table: LiveTable, marks: Marks, kind: str, some: Sequence[str]
) -> Iterator[int]:
    """How many of the values stand in the table."""
    yield 0
    for column, theirs in marks:
        if theirs == kind:
            yield sampling.known(store, table, column, some)
