"""The person collects their copy: after a fresh code, encrypted, counted, while it
lasts.

The code is sent to, or comes from, what they proved before; the secret address of the
request alone opens nothing. The password is shown on the page and is in no letter.
"""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator

import pyzipper
from django.db import transaction
from django.db.models import F

from dsr import identity, packages
from dsr.identity import rules
from dsr.models import Package, Proof, Ticket
from dsr.packages import sealed
from privacy import audit
from privacy.refusals import Refusal

FULL = 256 * 1024


class CodeNeeded(Refusal):
    """Confirm with a new code that it is you; it is valid for half an hour."""


class TakenTooOften(Refusal):
    """The copy has reached its limit of downloads; write to us for another."""


def ask(*, ticket: Ticket, identifier_id: int, method: str, now: dt.datetime) -> Proof:
    """Sends a code for the download."""
    packages.kept(ticket, now=now)
    if identifier_id not in {row.pk for row in identity.proved(ticket)}:
        raise identity.NoSuchProof
    return identity.ask(
        ticket=ticket,
        identifier_id=identifier_id,
        method=method,
        now=now,
        purpose=Proof.Purpose.DOWNLOAD,
    )


def opened(ticket: Ticket, *, now: dt.datetime) -> Package:
    """Raises `CodeNeeded` unless a code was confirmed a moment ago."""
    package = packages.kept(ticket, now=now)
    since = now - dt.timedelta(minutes=rules.limit("download_minutes"))
    fresh = Proof.objects.filter(
        ticket__request=ticket.request_id,
        purpose=Proof.Purpose.DOWNLOAD,
        state=Proof.State.CONFIRMED,
        confirmed_at__gt=since,
    )
    if not fresh.exists():
        raise CodeNeeded
    return package


def password(ticket: Ticket, *, now: dt.datetime) -> str:
    return str(opened(ticket, now=now).password.open())


def take(*, ticket: Ticket, now: dt.datetime) -> Iterator[bytes]:
    """The encrypted ZIP, as a stream; counted before its first byte is sent."""
    package = opened(ticket, now=now)
    with transaction.atomic():
        rows = Package.objects.filter(
            pk=package.pk, downloads__lt=rules.limit("downloads")
        )
        if not rows.update(downloads=F("downloads") + 1, downloaded_at=now):
            raise TakenTooOften
        audit.record(
            action="package.downloaded",
            subject=f"ticket:{ticket.reference}",
            by="person",
            now=now,
            digest=package.digest,
        )
    return encrypted(package)


class Drain(io.RawIOBase):
    """What was written and not yet sent."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        content = bytes(data)  # type: ignore[call-overload]
        self.waiting += content
        return len(content)

    def take(self) -> bytes:
        content = bytes(self.waiting)
        self.waiting.clear()
        return content


def encrypted(package: Package) -> Iterator[bytes]:
    """AES-256 as WinZip specifies it (AE-2), which common programs open."""
    drain = Drain()
    with (
        zipfile.ZipFile(sealed.Reader(package)) as plain,
        pyzipper.AESZipFile(
            drain, "w", pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
        ) as out,
    ):
        out.setpassword(str(package.password.open()).encode())
        for name in plain.namelist():
            with (
                plain.open(name) as source,
                out.open(name, "w", force_zip64=True) as target,
            ):
                while piece := source.read(packages.PIECE):
                    target.write(piece)
                    if len(drain.waiting) >= FULL:
                        yield drain.take()
    yield drain.take()
