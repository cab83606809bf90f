"""Which program a number of ours belongs to, and what we say when none does."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from consent.models import Program
from consent.sql import messages
from privacy.sql import prepared

# For a number that no program has; a STOP to it stops every sender.
HELP_TEXT = (
    "You wrote to a number of our messaging platform. Reply STOP to stop all messages. "
    "Msg & data rates may apply."
)
OPT_OUT_TEXT = "You have opted out and will get no more messages."
OPT_IN_TEXT = (
    "You have opted in. Message frequency varies. Msg & data rates may apply. "
    "Reply HELP for help, STOP to stop."
)


def of_number(number: str) -> Program | None:
    """The program with this number, or the fallback with neither number nor sender."""
    found = prepared.read(Program, messages.PROGRAM, {"number": number})
    return found[0] if found else None


def by_number() -> dict[str, str]:
    """Each number of ours, or name of a service, with its program's organization."""
    rows = Program.objects.order_by("-pk").values_list("numbers", "organization")
    return {
        number: organization for numbers, organization in rows for number in numbers
    }


def with_senders(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Each row with the name of its sender's program, in the same query."""
    programs = Program.objects.filter(organization=OuterRef("organization"))
    name = programs.order_by("pk").values("name")[:1]
    return rows.annotate(sender_name=Subquery(name))


def sender(organization: str) -> str:
    """By the name of its program; a sender that has none has only its id."""
    named = Program.objects.filter(organization=organization).order_by("pk")
    return named.values_list("name", flat=True).first() or organization


def texts(program: Program | None) -> dict[str, str]:
    """What we answer, by what we were told."""
    return {
        "help": program.help_text if program else HELP_TEXT,
        "opt_out": program.opt_out_text if program else OPT_OUT_TEXT,
        "opt_in": program.opt_in_text if program else OPT_IN_TEXT,
    }
