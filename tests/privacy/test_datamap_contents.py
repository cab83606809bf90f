"""Contents are recognised: measured on texts that nobody here wrote, with their bounds.

The bounds are what was measured, rounded down; nothing was fitted to the file. What is
missed there are numbers of no numbering plan and of no card network.
"""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from privacy.datamap import contents, national

DATA = Path(__file__).resolve().parent.parent / "data" / "pii_text"
KINDS = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "bank",
    "US_SSN": "government_id",
    "IP_ADDRESS": "ip",
}
# Kind: recall and precision, at least.
BOUNDS = {
    "email": (1.0, 1.0),
    "bank": (1.0, 1.0),
    "government_id": (1.0, 1.0),
    "ip": (1.0, 1.0),
    "card": (0.75, 1.0),
    "phone": (0.6, 0.85),
}


@pytest.fixture(scope="module")
def texts():
    return json.loads((DATA / "presidio_synth_v2_visible.json").read_text())


@pytest.fixture(scope="module")
def counted(texts):
    """For each kind: found, missed, found where nothing was marked."""
    hits, missed, wrong = Counter(), Counter(), Counter()
    for text in texts:
        marked = [
            (KINDS[s["entity_type"]], s["start_position"], s["end_position"])
            for s in text["spans"]
            if s["entity_type"] in KINDS
        ]
        found = [(m.kind, m.start, m.end) for m in contents.find(text["full_text"])]
        for one in marked:
            (hits if any(same(one, f) for f in found) else missed)[one[0]] += 1
        for one in found:
            wrong[one[0]] += not any(same(one, m) for m in marked)
    return hits, missed, wrong


def same(one, other):
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]


@pytest.mark.parametrize("kind", BOUNDS)
def test_what_stands_in_texts_is_found_to_these_bounds(counted, kind):
    hits, missed, wrong = (each[kind] for each in counted)
    recall, precision = BOUNDS[kind]

    assert hits + missed >= 6
    assert hits / (hits + missed) >= recall
    assert hits / (hits + wrong) >= precision


def test_whole_values_are_told_apart(texts):
    """Names and addresses are guesses: enough of a column, and hardly a wrong one."""
    said = {"PERSON": Counter(), "STREET_ADDRESS": Counter(), "ORGANIZATION": Counter()}
    for text in texts:
        for span in text["spans"]:
            if span["entity_type"] in said:
                said[span["entity_type"]][contents.of(span["entity_value"])] += 1

    people, places = said["PERSON"], said["STREET_ADDRESS"]
    assert people["name"] / people.total() >= 0.25
    assert people["address"] == 0
    assert places["address"] / places.total() >= 0.5
    assert places["name"] == 0
    firms = said["ORGANIZATION"]
    assert (firms["name"] + firms["address"]) / firms.total() <= 0.02


def test_published_identifiers_are_what_they_are():
    """Cards with their check digit, and strings that only look like one."""
    lines = (DATA / "identifiers.jsonl").read_text().splitlines()
    for said in map(json.loads, lines):
        if said["kind"] == "card":
            is_card = contents.is_card(said["text"])
            assert is_card == (said["expect"] == "card"), said


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ada@example.com", "email"),
        ("DE89 3704 0044 0532 0130 00", "bank"),
        ("DE89 3704 0044 0532 0130 01", ""),
        ("2001:db8::7", "ip"),
        ("10.0.0.300", ""),
        ("$2b$12$abcdefghijklmnopqrstuv", "credential"),
        ("pbkdf2_sha256$600000$salt$hash", "credential"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "device"),
        ("https://files.example/calls/7.mp3", "recording"),
        ("52.52000, 13.40500", "coordinates"),
        ("+44 20 7946 0958", "phone"),
        ("Blue Suede Shoes", ""),
        ("Anna Müller", "name"),
        ("Beispielstraße 12", "address"),
        ("12 rue des Exemples", "address"),
        ("3.14", ""),
        ("2026-11-24", ""),
    ],
)
def test_one_value_is_one_kind(text, kind):
    assert contents.of(text) == kind


def test_national_numbers_are_of_one_country():
    assert contents.phones(["030 23125014", "089 23125014", "0221 2312501"]) == 1
    assert contents.phones(["3", "1999.50", "2026-11-24", "red"]) == 0


@pytest.mark.parametrize(
    ("known", "digits"),
    [("4010232137", 10), ("52998224725", 11), ("44051401359", 11), ("111222333", 9),
     ("00000000T", 9)],
)  # fmt: skip
def test_numbers_of_states_are_told_by_their_check_digits(known, digits):
    """Published examples, and numbers that count up from them."""
    form, fits = next(
        f for f in national.FORMS if re.fullmatch(f[0], known) and f[1](known)
    )
    after = (str(n).zfill(digits) for n in range(990_000, 995_000))
    some = [text for text in after if re.fullmatch(form, text) and fits(text)][:8]
    some = some or [f"{n:08}{national.LETTERS[n % 23]}" for n in range(8)]

    assert national.count([known, *some]) == len(some) + 1
    wrong = [text[:-1] + ("A" if text[-1] == "T" else "T") for text in some]
    wrong = [str(int(t) + 1).zfill(digits) if t.isdigit() else w
             for t, w in zip(some, wrong, strict=True)]  # fmt: skip
    assert national.count(wrong) == 0
    assert national.count([known] * 9) == 0  # one value says nothing


@pytest.mark.parametrize(
    "text", ["03.12.2024 22:01", "03.12.2024, 22:01", "Am 3.12.2024 22:01"]
)
def test_a_day_and_a_time_are_no_number_to_call(text):
    assert contents.find(text) == []
    assert [m.kind for m in contents.find(f"{text}: 0171 3920044")] == ["phone"]
