"""The verb of the consent command that records what implies consent."""

from typing import Any

from django.utils import timezone

from consent import dealings
from consent.instants import instant
from consent.models import Dealing
from privacy import identifiers
from privacy.management.base import PortalCommand


def arguments(verbs: Any, who: str) -> None:
    dealt = verbs.add_parser("dealing", help="a purchase or an inquiry, in Canada")
    dealt.add_argument("address", help=who)
    dealt.add_argument("--kind", required=True, choices=Dealing.Kind)
    dealt.add_argument("--organization", required=True, help="which sender")
    dealt.add_argument("--source", required=True, help="the order's or ticket's number")
    dealt.add_argument("--country", default="", help="of an e-mail address: CA")
    dealt.add_argument("--at", metavar="ISO", help="when, if not now")


def do_dealing(command: PortalCommand, options: dict[str, Any]) -> None:
    command.require("consent.add_event")
    now = timezone.now()
    row = dealings.record(
        mark=identifiers.understand(options["address"]),
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
