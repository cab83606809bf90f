#!/usr/bin/env python3
"""Teach the second reader: .venv/bin/python tools/teach_reader.py [--folds 4]

Reads the labelled texts (`tools/texts/README.md`) and writes consent/rules/learned.tsv;
the same texts give the same file. With --folds it writes nothing, and says how texts
are read that were not learnt from. Takes a minute each time, and no package that the
portal does not need itself.
"""

import argparse
import hashlib
import json
import math
import os
import random
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

django.setup()

from consent.keywords import key, learned, words_of  # noqa: E402

SETS = ROOT / "tests" / "data" / "sms"
TEXTS = (
    ROOT / "tools" / "texts" / "built.jsonl",
    ROOT / "tools" / "texts" / "real.jsonl",
    ROOT / "tools" / "texts" / "registers.jsonl",
    SETS / "ours.jsonl",
    SETS / "fresh.jsonl",
)
KEPT = SETS / "labelled.jsonl"  # to measure on
SEEN = 2  # in how many texts a clue stands that is learnt
ROUNDS, RATE, DECAY, RATE_OF_START = 12, 0.12, 0.01, 0.01
LEAST = 2  # hundredths; what weighs less in both is left out
BLOCK = 50
Row = dict[str, str]
Told = list[tuple[list[str], int]]


def examples() -> tuple[list[Row], str]:
    """Every text with its label, but what the set to measure on has too; and the digest
    of all these files."""
    files = [path.read_bytes() for path in (*TEXTS, KEPT)]
    *sets, kept = ([json.loads(line) for line in each.splitlines()] for each in files)
    known = {key(row["text"]) for row in kept}
    rows = [row for each in sets for row in each if key(row["text"]) not in known]
    return rows, hashlib.sha256(b"".join(files)).hexdigest()


def teach(rows: list[Row], digest: str = "") -> learned.Weights:
    """Logistic regression by steps from text to text, smaller for what moved often."""
    told = [
        (clues_in(row["text"]), learned.MEANINGS.index(row["label"])) for row in rows
    ]
    counts = Counter(clue for clues, _ in told for clue in clues)
    known = {c for c, n in counts.items() if n >= SEEN} - names_in(rows)
    steps = [([c for c in clues if c in known], meant) for clues, meant in told]
    start, by = learn(steps, sorted(known))
    unit = learned.UNIT
    whole = {clue: [round(each * unit) for each in n] for clue, n in by.items()}
    return learned.Weights(
        digest,
        tuple(round(each * unit) / unit for each in start),
        {
            clue: tuple(each / unit for each in n)
            for clue, n in whole.items()
            if max(map(abs, n)) >= LEAST
        },
    )


def clues_in(text: str) -> list[str]:
    found = learned.clues_of(text, learned.words_in(text))
    return list(dict.fromkeys(clue for clue, _ in found))


def names_in(rows: list[Row]) -> set[str]:
    """The clues that are names: what always has a capital inside a text, but in German.
    Letters and pairs are still learnt of; a reason never shows the whole."""
    capital: set[str] = set()
    small: set[str] = set()
    for row in rows:
        for token in row["text"].split()[1:] if row.get("lang") != "de" else ():
            is_name = token[0].isupper() and not token.isupper()
            (capital if is_name else small).update(words_of(token))
    return {f"w {word}" for word in capital - small}


def learn(steps: Told, known: list[str]) -> tuple[list[float], dict[str, list[float]]]:
    each = range(len(learned.MEANINGS) - 1)
    start, by = [0.0 for _ in each], {clue: [0.0 for _ in each] for clue in known}
    moved = {clue: [1.0 for _ in each] for clue in known}
    shuffle = random.Random(1).shuffle  # noqa: S311 - an order, and no secret
    for _ in range(ROUNDS):
        shuffle(steps)
        for clues, meant in steps:
            scale = learned.scale_of(len(clues))
            sums = [start[k] + scale * sum(by[c][k] for c in clues) for k in each]
            found = learned.chances(sums)
            for k in each:
                wrong = found[k + 1] - (meant == k + 1)
                start[k] -= RATE_OF_START * wrong
                for c in clues:
                    slope = scale * wrong + DECAY * by[c][k]
                    moved[c][k] += slope * slope
                    by[c][k] -= RATE * slope / math.sqrt(moved[c][k])
    return start, by


def write(known: learned.Weights) -> None:
    def line(clue: str, numbers: tuple[float, ...]) -> str:
        whole = (str(round(each * learned.UNIT)) for each in numbers)
        return "\t".join((clue, *whole))

    head = (
        f"# learnt by tools/teach_reader.py from texts with the digest {known.examples}"
    )
    lines = sorted(line(*each) for each in known.of.items())
    text = "\n".join((head, line("start", known.start), *lines))
    learned.WEIGHTS.write_text(text + "\n", encoding="utf-8")


def try_folds(rows: list[Row], count: int) -> None:
    """What is most likely for texts that were not learnt from, by what they mean."""
    places = [
        int(hashlib.sha256(each.encode()).hexdigest(), 16) for each in groups(rows)
    ]
    found: Counter[tuple[str, str]] = Counter()
    for fold in range(count):
        mine = [place % count == fold for place in places]
        known = teach([r for r, is_mine in zip(rows, mine, strict=True) if not is_mine])
        for row in (r for r, is_mine in zip(rows, mine, strict=True) if is_mine):
            read = learned.read(row["text"], known=known)
            found[row["label"], max(read, key=lambda each: read[each])] += 1
    print("of", *learned.MEANINGS)
    for meant in learned.MEANINGS:
        print(meant, *(found[meant, each] for each in learned.MEANINGS))


def groups(rows: list[Row]) -> list[str]:
    """One register, or one set of one author, stays together; where a file names none,
    neighbours do, who are alike."""
    return [row.get("set") or f"{n // BLOCK} neighbours" for n, row in enumerate(rows)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=0)
    folds = parser.parse_args().folds
    rows, digest = examples()
    if folds:
        return try_folds(rows, folds)
    known = teach(rows, digest)
    write(known)
    print(f"{len(rows)} texts, {len(known.of)} clues")


if __name__ == "__main__":
    main()
