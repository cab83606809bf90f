"""Files that people send: identified by their first bytes, sealed, deleted when
done."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from dsr.models import Mail, Message, Ticket, Upload
from privacy import audit
from privacy.models.sealing import seal_bytes, unseal_bytes
from privacy.refusals import Refusal

CONTEXT = "dsr_upload.content"
MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
MOST_FILES = 5
MOST_FOR_A_TICKET = 20
# How files of each kind begin. What they are called and claim to be is not asked.
BEGINNINGS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
)


class WrongFile(Refusal):
    """That file can't be taken."""


class TooManyFiles(WrongFile):
    """There are more files than one request may have."""


class TooLarge(WrongFile):
    """A file is larger than 10 MB."""


class Empty(WrongFile):
    """A file is empty."""


class UnknownType(WrongFile):
    """Only PDF, JPEG, PNG and HEIC files are taken."""


class Closed(Refusal):
    """The whole request has been answered; you can still write a message."""


class Removed(Refusal):
    """The file was deleted once it was no longer needed."""


@dataclass(frozen=True)
class File:
    """What somebody sent; checked before it is stored."""

    name: str
    content: bytes
    size: int  # as sent; the content of one that is too large is not kept

    def __repr__(self) -> str:
        return f"<file of {self.size} bytes>"


def check(files: Sequence[File]) -> None:
    """Raises the `WrongFile` that says what is wrong."""
    if len(files) > MOST_FILES:
        raise TooManyFiles
    for file in files:
        if file.size > MOST_BYTES:
            raise TooLarge
        if not file.content:
            raise Empty
        media_type(file.content)


def media_type(content: bytes) -> str:
    for start, beginning, name in BEGINNINGS:
        if content[start : start + len(beginning)] == beginning:
            return name
    raise UnknownType


def keep(
    *,
    ticket: Ticket,
    files: Sequence[File],
    purpose: str,
    now: dt.datetime,
    by: str = "",
) -> list[Upload]:
    """Sealed rows; `by` is a member of staff, or empty for the person. A file that is
    already there for the same purpose was sent twice and is stored once."""
    check(files)
    there = ticket.uploads.filter(removed_at=None, purpose=purpose)
    known = set(there.values_list("digest", flat=True))
    files = [each for each in files if _digest(each) not in known]
    if not Ticket.objects.filter(request=ticket.request_id, closed_at=None).exists():
        raise Closed
    if ticket.uploads.count() + len(files) > MOST_FOR_A_TICKET:
        raise TooManyFiles
    with transaction.atomic():
        rows = [
            seal(
                ticket=ticket,
                file=file,
                media_type=media_type(file.content),
                purpose=purpose,
                now=now,
                by=by,
            )
            for file in files
        ]
        if rows:
            audit.record(
                action="upload.received",
                subject=f"ticket:{ticket.reference}",
                by=by or "person",
                now=now,
                purpose=purpose,
                files=len(rows),
            )
    return rows


def known(*, ticket: Ticket, file: File, purpose: str) -> Upload:
    """The one that was sent before."""
    there = ticket.uploads.filter(removed_at=None, purpose=purpose)
    return there.get(digest=_digest(file))


def _digest(file: File) -> str:
    return hashlib.sha256(file.content).hexdigest()


def seal(
    *,
    ticket: Ticket,
    file: File,
    media_type: str,
    purpose: str,
    now: dt.datetime,
    by: str = "",
    message: Message | None = None,
    mail: Mail | None = None,
) -> Upload:
    """One sealed row; the caller has checked the file and records that it came."""
    return Upload.objects.create(
        ticket=ticket,
        message=message,
        mail=mail,
        purpose=purpose,
        name=file.name[-120:] or "file",
        content=seal_bytes(file.content, context=CONTEXT),
        media_type=media_type,
        size=file.size,
        digest=_digest(file),
        uploaded_at=now,
        uploaded_by=by,
    )


def content(*, upload: Upload, by: str, now: dt.datetime) -> bytes:
    """For staff who must look at it; opening it is recorded."""
    if upload.content is None:
        raise Removed
    audit.record(
        action="upload.opened",
        subject=f"ticket:{upload.ticket.reference}",
        by=by,
        now=now,
        upload=upload.pk,
    )
    return unseal_bytes(bytes(upload.content), context=CONTEXT)


def are_proofs(*, papers: Sequence[Upload], by: str, now: dt.datetime) -> None:
    """Somebody saw that these prove identity; so they are deleted with the decision."""
    for upload in papers:
        rows = Upload.objects.filter(pk=upload.pk, removed_at=None)
        if rows.update(purpose=Upload.Purpose.IDENTITY):
            audit.record(
                action="upload.is_proof",
                subject=f"ticket:{upload.ticket.reference}",
                by=by,
                now=now,
                upload=upload.pk,
            )


def remove(
    *, ticket: Ticket, purposes: Sequence[str], by: str, now: dt.datetime
) -> int:
    """Content and name are deleted once no longer needed; the record that there was a
    file stays."""
    rows = ticket.uploads.filter(purpose__in=purposes, removed_at=None)
    with transaction.atomic():
        gone = rows.update(content=None, name=None, removed_at=now)
        if gone:
            audit.record(
                action="upload.removed",
                subject=f"ticket:{ticket.reference}",
                by=by,
                now=now,
                files=gone,
            )
    return gone


def remove_served(*, by: str, now: dt.datetime) -> int:
    """Proofs of identity and of authority, once everything was answered."""
    proofs = (Upload.Purpose.IDENTITY, Upload.Purpose.AUTHORITY)
    rows = Upload.objects.filter(purpose__in=proofs, removed_at=None)
    open_ = Ticket.objects.filter(closed_at=None).values("request")
    served = Ticket.objects.filter(uploads__in=rows).exclude(request__in=open_)
    return sum(
        remove(ticket=each, purposes=proofs, by=by, now=now)
        for each in served.distinct()
    )
