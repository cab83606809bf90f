"""Which table's key a column is named after: `customer_id` after `wp_customers`.

A prefix that many table names share (`wp_`, `sales_`) is not part of the name.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from privacy.datamap import words
from privacy.datamap.schema import LiveColumn, LiveTable
from privacy.datamap.verdicts import type_of

KEY_WORDS = {
    "id", "ids", "uuid", "guid", "key", "fk", "no", "nr", "num", "number", "code",
    "ref", "pk", "sk",
}  # fmt: skip
PREFIXES = {"tbl", "tb", "t", "app", "dim", "fact", "stg", "auth"}
GENERIC = {
    "entity",
    "row",
    "record",
    "object",
    "id",
    "uuid",
    "guid",
    "key",
    "code",
    "pk",
    "name",
    "nr",
    "no",
    "meta",
}
ACTING = {
    "owner", "sender", "recipient", "receiver", "follower", "followee", "followed",
    "following", "friend", "poster", "commenter", "reviewer", "voter", "buyer",
    "seller", "inviter", "invitee", "participant", "reporter",
}  # fmt: skip
COUNTED = {
    "on", "per", "menu", "sort", "flag", "is", "has", "max", "min", "num",
    "count", "total", "units", "days", "level", "display", "allow", "enable",
}  # fmt: skip
ENDS = {"to", "from", "by"}  # of a call, a message or a payment
FAMILY = 3  # tables whose names begin alike
Words = tuple[str, ...]
Rank = tuple[bool, bool, int]  # the greatest is the nearest
Candidate = tuple[LiveTable, LiveColumn, Rank]


class Names:
    """The names of a store's tables, and their keys of a single column."""

    def __init__(self, tables: Sequence[LiveTable]) -> None:
        self._families = _families(tables)
        self._alone: dict[tuple[str, str], list[tuple[LiveTable, LiveColumn]]]
        self._alone = defaultdict(list)
        self._schemas = {table.schema for table in tables}
        for table in tables:
            if key := single_key(table):
                last = [*self.name(table)[-1:], *words.tokens(key.name)[-2:]]
                for word in dict.fromkeys(words.singular(name) for name in last):
                    if word not in KEY_WORDS:
                        self._alone[table.schema, word].append((table, key))

    def _own(self, table: LiveTable) -> Words:
        """The words of the table's name in the singular, without a shared prefix."""
        said = _words(table)
        start = max((n for n in range(len(said)) if said[:n] in self._families
                     .get(table.schema, ())), default=0)  # fmt: skip
        if set(said[start:]) <= words.SUFFIXES:
            start = 0  # `customer_entity` is a customer
        return said[start:]

    def name(self, table: LiveTable) -> list[str]:
        """The same without a word for its kind."""
        bare = [word for word in self._own(table) if word not in PREFIXES]
        while len(bare) > 1 and bare[-1] in words.SUFFIXES:
            bare.pop()
        return bare

    def candidates(self, table: LiveTable, column: LiveColumn) -> list[Candidate]:
        """Tables that the column may be named after, nearest first: those of its own
        schema if there are any (a copy in another schema has keys of its own), and
        among them `user` before `user_data`, and then those whose names share the
        longest beginning."""
        parts = [*map(words.singular, words.tokens(column.name)), *_acting(column)]
        schemas = [table.schema, *(self._schemas - {table.schema})]
        found: dict[str, Candidate] = {}
        for target, key in self._in(schemas[:1], parts) or self._in(schemas, parts):
            if target is table or not comparable(column, key):
                continue
            is_called = self._is_called(table, column, target, key)
            if is_called or self._is_beside(table, column, target):
                is_whole = _words(target)[-1] not in words.SUFFIXES
                rank = (is_whole, is_called, _shared(_words(table), _words(target)))
                found[target.full_name] = (target, key, rank)
        return sorted(found.values(), key=lambda each: each[2], reverse=True)

    def _in(
        self, schemas: Sequence[str], parts: Sequence[str]
    ) -> list[tuple[LiveTable, LiveColumn]]:
        some = [(s, word) for word in dict.fromkeys(parts) for s in schemas]
        return [each for place in some for each in self._alone.get(place, ())]

    def _is_called(
        self, table: LiveTable, column: LiveColumn, target: LiveTable, key: LiveColumn
    ) -> bool:
        """`shipping_address_id` is named after address, `kd_nr` after the key of
        another table, `post_author` after users."""
        own, theirs = words.tokens(column.name), words.tokens(key.name)
        if len(own) > 2 and own[-2] in KEY_WORDS and own[-1] in ENDS:
            own.pop()  # user_id_from
        name = self.name(target)
        is_key = table.key == [column.name]
        if own == theirs and not set(theirs) <= GENERIC and not is_key:
            return True
        base = [words.singular(token) for token in own if token not in KEY_WORDS]
        if len(base) == len(own) and not _may_refer(column, target):
            return False
        if base == [words.singular(token) for token in words.tokens(table.name)]:
            return False  # EmailAddressID of EmailAddress is its own
        if name == ["user"] and _acting(column):
            return True
        if own == theirs and is_key and not set(theirs) <= GENERIC:
            return bool(set(base) & set(name)) or _is_text(key)
        if _is_part(table, target) and base == name[-1:]:
            return True  # `queue_id` of `sms_queue_dst`
        return bool(name) and base[-len(name) :] == name

    def _is_beside(
        self, table: LiveTable, column: LiveColumn, target: LiveTable
    ) -> bool:
        """`submission_id` of `form_results` refers to `form_submissions`, if to none
        that is just called so."""
        own = list(map(words.singular, words.tokens(column.name)))
        is_key = len(own) > 1 and own[-1] in KEY_WORDS
        return (
            is_key
            and own[:-1] == self.name(target)[-1:]
            and self._own(table)[:1] == self._own(target)[:1]
        )


