"""The notations of one identifier: the common ones, and a pattern for all of them.

The patterns use what Python's and PostgreSQL's regular expressions have in common, and
ignore case.
"""

import re
from collections.abc import Iterable

import phonenumbers
from phonenumbers import PhoneNumberFormat as Format

from privacy.identifiers import Kind, Mark

GAP = r"[ \t().\-/·\u00a0\u2010-\u2015]{0,3}"
# Shorter national numbers would be found in prices and dates.
SHORTEST_NATIONAL = 7
# A name as a word, also in the name of a file: scan_ada-king.pdf.
WHOLE = r"(?:(?<!\w)|(?<=_))(?:{})(?:(?!\w)|(?=_))"
BETWEEN = r"[,;]?[ _.-]?(?:\w+\.?[ -])?"  # a second name or its first letter
MANY = 30  # words in one part of a pattern (`parts`)
SHORTEST_ALONE = 3  # letters of a word of a name that is looked for alone
TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|[()|]")  # of a pattern


def written(mark: Mark) -> list[str]:
    """Notations to look up by equality, so that an index can be used."""
    if mark.kind == Kind.PHONE:
        return _phone_written(mark.value)
    return [mark.value, mark.value.upper(), mark.value.capitalize()]


def _phone_written(e164: str) -> list[str]:
    number = phonenumbers.parse(e164)
    styles = (Format.E164, Format.INTERNATIONAL, Format.NATIONAL, Format.RFC3966)
    forms = {phonenumbers.format_number(number, style) for style in styles}
    dialled = phonenumbers.format_number(number, Format.NATIONAL)
    forms.add(re.sub(r"\D", "", dialled))  # with the zero before it, where one is
    national = phonenumbers.national_significant_number(number)
    country = str(number.country_code)
    forms |= {country + national, national, f"00{country}{national}"}
    if country == "1" and len(national) == 10:
        forms |= _american(national)
    return sorted(forms)


def _american(national: str) -> set[str]:
    area, exchange, line = national[:3], national[3:6], national[6:]
    shapes = {f"({area}) {exchange}-{line}", f"({area}){exchange}-{line}"}
    for gap in "-. ":
        plain = gap.join((area, exchange, line))
        shapes |= {plain, f"1{gap}{plain}", f"+1{gap}{plain}"}
    return shapes | {f"+1 ({area}) {exchange}-{line}", f"1 ({area}) {exchange}-{line}"}


def pattern(mark: Mark) -> str:
    """A regular expression that finds the identifier however it is written."""
    if mark.kind == Kind.PHONE:
        return _phone_pattern(mark.value)
    if mark.kind == Kind.EMAIL:
        return _email_pattern(mark.value)
    return rf"(?<![a-z0-9_]){plain(mark.value)}(?![a-z0-9_])"


def _phone_pattern(e164: str) -> str:
    number = phonenumbers.parse(e164)
    national = phonenumbers.national_significant_number(number)
    country = str(number.country_code)
    prefix = rf"(?:(?:\+|00|011)?{GAP}{country}{GAP}(?:\(0\){GAP})?|0{GAP})"
    if len(national) >= SHORTEST_NATIONAL:
        prefix += "?"
    return rf"(?<![0-9]){prefix}{GAP.join(national)}(?![0-9])"


def _email_pattern(address: str) -> str:
    local, domain = address.split("@", 1)
    at = "(?:@|%40)"
    # "ada@example.com" is not inside "ada@example.com.br", but is before "...com. Bye".
    after = r"(?![a-z0-9\-])(?!\.[a-z]{2,3}(?![a-z]))"
    return rf"(?<![a-z0-9._%+\-]){plain(local)}{at}{plain(domain)}{after}"


def plain(text: str) -> str:
    """Escaped for both dialects; Python's own would escape the space and the dash."""
    return re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", text)


def also_in_json(text: str) -> str:
    """As `plain`; other letters than English ones also as a JSON text may spell them:
    Zoë, Zo\\u00eb."""
    return re.sub(r"[^\x00-\x7f]", _either, plain(text))


def _either(letter: re.Match[str]) -> str:
    codes = {ord(c) for c in (letter[0].lower(), letter[0].upper()) if len(c) == 1}
    spelled = (rf"\\u{code:04x}" for code in sorted(codes) if code <= 0xFFFF)
    return f"(?:{'|'.join([letter[0], *spelled])})"


def of_names(some: Iterable[tuple[str, str]], *, is_own: bool) -> str:
    """A regular expression that finds these names, with `is_own` each word of them;
    empty if there are none."""
    found = []
    for one, two in some:
        first, second = also_in_json(one), also_in_json(two)
        found += [f"{first}{BETWEEN}{second}", f"{second}{BETWEEN}{first}"]
        if is_own:
            words = [(one, first), (two, second)]
            found += [said for word, said in words if len(word) >= SHORTEST_ALONE]
    parts_ = (found[at : at + MANY] for at in range(0, len(found), MANY))
    return "|".join(WHOLE.format("|".join(part)) for part in parts_)


def any_of(marks: Iterable[Mark]) -> str:
    return "|".join(pattern(mark) for mark in marks)


# Thirteen to nineteen digits, with or without single gaps (ISO/IEC 7812-1), that are
# not part of a longer word, of an address, of a UUID, of a decimal fraction or of a
# phone number.
CARD = (
    r"(?<![0-9A-Za-z_+])(?<![0-9A-Za-z]-)(?<![0-9][.])[0-9](?:[ \-]?[0-9]){12,18}"
    r"(?![0-9A-Za-z_@])(?!-[0-9A-Za-z])(?![.][0-9])"
)
# First digits and lengths that the card networks give out.
NETWORKS = (
    (r"4", (13, 16, 19)),  # Visa
    (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),  # Mastercard
    (r"3[47]", (15,)),  # American Express
    (r"6011|64[4-9]|65", (16, 17, 18, 19)),  # Discover
    (r"35(2[89]|[3-8])", (16, 17, 18, 19)),  # JCB
    (r"30[0-5]|3095|36|38|39", (14, 16, 19)),  # Diners Club
    (r"62|81", (16, 17, 18, 19)),  # UnionPay
    (r"50|5[6-9]|6304|67[56]", (13, 15, 16, 18, 19)),  # Maestro
)


def is_card(text: str) -> bool:
    """A number in the range of a card network that passes Luhn's check (ISO/IEC 7812-1,
    annex B)."""
    digits = re.sub(r"\D", "", text)
    lengths = (some for first, some in NETWORKS if re.match(first, digits))
    return any(len(digits) in some for some in lengths) and _passes_luhn(digits)


def _passes_luhn(text: str) -> bool:
    digits = [int(digit) for digit in text]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def parts(pattern: str, most: int = 8000) -> list[str]:
    """A pattern of alternatives in pieces of about `most` characters, each a pattern.

    MariaDB refuses one of which its library makes more than 64 KB.
    """
    pieces, start, depth = [], 0, 0
    for token in TOKEN.finditer(pattern):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if token[0] == "|" and depth == 0 and token.start() - start >= most:
            pieces.append(pattern[start : token.start()])
            start = token.end()
    return [*pieces, pattern[start:]]
