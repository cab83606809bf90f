"""Verbs of the consent command that ask: may we send, may a call be recorded, does
another site honour Global Privacy Control."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from consent import check, lookup, programs, recording
from consent.browser import support
from consent.instants import instant
from consent.management.commands import _address as address
from consent.models import Channel
from privacy.management.base import PortalCommand

ASKED = ("state", "purpose", "organization", "program")


def arguments(verbs: Any) -> None:
    tape = verbs.add_parser("recording", help="may a call be recorded?")
    tape.add_argument("caller")
    tape.add_argument("callee")
    gpc = verbs.add_parser("gpc", help="what a site's gpc.json says")
    gpc.add_argument("file", type=Path)


def do_check(command: PortalCommand, options: dict[str, Any]) -> None:
    """For one channel; without it for each, with the answer for the first on top."""
    command.require("consent.view_standing")
    mark = address.mark(options)
    asked = {name: options[name] for name in ASKED}
    times = {"at": options["at"], "known_at": options["known"]}
    asked |= {name: instant(text) if text else None for name, text in times.items()}
    asked |= {"now": timezone.now()}
    lookup.asked(mark, by=command.by, now=asked["now"])
    if options["channel"]:
        answer = check.may_send(mark, channel=options["channel"], **asked)
        words, document = answer.sentence, answer.facts()
    else:
        words, document = _by_channel(check.may_send_by_each(mark, **asked))
    if doubt := programs.doubt(options["organization"], mark):
        words, document["doubt"] = f"{words}\n{doubt}", doubt
    command.answer(words, document)


def _by_channel(answers: dict[str, check.Answer]) -> tuple[str, dict[str, Any]]:
    """Each in words, and as data below the first."""
    told = [f"{Channel(each).label}: {a.sentence}" for each, a in answers.items()]
    facts = {each: answer.facts() for each, answer in answers.items()}
    first = next(iter(answers.values()))
    return "\n".join(told), first.facts() | {"channels": facts}


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