def prefix(table: LiveTable) -> Words:
    """The end of the table's name that most of its columns begin with: in `comments`,
    `comment_author`, `comment_agent` and so on."""
    name = _words(table)
    columns = [tuple(map(words.singular, words.tokens(c.name))) for c in table.columns]
    for count in range(len(name), 0, -1):
        said = name[-count:]
        begun = sum(len(c) > count and c[:count] == said for c in columns)
        if 2 * begun > len(columns):
            return said
    return ()


def _families(tables: Sequence[LiveTable]) -> dict[str, set[Words]]:
    """Prefixes that some tables share, unless a table has just that name."""
    counts: Counter[tuple[str, Words]] = Counter()
    for table in tables:
        said = _words(table)
        counts.update((table.schema, said[:n]) for n in range(1, len(said)))
    whole = {(table.schema, _words(table)) for table in tables}
    found: dict[str, set[Words]] = defaultdict(set)
    for (schema, begin), count in counts.items():
        if count >= FAMILY and (schema, begin) not in whole:
            found[schema].add(begin)
    return found


def _words(table: LiveTable) -> Words:
    return tuple(words.singular(part) for part in words.tokens(table.name))


def _is_part(table: LiveTable, target: LiveTable) -> bool:
    mine, theirs = _words(table), _words(target)
    return len(mine) > len(theirs) and mine[: len(theirs)] == theirs


def _shared(mine: Words, theirs: Words) -> int:
    pairs = list(zip(mine, theirs, strict=False))
    return next((n for n, (a, b) in enumerate(pairs) if a != b), len(pairs))


def _acting(column: LiveColumn) -> Iterator[str]:
    """Whoever wrote, owns or changed a row is a user."""
    has_to_do = not ACTING.isdisjoint(map(words.singular, words.tokens(column.name)))
    if has_to_do or words.is_actor(column.name) or words.is_user(column.name):
        yield "user"


def _may_refer(column: LiveColumn, target: LiveTable) -> bool:
    """Without a word for a key in its name, a column must be called exactly like the
    table or be able to hold only a key: `units_on_order` and `flag_sender` are a count
    and a flag."""
    is_key = type_of(column) == "number" or column.kind == "UUIDField"
    is_counted = not COUNTED.isdisjoint(words.tokens(column.name))
    return column.name == target.name or (
        is_key and column.kind != "DecimalField" and not is_counted
    )


def _is_text(key: LiveColumn) -> bool:
    return type_of(key) == "text" or key.kind == "UUIDField"


def single_key(table: LiveTable) -> LiveColumn | None:
    alone = [c for c in table.columns if table.key == [c.name]]
    return alone[0] if alone else None


def comparable(one: LiveColumn, other: LiveColumn) -> bool:
    if "element" in one.options or "element" in other.options:
        return False
    if one.kind == other.kind:
        return one.kind not in ("JSONField", "BooleanField", "OtherField")
    kinds = {type_of(one), type_of(other)}
    return kinds in ({"number"}, {"text"})
