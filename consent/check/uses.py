"""Marketing that is aimed by a use of data which its reader may have forbidden.

It goes to nobody who opted out of that use (the states' acts, as Va. Code
59.1-577(A)(5); GDPR Art. 21).
"""

import datetime as dt
from collections.abc import Sequence

from consent import marks as marked
from consent.check.verdicts import Verdict
from consent.models import Program
from privacy import objections
from privacy.identifiers import Mark

Use = objections.Use
USES = {
    Use.TARGETED_ADS: "Targeted advertising",
    Use.PROFILING: "Profiling",
}  # by the purpose that is asked for; what a person reads as its name
PURPOSES = (*Program.Purpose.values, *USES)


def told_apart(purpose: str) -> tuple[str, str]:
    """The use, if the purpose names one, and the purpose of the message."""
    if purpose in USES:
        return purpose, Program.Purpose.MARKETING
    return "", purpose


def forbidden(
    use: str, marks: Sequence[Mark], moment: dt.datetime
) -> dict[int, Verdict]:
    """By the position of a person, their objection to that use; empty without a use."""
    if not use:
        return {}
    digests = marked.digests_of(marks)
    since = objections.forbidders(digests, use, at=moment)
    return {
        number % len(marks): Verdict(
            "objected", since=since[digest], rule=USES[Use(use)]
        )
        for number, digest in enumerate(digests)
        if digest in since
    }
