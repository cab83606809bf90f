"""How weights are learned (`consent.keywords.weighing`): step by step, from text to
text, in smaller steps for weights that have moved often. The same texts give the same
file."""

import math
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from consent.keywords import weighing, words_of

SEEN = 2  # in how many texts a clue stands that is learnt
ROUNDS, RATE, RATE_OF_START = 12, 0.12, 0.01
LEAST = 2  # hundredths; a row with nothing that weighs as much is left out
Step = tuple[list[list[str]], Any]  # the clues of one text or more, and what is meant
# How wrong each outcome of each text is, by their sums and what is meant.
Judge = Callable[[list[list[float]], Any], list[list[float]]]


@dataclass(frozen=True)
class Lesson:
    """`names` of the outcomes; `decay` of a weight at each step; `hidden` clues are not
    learned, nor weights below `least` hundredths."""

    names: Sequence[str]
    judge: Judge
    decay: float
    hidden: set[str] = field(default_factory=set)
    least: int = 1


def teach(steps: list[Step], lesson: Lesson, digest: str = "") -> weighing.Weights:
    counts = Counter(clue for texts, _ in steps for clues in texts for clue in clues)
    known = {clue for clue, n in counts.items() if n >= SEEN} - lesson.hidden
    kept = [([[c for c in t if c in known] for t in ts], meant) for ts, meant in steps]
    start, by = _learn(kept, sorted(known), lesson)
    unit = weighing.UNIT
    whole = {
        clue: [w if abs(w := round(each * unit)) >= lesson.least else 0 for each in n]
        for clue, n in by.items()
    }
    return weighing.Weights(
        digest,
        tuple(round(each * unit) / unit for each in start),
        {
            clue: tuple(each / unit for each in n)
            for clue, n in whole.items()
            if max(map(abs, n)) >= LEAST
        },
        tuple(lesson.names),
    )


def clues_in(text: str, kept: Collection[str] = ()) -> list[str]:
    """Each once."""
    found = weighing.clues_of(text, weighing.words_in(text, kept))
    return list(dict.fromkeys(clue for clue, _ in found))


def _learn(
    steps: list[Step], known: list[str], lesson: Lesson
) -> tuple[list[float], dict[str, list[float]]]:
    size = len(lesson.names)
    start, by = [0.0] * size, {clue: [0.0] * size for clue in known}
    moved = {clue: [1.0] * size for clue in known}
    rows = [([_Rows(clues, by, moved) for clues in ts], meant) for ts, meant in steps]
    shuffle = random.Random(1).shuffle  # noqa: S311 - an order, and no secret
    for _ in range(ROUNDS):
        shuffle(rows)
        for texts, meant in rows:
            wrongs = lesson.judge([text.sums(start) for text in texts], meant)
            for text, wrong in zip(texts, wrongs, strict=True):
                text.move(wrong, start, lesson.decay)
    return start, by


class _Rows:
    """The weights of one text's clues, and how far each has moved."""

    def __init__(
        self,
        clues: list[str],
        by: dict[str, list[float]],
        moved: dict[str, list[float]],
    ) -> None:
        self.by = [by[clue] for clue in clues]
        self.both = [(by[clue], moved[clue]) for clue in clues]
        self.scale = weighing.scale_of(len(clues))

    def sums(self, start: list[float]) -> list[float]:
        if not self.by:
            return list(start)
        added = map(sum, zip(*self.by, strict=True))
        return [s + self.scale * a for s, a in zip(start, added, strict=True)]

    def move(self, wrong: list[float], start: list[float], decay: float) -> None:
        for k, each in enumerate(wrong):
            if each:
                start[k] -= RATE_OF_START * each
                for by, moved in self.both:
                    slope = self.scale * each + decay * by[k]
                    moved[k] += slope * slope
                    by[k] -= RATE * slope / math.sqrt(moved[k])


def names_in(texts: Iterable[str]) -> set[str]:
    """The clues that are names: words that always have a capital inside a text. Their
    letters and pairs are still learned; a reason never shows the whole name."""
    capital: set[str] = set()
    small: set[str] = set()
    for text in texts:
        for token in text.split()[1:]:
            is_name = token[0].isupper() and not token.isupper()
            (capital if is_name else small).update(words_of(token))
    return {f"w {word}" for word in capital - small}


def write(known: weighing.Weights, path: Path, by: str, zero: str) -> None:
    """`zero` is how a weight of zero is written."""

    def line(clue: str, numbers: tuple[float, ...]) -> str:
        whole = (round(each * weighing.UNIT) for each in numbers)
        return "\t".join((clue, *(str(each or zero) for each in whole)))

    head = [f"# learnt by tools/{by} from texts with the digest {known.examples}"]
    if not zero:
        head.append("\t".join((weighing.OUTCOMES, *known.names)))
    lines = sorted(line(*each) for each in known.of.items())
    text = "\n".join((*head, line("start", known.start), *lines))
    path.write_text(text + "\n", encoding="utf-8")
