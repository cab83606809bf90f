"""What mails mean, as data: `dsr/rules/mail.yaml`, compiled once."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parents[1] / "rules" / "mail.yaml"
Pattern = re.Pattern[str]
Ideas = tuple[str, list[frozenset[str]]]  # a right, and what says it together
JOINED = re.compile(r"\s+\|")  # alternatives stand on lines of their own


@dataclass(frozen=True)
class Kind:
    """Mails that are not requests: what they are, and who should have them."""

    category: str
    expects: str
    reason: str
    patterns: list[Pattern]
    sure: bool = False
    beats_requests: bool = False
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    kinds: list[Kind]
    going_on: dict[str, list[Pattern]]
    rights: dict[str, list[Pattern]]
    hints: dict[str, list[Pattern]]
    articles: dict[str, list[Pattern]]
    certain: dict[str, list[Pattern]]
    ideas: dict[str, Pattern]
    together: list[Ideas]
    beyond: list[Ideas]
    agents: dict[str, list[Pattern]]
    other_marks: dict[str, Pattern]
    named_as: list[Pattern]
    languages: dict[str, frozenset[str]]
    letters: dict[str, Pattern]
    regions: dict[str, str]
    signs: dict[str, Pattern]
    texts_regime: str
    longest_waits: list[dict[str, Any]]
    attachments_stay: list[dict[str, Any]]
    read_within: list[dict[str, Any]]

    def longest_wait(self, on: dt.date) -> dt.timedelta:
        """How long a mail may wait for a person, by the rule of that day."""
        return dt.timedelta(hours=_of_day(self.longest_waits, on)["hours"])

    def days_to_read(self, on: dt.date) -> int:
        """Business days until somebody must have read a mail."""
        return int(_of_day(self.read_within, on)["business_days"])

    def attachment_stay(self, on: dt.date) -> dt.timedelta:
        """How long a mail that became no request keeps its attachments."""
        return dt.timedelta(days=_of_day(self.attachments_stay, on)["days"])


def _of_day(rows: list[dict[str, Any]], on: dt.date) -> dict[str, Any]:
    valid = [row for row in rows if row["valid_from"] <= on]
    return max(valid, key=lambda row: row["valid_from"])


SIGNS = (
    "bounce", "auto_reply", "login_bait", "test_addresses", "stop_request",
    "unsubscribe", "thanks", "settled", "partial", "bulk", "attached", "controller",
    "own_account", "negated", "past", "mine", "own", "business", "unwanted",
    "erasing", "handing", "thanked", "own_data", "copied", "others_number",
    "others_address", "besides", "spared", "denying", "declined",
)  # fmt: skip


@cache
def rules() -> Rules:
    written: dict[str, Any] = yaml.safe_load(FILE.read_text())
    together, beyond = _sets(written["together"]), _sets(written["beyond"])
    named = set().union(*(each for _, sets in together + beyond for each in sets))
    ideas = {name: _one(JOINED.sub("|", written["vocabulary"][name])) for name in named}
    said = with_vocabulary(written)
    return Rules(
        ideas=ideas,
        together=together,
        beyond=beyond,
        kinds=[_kind(each) for each in said["kinds"]],
        going_on={each["type"]: _all(each["patterns"]) for each in said["going_on"]},
        rights={name: _all(each) for name, each in said["rights"].items()},
        hints={name: _all(each) for name, each in said["hints"].items()},
        articles={name: _all(each) for name, each in said["articles"].items()},
        certain={name: _all(each) for name, each in said["certain"].items()},
        agents={name: _all(each) for name, each in said["agents"].items()},
        other_marks={k: re.compile(v) for k, v in said["other_marks"].items()},
        named_as=[re.compile(each) for each in said["named_as"]],
        languages={k: frozenset(map(str, v)) for k, v in said["languages"].items()},
        letters={k: re.compile(v) for k, v in said["letters"].items()},
        regions=said["regions"],
        signs={name: _one(JOINED.sub("|", said[name])) for name in SIGNS},
        texts_regime=said["texts_regime"],
        longest_waits=said["longest_waits"],
        attachments_stay=said["attachments_stay"],
        read_within=said["read_within"],
    )


def with_vocabulary(said: dict[str, Any]) -> dict[str, Any]:
    """Replaces every <word> of a pattern by its entry in the vocabulary."""
    words = {
        name: f"(?:{JOINED.sub('|', text)})"
        for name, text in said.pop("vocabulary").items()
    }
    named = re.compile("<(" + "|".join(words) + ")>")

    def told(part: Any) -> Any:
        if isinstance(part, str):
            return named.sub(lambda found: words[found[1]], part)
        if isinstance(part, list):
            return [told(each) for each in part]
        if isinstance(part, dict):
            return {key: told(each) for key, each in part.items()}
        return part

    return dict(told(said))


def _sets(said: dict[str, list[str]]) -> list[Ideas]:
    return [(right, [frozenset(e.split()) for e in s]) for right, s in said.items()]


def _kind(said: dict[str, Any]) -> Kind:
    types = tuple(said.get("types", ()))
    return Kind(**{**said, "patterns": _all(said["patterns"]), "types": types})


def _all(patterns: list[str]) -> list[Pattern]:
    return [_one(pattern) for pattern in patterns]


def _one(pattern: str) -> Pattern:
    return re.compile(pattern, re.IGNORECASE)


def any_of(patterns: list[Pattern], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)
