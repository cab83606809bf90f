"""Named reasons why something was not done.

Each word raises its own; the docstring is the sentence that staff, callers and the
command line are shown, so it says what to do and holds no personal data.
"""


class Refusal(Exception):
    """It was not done."""

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or " ".join((self.__doc__ or "").split()))


SHORTEST_REASON = 5  # characters


class ReasonNeeded(Refusal):
    """Say in a few words why you need to see it; the reason is recorded."""


def reason_given(text: str, sentence: str | None = None) -> str:
    """What the trail keeps of it; or `ReasonNeeded`, which says `sentence`."""
    if len(text.strip()) < SHORTEST_REASON:
        raise ReasonNeeded(sentence)
    return text.strip()
