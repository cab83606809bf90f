"""The Data Rights Protocol: agents that we trust, and our entry in the directory."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from dsr.models import Agent
from dsr.protocols import agents, drp
from privacy.management.base import PortalCommand, subcommands


class Command(PortalCommand):
    help = "Trust agents of the Data Rights Protocol; print our directory entry."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        trust = verbs.add_parser("trust", help="take agents from the directory's JSON")
        trust.add_argument("file", help="one entry, or a list (3.05.1)")
        end = verbs.add_parser("distrust", help="refuse an agent from now on")
        end.add_argument("id")
        verbs.add_parser("agents", help="whom we trust")
        verbs.add_parser("business", help="our entry for the directory (3.05.2)")

    def run(self, verb: str, **options: Any) -> None:
        getattr(self, verb)(options)

    def trust(self, options: dict[str, Any]) -> None:
        self.require("dsr.add_agent")
        try:
            said = json.loads(Path(options["file"]).read_text())
        except (OSError, ValueError):
            raise CommandError(f"{options['file']} is not a JSON file.") from None
        entries = said if isinstance(said, list) else [said]
        taken = agents.trust(entries=entries, by=self.by, now=timezone.now())
        self.answer(f"Trusted {len(taken)} agents.", {"trusted": taken})

    def distrust(self, options: dict[str, Any]) -> None:
        self.require("dsr.change_agent")
        agents.distrust(code=options["id"], by=self.by, now=timezone.now())
        self.answer(f"{options['id']} is refused.", {"id": options["id"]})

    def agents(self, options: dict[str, Any]) -> None:
        self.require("dsr.view_agent")
        rows = [
            {"id": row.code, "name": row.name, "is_trusted": row.is_trusted}
            for row in Agent.objects.all()
        ]
        words = "\n".join(f"{row['id']}  {row['name']}" for row in rows)
        self.answer(words or "No agent is known.", {"agents": rows})

    def business(self, options: dict[str, Any]) -> None:
        self.require("dsr.view_agent")
        entry = drp.business()
        self.answer(json.dumps(entry, indent=1), entry)
