"""How a value ends: one file each, one line each in this table."""

from collections.abc import Mapping
from typing import Any

from privacy.strategies import elements, parameters
from privacy.strategies.base import Effect, Options, Place, Strategy, Unsupported
from privacy.strategies.coarsen import Coarsen
from privacy.strategies.constant import Constant
from privacy.strategies.drop_file import DropFile
from privacy.strategies.fake_email import FakeEmail
from privacy.strategies.fake_name import FakeName
from privacy.strategies.fake_phone import FakePhone
from privacy.strategies.generalise_date import GeneraliseDate
from privacy.strategies.generalise_number import GeneraliseNumber
from privacy.strategies.keep import Keep
from privacy.strategies.nullify import Nullify
from privacy.strategies.postcode import Postcode
from privacy.strategies.pseudonym import Pseudonym
from privacy.strategies.redact import Redact
from privacy.strategies.take_out import TakeOut
from privacy.strategies.truncate import Truncate
from privacy.strategies.truncate_ip import TruncateIp
from privacy.strategies.year import Year

STRATEGIES: dict[str, Strategy] = {
    "keep": Keep(),
    "nullify": Nullify(),
    "constant": Constant(),
    "pseudonym": Pseudonym(),
    "fake_phone": FakePhone(),
    "fake_email": FakeEmail(),
    "fake_name": FakeName(),
    "redact": Redact(),
    "take_out": TakeOut(),
    "truncate": Truncate(),
    "truncate_ip": TruncateIp(),
    "coarsen": Coarsen(),
    "year": Year(),
    "generalise_date": GeneraliseDate(),
    "generalise_number": GeneraliseNumber(),
    "postcode": Postcode(),
    "drop_file": DropFile(),
}
KEYLESS = {"hash", "md5", "sha1", "sha256", "sha512", "checksum"}
WHY_KEYED = (
    "A hash without a key is refused: anybody who hashes every possible number or "
    "address can find the value. Use pseudonym, which has a key."
)
MOST_WORDS = 8  # in a sentence

__all__ = ["STRATEGIES", "Effect", "Options", "Place", "Strategy", "Unsupported"]


def read(treatment: Mapping[str, Any]) -> dict[str, Any]:
    """The treatment with its settings checked, as the map stores it.

    Raises `Unsupported` with one sentence.
    """
    said = dict(treatment)
    name = str(said.pop("strategy", ""))
    if name in KEYLESS:
        raise Unsupported(WHY_KEYED)
    if name not in STRATEGIES:
        raise Unsupported(f"There is no treatment called {name or 'nothing'}.")
    try:
        settings = parameters.read(STRATEGIES[name].parameters, said, name)
    except parameters.BadParameter as problem:
        raise Unsupported(f"The setting {problem}.") from None
    return {"strategy": name, **settings}


TIED = {
    "key": "tells rows apart as their key; delete the rows instead.",
    "reference": "refers to a row and must keep doing so; delete the rows instead.",
    "generated": "is computed by the database; treat what it is computed from.",
}


def check(place: Place, treatment: Mapping[str, Any]) -> None:
    """Raises `Unsupported` when the treatment can't end the values of this place."""
    options = read(treatment)
    strategy = STRATEGIES[options["strategy"]]
    if strategy.effect == Effect.KEPT:
        return
    may_be_null = strategy.name == "nullify" and place.nullable
    if place.tied and not (place.tied == "reference" and may_be_null):
        raise Unsupported(f"{place.name} {TIED[place.tied]}")
    if place.labels and not may_be_null and options.get("value") not in place.labels:
        words = ", ".join(place.labels[:MOST_WORDS])
        raise Unsupported(f"{place.name} takes one of these words only: {words}.")
    elements.check(strategy, place, options)
