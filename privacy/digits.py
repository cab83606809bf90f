"""What digits in a text are: a date, a code, an amount, or somebody's number."""

import re
from collections.abc import Callable

from privacy.datamap import words
from privacy.datamap.lexicon import lexicon
from privacy.strategies.redact import ANYTHING

DAY, MONTH, YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
HOUR, MINUTE = r"(?:[01]?\d|2[0-3])", r"[0-5]\d"
TIME = rf"{HOUR}:{MINUTE}(?::{MINUTE}(?:[.,]\d+)?)?"
# As people and machines write a day, with the hour behind it; the first of two; a
# folder of files.
DATE = (
    rf"(?<![\d+])(?:{YEAR}([./-]){MONTH}\2{DAY}|{DAY}([./-]){MONTH}\3{YEAR}"
    rf"|{MONTH}/{DAY}/{YEAR}"
    rf"|{YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:{MINUTE}){{0,3}}(?![+-]\d))"
    rf"(?:[T ](?:{TIME}|(?:[01]\d|2[0-3])(?:{MINUTE})*(?![ /-]?\d)))?(?!\d)"
    rf"|(?<![\d+:])(?:{TIME}(?!\d)|{DAY}[.]{MONTH}[.](?= ?[-\u2013])"
    rf"|{YEAR}/{MONTH}(?=/))"
)
HEX = "[0-9a-f]"
UUID = rf"(?<!{HEX}){HEX}{{8}}(?:-{HEX}{{4}}){{3}}-{HEX}{{12}}(?!{HEX})"
# R21-00871, 10417_scan, 2021-00871, 1.234.567,89 and 0.1234567.
LABEL = r"(?:tel|phone|fon|fax|mob|handy|cell)\w*"
LEFT = rf"(?<!\w)(?!{LABEL})[^\W\d_]+[-_]?\d[\w-]*"
RIGHT = r"(?<![\w+])\d[\d-]*[-_]?[^\W\d]\w*"
YEARLY = rf"(?<![\w+]){YEAR}[-/]\d{{3,}}(?!\w)"
AMOUNT = r"(?<![\d+])\d{1,3}(?P<mark>[.,'])\d{3}(?:(?P=mark)\d{3})*[.,]\d\d(?!\d)"
FRACTION = r"(?<![\d.+])(?:0|[1-9]\d{0,2})[.]\d{4,}(?![\d.])"
FOUND = re.compile(
    f"(?P<never>{DATE}|{UUID})|(?P<hardly>{LEFT}|{RIGHT}|{YEARLY}|{AMOUNT}|{FRACTION})"
    f"|{ANYTHING}",
    re.IGNORECASE,
)
# What is dialled all the same: with a plus or a zero, or as North America counts.
DIALLED = re.compile(
    r"\+\d{7,}|(?<!\d)0(?:[ /.()-]{0,3}\d){8,}"
    r"|(?<!\d)(?:1[-. ]?)?[2-9]\d\d[-. ]?[2-9]\d\d[-. ]?\d{4}(?!\d)"
)
PLAIN = re.compile(r"[1-9][\d/-]*")
BEFORE = re.compile(r"([^\W\d_]+)(?:[ .-]*\bn[ro°]\b)?[ .:#-]{0,3}$", re.IGNORECASE)
LONGEST_LABEL = 40


def without_numbers(text: str, replaced: Callable[[str], str]) -> str:
    """The text with each phone number, address and card number in it replaced; dates,
    codes and amounts stay."""

    def each(found: re.Match[str]) -> str:
        return found[0] if _is_nobodys(found) else replaced(found[0])

    return FOUND.sub(each, text)


def is_code(text: str) -> bool:
    """Only digits, like an order number, and not something that people dial."""
    return bool(PLAIN.fullmatch(text)) and not DIALLED.search(text)


def _is_nobodys(found: re.Match[str]) -> bool:
    if found["never"]:
        return True
    if found["hardly"]:
        return not DIALLED.search(found[0])
    return bool(PLAIN.fullmatch(found[0])) and _is_of_a_thing(found)


def _is_of_a_thing(found: re.Match[str]) -> bool:
    """`Invoice 1000234567`: the word before it says what the number belongs to."""
    before = found.string[max(0, found.start() - LONGEST_LABEL) : found.start()]
    said = BEFORE.search(before)
    known = lexicon()
    return said is not None and any(
        part in known.things - known.people for part in words.tokens(said[1])
    )
