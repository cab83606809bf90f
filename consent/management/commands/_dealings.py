"""The verb of the consent command that records what implies consent."""

from typing import Any

from django.utils import timezone

from consent import dealings
from consent.instants import instant
from consent.management.commands import _address as address
from consent.models import Dealing
from privacy.management.base import PortalCommand


def arguments(verbs: Any) -> None:
    dealt = verbs.add_parser("dealing", help="record a purchase or an inquiry (Canada)")
    address.argument(dealt)
    dealt.add_argument("--kind", required=True, choices=Dealing.Kind)
    dealt.add_argument("--organization", required=True, help="which sender")
    dealt.add_argument("--source", required=True, help="the order's or ticket's number")
    dealt.add_argument("--country", default="", help="for an e-mail address: CA")
    dealt.add_argument("--at", metavar="ISO", help="when, if not now")


def do_dealing(command: PortalCommand, options: dict[str, Any]) -> None:
    command.require("consent.add_event")
    now = timezone.now()
    row = dealings.record(
        mark=address.mark(options),
        organization=options["organization"],
        kind=options["kind"],
        happened_at=instant(options["at"]) if options["at"] else now,
        source=options["source"],
        country=options["country"],
        by=command.by,
        now=now,
    )
    until = row.ends_at.isoformat()
    said = f"It implies consent until {until} ({row.citation})."
    command.answer(said, {"ends_at": until})
