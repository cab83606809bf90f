"""Keys of partner systems: create one, revoke one."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from privacy import apikeys
from privacy.management.base import PortalCommand, subcommands


class Command(PortalCommand):
    help = "Create or revoke the API key of a partner system."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        create = verbs.add_parser("create", help="Print a new key, once.")
        create.add_argument("name")
        create.add_argument(
            "--scope",
            action="extend",
            nargs="+",
            required=True,
            metavar="SCOPE",
            help="; ".join(f"{name}: {what}" for name, what in apikeys.SCOPES.items()),
        )
        create.add_argument(
            "--recipient",
            default="",
            help="Whose system it is, as the list of recipients of data names it; "
            "without one it is the platform's own.",
        )
        revoke = verbs.add_parser("revoke", help="End a key at once.")
        revoke.add_argument("name")

    def run(self, **options: Any) -> None:
        if options["verb"] == "create":
            self.create(options["name"], options["scope"], options["recipient"])
        else:
            self.revoke(options["name"])

    def create(self, name: str, scopes: list[str], recipient: str) -> None:
        self.require("privacy.add_apikey")
        for scope in scopes:
            self.require(apikeys.NEEDS.get(scope, ""))
        key = apikeys.create(
            name=name,
            scopes=scopes,
            recipient=recipient,
            by=self.by,
            now=timezone.now(),
        )
        self.answer(key, {"name": name, "scopes": scopes, "key": key})

    def revoke(self, name: str) -> None:
        self.require("privacy.change_apikey")
        apikeys.revoke(name=name, by=self.by, now=timezone.now())
        self.answer(f"The key {name} is revoked.", {"name": name, "revoked": True})
