"""Who acts on a row that is about somebody else: staff, users, writers, whoever sends
an invitation."""

from collections.abc import Mapping, Set

from privacy.datamap import kinship, words
from privacy.datamap.schema import LiveTable

AUTHORS = {"author", "autor", "auteur", "autore", "verfasser"}
WRITERS = AUTHORS | {"reviewer", "commenter", "poster", "writer", "sender"}
WRITTEN = {"comment", "message", "post", "reply", "answer", "review"}

INVITATIONS = {
    "invitation", "invite", "invitee", "einladung", "invito", "uitnodiging",
    "invitacion", "convite", "inbjudan", "zaproszenie",
}  # fmt: skip

DEEDS = {
    "brought", "booked", "ordered", "requested", "filed", "submitted", "claimed",
    "placed", "collected", "reported", "paid", "signed", "hired", "rented", "reserved",
}  # fmt: skip

Served = Mapping[str, Set[str]]  # the people whose rows a table's are


def acts(table: LiveTable, own: list[str], target: str) -> bool:
    """A doctor or an employee acts, whatever the column is called; so does whoever
    sends an invitation to somebody's address."""
    if _is_invitation(table):
        return True
    if not is_written(table) or WRITERS.isdisjoint(words.tokens(own[0])):
        if words.is_actor(target.rpartition(".")[2]):
            return True
        acts = kinship.is_actor(own) and not _is_clients(own, target)
        return acts or _is_beside(table, own, target)
    return False  # whoever wrote a review is whose it is, too


def is_staff(target: str) -> bool:
    said = words.tokens(target.rpartition(".")[2])
    return any(words.is_actor(words.singular(word)) for word in said)


def is_for_clients(table: LiveTable, target: str, served: Served) -> bool:
    """A note on an appointment is its client's, where those who write notes are users
    of another table. What people write to each other is theirs."""
    writers = {to for own, to, _ in table.references if any(map(words.is_user, own))}
    clients = served.get(target, frozenset())
    return bool(writers and clients - writers) and not is_written(table)


def is_deed(own: list[str]) -> bool:
    """`brought_by_id`, `reported_by`."""
    said = set(words.tokens(own[0]))
    return "by" in said and not said.isdisjoint(DEEDS)


def _is_clients(own: list[str], target: str) -> bool:
    """What a client does makes the row theirs. A user may do it for others."""
    is_user = any(
        words.is_user(words.singular(word))
        for word in words.tokens(target.rpartition(".")[2])
    )
    return is_deed(own) and not is_user


def _is_invitation(table: LiveTable) -> bool:
    """An invitation belongs to the person whose address it names."""
    said = {words.singular(word) for word in words.tokens(table.name)}
    meant = [words.named(column.name) for column in table.columns]
    return not said.isdisjoint(INVITATIONS) and any(
        each and each.meaning.code in ("email", "phone") for each in meant
    )


def is_written(table: LiveTable) -> bool:
    said = {words.singular(word) for word in words.tokens(table.name)}
    return not said.isdisjoint(WRITTEN)


def _is_beside(table: LiveTable, own: list[str], target: str) -> bool:
    """A leave request has its `empno`; the `apvno` who approves it may be empty, and
    the request is not theirs."""
    if len(own) != 1 or words.sides(own[0]):
        return False
    may_miss = {c.name for c in table.columns if c.options.get("null")}
    return own[0] in may_miss and any(
        other == theirs and to == target and other[0] not in may_miss
        for other, to, theirs in table.references
        if len(other) == 1
    )
