"""The second reader: what a text means by the weight of its words, as learnt from
examples (`tools/texts`) by `tools/teach_reader.py`, which writes `rules/learned.tsv`.

Asked only where keywords and phrases are silent. A sum of weights per meaning, made
into a chance; the words that weighed most are named. Deterministic, no library.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from consent.keywords.folding import squeezed, words_of

WEIGHTS = Path(__file__).resolve().parents[1] / "rules" / "learned.tsv"
WORDS_READ = 80  # a long text costs no more, and what people want stands in them
STEM = 4  # letters by which pairs know a word, so that its ending does not matter
GRAMS = (3, 4, 5)
SHOWN = 4  # words named as the reason
APART = re.compile(r"([\u3040-\u30ff\u3400-\u9fff])")  # written without spaces
UNIT = 100  # weights stand in the file as whole hundredths
Clues = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Reading:
    """The chance of each meaning, from 0 to 1, and the words that weighed most for an
    opt-out or a person's reading; only such words as the examples have."""

    none: float
    ambiguous: float
    opt_out: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Weights:
    """What each clue adds to (ambiguous, opt_out), where none is 0; `start` is what
    they have without a clue, `examples` the digest of what was learnt from."""

    examples: str
    start: tuple[float, ...]
    of: dict[str, tuple[float, ...]]


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


def _numbers(texts: list[str]) -> tuple[float, ...]:
    return tuple(int(text) / UNIT for text in texts)


def read(text: str, known: Weights | None = None) -> Reading:
    """Of any text, by the weights of the file or by others."""
    known, words = known or weights(), words_in(text)
    found = [(known.of[c], at) for c, at in clues(text, words).items() if c in known.of]
    scale, weighed = scale_of(len(found)), [0.0] * len(words)
    sums = [
        start + scale * sum(by[k] for by, _ in found)
        for k, start in enumerate(known.start)
    ]
    for by, at in found:
        for place in at:
            weighed[place] += max(by) / len(at)
    none, ambiguous, opt_out = chances(sums)
    return Reading(none, ambiguous, opt_out, _most(words, weighed, known))


def scale_of(clues: int) -> float:
    """A long text has more clues, each of which says less."""
    return 8 / math.sqrt(max(clues, 1))


def chances(sums: Sequence[float]) -> list[float]:
    """Of none, ambiguous and opt_out, by the sums of the two latter."""
    raised = [math.exp(each - max(0.0, *sums)) for each in (0.0, *sums)]
    return [each / sum(raised) for each in raised]


def _most(words: list[str], weighed: list[float], known: Weights) -> tuple[str, ...]:
    """In the order of the text, and no word that the examples do not know: names and
    numbers of people stay out of rules."""
    mine = [n for n, word in enumerate(words) if f"w {word}" in known.of]
    most = sorted(mine, key=lambda n: (-weighed[n], n))[:SHOWN]
    return tuple(dict.fromkeys(words[n] for n in sorted(most)))


# --- clues ------------------------------------------------------------------------
def words_in(text: str) -> list[str]:
    """Folded; all numbers are alike; a sign that stands for a word is one."""
    words: list[str] = []
    for word in words_of(text[: 40 * WORDS_READ])[:WORDS_READ]:
        if word.isdigit():
            words.append("0")
        else:
            words += [part for part in APART.split(squeezed(word)) if part]
    return words[:WORDS_READ]


def clues(text: str, words: list[str]) -> Clues:
    """Each once, with the places of the words that it is made of."""
    found: Clues = {}
    for clue, at in (*_of_words(words), *_of_letters(words)):
        found.setdefault(clue, at)
    found[f"length {min(int(1.5 * math.log2(len(words) + 1)), 9)}"] = ()
    if "?" in text or "\uff1f" in text:
        found["?"] = ()
    return found


def _of_words(words: list[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Words; then by their stems neighbours, threes, and pairs with one or two words
    between them."""
    stems = [word[:STEM] for word in words]
    ends, last = ["<", *stems, ">"], len(words)
    for n, word in enumerate(words):
        yield f"w {word}", (n,)
        yield f"3 {ends[n]} {stems[n]} {ends[n + 2]}", (n,)
        yield f"2 {ends[n]} {stems[n]}", (n,)
        for between in (1, 2):
            if (other := n + between + 1) < last:
                yield f"{'.' * between} {stems[n]} {stems[other]}", (n, other)
    if words:
        yield f"2 {stems[-1]} >", (last - 1,)


def _of_letters(words: list[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    for n, word in enumerate(words):
        whole = f"<{word}>"
        for size in GRAMS:
            for start in range(len(whole) - size + 1):
                yield f"c {whole[start : start + size]}", (n,)
