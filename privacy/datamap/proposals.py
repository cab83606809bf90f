"""What a column most likely is, from its contents, its name and its type.

Every proposal gives its reason, so that whoever corrects it sees what it rests on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from privacy import spellings
from privacy.datamap.schema import LiveColumn
from privacy.identifiers import NotAnIdentifier, email, phone

MOST = 0.6  # share of values that must look alike
TEXTS = ("CharField", "TextField")


@dataclass(frozen=True)
class Proposal:
    category: str = ""
    identifier: str = ""
    treatment: str = ""
    free_text: bool = False
    not_personal: str = ""
    confidence: float = 0.5
    reason: str = ""


# What a name says: pattern, category, identifier kind, treatment. First match wins.
NAMES: tuple[tuple[str, str, str, str], ...] = (
    (r"e?_?mail(_?address)?$", "profile_contact", "email", "pseudonym"),
    (r"(phone|mobile|fax|cell|msisdn|tel)(_?(number|no))?$",
     "profile_contact", "phone", "pseudonym"),
    (r"pass(word|wd)|secret|token|api_?key|credential",
     "profile_contact", "credential", "nullify"),
    (r"(first|last|full|given|family|middle|sur|user|contact|display)_?name$",
     "profile_contact", "name", "pseudonym"),
    (r"(street|address(_?line)?_?\d?)$", "profile_contact", "address", "nullify"),
    (r"(postal|post|zip)_?code$|^zip$", "profile_contact", "postcode", "nullify"),
    (r"(^|_)(city|state|province|region|county|country)$",
     "profile_contact", "address", "nullify"),
    (r"birth|dob$", "profile_contact", "birth_date", "year"),
    (r"(^|_)ip(_?addr(ess)?)?$", "device_technical", "ip", "truncate_ip"),
    (r"user_?agent|device|os_version|browser|carrier",
     "device_technical", "", "nullify"),
    (r"^lat(itude)?$", "geolocation", "latitude", "coarsen"),
    (r"^(lon|lng|long)(gitude)?$", "geolocation", "longitude", "coarsen"),
    (r"card_?(number|no)$|^ccn$|^pan$", "payment", "card", "nullify"),
    (r"last_?4$|card_?(brand|type)$", "payment", "card_last4", "keep"),
    (r"(job_?)?title$|employer|company|occupation", "professional", "", "nullify"),
    (r"referr?er|cookie|visitor|utm_", "web_analytics", "cookie", "nullify"),
    (r"(^|_)(body|message|text|note|notes|comment|comments|description|transcript|"
     r"content|answer|answers|feedback|subject)$", "voluntary", "", "redact"),
)  # fmt: skip
PERSON_NAMES = re.compile(
    r"customer|client|lead|contact|person|people|user|employee|subscriber|member|"
    r"patient|staff|account"
)


def fitting(said: Proposal, live: LiveColumn) -> dict[str, Any]:
    """A code needs room and a column of text; where there is none, empty it."""
    room = live.options.get("max_length") or 99
    needed = {"phone": 15, "email": 34}.get(said.identifier, 12)
    strategy = said.treatment
    if strategy == "pseudonym" and (live.kind not in TEXTS or room < needed):
        strategy = "nullify"
    if strategy == "year" and live.kind not in ("DateField", "DateTimeField"):
        strategy = "nullify"
    if strategy == "redact" and live.kind not in (*TEXTS, "JSONField"):
        strategy = "nullify"
    return {"strategy": strategy}


def propose(
    table: str, live: LiveColumn, values: Sequence[Any], *, is_key: bool
) -> Proposal:
    """Contents say more than names, names more than types."""
    texts = [str(v) for v in values if v not in (None, "")]
    if is_key and not any("@" in text for text in texts):
        return Proposal(not_personal="A key", confidence=0.9, reason="A key")
    return (
        _by_content(live, texts)
        or _by_name(table, live)
        or _by_mentions(live, texts)
        or Proposal(not_personal="Nothing personal in its name or its values")
    )


def _by_content(live: LiveColumn, texts: list[str]) -> Proposal | None:
    if live.kind == "GenericIPAddressField":
        return _found("device_technical", "ip", "truncate_ip", "its type")
    if not texts or live.kind not in TEXTS:
        return None
    if _share(texts, email) > MOST:
        return _found("profile_contact", "email", "pseudonym", "its values")
    if _named_like(live, "phone") and _share(texts, phone) > MOST:
        return _found("profile_contact", "phone", "pseudonym", "name and values")
    cards = sum(bool(re.fullmatch(spellings.CARD, t)) for t in texts) / len(texts)
    if cards > MOST and all(spellings.is_card(t) for t in texts):
        return _found("payment", "card", "nullify", "its values")
    return None


def _named_like(live: LiveColumn, identifier: str) -> bool:
    named = _by_name("", live)
    return bool(named and named.identifier == identifier) or "number" in live.name


def _found(category: str, identifier: str, treatment: str, why: str) -> Proposal:
    return Proposal(
        category, identifier, treatment, confidence=0.9, reason=f"Recognised by {why}"
    )


def _share(texts: list[str], reader: Any) -> float:
    return sum(_reads(text, reader) for text in texts) / len(texts)


def _reads(text: str, reader: Any) -> bool:
    try:
        reader(text)
    except NotAnIdentifier:
        return False
    return True


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _by_name(table: str, live: LiveColumn) -> Proposal | None:
    name = snake(live.name)
    for pattern, category, identifier, treatment in NAMES:
        if re.search(pattern, name) and _plausible(live, treatment):
            is_person = bool(PERSON_NAMES.search(snake(table)))
            if category == "professional" and not is_person:
                continue
            return Proposal(
                category,
                identifier,
                treatment,
                free_text=treatment == "redact",
                confidence=0.7,
                reason=f"Its name is {live.name}",
            )
    return None


def _plausible(live: LiveColumn, treatment: str) -> bool:
    """A flag called 'email' or a count called 'messages' is not what its name says."""
    if treatment == "coarsen":
        return live.kind in ("DecimalField", "FloatField")
    if treatment == "year":
        return live.kind in ("DateField", "DateTimeField", *TEXTS)
    return live.kind in (
        *TEXTS,
        "JSONField",
        "GenericIPAddressField",
        "BigIntegerField",
    )


def _by_mentions(live: LiveColumn, texts: list[str]) -> Proposal | None:
    """Free text and JSON in which something personal stands."""
    if live.kind == "JSONField" or any("@" in t and " " in t for t in texts):
        return Proposal(
            "voluntary", "", "redact", free_text=True, reason="Text that may hold more"
        )
    return None
