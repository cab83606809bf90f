"""Rows that were read, as lines for COPY: fingerprinted and sealed."""

import datetime as dt
import json

from consent import marks
from consent.sql import imports
from consent.transfer.reading import Ready
from privacy import identifiers
from privacy.identifiers import Mark
from privacy.models.sealing import seal

# Characters that COPY's text format reads as something else.
ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def lines(
    keyed: dict[str, Ready], evidence: dict[str, str], now: dt.datetime
) -> list[str]:
    """By idempotency key, for `imports.spread`; each with its digest, or that of an
    older key it is known by. Made before COPY, which occupies the connection."""
    (key_id, key), *older = marks.keys().items()
    ready = list(keyed.values())
    stored = [marks.fingerprints(each.kind, [each.value], key)[0] for each in ready]
    names = [key_id] * len(ready)
    for old_id, old in older:
        _keep_old(ready, stored, names, old_id, old)
    stamp = now.isoformat()
    said = json.dumps(evidence).translate(ESCAPED)[:-1]
    return [
        _line(name, each, digest, sealed_by, stamp, said)
        for name, each, digest, sealed_by in zip(
            keyed, ready, stored, names, strict=True
        )
    ]


def _keep_old(
    ready: list[Ready], stored: list[str], names: list[str], key_id: str, key: bytes
) -> None:
    """Whoever is known by a digest of an older key stays known by it."""
    for kind in {each.kind for each in ready}:
        places = [n for n, each in enumerate(ready) if each.kind == kind]
        old = marks.fingerprints(kind, [ready[n].value for n in places], key)
        used = imports.in_use(kind, old)
        for place, digest in zip(places, old, strict=True):
            if digest in used:
                stored[place], names[place] = digest, key_id


def _line(
    name: str, each: Ready, digest: str, key_id: str, stamp: str, evidence: str
) -> str:
    sealed = seal(each.value, context=identifiers.SEALED_AS).hex()
    hint = identifiers.hint(Mark(each.kind, each.value)).translate(ESCAPED)
    moment = each.occurred_at.isoformat() if each.occurred_at else stamp
    covers = ",".join(each.covers)
    organization = each.organization.translate(ESCAPED)
    name = name.translate(ESCAPED)
    proof = f", {json.dumps(dict(each.proof))[1:-1]}".translate(ESCAPED)
    told = f'{evidence}, "line": "{each.row}"{proof if each.proof else ""}}}'
    return (
        f"{each.row}\t{each.kind}\t{digest}\t{key_id}\t\\\\x{sealed}\t{hint}\t"
        f"{each.event}\t{each.channel}\t{{{covers}}}\t{organization}\t{moment}\t{name}\t"
        f"{told}\t{each.is_proven}\n"
    )
