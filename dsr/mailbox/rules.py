"""What mails mean, as data: `dsr/rules/mail.yaml`, compiled once."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parents[1] / "rules" / "mail.yaml"
Pattern = re.Pattern[str]


@dataclass(frozen=True)
class Kind:
    """Mails that are no request: what they are, and who should have them."""

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
    regimes: dict[str, list[Pattern]]
    agents: dict[str, list[Pattern]]
    other_marks: dict[str, Pattern]
    named_as: list[Pattern]
    languages: dict[str, frozenset[str]]
    regions: dict[str, str]
    signs: dict[str, Pattern]
    texts_regime: str


SIGNS = (
    "bounce", "auto_reply", "login_bait", "test_addresses", "stop_request",
    "unsubscribe", "thanks", "settled", "partial", "bulk", "attached", "controller",
    "own_account", "others_number", "others_address",
)  # fmt: skip


@cache
def rules() -> Rules:
    said: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return Rules(
        kinds=[_kind(each) for each in said["kinds"]],
        going_on={each["type"]: _all(each["patterns"]) for each in said["going_on"]},
        rights={name: _all(each) for name, each in said["rights"].items()},
        regimes={name: _all(each) for name, each in said["regimes"].items()},
        agents={name: _all(each) for name, each in said["agents"].items()},
        other_marks={k: re.compile(v) for k, v in said["other_marks"].items()},
        named_as=[re.compile(each) for each in said["named_as"]],
        languages={k: frozenset(map(str, v)) for k, v in said["languages"].items()},
        regions=said["regions"],
        signs={name: _one(said[name]) for name in SIGNS},
        texts_regime=said["texts_regime"],
    )


def _kind(said: dict[str, Any]) -> Kind:
    types = tuple(said.get("types", ()))
    return Kind(**{**said, "patterns": _all(said["patterns"]), "types": types})


def _all(patterns: list[str]) -> list[Pattern]:
    return [_one(pattern) for pattern in patterns]


def _one(pattern: str) -> Pattern:
    return re.compile(pattern, re.IGNORECASE)


def any_of(patterns: list[Pattern], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)
