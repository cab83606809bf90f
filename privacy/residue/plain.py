"""Text without disguises: escapes undone, digits of all scripts as 0 to 9."""

import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

SPELLINGS = [
    "E.164", "international", "national", "with trunk or exit prefix", "spaced",
    "dotted", "dashed", "bracketed", "full-width and other digits", "percent-escaped",
    "HTML-escaped", "\\u-escaped", "e-mail in any case", "e-mail with a tag",
]  # fmt: skip
BREAKS = re.compile(r"\\+[nrtbfv]")  # as COPY and JSON write line ends and tabs
UNICODE = re.compile(r"\\+u(?:\{0*([0-9a-fA-F]{1,4})\}|([0-9a-fA-F]{4}))")
PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
# Full-width forms, zero-width characters, digits of other scripts.
UNUSUAL = re.compile(
    "[\u00ad\u200b-\u200f\u2060\ufeff\uff00-\uffef"
    "\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u2460-\u249b\U0001d7ce-\U0001d7ff]"
)
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
MOST_LAYERS = 3  # an address may be escaped inside an escaped address


def variants(text: str) -> Iterator[str]:
    """The text unchanged, and with its escapes undone if it has any."""
    seen = BREAKS.sub(" ", text) if "\\" in text else text
    yield seen
    plain = text
    for _ in range(MOST_LAYERS):
        before, plain = plain, _undone(plain)
        if plain == before:
            break
    if "\\" in plain:
        plain = BREAKS.sub(" ", plain)
    if plain != seen:
        yield plain


def spelled_out(text: str) -> str:
    """With letters that JSON writes as a code, such as u00e9, written out."""
    return UNICODE.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


def _undone(text: str) -> str:
    if "\\" in text:
        text = spelled_out(text)
    if "%" in text:
        text = PERCENT.sub(lambda found: unquote(found[0]), text)
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii() and UNUSUAL.search(text):
        text = unicodedata.normalize("NFKC", UNSEEN.sub("", text))
        text = re.sub(r"[^\x00-\x7f]", _digit, text)
    return text


def _digit(found: re.Match[str]) -> str:
    value = unicodedata.digit(found[0], None)
    return found[0] if value is None else str(value)
