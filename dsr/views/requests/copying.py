"""The copy on the page of a request: a code first, then the password and the file."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from dsr import identity, packages
from dsr.identity import rules
from dsr.models import Link, Package, Proof, Ticket
from dsr.packages import NoPackage, handing
from dsr.packages.handing import CodeNeeded
from dsr.views.requests import proving


def shown(ticket: Ticket, language: str) -> dict[str, Any] | None:
    """Nothing, unless there is a copy that can still be downloaded."""
    now = timezone.now()
    made = Package.objects.filter(
        ticket__request=ticket.request_id, expires_at__gt=now, expired_at=None
    )
    copies = list(made.select_related("ticket").order_by("pk"))
    if not copies:
        return None
    first = copies[0].ticket
    said: dict[str, Any] = {
        "copies": [{"package": each, "password": ""} for each in copies],
        "minutes": rules.limit("download_minutes"),
    }
    try:
        for each in said["copies"]:
            each["password"] = handing.password(each["package"].ticket, now=now)
    except CodeNeeded:
        proofs = Proof.objects.filter(
            ticket__request=ticket.request_id, purpose=Proof.Purpose.DOWNLOAD
        )
        ways = proving.ways(first, identity.proved(first), language)
        return said | {
            "needs_code": True,
            "ways": [way for way in ways if way.method != Proof.Method.ON_FILE],
            "waiting": proving.waiting(proofs.select_related("identifier"), language),
        }
    return said


def _ticket(request: HttpRequest, link: Link) -> Ticket:
    """The ticket whose copy is meant; without a number, the first that has one."""
    mine = Ticket.objects.filter(
        request=link.ticket.request_id, package__expired_at=None
    )
    if name := request.POST.get("reference", ""):
        mine = mine.filter(reference=name)
    ticket = mine.filter(package__isnull=False).order_by("pk").first()
    if ticket is None:
        raise NoPackage
    return ticket


def ask(request: HttpRequest, link: Link) -> HttpResponse:
    handing.ask(
        ticket=_ticket(request, link),
        identifier_id=proving.number(request, "identifier"),
        method=request.POST.get("method", ""),
        now=timezone.now(),
    )
    proving.wake()
    return proving.back(link, "waiting", "copy")


def take(request: HttpRequest, link: Link) -> HttpResponseBase:
    ticket = _ticket(request, link)
    packages.kept(ticket, now=timezone.now())
    pieces = handing.take(ticket=ticket, now=timezone.now())
    name = f'attachment; filename="{ticket}.zip"'
    return StreamingHttpResponse(
        pieces, content_type="application/zip", headers={"Content-Disposition": name}
    )
