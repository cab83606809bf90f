"""Takes a mail once: opens a request, joins one, records an opt-out, or lets it wait.

Nothing is answered here, so that no automatic mail can start a loop. Only what is
certain is acted on; anything else waits for a person.
"""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from dsr.mailbox import belonging, deciding, letter, understanding
from dsr.mailbox.belonging import Belonging
from dsr.mailbox.deciding import Arrival
from dsr.mailbox.letter import Letter
from dsr.mailbox.understood import UNSPECIFIED, Understanding
from dsr.models import Mail
from privacy import identifiers
from privacy.models import Identifier

Verdict = Mail.Verdict
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Taken:
    """What became of a mail. `is_new` is False for one that was taken before."""

    mail: Mail
    understood: Understanding
    belongs: Belonging
    is_new: bool = True

    def described(self) -> dict[str, Any]:
        """One JSON object, with the names of the labelled mails and what was done."""
        said = self.understood.described()
        if self.mail.verdict == Verdict.FOLLOW_UP:
            said["expects"] = "link_to_existing"
        if self.understood.goes_on and self.belongs.mails:
            said["jurisdiction"] = self._law()
        return said | {
            "queue": self.mail.verdict == Verdict.QUEUE,
            "verdict": self.mail.verdict,
            "reason": self.mail.reason,
            "for_legal": self.mail.for_legal,
            "references": [str(ticket) for ticket in self.mail.tickets.all()],
            "is_repeat": not self.is_new,
        }

    def _law(self) -> str:
        """A reminder that names no law means that of the mail it reminds us of."""
        own = self.understood.jurisdiction
        return self.belongs.mails[0].regime if own == UNSPECIFIED else own


def ingest(raw: bytes, *, by: str, now: dt.datetime) -> Taken:
    """The mail's row, what it asks, and its audit row, in one transaction.

    Raises a `Refusal` for what is not a mail, and changes nothing then. A mail that was
    taken before changes nothing either.
    """
    read = letter.open_(raw)
    found = understanding.understand(read)
    with transaction.atomic():
        mail, is_new = _keep(raw, read, found, now)
        belongs = Belonging(tickets=list(mail.tickets.all()))
        if is_new:
            belongs = belonging.of(mail, read, found)
            deciding.decide(Arrival(mail, read, found, belongs, by, now))
    return Taken(mail, found, belongs, is_new)


def keep_unread(raw: bytes, *, why: str, by: str, now: dt.datetime) -> Mail:
    """What the portal can't read waits for a person with a mail program, once, where
    nobody else has kept it."""
    found = Understanding(
        is_dsr=False,
        category=UNREADABLE,
        reason=f"{why} Read it, download it, and enter what it asks.",
        confidence=0,
        expects="",
    )
    with transaction.atomic():
        mail, is_new = Mail.objects.get_or_create(
            message_id=letter.digest(letter.as_text(raw)),
            defaults=_facts(raw, found, None, now, now),
        )
        if is_new:
            deciding.record(mail, by=by, now=now)
    return mail


def _facts(
    raw: bytes,
    found: Understanding,
    sender: Identifier | None,
    received_at: dt.datetime,
    now: dt.datetime,
) -> dict[str, Any]:
    return {
        "raw": letter.as_text(raw),
        "understood": json.dumps(found.described(), ensure_ascii=False),
        "sender": sender,
        "received_at": received_at,
        "taken_at": now,
        "verdict": Verdict.QUEUE,
        "category": found.category,
        "types": found.types,
        "regime": found.jurisdiction,
        "language": found.language,
        "confidence": found.confidence,
        "reason": found.reason,
        "for_legal": found.is_for_legal,
    }


def _keep(
    raw: bytes, read: Letter, found: Understanding, now: dt.datetime
) -> tuple[Mail, bool]:
    """One row for each Message-ID; a different mail under the same one is not lost."""
    senders = [identifiers.keep(m, now=now) for m in belonging.sender_of(read)]
    received_at = min(read.received_at or now, now)
    facts = _facts(raw, found, senders[0] if senders else None, received_at, now)
    for key in (read.message_id, letter.as_text(raw)):
        mail, is_new = Mail.objects.get_or_create(
            message_id=letter.digest(key), defaults=facts
        )
        if is_new or _says(mail, read):
            break
    return mail, is_new


def _says(mail: Mail, read: Letter) -> bool:
    mail.refresh_from_db(fields=["raw"])
    earlier = letter.open_(letter.as_bytes(mail.raw.open()))
    return (earlier.sender, earlier.text) == (read.sender, read.text)
