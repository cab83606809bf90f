"""The copy on the page of a request: a code first, then the password and the file."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from dsr import packages
from dsr.identity import rules
from dsr.models import Link, Proof, Ticket
from dsr.packages import NoPackage, handing
from dsr.packages.handing import CodeNeeded
from dsr.views.requests import proving


def shown(ticket: Ticket, language: str) -> dict[str, Any] | None:
    """Nothing, unless there is a copy that can still be taken."""
    now = timezone.now()
    try:
        package = packages.kept(ticket, now=now)
    except NoPackage:
        return None
    said: dict[str, Any] = {
        "package": package,
        "minutes": rules.limit("download_minutes"),
        "password": "",
    }
    try:
        return said | {"password": handing.password(ticket, now=now)}
    except CodeNeeded:
        proofs = ticket.proofs.filter(purpose=Proof.Purpose.DOWNLOAD)
        ways = proving.ways(handing.channels(ticket), language)
        return said | {
            "ways": [way for way in ways if way.method != Proof.Method.ON_FILE],
            "waiting": proving.waiting(proofs.select_related("identifier"), language),
        }


def ask(request: HttpRequest, link: Link) -> HttpResponse:
    handing.ask(
        ticket=link.ticket,
        identifier_id=proving.number(request, "identifier"),
        method=request.POST.get("method", ""),
        now=timezone.now(),
    )
    proving.wake()
    return proving.back(link, "waiting", "copy")


def take(request: HttpRequest, link: Link) -> HttpResponseBase:
    pieces = handing.take(ticket=link.ticket, now=timezone.now())
    return StreamingHttpResponse(
        pieces,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{link.ticket}.zip"',
        },
    )
