"""The pack as a PDF, for a reader who has only that."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from consent import reasons
from consent.instants import instant
from consent.models import Channel, Event

LONG_WORD = re.compile(r"(\S{32})")
LABELS = {
    "occurred_at": "It happened",
    "recorded_at": "We knew",
    "channel": "Heard by",
    "covers": "It decides",
    "organization": "Sender",
    "source": "Source",
    "route": "Way in",
}
WORDS = {"channel": Channel, "covers": Channel, "source": Event.Source}
EVIDENCE = {
    "our_number": "Our number",
    "keyword": "Word understood",
    "rule": "Rule that recognised it",
    "message": "Carrier's message id",
    "form": "Form",
    "page": "Page",
    "wording": "Wording shown",
    "language": "Language",
    "certificate": "Certificate",
    "recording": "Recording",
    "campaign": "Campaign",
    "key_pressed": "Key pressed",
    "corrects": "Takes back event",
}


@cache
def template() -> bytes:
    path = Path(settings.BASE_DIR) / "templates" / "consent" / "evidence.typ"
    return path.read_bytes()


def made(facts: dict[str, Any], rows: dict[int, str]) -> bytes:
    """`rows` are the hashes of the audit rows. Values reach the typesetter as data,
    never as markup."""
    document = {
        "title": f"Consent of {facts['person']['value']}",
        "made": _moment(facts["made_at"]),
        "by": facts["made_by"],
        "reason": facts["reason"],
        "as_of": _moment(facts["as_of"]),
        "answers": [_answer(said) for said in facts["answers"]],
        "events": [_event(said, rows) for said in facts["events"]],
        "lists": [each["sentence"] for each in facts["lists"]],
        "asked": [each["sentence"] for each in facts["reassigned_numbers"]],
        "unclear": [each["sentence"] for each in facts["unclear"]],
        "ended": _ended(facts["ended"]),
    }
    return bytes(
        typst.compile(
            template(), format="pdf", sys_inputs={"document": json.dumps(document)}
        )
    )


def _answer(said: dict[str, Any]) -> str:
    return f"{Channel(said['channel']).label}: {said['sentence']}"


def _ended(said: dict[str, Any]) -> str:
    """What is no longer in the record; empty while it is complete."""
    if not said["beginning"] or not said["trail"]:
        return str(said["beginning"])
    rows = ", ".join(map(str, said["trail"]))
    return (
        f"{said['beginning']} The audit trail still shows what was destroyed about "
        f"this person, in its rows {rows}."
    )


def _event(said: dict[str, Any], rows: dict[int, str]) -> dict[str, Any]:
    sealed = said["sealed"]
    lines = {label: _plain(name, sealed[name]) for name, label in LABELS.items()}
    for name, value in sealed["evidence"].items():
        lines[EVIDENCE.get(name, name)] = str(value)
    lines["Program"] = said["program"]["name"] if said["program"] else ""
    lines |= _texts(said["program"]["texts_then"] if said["program"] else None)
    lines["What the person wrote"] = said["words"]
    lines["We answered"] = said["reply"]
    lines["IP address"] = said["origin"].get("ip", "")
    lines["Browser"] = said["origin"].get("agent", "")
    lines["Written down by"] = said["recorded_by"]
    lines["Row of the trail"] = _row(said, rows)
    lines["SHA-256 of the event"] = said["digest"]
    return {
        "title": f"Event {sealed['event']}",
        "sentence": f"{said['sentence']} {said['honoured']}".strip(),
        "lines": [[name, _breakable(text)] for name, text in lines.items() if text],
    }


def _texts(then: dict[str, str] | None) -> dict[str, str]:
    """The program's answers, as they read when it happened."""
    if then is None:
        return {}
    if not then:
        return {"Its texts at that time": "Not kept"}
    return {
        "Its answer to START then": then["opt_in"],
        "Its answer to STOP then": then["opt_out"],
        "Its answer to HELP then": then["help"],
    }


def _row(said: dict[str, Any], rows: dict[int, str]) -> str:
    if said["trail"] is None:
        return (
            "None: it was imported with a list before lists were sealed. The rows of "
            "the list are in trail.jsonl"
        )
    row = f"{said['trail']}, hash {rows[said['trail']]}"
    if "path" not in said:
        return row
    if said["path"] is None:
        return f"{row}; others of its list are gone, so nothing proves it"
    return f"{row}, which seals the part of the list that it came with"


def _plain(name: str, value: Any) -> str:
    """To the second: of two things that a person said the later one counts."""
    if name.endswith("_at"):
        at = instant(value)
        return f"{at.day} {at:%B %Y, %H:%M:%S} UTC"
    if name in WORDS:
        said = value if isinstance(value, list) else [value]
        return ", ".join(str(WORDS[name](each).label) for each in said)
    return str(value or "every sender") if name == "organization" else str(value)


def _moment(text: str) -> str:
    return reasons.moment(instant(text))


def _breakable(text: str) -> str:
    return LONG_WORD.sub("\\1\u200b", text)  # where the paper may break it
