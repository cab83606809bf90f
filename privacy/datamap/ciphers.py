"""Values that an application encrypted: the portal can neither read nor write them.

A pseudonym in `email_ciphertext` would fail to decrypt, and its blind index would no
longer find anything. Such columns are emptied, or wait for a person.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from privacy.datamap import words
from privacy.datamap.lexicon import meanings
from privacy.datamap.schema import LiveColumn
from privacy.datamap.verdicts import MOST, Proposal, type_of

KIND = "encrypted"  # such a value is never sent, and nobody is looked up by it
# lockbox, blind_index, attr_encrypted and what others call it.
SAYS = {"ciphertext", "cipher", "encrypted", "enc", "bidx", "iv", "crypt", "crypted"}
WEAK = {"iv", "enc", "crypt"}  # may be short for something else
HASHED = ("credential",)  # `encrypted_password` is a hash
# Fernet, Laravel, Rails' own encryption, Vault, AWS, age, PGP.
FORM = re.compile(
    r"gAAAAA[\w-]{60,}={0,2}|eyJpdiI6\S{40,}|\{\"p\":\"[\w+/=]+\",\"h\":\{.*"
    r"|vault:v\d+:\S+|AQICAH\S{60,}|-----BEGIN (?:PGP MESSAGE|AGE).*",
    re.DOTALL,
)


def propose(live: LiveColumn, values: Sequence[str]) -> Proposal | None:
    """The meaning comes from the rest of the column's name."""
    if type_of(live) not in ("text", "binary", "json"):
        return None
    parts = words.tokens(live.name)
    said = SAYS.intersection(parts)
    fits = sum(bool(FORM.fullmatch(value)) for value in values)
    if not said and not (values and fits > MOST * len(values)):
        return None
    found = words.named("_".join(part for part in parts if part not in SAYS))
    if found and found.meaning.code in HASHED and not fits:
        return None
    if said and said <= WEAK and found is None:
        return None
    reason = f"It is called {live.name}" if said else f"{fits} of {len(values)} values"
    meaning = found.meaning if found else meanings()["document"]
    sealed = replace(meaning, identifier=KIND, endings=("nullify",), is_sealed=True)
    return Proposal(sealed, "", 0.85, f"{reason}: the application encrypted it")
