"""What kind of value something is, whatever its column is called, and what free text
contains.

A kind is a code in `privacy/rules/meanings.yaml`. Formats with a check digit or a
grammar are certain; names and addresses are guesses, and only their share among the
values counts.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher

from privacy import spellings
from privacy.datamap.lexicon import given_names, plain

# Countries whose national numbers are tried, those of the languages of `rules/words`.
REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "PT", "NL", "BR", "AT", "CH", "BE", "IE")
SSN = r"(?!000|666)[0-9]{3}[- ](?!00)[0-9]{2}[- ](?!0000)[0-9]{4}"
IBAN = r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?"
EMAIL = r"[\w.!#$%&'*+/=?^`{|}~-]+@(?:[\w-]+\.)+[^\W\d_][\w-]*"
IPV4 = r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"
IPV6 = r"(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}"
# Formats of Django's hashers, PHC strings and crypt(3); JWT; keys with a known prefix.
HASHED = r"(?:pbkdf2_|argon2|scrypt|bcrypt|\{S?SHA|\$(?:2[abxy]|argon2\w*|[156y])\$).*"
KEYED = (
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|"
    r"(?:sk|pk|rk|whsec|ghp|gho|xox[bp]|shpat|glpat)[_-]\S{8,}"
)
HEX = r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128}"
AGENT = r"(?:Mozilla|Opera|Dalvik|okhttp|curl|python-requests)/[\d.].*"
AUDIO = r"\S+\.(?:wav|mp3|ogg|m4a|flac|amr|webm|aac)(?:\?\S*)?"
DIALLED = re.compile(r"(?:tel:)?[\d\s+().\-/·]+(?:(?:ext?|x)\.? ?\d{1,5})?", re.I)
DATED = re.compile(r"\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{4}|-?\d+\.\d+$")
TIMED = re.compile(r"\b\d\d?[./]\d\d?[./]\d{4},? +\d\d?:\d\d\b")
PAIR = r"-?\d{1,2}\.\d{3,},\s*-?\d{1,3}\.\d{3,}|(?:SRID=\d+;)?POINT ?\(.*\)"
MAC = r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"
STREET = (
    r"\b(?:street|st|avenue|ave|road|rd|lane|ln|boulevard|blvd|drive|dr|court|ct|place|"
    r"pl|terrace|square|sq|highway|parkway|close|crescent|suite|apt|unit|po box|rue|"
    r"chemin|impasse|quai|calle|avenida|av|plaza|paseo|carrer|via|piazza|corso|viale|"
    r"largo|rua|travessa|alameda|estrada|praca|postfach|ulice|utca)\b|"
    r"(?:strasse|str|weg|platz|allee|gasse|damm|ufer|straat|laan|plein|gracht|dijk|"
    r"gatan|vej|tie|katu)\b"
)
STREETS = re.compile(STREET)
HOUSE = re.compile(
    rf"\b\d{{1,5}}[a-z]?,? (?:[\w.'-]+ ){{0,3}}?(?:{STREET})"
    rf"|\b[\w-]*(?:{STREET})(?: [\w.'-]+){{0,3}}?,? \d{{1,5}}\b",
    re.IGNORECASE,
)
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")  # town-square-1
WORD = r"[^\W\d_][\w.'\u2019`-]*"
PERSON = re.compile(rf"{WORD}(?:,? {WORD}){{0,4}}")


TWO_WORDS = re.compile(
    r"\b((?=[^\W\d_a-z])[^\W\d_]{2,}) ((?=[^\W\d_a-z])[^\W\d_][\w'\u2019-]+)"
)


@dataclass(frozen=True)
class Mention:
    """Something personal inside a text."""

    kind: str
    start: int
    end: int


def of(text: str) -> str:
    """The kind of one whole value; empty if it is none that we know."""
    text = text.strip()
    if not text or len(text) > 500:
        return ""
    return next((kind for kind, fits in KINDS.items() if fits(text)), "")


def share(texts: Sequence[str], kind: str) -> float:
    """The share of the values that are of that kind, 0 to 1."""
    if not texts:
        return 0.0
    if kind == "phone":
        return phones(texts)
    return sum(KINDS[kind](text.strip()) for text in texts) / len(texts)


def phones(texts: Sequence[str]) -> float:
    """The country, of all tried, of which most values are valid numbers."""
    if not any(looks_dialled(text) for text in texts):
        return 0.0
    return max(
        sum(is_phone(text, region) for text in texts) / len(texts) for region in REGIONS
    )


def is_phone(text: str, region: str | None = None) -> bool:
    """A number that is in use; without a country it must begin with + or 00."""
    if not looks_dialled(text):
        return False
    spoken = re.sub(
        r"^\s*(?:tel:|00(?=[1-9]))", lambda m: "+" if "0" in m[0] else "", text
    )
    try:
        number = phonenumbers.parse(spoken, region)
    except phonenumbers.NumberParseException:
        return False
    possible = phonenumbers.is_possible_number(number)
    return possible and ("+" in spoken or phonenumbers.is_valid_number(number))


def looks_dialled(text: str) -> bool:
    digits = sum(c.isdigit() for c in text)
    return 7 <= digits <= 17 and bool(DIALLED.fullmatch(text)) and not DATED.match(text)


def find(text: str, regions: Sequence[str | None] = REGIONS) -> list[Mention]:
    """Everything with a known format in a longer text; no match lies inside another.
    Without a region only telephone numbers with a country code are found."""
    found: list[Mention] = []
    for kind, pattern, fits in SEARCHED:
        for match in pattern.finditer(text):
            if fits(match[0]) and not _overlaps(found, match.start(), match.end()):
                found.append(Mention(kind, match.start(), match.end()))
    dates = [Mention("date", *day.span()) for day in TIMED.finditer(text)]
    for region in regions:
        for call in PhoneNumberMatcher(text, region, leniency=Leniency.VALID):
            if not _overlaps([*found, *dates], call.start, call.end):
                found.append(Mention("phone", call.start, call.end))
    return sorted(found, key=lambda mention: mention.start)


def _overlaps(found: Sequence[Mention], start: int, end: int) -> bool:
    return any(start < each.end and each.start < end for each in found)


def _whole(pattern: str, flags: int = 0) -> Callable[[str], bool]:
    compiled = re.compile(pattern, flags)
    return lambda text: compiled.fullmatch(text) is not None


def is_card(text: str) -> bool:
    return bool(re.fullmatch(spellings.CARD, text)) and spellings.is_card(text)


def is_iban(text: str) -> bool:
    """ISO 13616: the remainder of the division by 97 is 1."""
    plain_ = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", plain_):
        return False
    return int("".join(str(int(c, 36)) for c in plain_[4:] + plain_[:4])) % 97 == 1


def is_ip(text: str) -> bool:
    if text.count(".") != 3 and text.count(":") < 2:
        return False
    try:
        return not ipaddress.ip_interface(text).is_unspecified
    except ValueError:
        return False


def is_address(text: str) -> bool:
    """A word for a street with a number before or after it."""
    return (
        6 <= len(text) <= 200
        and any(c.isdigit() for c in text)
        and not SLUG.fullmatch(text)
        and bool(STREETS.search(plain(text.replace("ß", "ss"))))
    )


def is_name(text: str) -> bool:
    """One to five words, one of them a common given name."""
    if not PERSON.fullmatch(text) or len(text) > 80:
        return False
    return any(word in given_names() for word in re.split(r"[ ,.\-]+", plain(text)))


def names_in(text: str) -> Iterator[str]:
    """`Anna Weber` inside a longer text: a given name and another word, both with a
    capital letter."""
    for match in TWO_WORDS.finditer(text):
        if plain(match[1]) in given_names() and len(match[0]) < len(text):
            yield match[0]


def streets_in(text: str) -> Iterator[str]:
    """`12 Elm Street` and `Lindenweg 4` inside a longer text."""
    for match in HOUSE.finditer(text.replace("ß", "ss")):
        if any(c.isupper() for c in match[0]):
            yield match[0]


def is_pair(text: str) -> bool:
    return bool(re.fullmatch(PAIR, text, re.IGNORECASE))


# The kinds of whole values, what can't be mistaken first.
KINDS: dict[str, Callable[[str], bool]] = {
    "email": _whole(EMAIL),
    "credential": _whole(f"{HASHED}|{KEYED}"),
    "bank": is_iban,
    "card": is_card,
    "government_id": _whole(SSN),
    "ip": is_ip,
    "device": _whole(f"{AGENT}|{MAC}"),
    "recording": _whole(AUDIO, re.IGNORECASE),
    "coordinates": is_pair,
    "social": _whole(r"@[A-Za-z0-9_][\w.]{1,29}"),
    "phone": is_phone,
    "address": is_address,
    "name": is_name,
}
CERTAIN = (
    "email", "credential", "bank", "card", "government_id", "ip", "device", "recording",
    "coordinates", "social",
)  # fmt: skip
SEARCHED: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", re.compile(EMAIL), lambda text: True),
    ("bank", re.compile(rf"\b{IBAN}\b", re.IGNORECASE), is_iban),
    ("card", re.compile(spellings.CARD), spellings.is_card),
    ("government_id", re.compile(rf"(?<![\d-]){SSN}(?![\d-])"), lambda text: True),
    ("ip", re.compile(rf"(?<![\w.:]){IPV4}(?![\w:]|\.\d)"), is_ip),
    ("ip", re.compile(rf"(?<![\w.:]){IPV6}(?![\w:])"), is_ip),
)


def mentions(
    texts: Sequence[str], regions: Sequence[str | None] = REGIONS
) -> Iterator[str]:
    """The kinds found inside the texts, each once, in the order of the texts."""
    seen: set[str] = set()
    for text in texts:
        for mention in find(text[:2000], regions):
            if mention.kind not in seen:
                seen.add(mention.kind)
                yield mention.kind
