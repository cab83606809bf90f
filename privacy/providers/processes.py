"""The register of legal process: subpoenas, orders, audits, each with its document."""

import base64
import datetime as dt
import hashlib

from django.db import transaction

from privacy import audit
from privacy.models import Hold, LegalProcess
from privacy.refusals import Refusal

LARGEST = 20 * 2**20


class NoPaper(Refusal):
    """Nothing may be disclosed without the document; add the file (up to 20 MB)."""


class Recorded(Refusal):
    """A legal process with that reference is already on file."""


def record(
    *,
    reference: str,
    kind: str,
    authority: str,
    scope: str,
    received_on: dt.date,
    paper: bytes,
    by: str,
    now: dt.datetime,
    hold: Hold | None = None,
) -> LegalProcess:
    """`hold` is what it obliges us to keep, placed before."""
    if not paper or len(paper) > LARGEST:
        raise NoPaper
    with transaction.atomic():
        if LegalProcess.objects.filter(reference=reference).exists():
            raise Recorded
        row = LegalProcess.objects.create(
            reference=reference,
            kind=kind,
            authority=authority,
            scope=scope,
            received_on=received_on,
            document=base64.b64encode(paper).decode(),
            digest=hashlib.sha256(paper).hexdigest(),
            hold=hold,
            recorded_by=by,
            recorded_at=now,
        )
        audit.record(
            action="legal_process.recorded",
            subject=f"legal_process:{row.pk}",
            by=by,
            now=now,
            reference=reference,
            kind=kind,
            digest=row.digest,
        )
    return row
