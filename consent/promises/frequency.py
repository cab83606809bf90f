"""No more messages a month than the programs say, whoever sent them."""

import datetime as dt
from collections import defaultdict

from django.urls import reverse

from consent.check import frequency
from consent.check.frequency import Cap
from consent.models import Program
from consent.programs import about
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
    if not frequency.is_counted():
        return Outcome(promises.State.UNKNOWN, str(frequency.NobodyCounts()))
    return promises.kept("Nobody got more messages in thirty days than stated.")


def _above(now: dt.datetime) -> list[tuple[Program, int]]:
    """Of each program the messages that the check counts for it."""
    programs = Program.objects.exclude(monthly_cap=None).order_by("pk")
    caps = {each: frequency.of_programs(about(each)) for each in programs}
    by_sender: dict[str, list[Cap]] = defaultdict(list)
    for each, stated in caps.items():
        by_sender[each.organization] += stated
    above = frequency.above(by_sender, now)
    return [
        (each, count)
        for each, stated in caps.items()
        for cap in stated
        if (count := above[each.organization, cap])
    ]


def _url(program: Program) -> str:
    return reverse("admin:consent_program_change", args=[program.pk])
