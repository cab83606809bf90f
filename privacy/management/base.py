"""What all commands share: who acts, JSON or text output, one clear sentence for an
error."""

import argparse
import contextlib
import datetime as dt
import json
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection

from privacy.plans import SecondPersonNeeded
from privacy.refusals import Refusal

OPERATOR = "operator"  # whoever has a shell here, when --by is not given


class PortalCommand(BaseCommand):
    """Implement `arguments` and `run`; raise a `Refusal` for an error.

    `run` answers through `answer`: text for people, one JSON document with --json.
    """

    permission = ""  # asked of --by, e.g. "privacy.add_plan"

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = Brief  # Django makes one of its own
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        shared_options(parser, by=OPERATOR, as_json=False)
        self.arguments(parser)

    def arguments(self, parser: CommandParser) -> None:
        """The command's own arguments."""

    def handle(self, *args: Any, **options: Any) -> None:
        self.by, self.as_json = options.pop("by"), options.pop("as_json")
        try:
            self.require(self.permission)
            self.run(**options)
        except SecondPersonNeeded as refusal:
            raise CommandError(f"{refusal} Say who with --by NAME.") from None
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        except OperationalError:
            if _answers():
                raise
            raise CommandError(_no_database()) from None

    def run(self, *args: Any, **options: Any) -> None:
        raise CommandError("Say what to do: see --help.")

    def require(self, permission: str) -> None:
        """Staff act with their own permissions; the operator of the machine has all."""
        if self.by == OPERATOR:
            return
        user = get_user_model().objects.filter(username=self.by, is_active=True).first()
        if user is None:
            raise CommandError(
                f"Nobody here is called {self.by}: --by takes a username of the staff."
            )
        if permission and not user.has_perm(permission):
            raise CommandError(f"{self.by} may not do that ({permission} is needed).")

    def answer(self, words: str, document: Any) -> None:
        text = json.dumps(document, default=_plain) if self.as_json else words
        self.stdout.write(text)


def _plain(value: object) -> str:
    """Times as ISO 8601; anything else that JSON lacks as its text."""
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _no_database() -> str:
    """A trial has servers of its own, which run as long as it does."""
    hint = " Start the portal: python3 dev.py up" if settings.EMBEDDED_DATABASE else ""
    return f"The portal's own database does not answer.{hint}"


def _answers() -> bool:
    try:
        connection.ensure_connection()
    except OperationalError:
        return False
    return connection.is_usable()


def shared_options(
    parser: argparse.ArgumentParser, *, by: str, as_json: str | bool
) -> None:
    """The options that every command takes."""
    parser.add_argument("--by", default=by, metavar="USERNAME")
    parser.add_argument("--json", action="store_true", default=as_json, dest="as_json")


class Brief(CommandParser):
    """Says in one sentence what is wrong with a call; `--help` has the rest."""

    def error(self, message: str) -> NoReturn:
        if not self.called_from_command_line:
            raise CommandError(f"Error: {message}")
        self.exit(2, f"{self.prog}: {message} (see --help)\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            there = ", ".join(str(each) for each in action.choices if each)
            raise argparse.ArgumentError(action, f"{value} is none of {there}")


class Verb(Brief):
    """A sub-parser that accepts the shared options after the verb too."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        shared_options(self, by=argparse.SUPPRESS, as_json=argparse.SUPPRESS)


def day(text: str) -> dt.date:
    """The type of an option that takes a date."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("write a day as 2026-05-03") from None


def instant(text: str) -> dt.datetime:
    """The type of an option that takes a time; refuses one without an offset."""
    with contextlib.suppress(ValueError):
        if (at := dt.datetime.fromisoformat(text)).tzinfo is not None:
            return at
    raise argparse.ArgumentTypeError(
        "write a time with its offset, as 2026-05-03T14:02Z"
    )


def subcommands(parser: argparse.ArgumentParser) -> Any:
    """Sub-parsers whose name is stored in `verb`."""
    return parser.add_subparsers(
        dest="verb", required=True, metavar="VERB", parser_class=Verb
    )
