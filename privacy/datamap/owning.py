"""Whose the rows of a table are: the references that lead to a person."""

from collections.abc import Mapping, Sequence, Set
from types import MappingProxyType

from privacy.datamap import acting, kinship, merges, words
from privacy.datamap.schema import LiveTable

# Rows that tell what was done to others; and what holds a file for the row beside it.
LOGGING = {"changes", "change", "event", "action", "operation", "diff", "revision"}
HOLDING = {
    "attachment", "attached", "avatar", "blob", "photo", "picture", "portrait",
    "selfie", "signature", "scan", "upload", "uploaded", "media", "medium",
}  # fmt: skip

THREADS = {
    "ticket", "case", "conversation", "thread", "chat", "match", "dialog", "dialogue",
    "discussion", "inquiry", "enquiry", "complaint", "dispute", "claim", "vorgang",
    "anfrage", "dossier", "demande", "caso", "consulta",
}  # fmt: skip

Owner = tuple[list[str], str]  # own columns, and whose table
Pairs = Mapping[str, Set[str]]  # what people have, and the tables that say whose it is


def reached(
    tables: Sequence[LiveTable],
    people: set[str],
    marked: set[str],
    groups: set[str],
    wholes: set[str],
    served: acting.Served,
) -> tuple[set[str], set[str]]:
    """Tables linked to people, and those of files that may belong to their rows."""
    asked = (tables, people, marked, groups, wholes, served)
    found = _linked(*asked, frozenset())
    files = {t.full_name for t in tables if has_files(t)} - people - found
    return _linked(*asked, files), files


def _linked(
    tables: Sequence[LiveTable],
    people: set[str],
    marked: set[str],
    groups: set[str],
    wholes: set[str],
    served: acting.Served,
    files: Set[str],
) -> set[str]:
    """Tables linked to people, step by step: an invoice line refers to an invoice,
    which refers to a customer; the customer's attachments refer to files."""
    linked = _bridges(tables, people) | wholes
    while True:
        more = {
            table.full_name
            for table in tables
            if table.full_name not in people | linked | groups
            and owners(table, people, linked, table.full_name in marked, files, served)
        } | {
            target
            for table in tables
            for own, target, _ in table.references
            if table.full_name in people | linked and is_holding(table, own)
            and target in files - linked - groups
        }  # fmt: skip
        if not more:
            return linked
        linked |= more


def _bridges(tables: Sequence[LiveTable], people: set[str]) -> set[str]:
    """Tables with which a person's row shares its key: a business entity, a party."""
    return {
        target
        for table in tables
        for own, target, _ in table.references
        if table.full_name in people and own == table.key
    } - people


def owners(
    table: LiveTable,
    people: set[str],
    linked: set[str],
    has_marks: bool,
    files: Set[str],
    served: acting.Served,
    pairs: Pairs = MappingProxyType({}),
) -> list[Owner]:
    """The references to the person whom the row is about. A row that is a person itself
    (a customer with a support agent) is about nobody else, unless both share a key."""
    leading = _leading(table, people, linked, files)
    alone = [own for own in [table.key, *table.unique] if own]
    if table.full_name in people:
        shared = [(own, target) for own, target in leading if own in alone]
        return shared + merges.of(table)
    if same := [each for each in table.same if each in leading]:
        return same
    passive = [each for each in leading if not acting.acts(table, *each)]
    meant = _meant(table, people, linked, served)
    if not passive or any(
        target in people or acting.is_for_clients(table, target, served)
        for _, target in meant
    ):
        # a note about a patient is theirs, whoever wrote it
        passive = [each for each in passive if not any(map(words.is_user, each[0]))]
        passive += meant
    leading = passive if has_marks or passive else _left(table, leading, people)
    direct, leading = _direct(table, leading, people, served)
    chosen = direct or leading  # an order is its customer's, whoever's card paid for it
    more = [
        each
        for each in leading
        if each in meant
        or (each[1] not in people and _is_below(table, each, direct, pairs))
    ]
    more += _authors(table, people, meant, {target for _, target in chosen})
    return chosen + [each for each in more if each not in chosen]


def _leading(
    table: LiveTable, people: set[str], linked: set[str], files: Set[str]
) -> list[Owner]:
    has_more = len(table.references) > 1 or table.meant
    return [
        (own, target)
        for own, target in kinship.said(table)
        if target in people | linked and target != table.full_name
        if not (target in files and has_more and is_holding(table, own))
        if not (_is_things(table, own) and target not in people)
    ]


def _is_below(
    table: LiveTable, each: Owner, direct: Sequence[Owner], pairs: Pairs
) -> bool:
    """A visit of a pet is of whoever brought it; of the pet's owners where it says
    nobody. What somebody wrote about another's thing is theirs alone."""
    if not direct or acting.is_written(table):
        return False
    if table.full_name in pairs.get(each[1], ()):
        return False
    may_miss = {c.name for c in table.columns if c.options.get("null")}
    names_nobody = all(may_miss & set(own) for own, _ in direct)
    return each[1] in pairs or (names_nobody and words.is_belonging(each[1]))


