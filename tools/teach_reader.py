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
import os
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

django.setup()

from consent.keywords import key, learned, weighing  # noqa: E402
from tools import teaching  # noqa: E402

SETS = ROOT / "tests" / "data" / "sms"
TEXTS = (
    ROOT / "tools" / "texts" / "built.jsonl",
    ROOT / "tools" / "texts" / "real.jsonl",
    ROOT / "tools" / "texts" / "registers.jsonl",
    ROOT / "tools" / "texts" / "voices.jsonl",
    ROOT / "tools" / "texts" / "more_voices.jsonl",
    SETS / "ours.jsonl",
    SETS / "fresh.jsonl",
)
KEPT = SETS / "labelled.jsonl"  # to measure on
DECAY = 0.01
BLOCK = 50
Row = dict[str, str]


def examples() -> tuple[list[Row], str]:
    """Every text with its label, without those that are also in the set to measure on;
    and the digest of all these files."""
    files = [path.read_bytes() for path in (*TEXTS, KEPT)]
    *sets, kept = ([json.loads(line) for line in each.splitlines()] for each in files)
    known = {key(row["text"]) for row in kept}
    rows = [row for each in sets for row in each if key(row["text"]) not in known]
    return rows, hashlib.sha256(b"".join(files)).hexdigest()


def teach(rows: list[Row], digest: str = "") -> weighing.Weights:
    steps: list[teaching.Step] = [
        ([teaching.clues_in(row["text"])], learned.MEANINGS.index(row["label"]))
        for row in rows
    ]
    # German writes every noun as others write names.
    names = teaching.names_in(row["text"] for row in rows if row.get("lang") != "de")
    lesson = teaching.Lesson(learned.MEANINGS[1:], judge, DECAY, names)
    return teaching.teach(steps, lesson, digest)


def judge(sums: list[list[float]], meant: int) -> list[list[float]]:
    """Only one of the meanings is right."""
    found = learned.chances(sums[0])
    return [[found[k] - (meant == k) for k in range(1, len(found))]]


def try_folds(rows: list[Row], count: int) -> None:
    """The likeliest meaning of texts that were not learned from, by what they mean."""
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
    """One register, or one set by one author, stays together; where a file names none,
    neighbours do, because they are alike."""
    return [row.get("set") or f"{n // BLOCK} neighbours" for n, row in enumerate(rows)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=0)
    folds = parser.parse_args().folds
    rows, digest = examples()
    if folds:
        return try_folds(rows, folds)
    known = teach(rows, digest)
    teaching.write(known, learned.WEIGHTS, Path(__file__).name, zero="0")
    print(f"{len(rows)} texts, {len(known.of)} clues")


if __name__ == "__main__":
    main()
