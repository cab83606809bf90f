"""The second reader of mails: what each sentence asks by the weight of its words.

Learned from examples (`tools/mails`) by `tools/teach_mail_reader.py`, which writes
`dsr/rules/mail_learned.tsv`. A right that the rules overlooked, or one that they made
up, is a reason for a person to read the mail; the words that weighed most are named.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from consent.keywords import weighing
from consent.keywords.weighing import Weights
from dsr.mailbox.rules import rules

WEIGHTS = Path(__file__).resolve().parents[1] / "rules" / "mail_learned.tsv"
NUMBERS = frozenset(map(str, range(12, 23)))  # articles of laws that name rights
SENTENCES_READ = 120
LESS = 1.5  # of the sum for access, where a sentence speaks of erasing alone
WORTH = 0.2  # a chance below which nobody asks for the words
LETTERS = re.compile(r"[^\W\d_]{2}|[\u3040-\u9fff\uac00-\ud7af]")
ENDS = re.compile(r"[.;](?:\s|$)|\u2022|:\s")


@dataclass(frozen=True)
class Finding:
    """How likely a sentence of the mail asks for it, from 0 to 1; which sentence, and
    why."""

    chance: float
    words: tuple[str, ...] = ()
    place: int = 0


@cache
def weights() -> Weights:
    """Read once in each process."""
    return weighing.load(WEIGHTS)


def read(told: str, known: Weights | None = None) -> dict[str, Finding]:
    """The likeliest sentence for each right, and for each kind of mail that is not a
    request."""
    known = known or weights()
    parts = list(sentences(told))
    sums = [_sums(part, known) for part in parts]
    return {
        name: _likeliest(parts, [row[k] for row in sums], k, known)
        for k, name in enumerate(known.names)
        if sums
    }


def _sums(part: str, known: Weights) -> list[float]:
    """Whoever wants everything that we have on them erased hardly asks for a copy of
    it."""
    sums, signs = weighing.sums(part, known, NUMBERS), rules().signs
    if signs["erasing"].search(part) and not signs["handing"].search(part):
        sums = [
            each - LESS * (name == "access")
            for each, name in zip(sums, known.names, strict=True)
        ]
    return sums


def _likeliest(
    told: list[str], sums: list[float], number: int, known: Weights
) -> Finding:
    place = max(range(len(told)), key=lambda n: sums[n])
    found = chance(sums[place])
    if found < WORTH:
        return Finding(found, (), place)
    return Finding(found, weighing.most(told[place], known, number, NUMBERS), place)


def chance(total: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def sentences(told: str) -> Iterator[str]:
    """The sentences of a line as `words.readable` makes it; a list number is not
    one."""
    parts = (part.strip() for part in ENDS.split(told))
    yield from [part for part in parts if LETTERS.search(part)][:SENTENCES_READ]
