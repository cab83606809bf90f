"""What values are like that have no certain form: names, addresses, texts, and what
stands inside longer values."""

import re
from collections.abc import Iterator, Sequence

from privacy import spellings
from privacy.datamap import contents, dialled, words
from privacy.datamap.contents import CERTAIN
from privacy.datamap.lexicon import meanings
from privacy.datamap.schema import LiveColumn
from privacy.datamap.verdicts import (
    FEW,
    MOST,
    Around,
    Proposal,
    counted,
    is_,
    is_credible,
    type_of,
    various,
)

# JSON, YAML, XML, or what PHP serialises.
DOCUMENT = re.compile(r'\s*(\{\s*[}"]|\[\s*[\[{"]|---\s|<\?xml|[aO]:\d+:)')
MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")  # of a mail, RFC 5322 section 3.6.4
SETTINGS = {
    "config", "configuration", "settings", "rules", "limits", "options", "permissions",
    "flags", "features", "subscriptions", "schema", "headers",
}  # fmt: skip
# A path or a name with the ending of a document or a picture.
FILE = re.compile(
    r"[^\\<>\n]{1,250}\.(?:pdf|docx?|odt|rtf|xlsx?|ods|csv|eml|zip|jpe?g|png|gif|webp|heic|tiff?"
    r"|bmp|mp4|mov|avi)",
    re.IGNORECASE,
)
WORDY = " <{@"  # one of these stands in a text; what has none is a code
READ = 100  # texts that are searched
DIGITS = 7  # of a value worth searching
CARD = re.compile(spellings.CARD)


def propose(live: LiveColumn, values: list[str], around: Around) -> Proposal | None:
    """Names, addresses, and mentions inside longer texts."""
    if type_of(live) == "json":
        return _by_document(live, around)
    if type_of(live) != "text" or not values or live.options.get("labels"):
        return None
    files = sum(bool(FILE.fullmatch(value)) for value in values)
    if around.of_people and files > MOST * len(values) and various(values):
        return is_("file", 0.7, counted(files, values, "file"))
    for kind, needed in (("address", 0.5), ("name", MOST if around.of_things else 0.3)):
        part = contents.share(values, kind)
        if part > needed and various(values):
            sure = 0.4 if around.of_things else 0.6
            return is_(kind, sure, counted(round(part * len(values)), values, kind))
    for kind in CERTAIN:
        part = contents.share(values, kind)
        if part > FEW and is_credible(live, kind, values):
            reason = counted(round(part * len(values)), values, kind)
            return is_("text", 0.6, reason)
    if kinds := sorted({*_in_texts(values), *_in_codes(values)}):
        inside = ", ".join(meanings()[kind].says for kind in kinds)
        return is_("text", 0.7, f"Its texts hold {inside}")
    return _by_prose(values, around)


def unredacted(values: Sequence[str]) -> list[str]:
    """What texts hold that redaction leaves, because it has no form of its own: names
    and postal addresses. One alone may be the name of something else; a document is
    taken apart by its keys."""
    texts = [v for v in values if " " in v and not DOCUMENT.match(v)]
    ways = {"name": contents.names_in, "address": contents.streets_in}
    return [
        kind
        for kind, inside in ways.items()
        if len({hit for text in texts for hit in inside(text)}) > 1
    ]


def _in_texts(values: Sequence[str]) -> Iterator[str]:
    """The kinds found in what people wrote; what has digits or an @ is read first."""
    long = [v for v in values if _is_wordy(v) and not MESSAGE_ID.fullmatch(v)]
    long.sort(key=lambda value: "@" not in value and not _has_digits(value))
    return contents.mentions(long[:READ])


def _in_codes(values: Sequence[str]) -> Iterator[str]:
    """The kinds found in values without a space. Many codes look like a number of some
    country, or have parts like an IP address: only what is certain counts."""
    codes = [v for v in values if not _is_wordy(v) and _has_digits(v)]
    cards = [match[0] for code in codes for match in CARD.finditer(code)]
    are_cards = sum(map(spellings.is_card, cards)) > MOST * len(cards)
    for kind in contents.mentions(codes, regions=(None,)):
        if kind != "ip" and (kind != "card" or are_cards):
            yield kind
    if dialled.are_written(codes):
        yield "phone"


def _is_wordy(value: str) -> bool:
    return any(sign in value for sign in WORDY)


def _has_digits(value: str) -> bool:
    return sum(c.isdigit() for c in value) >= DIGITS


def _by_prose(values: list[str], around: Around) -> Proposal | None:
    written = sum(bool(DOCUMENT.match(value)) for value in values)
    if around.of_people and written > MOST * len(values):
        return is_("text", 0.6, "Its texts are documents, which may contain anything")
    wordy = sum(value.count(" ") >= 3 for value in values) / len(values)
    if around.of_people and wordy > FEW and various(values):
        return is_("text", 0.45, "Sentences that differ from row to row")
    return None


def _by_document(live: LiveColumn, around: Around) -> Proposal | None:
    is_setting = not SETTINGS.isdisjoint(words.tokens(live.name))
    if not around.of_people or (is_setting and not around.is_person):
        return None
    return is_("document", 0.5, "JSON in rows about people may hold more than was seen")
