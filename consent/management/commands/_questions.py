"""Verbs of the consent command that ask about no person: calls, and other sites."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from consent import recording
from consent.browser import support
from privacy.management.base import PortalCommand


def arguments(verbs: Any) -> None:
    tape = verbs.add_parser("recording", help="may a call be recorded?")
    tape.add_argument("caller")
    tape.add_argument("callee")
    gpc = verbs.add_parser("gpc", help="what somebody's gpc.json says")
    gpc.add_argument("file", type=Path)


def do_recording(command: PortalCommand, options: dict[str, Any]) -> None:
    answer = recording.ask(
        caller=options["caller"], callee=options["callee"], now=timezone.now()
    )
    command.answer(answer.sentence, answer.facts())


def do_gpc(command: PortalCommand, options: dict[str, Any]) -> None:
    try:
        text = options["file"].read_text(encoding="utf-8", errors="replace")
    except OSError:
        raise CommandError(f"{options['file']} can't be read.") from None
    found = support.read(text)
    command.answer(found.sentence, found.facts())
