"""The second reader: what a text means by the weight of its words, as learned from
examples (`tools/texts`) by `tools/teach_reader.py`, which writes `rules/learned.tsv`.

Sums of weights for each meaning become chances; what the rules said about the text
counts too. The words that weighed most are named.
"""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from consent.keywords import weighing
from consent.keywords.weighing import Weights

WEIGHTS = Path(__file__).resolve().parents[1] / "rules" / "learned.tsv"
MEANINGS = ("none", "ambiguous", "opt_out", "opt_in", "help")
# Of a hundred texts of each meaning, of how many the rules say so: counted over texts
# (`tools/texts`) for which the rules were not written.
SAID = {
    "none": (94, 73, 40, 70, 85),
    "ambiguous": (2, 26, 6, 1, 4),
    "opt_out": (4, 1, 42, 2, 1),
}


@cache
def weights() -> Weights:
    """The weights for each meaning except none, whose weights are all 0. Read once in
    each process."""
    return weighing.load(WEIGHTS)


def read(text: str, said: str = "", known: Weights | None = None) -> dict[str, float]:
    """The chance of each meaning, from 0 to 1, given that the rules said `said`; by the
    weights of the file or by `known`."""
    sums = weighing.sums(text, known or weights())
    odds = SAID.get(said, (1,) * len(MEANINGS))
    raised = [n * each for n, each in zip(odds, chances(sums), strict=True)]
    return {m: n / sum(raised) for m, n in zip(MEANINGS, raised, strict=True)}


def chances(sums: Sequence[float]) -> list[float]:
    """The chance of each meaning, from the sums of all but none."""
    most = max(0.0, *sums)
    raised = [math.exp(each - most) for each in (0.0, *sums)]
    return [each / sum(raised) for each in raised]


def reasons(text: str, meaning: str) -> tuple[str, ...]:
    """The words that weighed most for it."""
    return weighing.most(text, weights(), MEANINGS.index(meaning) - 1)