def _is_things(table: LiveTable, own: list[str]) -> bool:
    """A vendor and a customer may both be parties; that does not make a vendor a
    customer."""
    return own == table.key and words.is_thing(table.name)


def _left(table: LiveTable, leading: Sequence[Owner], people: set[str]) -> list[Owner]:
    """Where all references are to people who act, several who entered the row or have
    it on their list do not own it. Nor is a shop about its manager, or a vendor about
    its party."""
    leading = [each for each in leading if not acting.is_staff(each[1])] or leading
    if len(leading) > 1:
        leading = [each for each in leading if not words.is_past(each[0][0])]
    if words.is_about_things(table.name):
        return [
            (own, target)
            for own, target in leading
            if set(own) <= set(table.key) and target in people
        ]
    return list(leading)


def threads(
    table: LiveTable, owners: Sequence[Owner], people: set[str], linked: set[str]
) -> list[Owner]:
    """What somebody wrote in a conversation is theirs; the other participants have it
    too."""
    if not acting.is_written(table) or not any(
        target in people for _, target in owners
    ):
        return []
    return [
        (own, target)
        for own, target, _ in table.references
        if target in linked - people - {table.full_name} and (own, target) not in owners
        if not THREADS.isdisjoint(map(words.singular, words.tokens(target)))
    ]


def _direct(
    table: LiveTable,
    leading: Sequence[Owner],
    people: set[str],
    served: acting.Served,
) -> tuple[list[Owner], list[Owner]]:
    """Those who are people, and all; what an employee wrote on a customer's order, or a
    user on a client's appointment, is about the customer or client."""
    direct = _clients([each for each in leading if each[1] in people])
    others = [each for each in leading if each[1] not in people]
    if others and (_is_noted(direct) or _is_entered(table, direct, others, served)):
        return [], others
    return direct, list(leading)


def _is_entered(
    table: LiveTable,
    direct: Sequence[Owner],
    others: Sequence[Owner],
    served: acting.Served,
) -> bool:
    return all(any(map(words.is_user, own)) for own, _ in direct) and any(
        acting.is_for_clients(table, target, served) for _, target in others
    )


def _clients(direct: Sequence[Owner]) -> list[Owner]:
    """A user, or an employee, who has to do with a customer acts; so does a parent who
    reports a pupil absent."""
    for is_acting in (
        lambda each: any(map(words.is_user, each[0])),
        lambda each: acting.is_staff(each[1]),
    ):
        direct = [each for each in direct if not is_acting(each)] or direct
    is_several = len({target for _, target in direct}) > 1
    named = [each for each in direct if not acting.is_deed(each[0])]
    return named if is_several and named else list(direct)


def _is_noted(direct: Sequence[Owner]) -> bool:
    return bool(direct) and all(
        acting.is_staff(target) and not acting.AUTHORS.isdisjoint(words.tokens(own[0]))
        for own, target in direct
    )


def _authors(
    table: LiveTable, people: set[str], meant: Sequence[Owner], chosen: Set[str]
) -> list[Owner]:
    """What somebody wrote is theirs, whatever or whomever it is about; a note is about
    the person whom it names."""
    if not acting.is_written(table):
        return []
    return [
        (own, target)
        for own, target, _ in table.references
        if target in people and any(map(words.is_user, own))
        if meant or (target in chosen and acting.AUTHORS & set(words.tokens(own[0])))
    ]


def _meant(
    table: LiveTable, people: set[str], linked: set[str], served: acting.Served
) -> list[Owner]:
    """Owners that a word beside the key names, each for its own rows: people, and what
    belongs to people where nobody else can have written the row except to report what
    was done, or users write about clients."""
    found = [
        (own, target)
        for own, target in kinship.meant(table)
        if target in people | linked and not kinship.is_actor(own)
    ]
    wrote = any(words.is_user(name) for own, _, _ in table.references for name in own)
    said = {word for c in table.columns for word in words.tokens(c.name)}
    direct = [each for each in found if each[1] in people]
    if not (direct and wrote and said.isdisjoint(LOGGING)):
        return found
    return [
        (own, target)
        for own, target in found
        if target in people or acting.is_for_clients(table, target, served)
    ]


def is_holding(table: LiveTable, own: list[str]) -> bool:
    """`attachments.file_id` or `users.avatar_id`, but not a download of something."""
    said = {words.singular(w) for n in [table.name, *own] for w in words.tokens(n)}
    return not said.isdisjoint(HOLDING)


def has_files(table: LiveTable) -> bool:
    """Whether a column holds names or locations of files."""
    said = (words.named(column.name) for column in table.columns)
    return any(found and found.meaning.code == "file" for found in said)
