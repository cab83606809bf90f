"""Normalises a text, and finds what in it is the writer's own."""

import re
import unicodedata

TYPOGRAPHY: dict[str, str | int | None] = {
    "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2018": "'", "\u2019": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
}  # fmt: skip
FORWARDED_BLOCK = re.compile(
    r"^[-_ ]*(?:(?:begin )?forwarded message|original message|"
    r"weitergeleitete nachricht|ursprüngliche nachricht|message transféré|"
    r"message d'origine|mensaje reenviado|mensaje original|messaggio inoltrato|"
    r"messaggio originale|doorgestuurd bericht|oorspronkelijk bericht|"
    r"mensagem (?:encaminhada|original))[-_: ]*$",
    re.IGNORECASE | re.MULTILINE,
)
QUOTE_BEGINS = re.compile(
    r"^(?:on .{4,120} wrote:|am .{4,120} schrieb.{0,80}:|le .{4,120} a écrit\s*:|"
    r"el .{4,120} escribió:|il .{4,120} ha scritto:|op .{4,120} schreef.{0,80}:|"
    r"(?:a|em) .{4,120} escreveu:|(?:w dniu|dnia) .{4,120} napisał.{0,10}:|"
    r"den .{4,120} skrev.{0,80}:|[-_ ]{2,}\s*(?:original message|"
    r"ursprüngliche nachricht|message d'origine)\s*[-_ ]*)\s*$",
    re.IGNORECASE,
)

HEADER_BLOCK = re.compile(
    r"\*?(?:from|von|de|da|van|fra|från|od)\s?:\*?.+@.+\n(?:.*\n){0,2}?"
    r"\*?(?:sent|date|datum|gesendet|envoyé|enviado(?: el)?|inviato|verzonden|data)"
    r"\s?:",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Compatibility characters, plain hyphens, quotes and spaces; nothing invisible."""
    wide = unicodedata.normalize("NFKC", text).replace("\r\n", "\n").replace("\r", "\n")
    wide = wide.translate(str.maketrans(TYPOGRAPHY))
    return "".join(c for c in wide if c in "\n\t" or unicodedata.category(c)[0] != "C")


def own_words(text: str) -> tuple[str, str]:
    """What the writer says, also below a quote; and what they quote."""
    own: list[str] = []
    quoted: list[str] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        after = lines[number + 1 :]
        if line.lstrip().startswith(">"):
            quoted.append(line)
        elif not _begins_a_quote(line, after):
            own.append(line)
        elif not _is_marked(after):  # the rest of the mail is an earlier one
            quoted += lines[number:]
            break
    return "\n".join(own).strip(), "\n".join(quoted)


def _begins_a_quote(line: str, after: list[str]) -> bool:
    told = line.strip()
    both = f"{told} {after[0].strip()}" if after else told  # programs wrap that line
    if QUOTE_BEGINS.match(told) or FORWARDED_BLOCK.fullmatch(told):
        return True
    headers = "\n".join([told, *after[:4]])
    return bool(QUOTE_BEGINS.match(both) or HEADER_BLOCK.match(headers))


def _is_marked(after: list[str]) -> bool:
    """Its lines have quote marks, so that an answer below it can be told apart."""
    filled = [line.lstrip() for line in after if line.strip()]
    return any(line.startswith(">") for line in filled[:2])
