"""Texts from people, from a file: as if a carrier had brought them."""

import hashlib
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from consent import inbox
from consent.carriers.base import Message
from consent.models import InboundMessage
from privacy.management.base import PortalCommand, subcommands
from privacy.refusals import Refusal

CARRIER = "file"


class Unreadable(Refusal):
    """The file is a YAML list; each line of it says from, to and text."""


class Command(PortalCommand):
    help = "Let texts from people arrive from a file, to try the portal on."

    def arguments(self, parser: CommandParser) -> None:
        ingest = subcommands(parser).add_parser("ingest", help="take each in, once")
        ingest.add_argument("file", metavar="FILE.yaml", type=Path)

    def run(self, verb: str, **options: Any) -> None:
        self.require("consent.add_event")
        messages = _read(options["file"])
        for message in messages:
            inbox.receive(message=message, now=timezone.now())
        names = [message.carrier_message_id for message in messages]
        kept = InboundMessage.objects.filter(
            carrier=CARRIER, carrier_message_id__in=names
        )
        unclear = kept.filter(meaning=InboundMessage.Meaning.AMBIGUOUS).count()
        words = f"{len(messages)} texts taken; {unclear} of them are unclear."
        self.answer(words, {"taken": len(messages), "unclear": unclear})


def _read(file: Path) -> list[Message]:
    try:
        lines = yaml.safe_load(file.read_text())
        return [_message(line) for line in lines]
    except OSError:
        raise CommandError(f"There is no file {file}, or it can't be read.") from None
    except (yaml.YAMLError, UnicodeError, KeyError, TypeError):
        raise Unreadable from None


def _message(line: dict[str, Any]) -> Message:
    """The same line is the same message, however often it arrives."""
    said = {name: str(line[name]) for name in ("from", "to", "text")}
    return Message(
        carrier=CARRIER,
        carrier_message_id=hashlib.sha256(
            "\n".join(said.values()).encode()
        ).hexdigest(),
        sender=said["from"],
        recipient=said["to"],
        text=said["text"],
        answerable=False,
    )
