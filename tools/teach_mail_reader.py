#!/usr/bin/env python3
"""Teach the second reader of mails: .venv/bin/python tools/teach_mail_reader.py

Reads the labelled sentences (`tools/mails/README.md`) and mails that were labelled as a
whole, and writes dsr/rules/mail_learned.tsv; the same examples give the same file.
With --without WORD it writes nothing, and says how the sections whose heading has that
word are read by one who has not seen them (a language, a voice). Takes two minutes.
"""

import argparse
import hashlib
import json
import os
import random
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

django.setup()

from consent.keywords import weighing  # noqa: E402
from dsr.mailbox import learned, letter, words  # noqa: E402
from tests.dsr.invented import members  # noqa: E402
from tests.dsr.invented import raw as sent  # noqa: E402
from tools import teaching  # noqa: E402

SENTENCES = sorted((ROOT / "tools" / "mails").glob("*.tsv"))
COLLECTION = ROOT / "tests" / "data" / "dsr_mail"
MAILS = sorted((COLLECTION / "invented").glob("*.yaml"))
BLIND = sorted((COLLECTION / "blind").glob("*-*.eml"))
LABELS = COLLECTION / "blind" / "labels.jsonl"
STOPPING = {"consent_withdrawal", "stop"}  # one and the same in the labels of mails
OTHERS = {"legal_process", "press", "incident", "offer", "contract"}
KINDS = {  # of mails by others that are no request
    "legal_process": "legal_process", "preservation": "legal_process", "press": "press",
    "security_report": "incident", "sales": "offer", "questionnaire": "contract",
    "stop_complaint": "stop",
}  # fmt: skip
DECAY = 0.04
LEAST = 4  # hundredths that one clue adds to one right
RIGHT_ALREADY = 0.03  # so little is not worth a step
JOINED = 2  # pairs of sentences of a section for each of its sentences
AND = {
    "en": "and", "de": "und", "fr": "et", "es": "y", "it": "e", "nl": "en", "pt": "e",
    "pl": "i", "sv": "och", "da": "og", "ro": "\u0219i", "cs": "a",
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """Texts of which at least one means each of `meant`, and none anything else;
    nothing is known about `unknown`."""

    heading: str
    texts: tuple[str, ...]
    meant: frozenset[str]
    unknown: frozenset[str] = frozenset()
    is_joined: bool = False


def sentences() -> list[Example]:
    found: list[Example] = []
    for path in SENTENCES:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                heading = line[2:]
                continue
            names, text = line.split("\t")
            meant = frozenset(names.split()) - {"-"}
            found.append(Example(heading, (words.one_line(text),), meant))
    return found


def joined(examples: list[Example]) -> list[Example]:
    """Two sentences of one voice in one, because people ask for two things in one
    breath."""
    by_heading = defaultdict(list)
    for each in examples:
        by_heading[each.heading].append(each)
    draw = random.Random(2)  # noqa: S311 - an order, and no secret
    found = []
    for heading, mine in by_heading.items():
        together = AND[heading.split()[0]]
        for _ in range(JOINED * len(mine)):
            one, other = draw.sample(mine, 2)
            first, second = one.texts[0].rstrip(" ."), other.texts[0]
            text = f"{first} {draw.choice((together, ','))} {second}"
            meant = one.meant | other.meant
            found.append(Example(heading, (text,), meant, is_joined=True))
    return found


def mails() -> list[Example]:
    """The mails that the project invented, each labelled as a whole."""
    found = []
    for path in MAILS:
        for each in members(path.stem):
            heading = f"{each['language']} {path.stem}"
            types = frozenset(each["types"])
            unknown = frozenset() if types else OTHERS
            if not each.get("queue"):
                found += whole(heading, sent(each), types, unknown)
    return found


def blind() -> list[Example]:
    """The mails of writers who had not seen the rules: "blind one", "blind two"."""
    found = []
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        raw = (LABELS.parent / label["file"]).read_bytes()
        heading = f"{label['language']} blind {label['file'].split('-')[0]}"
        kind = {KINDS[label["kind"]]} if label["kind"] in KINDS else set()
        found += whole(heading, raw, frozenset(label["types"]) | kind, frozenset())
    return found


def whole(
    heading: str, raw: bytes, meant: frozenset[str], unknown: frozenset[str]
) -> list[Example]:
    """A mail without words teaches nothing. In labels, messages that shall stop and a
    consent that is withdrawn are one and the same."""
    mail = letter.open_(raw)
    told = words.readable(mail)
    passed_on = words.one_line(mail.quoted) if mail.is_passed_on else ""
    texts = tuple(learned.sentences(f"{told} . {passed_on}"))
    stops = "consent_withdrawal" in words.rights_in(told).types
    unknown |= (STOPPING if stops else {"stop"}) - (meant & {"stop"})
    return [Example(heading, texts, meant - unknown, unknown)] if texts else []


def teach(examples: list[Example], digest: str = "") -> weighing.Weights:
    names = sorted({name for each in examples for name in each.meant})
    steps: list[teaching.Step] = [
        ([clues_of(text) for text in each.texts], (each.meant, each.unknown))
        for each in examples
    ]
    shown = (t for each in examples for t in each.texts if each.heading[:2] != "de")
    hidden = teaching.names_in(shown) | seen_once(examples)

    def judge(
        sums: list[list[float]], said: tuple[frozenset[str], frozenset[str]]
    ) -> list[list[float]]:
        return list(map(list, zip(*columns(names, sums, *said), strict=True)))

    lesson = teaching.Lesson(names, judge, DECAY, hidden, LEAST)
    return teaching.teach(steps, lesson, digest)


def seen_once(examples: list[Example]) -> set[str]:
    """Clues of one text alone, however often it was joined to others."""
    texts = {t for e in examples if not e.is_joined for t in e.texts}
    counts = Counter(clue for text in texts for clue in clues_of(text))
    return {clue for clue, count in counts.items() if count == 1}


def columns(
    names: list[str],
    sums: list[list[float]],
    meant: frozenset[str],
    unknown: frozenset[str],
) -> list[list[float]]:
    """What is meant is meant by the likeliest sentence; nothing is known about the
    others."""
    found = []
    for k, name in enumerate(names):
        wrong = [learned.chance(each[k]) for each in sums]
        if name in unknown:
            wrong = [0.0] * len(sums)
        elif name in meant:
            best = max(range(len(sums)), key=lambda n: sums[n][k])
            wrong = [wrong[n] - 1 if n == best else 0.0 for n in range(len(sums))]
        found.append([each if abs(each) > RIGHT_ALREADY else 0.0 for each in wrong])
    return found


def clues_of(text: str) -> list[str]:
    return teaching.clues_in(text, learned.NUMBERS)


def digest() -> str:
    files = (path.read_bytes() for path in (*SENTENCES, *MAILS, *BLIND, LABELS))
    return hashlib.sha256(b"".join(files)).hexdigest()


def try_without(word: str, examples: list[Example]) -> None:
    """Of what was kept back: found, missed and made up, for each meaning."""
    mine = [e for e in examples if re.search(word, e.heading)]
    rest = [e for e in examples if not re.search(word, e.heading)]
    known = teach(rest + joined([e for e in rest if not e.unknown]))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    exact = 0
    for each in mine:
        read = learned.read(" . ".join(each.texts), known)
        found = {n for n, it in read.items() if it.chance >= 0.5} - each.unknown
        exact += found == each.meant
        for name in found | each.meant:
            what = "found" if name in found & each.meant else "missed"
            counts[name][what if name in each.meant else "made up"] += 1
    print(f"{word}: {exact} of {len(mine)} exactly")
    for name, count in sorted(counts.items()):
        print(f"  {name}", *(f"{what} {n}" for what, n in sorted(count.items())))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without", nargs="*")
    kept_back = parser.parse_args().without
    told = sentences()
    if kept_back:
        for word in kept_back:
            try_without(word, told + mails() + blind())
        return
    examples = told + joined(told) + mails() + blind()
    known = teach(examples, digest())
    teaching.write(known, learned.WEIGHTS, Path(__file__).name, zero="")
    print(f"{len(examples)} examples, {len(known.of)} clues")


if __name__ == "__main__":
    main()
