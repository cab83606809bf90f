"""No more messages a month than the programs say, whoever sent them."""

import datetime as dt

from django.db.models import Min
from django.urls import reverse

from consent.check import frequency
from consent.models import Program
from privacy import promises
from privacy.promises import Evidence, Outcome, Remedy

CODE = "frequency"
STATE_IT = Remedy(
    "Open the program and say how many messages a person gets in thirty days at most.",
    needs="consent.change_program",
)
ASK_FIRST = Remedy(
    "A message can't be unsent: find out what sends without asking the consent check, "
    "and make it ask. This line clears once the thirty days are over."
)


def messages_are_few(now: dt.datetime) -> Outcome:
    """Each marketing program states its maximum, and nobody got more in thirty days;
    read from the platform's own message table."""
    programs = Program.objects.filter(purpose=Program.Purpose.MARKETING)
    found = [
        Evidence(f"{each} does not say how many", 1, _url(each), remedy=STATE_IT)
        for each in programs.filter(monthly_cap=None)
    ]
    found += [
        Evidence(
            f"{each}: people who got more than {each.monthly_cap} in thirty days",
            count,
            _url(each),
            remedy=ASK_FIRST,
        )
        for each, count in _above(now)
    ]
    if found:
        return promises.broken(
            "People got more messages than stated, or no number is stated.", *found
        )
    if not programs:
        return Outcome(promises.State.UNKEPT, "No program sends marketing.")
    return promises.kept("Nobody got more messages in thirty days than stated.")


def _above(now: dt.datetime) -> list[tuple[Program, int]]:
    """The check obeys the lowest number of a sender, so that one counts here."""
    stated = Program.objects.exclude(monthly_cap=None)
    lowest = dict(
        stated.order_by().values_list("organization").annotate(Min("monthly_cap"))
    )
    above = frequency.above(lowest, now)
    return [
        (stated.filter(organization=sender).order_by("monthly_cap")[0], count)
        for sender, count in sorted(above.items())
    ]


def _url(program: Program) -> str:
    return reverse("admin:consent_program_change", args=[program.pk])
