"""Numbers that states give to people, recognised by their form and check digits.

One in ten numbers fits a check digit by coincidence, so nearly all values of a column
must fit.
"""

import re
from collections.abc import Callable, Sequence

NEARLY_ALL, ENOUGH = 0.95, 6  # share of the values; different ones
LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"  # Spain, Orden INT/1202/2011


def _weighed(digits: str, weights: Sequence[int]) -> int:
    pairs = zip(digits, weights, strict=False)
    return sum(int(digit) * weight for digit, weight in pairs)


def _nhs(text: str) -> bool:
    """United Kingdom: NHS Data Dictionary, NHS NUMBER (modulus 11)."""
    check = 11 - _weighed(text, range(10, 1, -1)) % 11
    return check % 11 == int(text[9]) and check != 10


def _cpf(text: str) -> bool:
    """Brazil: two check digits, modulus 11."""
    first = _weighed(text, range(10, 1, -1)) * 10 % 11 % 10
    second = _weighed(text, range(11, 1, -1)) * 10 % 11 % 10
    return text[9:] == f"{first}{second}" and len(set(text)) > 1


def _pesel(text: str) -> bool:
    """Poland: weights 1, 3, 7, 9, and 1 for the check digit."""
    return _weighed(text, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def _bsn(text: str) -> bool:
    """The Netherlands: the eleven test."""
    total = _weighed(text, range(9, 1, -1)) - int(text[8])
    return total % 11 == 0 and text != "0" * 9


def _dni(text: str) -> bool:
    """Spain: the letter is the remainder of the division by 23; X, Y, Z are 0, 1, 2."""
    number = text[:-1].translate(str.maketrans("XYZ", "012"))
    return LETTERS[int(number) % 23] == text[-1]


def _always(text: str) -> bool:
    return True


FORMS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (r"\d{10}", _nhs),
    (r"\d{11}", _cpf),
    (r"\d{11}", _pesel),
    (r"\d{9}", _bsn),
    (r"(?:\d{8}|[XYZ]\d{7})[A-Z]", _dni),
    (r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", _always),  # United Kingdom, NINO
    (r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", _always),  # Italy
)


def count(values: Sequence[str]) -> int:
    """How many values are numbers of the one state that nearly all of them fit; else
    0."""
    plain = [re.sub(r"[\s./-]", "", value).upper() for value in values]
    if len(set(plain)) < ENOUGH:
        return 0
    for form, fits in FORMS:
        whole = re.compile(form)
        many = sum(bool(whole.fullmatch(t)) and fits(t) for t in plain)
        if many >= NEARLY_ALL * len(plain):
            return many
    return 0
