"""What a message means: a keyword, a phrase, or that a person should read it.

First the whole message is compared with the keywords, courtesy and signature aside
(`whole`); then each phrase from top to bottom (`wording`). Then the second reader
(`learned`) weighs the words, and what the rules said. Deterministic; the rule or the
words that decided are named.
"""

import datetime as dt

from django.conf import settings

from consent.keywords import learned, rules, whole, wording
from consent.keywords.folding import words_of
from consent.keywords.meanings import NOTHING, Meaning, Says
from consent.keywords.phrases import COVERED
from consent.keywords.routes import ANY, Route

# Chances from which a meaning is believed, where the rules say nothing and where they
# leave it to a person; chosen on texts that were not learnt from: to miss an opt-out is
# worst, then to invent one, then to trouble a person. Nobody is opted in by weights:
# that takes a keyword, a phrase or a person.
SURE = {
    Says.NONE: {Says.OPT_OUT: 0.7, Says.HELP: 0.6, Says.NONE: 0.6},
    Says.AMBIGUOUS: {Says.OPT_OUT: 0.7, Says.HELP: 0.5, Says.NONE: 0.8},
}
ENOUGH = 3  # words to weigh against a phrase that leaves it to a person
DOUBT = 0.75  # from which an opt-out of a phrase is for a person to read


def understand(text: str, at: dt.datetime, by: Route = ANY) -> Meaning:
    """By the keywords and phrases in force on that day (UTC), for a text that came by
    that route."""
    day = at.astimezone(dt.UTC).date()
    words = words_of(text)[: wording.WORDS_READ]
    if found := whole.keyword(text, words, day, by):
        return found
    if not text.strip():
        return NOTHING
    said, rest = wording.read(text, words, rules.of(day))
    return _weighed(said, rest, text) if settings.LEARNED_READER and words else said


def _weighed(said: Meaning, rest: list[str], text: str) -> Meaning:
    """The second reader's result; it also reads the text without what harmless phrases
    cover."""
    if said.meaning in (Says.OPT_IN, Says.HELP):
        return said
    if said.meaning == Says.AMBIGUOUS and len(text.split()) < ENOUGH:
        return said
    told = str(NOTHING.meaning if wording.is_mention(said) else said.meaning)
    texts = [text, " ".join(rest)] if COVERED.strip() in rest else [text]
    read = max(texts, key=lambda each: learned.read(each, told)[Says.NONE])
    meaning = _most_likely(Says(told), learned.read(read, told))
    if meaning == said.meaning:
        return said
    if meaning == Says.NONE:
        return NOTHING
    words = learned.reasons(read, meaning)
    return Meaning(meaning, f"learned: {', '.join(words)}") if words else said


def _most_likely(told: Says, chances: dict[str, float]) -> Says:
    """A text that may ask for messages, or take an opt-out back, goes to a person."""
    if chances[Says.OPT_IN] > max(chances[Says.OPT_OUT], chances[Says.NONE]):
        return Says.AMBIGUOUS
    if told == Says.OPT_OUT:
        return Says.OPT_OUT if chances[Says.NONE] < DOUBT else Says.AMBIGUOUS
    sure = (m for m, least in SURE[told].items() if chances[m] >= least)
    return next(sure, Says.AMBIGUOUS)
