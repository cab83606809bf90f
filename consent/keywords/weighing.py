"""Weighs words: the meaning of a text as a sum of weights, learned from examples.

Clues are words, neighbouring words and parts of words of the normalised text; a file
says what each adds to each outcome. Deterministic, without a library. Texts
(`consent.keywords.learned`) and mails (`dsr.mailbox.learned`) are read this way;
`tools/teaching.py` learns the weights.
"""

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from consent.keywords.folding import signs_of, squeezed, words_of

WORDS_READ = 80  # a long text costs no more, and what people want stands in them
GRAMS = (3, 4, 5)
STEM = 4  # letters by which words apart are known, so that endings do not matter
APART_BY = 5  # places at most between two words of one clue
SHOWN = 4  # words named as the reason
APART = re.compile(r"([\u3040-\u30ff\u3400-\u9fff])")  # written without spaces
UNIT = 100  # weights stand in the file as whole hundredths; nothing stands for none
OUTCOMES = "outcomes"  # before the names of outcomes, in a file that has them
Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Weights:
    """What each clue adds to each outcome; `start` is the sum without any clue,
    `examples` the digest of the examples."""

    examples: str
    start: Numbers
    of: dict[str, Numbers]
    names: tuple[str, ...] = ()


def load(path: Path) -> Weights:
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    names = lines.pop(0).split("\t")[1:] if lines[0].startswith(OUTCOMES) else []
    shared: dict[str, float] = {}
    start, *rows = (line.split("\t") for line in lines)
    return Weights(
        head.split()[-1],
        _numbers(start[1:], shared),
        {clue: _numbers(numbers, shared) for clue, *numbers in rows},
        tuple(names),
    )


def _numbers(texts: list[str], shared: dict[str, float]) -> Numbers:
    """Every number is kept in memory once, however many rows have it."""
    return tuple(shared.setdefault(text, int(text or 0) / UNIT) for text in texts)


def sums(text: str, known: Weights, kept: Collection[str] = ()) -> list[float]:
    """The sum for each outcome; `kept` are the numbers that have a meaning of their
    own."""
    clues = dict.fromkeys(clue for clue, _ in clues_of(text, words_in(text, kept)))
    found = [known.of[clue] for clue in clues if clue in known.of]
    if not found:
        return list(known.start)
    scale = scale_of(len(found))
    return [
        start + scale * sum(each)
        for start, each in zip(known.start, zip(*found, strict=True), strict=True)
    ]


def scale_of(clues: int) -> float:
    """A long text has more clues, each of which says less."""
    return 8 / math.sqrt(max(clues, 1))


def most(
    text: str, known: Weights, number: int, kept: Collection[str] = ()
) -> tuple[str, ...]:
    """The words that weighed most for an outcome, in the order of the text. Words that
    are not in the examples are left out, so that names and numbers of people stay out
    of rules."""
    words = words_in(text, kept)
    weighed = [0.0] * len(words)
    for clue, places in clues_of(text, words):
        for place in places if clue in known.of else ():
            weighed[place] += known.of[clue][number] / len(places)
    mine = [n for n, word in enumerate(words) if f"w {word}" in known.of]
    best = sorted(mine, key=lambda n: (-weighed[n], n))[:SHOWN]
    return tuple(dict.fromkeys(words[n] for n in sorted(best)))


# --- clues ------------------------------------------------------------------------
def words_in(text: str, kept: Collection[str] = ()) -> list[str]:
    """Normalised; all numbers except `kept` are alike; a sign or emoji that stands for
    a word is one."""
    text = text[: 40 * WORDS_READ]
    words: list[str] = []
    for word in words_of(text)[:WORDS_READ]:
        if word.isdigit():
            words.append(word if word in kept else "0")
        else:
            words += [part for part in APART.split(squeezed(word)) if part]
    return [*words, *signs_of(text)][:WORDS_READ]


def clues_of(text: str, words: list[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Words, neighbours, pairs of words a few places apart, and parts of words; each
    with the positions of its words."""
    ends = ["<", *words, ">"]
    for n, word in enumerate(words):
        yield f"w {word}", (n,)
        yield f"2 {ends[n]} {word}", (n,)
        for m in range(max(0, n - APART_BY), n - 1):
            yield f". {words[m][:STEM]} {word[:STEM]}", (m, n)
        yield from ((f"c {piece}", (n,)) for piece in _pieces(f"<{word}>"))
    yield f"2 {ends[-2]} >", ()
    yield f"length {min(int(1.5 * math.log2(len(words) + 1)), 9)}", ()
    if "?" in text or "\uff1f" in text:
        yield "?", ()


def _pieces(whole: str) -> Iterator[str]:
    for size in GRAMS:
        for start in range(len(whole) - size + 1):
            yield whole[start : start + size]
