"""Which program a number of ours belongs to, and what we answer when none does."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from consent import versions
from consent.models import Program, ProgramText, Standing
from consent.scopes import EXEMPTED, MARKETING, SERVICE, WHOLE, part_of
from consent.sql import messages
from consent.versions import Then
from privacy import identifiers
from privacy.identifiers import Mark
from privacy.refusals import Refusal
from privacy.sql import prepared

ALIKE = 3  # senders that somebody may have meant
# For a number that no program has; a STOP to it stops every sender.
HELP_TEXT = (
    "You wrote to a number of our messaging platform. Help: {url}/privacy. Reply STOP "
    "to stop all messages. Msg & data rates may apply."
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
    """Maps each number of ours, or name of a service, to its program's organization."""
    return {number: row.organization for number, row in of_numbers().items()}


def of_numbers() -> dict[str, Program]:
    """Maps each number of ours to its program; of several, the oldest."""
    rows = Program.objects.order_by("-pk")
    return {number: row for row in rows for number in row.numbers}


class NoSuchProgram(Refusal):
    """There is no program of that name or number, or another sender has it."""


@dataclass(frozen=True)
class About:
    """Whom a message would be from, and its purpose. `parts` are those of the sender
    that decide (`consent.scopes`); empty when no program is named. `months` is how long
    consent to that program lasts; None for ever."""

    organization: str = ""
    purpose: str = Program.Purpose.MARKETING
    program: int | None = None
    parts: tuple[str, ...] = ()
    months: int | None = None


def asked(
    text: str, organization: str, purpose: str, then: Then | None = None
) -> About:
    """`text` names a program, or the number of ours that would send; empty for none.
    The purpose is the program's own unless given. As the program was `then`, if not as
    it is now."""
    program = named(text, organization)
    if program and then:
        program = _as_it_was(program, then)
    if program is None:
        return About(organization, purpose or Program.Purpose.MARKETING)
    return about(program, purpose, [text] if text in program.numbers else None)


def named(text: str, organization: str) -> Program | None:
    """By its name or one of its numbers; None for an empty text."""
    if not text:
        return None
    rows = Program.objects.filter(Q(name=text) | Q(numbers__contains=[text]))
    rows = rows.filter(organization=organization) if organization else rows
    program = rows.order_by("pk").first()
    if program is None:
        raise NoSuchProgram
    return program


def of_sender(organization: str, then: Then | None = None) -> list[Program]:
    """As they are, or as they were `then`."""
    if then is None:
        return list(Program.objects.filter(organization=organization))
    every = versions.rows(Program, then)
    return [row for row in every if row.organization == organization]


def _as_it_was(program: Program, then: Then) -> Program:
    """As it is now, where it was not known then."""
    known = {row.pk: row for row in versions.rows(Program, then)}
    return known.get(program.pk, program)


def about(
    program: Program, purpose: str = "", numbers: list[str] | None = None
) -> About:
    """Marketing is exempted in no program."""
    purpose = purpose or program.purpose
    is_exempted = program.exemption and purpose == Program.Purpose.SERVICE
    first = EXEMPTED if is_exempted else WHOLE
    numbers = program.numbers if numbers is None else numbers
    said = MARKETING if purpose == Program.Purpose.MARKETING else SERVICE
    parts = (first, said, part_of(program.pk), *numbers)
    months = program.consent_months
    return About(program.organization, purpose, program.pk, parts, months)


def with_senders(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Each row with the name of its sender's program, in the same query."""
    programs = Program.objects.filter(organization=OuterRef("organization"))
    name = programs.order_by("pk").values("name")[:1]
    return rows.annotate(sender_name=Subquery(name))


def sender(organization: str) -> str:
    """By the name of its program; a sender without one has only its id."""
    named = Program.objects.filter(organization=organization).order_by("pk")
    return named.values_list("name", flat=True).first() or organization


def doubt(organization: str, mark: Mark) -> str:
    """A hint for staff who may have mistyped a sender; empty where a program has it, or
    what this person told us names it."""
    if not organization or Program.objects.filter(organization=organization).exists():
        return ""
    theirs = Standing.objects.filter(identifier__digest__in=identifiers.digests(mark))
    if theirs.filter(organization=organization).exists():
        return ""
    alike = Q(name__icontains=organization) | Q(organization__icontains=organization)
    rows = Program.objects.exclude(organization="").filter(alike).order_by("name")
    meant = " or ".join(f"{row.organization} ({row.name})" for row in rows[:ALIKE])
    hint = f" Did you mean {meant}?" if meant else " Is it spelled right?"
    return (
        f"No program has the sender “{organization}”, and nothing this person told "
        f"us names it.{hint}"
    )


def address(organization: str) -> str:
    """Where a sender is, if one of its programs says so."""
    rows = Program.objects.filter(organization=organization).exclude(address="")
    return rows.order_by("pk").values_list("address", flat=True).first() or ""


def in_words(organization: str) -> str:
    """A sender by the names and numbers of its programs."""
    rows = Program.objects.filter(organization=organization).order_by("name")
    return "; ".join(
        f"{row.name} ({', '.join(row.numbers)})" if row.numbers else row.name
        for row in rows
    )


def senders() -> list[tuple[str, str]]:
    """Maps the id of each organization that has programs to their names."""
    rows = Program.objects.exclude(organization="").order_by("name")
    named: dict[str, list[str]] = {}
    for organization, name in rows.values_list("organization", "name"):
        named.setdefault(organization, []).append(name)
    return [(key, ", ".join(names)) for key, names in named.items()]


def parts() -> list[tuple[str, list[tuple[str, str]]]]:
    """What a person may mean of each sender alone: a program, or a number of ours; as
    `named` takes it, and in words."""
    found = []
    for row in Program.objects.exclude(organization="").order_by("name"):
        numbers = [(number, f"Only from {number}") for number in row.numbers]
        found.append((row.name, [(row.name, f"All of {row.name}"), *numbers]))
    return found


def texts(program: Program | None) -> dict[str, str]:
    """Our answers, by what the person said."""
    return {
        "help": program.help_text if program else _help_text(),
        "opt_out": program.opt_out_text if program else OPT_OUT_TEXT,
        "opt_in": program.opt_in_text if program else OPT_IN_TEXT,
    }


def texts_then(program: Program, at: dt.datetime) -> dict[str, str]:
    """Its texts of that instant; empty where nobody kept them yet."""
    rows = ProgramText.objects.filter(program=program, since__lte=at)
    row = rows.order_by("-since", "-pk").first()
    if row is None:
        return {}
    return {
        "since": row.since.astimezone(dt.UTC).isoformat(),
        "opt_in": row.opt_in_text,
        "opt_out": row.opt_out_text,
        "help": row.help_text,
        "clarify": row.clarify_text,
    }


def _help_text() -> str:
    return HELP_TEXT.format(url=settings.PUBLIC_URL)
