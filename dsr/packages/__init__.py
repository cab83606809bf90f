"""The person's copy: a ZIP with JSON for machines, CSV for tables, a web page and a
PDF.

It is written in one pass and stored sealed in pieces. Staff who hand it over get the
plain ZIP; the person gets it encrypted, by an expiring link, after entering a code
(`handing`).
"""

import datetime as dt
import secrets
from collections.abc import Iterator

from dateutil.relativedelta import relativedelta
from django.db import transaction

from dsr import links
from dsr.models import Package, PackagePart, Ticket
from dsr.packages import sealed, writing
from privacy import audit
from privacy.refusals import Refusal

KEPT_FOR = relativedelta(days=30)
PIECE = 64 * 1024
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
GROUPS, OF = 5, 4


class NoPackage(Refusal):
    """There is no copy for this request, or it has expired."""


def make(*, ticket: Ticket, now: dt.datetime) -> Package:
    """Writes and seals the copy; a second call returns the first one."""
    if ticket.plan is None:
        raise NoPackage
    if existing := Package.objects.filter(ticket=ticket).first():
        return existing
    with transaction.atomic():
        package = Package.objects.create(
            ticket=ticket, password=_password(), made_at=now, expires_at=now + KEPT_FOR
        )
        with sealed.Writer(package) as file:
            language = links.language_of(ticket)
            package.own = writing.write(file, ticket, language, now)
    return package


def _password() -> str:
    """About a hundred bits, in groups that can be read out."""
    groups = (
        "".join(secrets.choice(LETTERS) for _ in range(OF)) for _ in range(GROUPS)
    )
    return "-".join(groups)


def kept(ticket: Ticket, *, now: dt.datetime) -> Package:
    """Raises `NoPackage` when there is none, or it has expired."""
    package = Package.objects.filter(ticket=ticket, expires_at__gt=now).first()
    if package is None or package.expired_at is not None:
        raise NoPackage
    return package


def stream(*, ticket: Ticket, by: str, now: dt.datetime) -> Iterator[bytes]:
    """The plain ZIP for staff who hand it over; downloading it is recorded."""
    package = kept(ticket, now=now)
    with transaction.atomic():
        audit.record(
            action="package.taken",
            subject=f"ticket:{ticket.reference}",
            by=by,
            now=now,
            digest=package.digest,
        )
    return _pieces(package)


def _pieces(package: Package) -> Iterator[bytes]:
    reader = sealed.Reader(package)
    while piece := reader.read(PIECE):
        yield piece


def expire(*, now: dt.datetime) -> int:
    """Destroys the bytes of expired copies; the record that there was one stays."""
    old = Package.objects.filter(expires_at__lte=now, expired_at=None)
    with transaction.atomic():
        keys = list(old.select_for_update().values_list("pk", flat=True))
        PackagePart.objects.filter(package__in=keys).delete()
        return Package.objects.filter(pk__in=keys).update(expired_at=now)
