"""What a message means: a keyword, a phrase, or that a person should read it.

First the whole message as a keyword, courtesy and signature aside; then each phrase
from top to bottom. Where they are silent, the second reader (`learned`) weighs the
words. Deterministic, and the rule or the words that decided are named.
"""

import datetime as dt
import itertools
import re
from dataclasses import dataclass

from django.conf import settings

from consent.keywords import learned, rules
from consent.keywords.folding import (
    is_near,
    is_slip,
    signs_of,
    squeezed,
    words_of,
)
from consent.keywords.phrases import COVERED, Pattern
from consent.keywords.rules import Rules, Word
from consent.models import InboundMessage, Keyword, Phrase

WORDS_READ = 400  # a long message can't make a query longer than this
SURE = 0.6  # chance of an opt-out at which the second reader says so by itself
PERHAPS = 0.45  # chance that nothing is meant, below which a person reads
CERTAIN = 0.8  # chance at which it is heard although the rules say something else
SHORT = 8  # words of a message in which a stop word is worth a person's time
ENDS = re.compile(r"[?!\n\r\u3002\uff01\uff1f]+|\.+(?=\s|$)")
BETWEEN = " \u00b6 "
MENTIONS = "mentions"
SENTENCE = re.compile(r"[.!;:,()\n\r\u3002\uff01\uff0c\u2014\u2013]+|\s-+\s*|/+")
Says = InboundMessage.Meaning
Kind = Phrase.Meaning
Known = dict[str, Word]


@dataclass(frozen=True)
class Meaning:
    """opt_out, opt_in, help, none or ambiguous; the rule that said so, and its text.

    `language` is that of a keyword, where it has one of its own; `also` what it means
    beside, in answer to a service message."""

    meaning: str
    rule: str
    keyword: str = ""
    language: str = ""
    also: str = ""


NOTHING = Meaning(Says.NONE, "no_keyword")


def understand(text: str, at: dt.datetime) -> Meaning:
    """By the keywords and phrases in force on that day (UTC)."""
    day = at.astimezone(dt.UTC).date()
    words = words_of(text)[:WORDS_READ]
    known = rules.in_force(["".join(words), *words, *_pairs(words)], day)
    whole = _whole(words, known, day, questioned="?" in text)
    if whole or not text.strip():
        return whole or NOTHING
    said, rest = _by_rules(text, words, rules.of(day))
    return _weighed(said, rest, text) if settings.LEARNED_READER else said


def _by_rules(text: str, words: list[str], book: Rules) -> tuple[Meaning, list[str]]:
    """What staff's rules say; and the words that no harmless phrase covered."""
    spaced = _spaced(_spelt_out(text, words, book))
    found, rest = _phrase(spaced, book)
    if not found and (righted := _righted(spaced, book)) != spaced:
        found, _ = _phrase(righted, book)
    if found and found.meaning != Says.AMBIGUOUS:
        return found, rest
    said = (
        _slip(words, book)
        or _sentence(text, book)
        or found
        or _signs(text, words, book)
        or _mentioned(rest, book)
        or NOTHING
    )
    return said, rest


# --- the second reader ------------------------------------------------------------
def _weighed(said: Meaning, rest: list[str], text: str) -> Meaning:
    """What it makes of a text on which the rules are silent, or know nothing but a stop
    word; and without what harmless phrases covered no less."""
    texts = [text, " ".join(rest)] if COVERED.strip() in rest else [text]
    found = min(map(learned.read, texts), key=lambda read: read.opt_out)
    meaning = _by_chance(said, found)
    if meaning == said.meaning or not found.words:
        return said
    if meaning == Says.NONE:
        return NOTHING
    return Meaning(meaning, f"learned: {', '.join(found.words)}")


def _by_chance(said: Meaning, found: learned.Reading) -> str:
    """Against a phrase only where it is all but certain, and then an opt-out is still
    for a person to read."""
    silent, only_a_word = said == NOTHING, said.rule.startswith(MENTIONS)
    if said.meaning == Says.OPT_OUT:
        return Says.AMBIGUOUS if found.none >= CERTAIN else said.meaning
    if not silent and said.meaning != Says.AMBIGUOUS:
        return said.meaning
    if found.opt_out >= (SURE if silent or only_a_word else CERTAIN):
        return Says.OPT_OUT
    if only_a_word and found.none >= CERTAIN:
        return Says.NONE
    return Says.AMBIGUOUS if found.none < PERHAPS else said.meaning


