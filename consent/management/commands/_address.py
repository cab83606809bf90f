"""Whose address a verb of the consent command is about."""

from typing import Any

from django.core.management.base import CommandParser

from privacy import identifiers
from privacy.identifiers import Mark


def argument(parser: CommandParser) -> None:
    """`+12025550143`, or `--phone` or `--email` to say which it is."""
    one = parser.add_mutually_exclusive_group(required=True)
    one.add_argument(
        "address", nargs="?", help="a phone number in any form, or an e-mail address"
    )
    one.add_argument("--phone", metavar="P")
    one.add_argument("--email", metavar="E")


def text(options: dict[str, Any]) -> str:
    """As typed: a look-up finds more than phone numbers and e-mail addresses."""
    if options["phone"] or options["email"]:
        return mark(options).value
    return options["address"]


def mark(options: dict[str, Any]) -> Mark:
    """Raises: `Unreadable`."""
    if options["phone"]:
        return identifiers.phone(options["phone"])
    if options["email"]:
        return identifiers.email(options["email"])
    return identifiers.understand(options["address"])
