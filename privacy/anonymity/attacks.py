"""What a treatment may call itself after it has been attacked.

The attacker knows the treatment, the numbering plans and whatever is public, but none
of our keys. If too few people fit what is left of a value, it may be called
pseudonymised at most (GDPR recital 26; WP216, 3.1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from privacy.anonymity import numbering
from privacy.identifiers import DEFAULT_REGION
from privacy.models import Column
from privacy.strategies import STRATEGIES, Effect

RULES = Path(__file__).resolve().parents[1] / "rules" / "anonymity.yaml"


@dataclass(frozen=True)
class Finding:
    """The result of an attack: the effect that may be claimed, and a sentence for
    lawyers.

    `left` is the smallest number of candidates for any one value, where it was counted.
    """

    effect: Effect
    sentence: str
    left: int | None = None


def attack(column: Column) -> Finding:
    """Attacks the treatment of a column of the map. A column without one is kept."""
    options = column.strategy
    strategy = STRATEGIES[options["strategy"]]
    if _leaves_some_of_a_number(column, strategy.name):
        return Finding(Effect.PSEUDONYMISED, UNTRIED)
    attacker = ATTACKS.get(strategy.name)
    if attacker is None:
        return Finding(strategy.effect, SENTENCES[strategy.effect])
    return attacker(column, options)


def _leaves_some_of_a_number(column: Column, strategy: str) -> bool:
    """In a way that was not tried against the numbering plan."""
    claims = STRATEGIES[strategy].effect == Effect.ANONYMISED
    return column.identifier in TELEPHONES and claims and strategy != "truncate"


def effect(column: Column) -> Effect:
    return attack(column).effect


def weakest(effects: list[Effect]) -> Effect:
    """The effect of a whole row: it is as anonymous as its least anonymous value."""
    return min(effects, key=list(Effect).index, default=Effect.KEPT)


@cache
def number(name: str) -> int:
    """The number that the law has given under this name since the latest date."""
    entries = [
        each for each in yaml.safe_load(RULES.read_text()) if each["name"] == name
    ]
    return int(max(entries, key=lambda each: each["since"])["value"])


# --- attacks ------------------------------------------------------------------------

SENTENCES = {
    Effect.KEPT: "The value stays.",
    Effect.DELETED: "Nothing remains of the value.",
    Effect.PSEUDONYMISED: "One person's rows can still be linked to each other (GDPR "
    "Art. 4(5)).",
    Effect.ANONYMISED: "Many people share what remains of the value.",
}


def _judged(left: int, what: str) -> Finding:
    stands = left >= number("crowd")
    effect = Effect.ANONYMISED if stands else Effect.PSEUDONYMISED
    return Finding(effect, f"At worst {left:,} {what} fit what is left.", left)


def _truncated(column: Column, options: dict[str, Any]) -> Finding:
    first, last = options.get("first", 0), options.get("last", 0)
    if column.identifier == "phone":
        return _listed(first, last, column.options.get("region", DEFAULT_REGION))
    if column.identifier == "ip":
        return Finding(Effect.PSEUDONYMISED, "Use truncate_ip, which counts in bits.")
    return Finding(Effect.PSEUDONYMISED, UNKNOWN)


def _listed(first: int, last: int, region: str) -> Finding:
    """Tries the numbering plan of the column's country. Each character that is left is
    taken for a digit after the country code, where it says most."""
    try:
        plan = numbering.plan(region)
    except numbering.UnknownPlan as error:
        return Finding(Effect.PSEUDONYMISED, str(error))
    size = f"of {plan.size():,} telephone numbers ({region})"
    return _judged(plan.fewest(first=first, last=last), size)


def _cut_address(column: Column, options: dict[str, Any]) -> Finding:
    """Counts addresses for IPv4. For IPv6 it counts sites, since a provider gives each
    site a /48 (RFC 6177)."""
    v4, v6 = 32 - options.get("ipv4", 24), 48 - options.get("ipv6", 48)
    return _judged(min(2**v4, 2**v6), "addresses or sites")


def _coarse(column: Column, options: dict[str, Any]) -> Finding:
    """Compares half the side of a cell with the radius of a precise location: 1,850
    feet or less (Cal. Civ. Code 1798.140(w)). Whatever the map calls the column: what
    is made coarser is a place."""
    metres = METRES_OF_A_DEGREE // 10 ** options.get("decimals", 1) // 2
    is_coarse = metres * FEET_OF_A_METRE > number("precise-location")
    effect = Effect.ANONYMISED if is_coarse else Effect.PSEUDONYMISED
    return Finding(effect, f"What is left is right to about {metres:,} metres.")


def _dated(column: Column, options: dict[str, Any]) -> Finding:
    """Every element of a date except the year identifies (45 CFR
    164.514(b)(2)(i)(C))."""
    if options.get("to") == "month" and "years" not in options:
        return Finding(
            Effect.PSEUDONYMISED, "A month of birth can still single a person out."
        )
    return Finding(Effect.ANONYMISED, SENTENCES[Effect.ANONYMISED])


def _banded(column: Column, options: dict[str, Any]) -> Finding:
    """Ten numbers of customers are ten people; an age or an amount is of many."""
    if column.identifier not in ("", "birth_date") or options.get("width") == 1:
        return Finding(Effect.PSEUDONYMISED, UNKNOWN)
    return Finding(Effect.ANONYMISED, SENTENCES[Effect.ANONYMISED])


def _area(column: Column, options: dict[str, Any]) -> Finding:
    """Three digits, with small areas as 000 (45 CFR 164.514(b)(2)(i)(B))."""
    if options.get("first", 3) <= 2 or options.get("rule") == "hipaa":
        return Finding(Effect.ANONYMISED, SENTENCES[Effect.ANONYMISED])
    return Finding(
        Effect.PSEUDONYMISED,
        f"Fewer than {number('crowd'):,} people may live in such an area.",
    )


UNKNOWN = "It is not known how many people fit what remains."
TELEPHONES = ("phone", "contact")  # the second holds addresses, too
UNTRIED = (
    "It was not tried against the numbering plan how many telephone numbers fit what "
    "is left."
)
METRES_OF_A_DEGREE = 111_320  # of latitude
FEET_OF_A_METRE = 3.281

ATTACKS: dict[str, Callable[[Column, dict[str, Any]], Finding]] = {
    "truncate": _truncated,
    "truncate_ip": _cut_address,
    "coarsen": _coarse,
    "generalise_date": _dated,
    "generalise_number": _banded,
    "postcode": _area,
}