# --- the whole message ----------------------------------------------------------
def _whole(
    words: list[str], known: Known, day: dt.date, *, questioned: bool
) -> Meaning | None:
    plain = "".join(_without_courtesy(words, known))
    if plain not in known:
        known = known | rules.in_force([plain], day)
    keyword = known.get("".join(words)) or known.get(plain)
    if keyword is None or _is_courtesy(keyword):
        return None
    if keyword.meaning == Keyword.Meaning.OPT_OUT and questioned:
        return Meaning(Says.AMBIGUOUS, f"question: {keyword.text}", keyword.text)
    rule = f"{keyword.rule}: {keyword.text}"
    return Meaning(keyword.meaning, rule, keyword.text, keyword.language, keyword.also)


def _pairs(words: list[str]) -> list[str]:
    return [left + right for left, right in itertools.pairwise(words)]


def _without_courtesy(words: list[str], known: Known) -> list[str]:
    """The words that are not please or thank you."""
    kept: list[str] = []
    rest = list(words)
    while rest:
        if len(rest) > 1 and _is_courtesy(known.get(rest[0] + rest[1])):
            del rest[:2]
        elif _is_courtesy(known.get(rest[0])):
            del rest[0]
        else:
            kept.append(rest.pop(0))
    return kept


def _is_courtesy(keyword: Word | None) -> bool:
    return keyword is not None and keyword.meaning == Keyword.Meaning.COURTESY


def _slip(words: list[str], book: Rules) -> Meaning | None:
    """One word, and a slip of the thumb away from a keyword; no other word."""
    word = squeezed("".join(words))
    if len(words) > 2 or word in book.lists.get("spelt", ()):
        return None
    for meant in book.lists.get("misspelt", ()):
        if is_near(word, meant):
            return Meaning(Says.OPT_OUT, f"misspelt: {meant}", meant)
    return None


def _righted(spaced: str, book: Rules) -> str:
    """With the slips of the thumb in it put right: a word that is none of ours, and no
    more than a slip away from one that a wish is made of."""
    meant, kept = book.lists.get("slip", ()), book.lists.get("spelt", ())

    def right(word: str) -> str:
        if word in meant or word in kept:
            return word
        return next((each for each in meant if is_slip(word, each)), word)

    return f" {' '.join(map(right, spaced.split()))}"


# --- phrases ----------------------------------------------------------------------
def _spelt_out(text: str, words: list[str], book: Rules) -> str:
    """Among words, the picture of a stop sign is the word."""
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

    Harmless words stand in one sentence; a wish may go over several. What limits an
    opt-out in its own language, in its sentence or after it, leaves it to a person."""
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
            said = Meaning(pattern.meaning, f"{pattern.rule}: {pattern.text}")
            return said, text.split()
    return None, text.split()


def _limit(text: str, wish: Pattern, limits: list[Pattern]) -> Pattern | None:
    limit = next((each for each in limits if each.is_of(wish)), None)
    return limit if limit and _limited(text, wish, limit) else None


def _limited(text: str, wish: Pattern, limit: Pattern) -> bool:
    """No sentence has the wish without a limit there or later: before it is a story."""
    sentences = [f" {told.strip()}" for told in text.split(BETWEEN)]
    return not any(
        wish.found_in(told) and not limit.found_in("".join(sentences[number:]))
        for number, told in enumerate(sentences)
    )


def _sentence(text: str, book: Rules) -> Meaning | None:
    """One sentence of several is nothing but a certain keyword: "Stop. It's Jane"."""
    words = words_of(text)
    if len(words) > 3 * SHORT or "?" in text:
        return None
    parts = [part for piece in SENTENCE.split(text) if (part := words_of(piece))]
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
    """Nothing but pictures, and one of them says no."""
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
