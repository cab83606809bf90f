"""What tables are to each other by their references: parts of others, or groups of
people."""

from collections.abc import Mapping, Sequence

from privacy.datamap import words
from privacy.datamap.called import ACTING
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveTable

LATEST = {"last", "latest", "max", "min"}
MANY = 3  # people on the average who share a row of what they belong to


def wholes(tables: Sequence[LiveTable], marked: set[str], known: set[str]) -> set[str]:
    """Tables through which somebody is reached and that have parts of their own: an
    order's `order_items` and `order_addresses` are that person's. An inbox with its
    `inbox_members` is several people's."""
    called = {
        t.full_name: words.tokens(t.name) for t in tables if t.full_name in marked
    }
    return {
        target
        for table in tables
        for own, target in said(table)
        if target in called and target != table.full_name and not is_actor(own)
        if _begins(words.tokens(table.name), called[target])
        if not any(to in known for _, to in said(table))
    }


def _begins(part: list[str], whole: list[str]) -> bool:
    said = [[words.singular(word) for word in each] for each in (part, whole)]
    return len(part) > len(whole) and said[0][: len(whole)] == said[1]


def dependent(
    tables: Sequence[LiveTable], people: set[str], wholes: set[str]
) -> set[str]:
    """Records that belong to somebody: an order with an e-mail address in it is its
    customer's, and not a person."""
    known = people | wholes
    passive = {
        t.full_name: {to for own, to in [*said(t), *meant(t)] if not is_actor(own)}
        for t in tables
    }
    above = {
        t.full_name: (
            passive[t.full_name] & known
            if words.is_about_people(t.name)
            else _reached(t.full_name, passive, known)
        )
        - {t.full_name}
        for t in tables
        if t.full_name in known and _may_be_of(t)
    }
    roots = known - {name for name, targets in above.items() if targets}
    found: set[str] = set()
    while more := {n for n in set(above) - found if above[n] & (roots | found)} - found:
        found |= more
    return (found - roots) & people


def _may_be_of(table: LiveTable) -> bool:
    """A user belongs to nobody, but earlier versions of users do, and so do the people
    they named."""
    is_person = words.is_of_persons(table.name) and not words.is_of_other(table.name)
    return bool(table.copies or table.same) or not is_person


def _reached(name: str, passive: Mapping[str, set[str]], known: set[str]) -> set[str]:
    """The known tables that it refers to, also through tables that are not known."""
    found: set[str] = set()
    while more := set().union(*(passive[n] for n in {name} | found - known)) - found:
        found |= more
    return found & known


def served(tables: Sequence[LiveTable], people: set[str]) -> dict[str, set[str]]:
    """The people whose a table's rows are, whoever entered them."""
    passive = {
        t.full_name: {
            to
            for own, to in [*said(t), *meant(t)]
            if not is_actor(own) and not any(map(words.is_user, own))
        }
        for t in tables
    }
    return {
        name: {name} if name in people else _reached(name, passive, people)
        for name in passive
    }


def said(table: LiveTable) -> list[tuple[list[str], str]]:
    loose = [*table.acting, *table.beside]
    return [(own, to) for own, to, _ in table.references if own not in loose]


def selves(tables: Sequence[LiveTable], people: set[str]) -> set[str]:
    """Tables that keep more about a person under the same key: an `interpreter` is a
    person."""
    return {
        table.full_name
        for table in tables
        for own, target in said(table)
        if own == table.key and target in people
    }


def meant(table: LiveTable) -> list[tuple[list[str], str]]:
    return [(own, target) for own, target, _, _ in table.meant]


def groups(
    tables: Sequence[LiveTable], samples: dict[str, Values], known: set[str]
) -> set[str]:
    """What many people share through a table of members: an organisation, a team."""
    names = {t.full_name: t.name for t in tables}
    found = set()
    for table in tables:
        values = samples[table.full_name]
        many = {target: len(set(values.get(own[0], []))) for own, target, _ in
                table.references if len(own) == 1 and not is_actor(own)}  # fmt: skip
        pairs = [set(one) for one in [table.key, *table.unique] if len(one) > 1]
        for own, target, _ in table.references:
            others = [t for t in many if t in known - {target}]
            is_member = target in many and any(set(own) < pair for pair in pairs)
            if is_member and many[target] < max((many[t] for t in others), default=0):
                found.add(target)
    found |= _shared(tables, samples) & known
    owned = {t.full_name for t in tables if any(to in known and (own == t.key
             or _is_whose(own)) for own, to in said(t))}  # fmt: skip
    return {name for name in found - owned if not words.is_of_persons(names[name])}


def _shared(tables: Sequence[LiveTable], samples: dict[str, Values]) -> set[str]:
    """An account with many users or contacts is no single person's."""
    found = set()
    for table in tables:
        if words.is_of_persons(table.name):
            for own, target in said(table):
                values = samples[table.full_name].get(own[0], [])
                is_whole = own == table.key or own in table.unique
                if not is_whole and len(values) > MANY * len(set(values)):
                    found.add(target)
    return found


def _is_whose(own: list[str]) -> bool:
    """`requester_id` says whose the row is, `owner_id` who runs it."""
    said = {word for name in own for word in words.tokens(name)}
    is_acting = any(map(words.is_user, own)) or not ACTING.isdisjoint(said)
    return any(map(words.is_about_people, own)) and not is_acting


def is_actor(own: list[str]) -> bool:
    """Whoever came last did not make the row theirs."""
    return any(words.is_actor(n) or words.tokens(n)[0] in LATEST for n in own)
