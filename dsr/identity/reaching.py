"""Where a code reaches a person whose addresses were erased here.

The address they wrote from stays with their request, for our letters. If it is the very
address that they proved, a code may be sent there; and a text from a number whose value
is gone is still recognised by its digest. So a copy can be collected after an erasure
too.
"""

import json

from dsr.identity.asking import methods_for
from dsr.models import Proof, Ticket
from privacy import identifiers
from privacy.identifiers import Kind, Mark, NotAnIdentifier
from privacy.models import Identifier

Method = Proof.Method
UNKNOWN = "•••"


def mark_of(row: Identifier, ticket: Ticket) -> Mark | None:
    """Its value, or the address that the request came from if that is the same."""
    if row.erased_at is None:
        return identifiers.value(row)
    written = _written_from(ticket)
    is_same = written is not None and row.digest in identifiers.digests(written)
    return written if is_same else None


def _written_from(ticket: Ticket) -> Mark | None:
    if ticket.requester is None:
        return None
    try:
        return identifiers.email(json.loads(ticket.requester.open()).get("email", ""))
    except NotAnIdentifier:
        return None


def methods(row: Identifier, ticket: Ticket) -> tuple[str, ...]:
    """The methods by which its holder can still be asked."""
    if mark_of(row, ticket) is not None:
        return methods_for(row.kind)
    return (Method.TEXT_IN,) if row.kind == Kind.PHONE else ()


def hint(row: Identifier, ticket: Ticket) -> str:
    mark = mark_of(row, ticket)
    return row.hint or (identifiers.hint(mark) if mark else UNKNOWN)
