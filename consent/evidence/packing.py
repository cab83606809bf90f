"""Makes the pack: facts, document, audit rows, a digest of each, one signature."""

import datetime as dt
import hashlib
import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from consent import ledger, listings, reassigned, review, telling
from consent.evidence import facts, paper, unclear
from consent.transfer import Ground
from privacy import audit, identifiers, signing
from privacy.identifiers import Mark
from privacy.models import AuditEvent, Identifier
from privacy.providers import gate
from privacy.refusals import Refusal, reason_given

VERIFIER = Path(settings.BASE_DIR) / "tools" / "verify_audit.py"
READ_ME = """\
evidence.pdf    for a reader
evidence.json   the same facts for a machine, with records as in ISO/IEC TS 27560
trail.jsonl     the rows of the audit trail that sealed the events
manifest.json   the SHA-256 of each file; manifest.sig signs it (Ed25519),
                manifest.pem is the key, which its owner publishes elsewhere too

Verify, with Python 3 and nothing else:  python3 verify_audit.py PACK.zip
Compare the key:        --key PUBLIC.pem    (a copy that you got from elsewhere)
Compare with the trail: --trail TRAIL.jsonl (the whole trail, exported)
"""


class NothingToProve(Refusal):
    """We have nothing on record for that number or address."""


def pack(
    *,
    mark: Mark,
    reason: str,
    by: str,
    now: dt.datetime,
    at: dt.datetime | None = None,
    ground: Ground | None = None,
) -> bytes:
    """A ZIP archive; its answers are of the instant `at`, if not of now. The audit
    trail records that it was made, and why. Without a ground it stays with us;
    otherwise it passes the disclosure gate."""
    reason = reason_given(reason)
    identifier = identifiers.find(mark)
    if identifier is None or not _is_known(mark):
        raise NothingToProve
    with transaction.atomic():
        if ground:
            _let_go(mark, ground, reason, by, now)
        said = facts.about(mark, identifier, reason=reason, by=by, now=now, at=at)
        told = audit.canonical(said).encode()
        made = _recorded(identifier, told, reason, by, now)
        rows = _rows(said, made)
    hashes = {row.sequence: row.hash for row in rows}
    files = {
        "evidence.json": told,
        "evidence.pdf": paper.made(said, hashes),
        "trail.jsonl": "".join(f"{x}\n" for x in audit.export_lines(rows)).encode(),
        "verify_audit.py": VERIFIER.read_bytes(),
        "README.txt": READ_ME.encode(),
    }
    out = io.BytesIO()
    pieces = {name: [content] for name, content in files.items()}
    signing.pack(out, kind="consent-evidence", files=pieces, now=now)
    return out.getvalue()


def _is_known(mark: Mark) -> bool:
    """By what they told us, clearly or not, a list or an answer about their number."""
    found = (
        ledger.told_by(mark),
        listings.of(mark),
        reassigned.answers_of(mark),
        unclear.messages(mark),
    )
    return any(rows.exists() for rows in found)


def _let_go(mark: Mark, ground: Ground, reason: str, by: str, now: dt.datetime) -> None:
    """Raises `gate.Refused`, also for a person who forbids it."""
    transfer = gate.Transfer(fields=telling.CATEGORIES, **ground._asdict())
    verdict = gate.check(transfer, now=now, people=[mark])
    if not verdict.allowed:
        raise gate.Refused(verdict)
    what = "Evidence of one person's consent"
    gate.disclose(transfer, what=what, reason=reason, people=1, by=by, now=now)


def _recorded(
    identifier: Identifier, told: bytes, reason: str, by: str, now: dt.datetime
) -> AuditEvent:
    return audit.record(
        action="evidence.packed",
        subject=f"identifier:{identifier.pk}",
        by=by,
        now=now,
        reason=reason,
        evidence=hashlib.sha256(told).hexdigest(),
    )


def _rows(said: dict[str, Any], made: AuditEvent) -> list[AuditEvent]:
    """Those of the events (removed ones included), of the lists they came with, of
    lists that forbid contact, of what was decided of unclear messages, and of this
    pack."""
    lists = {
        f"{kind}:{event['sealed']['evidence'][kind]}"
        for event in said["events"]
        for kind in ("import", "log")
        if kind in event["sealed"]["evidence"]
    }
    numbers = [event["trail"] for event in said["events"] if event["trail"]]
    numbers += [*said["ended"]["trail"], made.sequence]
    own = AuditEvent.objects.filter(sequence__in=numbers)
    person = f"identifier:{said['person']['identifier']}"
    own |= AuditEvent.objects.filter(action=listings.PUT, subject=person)
    read = [f"inboundmessage:{each['message']}" for each in said["unclear"]]
    own |= AuditEvent.objects.filter(action=review.SET_ASIDE, subject__in=read)
    if said["ended"]["beginning"]:
        own |= AuditEvent.objects.filter(action=audit.MONTH_ENDED)
    return list(
        (own | AuditEvent.objects.filter(subject__in=lists)).order_by("sequence")
    )
