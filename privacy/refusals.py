"""Named reasons why something was not done.

Each module defines its own; the docstring is the sentence shown to staff, callers and
the command line, so it says what to do and holds no personal data.
"""


class Refusal(Exception):
    """It was not done."""

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or " ".join((self.__doc__ or "").split()))


SHORTEST_REASON = 5  # characters


class ReasonNeeded(Refusal):
    """Say in a few words why you need to see it; the reason is recorded."""


def reason_given(text: str, sentence: str | None = None) -> str:
    """The reason as the audit trail stores it; raises `ReasonNeeded` with
    `sentence`."""
    if len(text.strip()) < SHORTEST_REASON:
        raise ReasonNeeded(sentence)
    return text.strip()
