"""What the phrases of staff make of a message, from top to bottom, with their lists and
limits; and what of it a person should read."""

import re

from consent.keywords import whole
from consent.keywords.folding import is_slip, signs_of, squeezed, words_of
from consent.keywords.meanings import NOTHING, Meaning, Says
from consent.keywords.phrases import COVERED, Pattern
from consent.keywords.rules import Rules
from consent.models import Phrase

WORDS_READ = 400  # a long message can't take longer than this
SHORT = 8  # words of a message in which a stop word is worth a person's time
ENDS = re.compile(r"[?!\n\r\u3002\uff01\uff1f]+|\.+(?=\s|$)")
BETWEEN = " \u00b6 "
MENTIONS = "mentions"
ASKED = re.compile(r"[^.!?;\n\r\u3002\uff01\uff1f]*[?\uff1f]+")
SENTENCE = re.compile(r"[.!;:,()\n\r\u3002\uff01\uff0c\u2014\u2013]+|\s-+\s*|/+")
Kind = Phrase.Meaning


def read(text: str, words: list[str], book: Rules) -> tuple[Meaning, list[str]]:
    """What the rules say; and the words that no harmless phrase covered."""
    spaced = _spaced(_spelt_out(text, words, book))
    found, rest = _phrase(spaced, book)
    if not found and (righted := _righted(spaced, book)) != spaced:
        found, _ = _phrase(righted, book)
    if found and found.meaning != Says.AMBIGUOUS:
        return found, rest
    said = (
        whole.slip(words, book)
        or _sentence(text, book)
        or found
        or _signs(text, words, book)
        or _mentioned(rest, book)
        or NOTHING
    )
    return said, rest


# --- phrases ----------------------------------------------------------------------
def _righted(spaced: str, book: Rules) -> str:
    """Corrects typing errors: a word that is in no list, and one error away from a word
    of an opt-out."""
    meant, kept = book.lists.get("slip", ()), book.lists.get("spelt", ())

    def right(word: str) -> str:
        if word in meant or word in kept:
            return word
        return next((each for each in meant if is_slip(word, each)), word)

    return f" {' '.join(map(right, spaced.split()))}"


def _spelt_out(text: str, words: list[str], book: Rules) -> str:
    """Among words, the emoji of a stop sign is the word."""
    for sign in book.lists.get("pictured", ()) if words else ():
        text = text.replace(sign, " stop ")
    return text


def _spaced(text: str) -> str:
    """A space before each word, and a mark between sentences."""
    sentences = [words_of(part)[:WORDS_READ] for part in ENDS.split(text)]
    told = [" ".join(map(squeezed, words)) for words in sentences if words]
    return f" {BETWEEN.join(told)}" if told else ""


def _phrase(text: str, book: Rules) -> tuple[Meaning | None, list[str]]:
    """The first phrase from the top, and the words that no harmless one covered.

    A harmless phrase stays within one sentence; an opt-out may span several. A limit in
    the same language, in its sentence or after it, leaves it to a person.
    """
    limits: list[Pattern] = []
    for pattern in book.patterns:
        if pattern.meaning in (Kind.HARMLESS, Kind.COURTESY):
            cover = COVERED if pattern.meaning == Kind.HARMLESS else ""
            text = pattern.compiled.sub(cover, text)
        elif not pattern.found_in(text.replace(BETWEEN, " ")):
            continue
        elif pattern.meaning == Kind.LIMITS:
            limits.append(pattern)
        elif pattern.meaning == Kind.OPT_OUT and (
            limit := _limit(text, pattern, limits)
        ):
            said = Meaning(Says.AMBIGUOUS, f"{limit.rule}: {limit.text}")
            return said, text.split()
        else:
            rule = f"{pattern.rule}: {pattern.text}"
            said = Meaning(pattern.meaning, rule, language=pattern.language)
            return said, text.split()
    return None, text.split()


def _limit(text: str, wish: Pattern, limits: list[Pattern]) -> Pattern | None:
    limit = next((each for each in limits if each.is_of(wish)), None)
    return limit if limit and _limited(text, wish, limit) else None


def _limited(text: str, wish: Pattern, limit: Pattern) -> bool:
    """Every opt-out has a limit in its sentence or later; one before it only tells a
    story."""
    sentences = [f" {told.strip()}" for told in text.split(BETWEEN)]
    return not any(
        wish.found_in(told) and not limit.found_in("".join(sentences[number:]))
        for number, told in enumerate(sentences)
    )


def _sentence(text: str, book: Rules) -> Meaning | None:
    """One sentence of several is nothing but a certain keyword: "Stop. It's Jane"."""
    words = words_of(text)
    if len(words) > 3 * SHORT:
        return None
    pieces = SENTENCE.split(ASKED.sub(" ", text))
    parts = [part for piece in pieces if (part := words_of(piece))]
    certain = book.lists.get("certain", ())
    if not any(" ".join(_bare(part, book)) in certain for part in parts):
        return None
    told = f" {' '.join(words)} "
    if any(f" {each} " in told for each in book.lists.get("laugh", ())):
        return Meaning(Says.AMBIGUOUS, "a sentence, in jest")
    return Meaning(Says.OPT_OUT, "a sentence of its own")


def _bare(words: list[str], book: Rules) -> list[str]:
    return [word for word in words if word not in book.lists.get("polite", ())]


# --- what a person should read ------------------------------------------------------
def _signs(text: str, words: list[str], book: Rules) -> Meaning | None:
    """Nothing but emoji, and one of them says no."""
    found = set(signs_of(text)) & set(book.lists.get("signs", ()))
    return Meaning(Says.AMBIGUOUS, "signs") if found and not words else None


def _mentioned(words: list[str], book: Rules) -> Meaning | None:
    """A stop word in a short message may be a wish to stop, or a bus stop."""
    if len(words) > SHORT and len(set(words)) > 1:
        return None
    for word in words:
        if word in book.lists.get("mention", ()):
            return Meaning(Says.AMBIGUOUS, f"{MENTIONS}: {word}", word)
    return None


def is_mention(said: Meaning) -> bool:
    """Nothing but a stop word somewhere."""
    return said.rule.startswith(MENTIONS)
