"""The digest guard: was this person erased, so that no import may bring them back?

Importers and sign-up forms ask before they take in old data. Only digests are compared.
A person who comes back by themselves may of course be taken in again.
"""

import datetime as dt
from collections.abc import Sequence

from privacy import identifiers
from privacy.identifiers import Mark
from privacy.models import Identifier


def erased(marks: Sequence[Mark]) -> dict[Mark, dt.datetime]:
    """Which of these identifiers were erased, and when; in one query."""
    by_digest = {digest: mark for mark in marks for digest in identifiers.digests(mark)}
    gone = Identifier.objects.filter(
        digest__in=list(by_digest), erased_at__isnull=False
    )
    return {
        by_digest[digest]: at
        for digest, at in gone.values_list("digest", "erased_at")
        if at is not None
    }
