"""`dsr new`: a request that is entered by command."""

import datetime as dt
from typing import Any

from django.core.management.base import CommandParser

from dsr import intake, languages, representatives
from dsr.models import Ticket
from dsr.representatives import Acting
from privacy import identifiers
from privacy.management.base import instant


def arguments(new: CommandParser) -> None:
    new.add_argument(
        "--right",
        required=True,
        action="append",
        metavar="RIGHT",
        help="access, erasure, rectification …; each becomes a separate request",
    )
    new.add_argument("--regime", required=True, help="GDPR, UK-GDPR, CCPA, US-VA …")
    new.add_argument("--phone", action="append", default=[])
    new.add_argument("--email", action="append", default=[])
    new.add_argument(
        "--reply-to",
        default="",
        metavar="EMAIL",
        help="where our letters go; default: the first --email",
    )
    new.add_argument(
        "--known-by",
        metavar="HOW",
        default="Entered by command: whoever entered it vouches for the person.",
        help="how you know who they are",
    )
    new.add_argument(
        "--language",
        default="",
        choices=languages.LANGUAGES,
        help="the language of our letters to them",
    )
    new.add_argument("--received", type=instant, metavar="ISO", help="default: now")
    _for_another(new)


def _for_another(new: CommandParser) -> None:
    new.add_argument(
        "--acting",
        default="",
        choices=representatives.CAPACITIES,
        help="somebody asks for the person, as this; --reply-to is theirs",
    )
    new.add_argument("--acting-name", default="", metavar="NAME")
    new.add_argument(
        "--may-act",
        action="store_true",
        help="you have seen what lets them act",
    )


def receive(options: dict[str, Any], *, by: str, now: dt.datetime) -> list[Ticket]:
    # Sealed with the request: an erasure ends the address that it is about.
    own = "" if options["acting"] else next(iter(options["email"]), "")
    address = options["reply_to"] or own
    return intake.receive(
        rights=options["right"],
        regime=options["regime"],
        marks=[identifiers.phone(text) for text in options["phone"]]
        + [identifiers.email(text) for text in options["email"]],
        received_at=options["received"] or now,
        source=Ticket.Source.COMMAND,
        by=by,
        now=now,
        email=identifiers.email(address).value if address else "",
        known_by=options["known_by"],
        language=options["language"],
        acting=_acting(options),
    )


def _acting(options: dict[str, Any]) -> Acting | None:
    if not options["acting"]:
        return None
    return Acting(
        capacity=options["acting"],
        name=options["acting_name"],
        email=options["reply_to"],
        may_act=options["may_act"],
    )
