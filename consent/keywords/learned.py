"""The second reader: what a text means by the weight of its words, as learnt from
examples (`tools/texts`) by `tools/teach_reader.py`, which writes `rules/learned.tsv`.

A sum of weights for each meaning, made into a chance; what the rules said of the text
weighs, too. The words that weighed most are named. Deterministic, no library.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from consent.keywords.folding import signs_of, squeezed, words_of

WEIGHTS = Path(__file__).resolve().parents[1] / "rules" / "learned.tsv"
MEANINGS = ("none", "ambiguous", "opt_out", "opt_in", "help")
# Of a hundred texts of each meaning, of how many the rules say so: counted over texts
# (`tools/texts`) for which the rules were not written.
SAID = {
    "none": (92, 72, 34, 40, 65),
    "ambiguous": (4, 21, 5, 2, 2),
    "opt_out": (4, 5, 60, 1, 1),
}
WORDS_READ = 80  # a long text costs no more, and what people want stands in them
GRAMS = (3, 4, 5)
STEM = 4  # letters by which words apart are known, so that endings do not matter
SHOWN = 4  # words named as the reason
APART = re.compile(r"([\u3040-\u30ff\u3400-\u9fff])")  # written without spaces
UNIT = 100  # weights stand in the file as whole hundredths
Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Weights:
    """What each clue adds to each meaning but none, where it is 0; `start` is what they
    have without a clue, `examples` the digest of what was learnt from."""

    examples: str
    start: Numbers
    of: dict[str, Numbers]


@cache
def weights() -> Weights:
    """Read once a process."""
    head, start, *lines = WEIGHTS.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return Weights(
        head.split()[-1],
        _numbers(start.split("\t")[1:]),
        {clue: _numbers(numbers) for clue, *numbers in rows},
    )


def _numbers(texts: list[str]) -> Numbers:
    return tuple(int(text) / UNIT for text in texts)


def read(text: str, said: str = "", known: Weights | None = None) -> dict[str, float]:
    """The chance of each meaning, from 0 to 1, as the rules said `said` of the text; by
    the weights of the file or by others."""
    known, words = known or weights(), words_in(text)
    clues = dict.fromkeys(clue for clue, _ in clues_of(text, words))
    found = [known.of[clue] for clue in clues if clue in known.of]
    scale = scale_of(len(found))
    sums = (
        [
            start + scale * sum(each)
            for start, each in zip(known.start, zip(*found, strict=True), strict=True)
        ]
        if found
        else list(known.start)
    )
    odds = SAID.get(said, (1,) * len(MEANINGS))
    raised = [n * each for n, each in zip(odds, chances(sums), strict=True)]
    return {m: n / sum(raised) for m, n in zip(MEANINGS, raised, strict=True)}


def scale_of(clues: int) -> float:
    """A long text has more clues, each of which says less."""
    return 8 / math.sqrt(max(clues, 1))


def chances(sums: Sequence[float]) -> list[float]:
    """Of each meaning, by the sums of all but none."""
    most = max(0.0, *sums)
    raised = [math.exp(each - most) for each in (0.0, *sums)]
    return [each / sum(raised) for each in raised]


def reasons(text: str, meaning: str) -> tuple[str, ...]:
    """The words that weighed most for it, in the order of the text; no word that the
    examples do not know: names and numbers of people stay out of rules."""
    known, words = weights().of, words_in(text)
    weighed, number = [0.0] * len(words), MEANINGS.index(meaning) - 1
    for clue, places in clues_of(text, words):
        for place in places if clue in known else ():
            weighed[place] += known[clue][number] / len(places)
    mine = [n for n, word in enumerate(words) if f"w {word}" in known]
    most = sorted(mine, key=lambda n: (-weighed[n], n))[:SHOWN]
    return tuple(dict.fromkeys(words[n] for n in sorted(most)))


# --- clues ------------------------------------------------------------------------
def words_in(text: str) -> list[str]:
    """Folded; all numbers are alike; a sign that stands for a word is one, as is the
    picture."""
    text = text[: 40 * WORDS_READ]
    words: list[str] = []
    for word in words_of(text)[:WORDS_READ]:
        if word.isdigit():
            words.append("0")
        else:
            words += [part for part in APART.split(squeezed(word)) if part]
    return [*words, *signs_of(text)][:WORDS_READ]


def clues_of(text: str, words: list[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Words, neighbours, words that one other parts, and pieces of words; each with the
    places of the words that it is made of."""
    ends = ["<", *words, ">"]
    for n, word in enumerate(words):
        yield f"w {word}", (n,)
        yield f"2 {ends[n]} {word}", (n,)
        if n > 1:
            yield f". {words[n - 2][:STEM]} {word[:STEM]}", (n - 2, n)
        yield from ((f"c {piece}", (n,)) for piece in _pieces(f"<{word}>"))
    yield f"2 {ends[-2]} >", ()
    yield f"length {min(int(1.5 * math.log2(len(words) + 1)), 9)}", ()
    if "?" in text or "\uff1f" in text:
        yield "?", ()


def _pieces(whole: str) -> Iterator[str]:
    for size in GRAMS:
        for start in range(len(whole) - size + 1):
            yield whole[start : start + size]
