"""The words of a mail: which language, which rights, whose law."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from dsr.mailbox import people
from dsr.mailbox.letter import Letter
from dsr.mailbox.rules import Pattern, any_of, rules

ABBREVIATION = re.compile(
    r"\b(art|arts|abs|nr|no|mr|mrs|ms|dr|cal|civ|va|tit|reg|regs|sec|st|inc|lit|al|par|"
    r"ust|z|sr|sra|sig|dhr|mevr|čl|bspw|bzw|evtl|ggf|inkl|e\.g|i\.e|z\.b|d\.h)\.",
    re.IGNORECASE,
)
INITIAL = re.compile(r"\b([A-ZÀ-Þ])\.(?= ?[A-ZÀ-Þ])")  # "D. Blas Otero"
# From an opening mark to a closing one: what stands between two quotations is not one.
QUOTED = re.compile(
    r'(?<!\w)"(?=\S)[^"]{15,}(?<=\S)"(?!\w)|(?<!\w)\'[^\'"]{15,}\'(?!\w)'
)
FEW_WORDS = 6  # an item this short names a thing, and asks nothing
ITEM = "\u2022"  # stands before each item of a list
LISTED = re.compile(r"^[ \t]*(?:\(?(?:\d\d?|[a-h])[.)]|[-*\u00b7])[ \t]+", re.MULTILINE)
SENTENCE_ENDS = re.compile(r"[!?。！？؟]")  # noqa: RUF001 - as other scripts write them
OBJECTIONS = {"objection", "objection_marketing"}
ALIKE: dict[str, set[str]] = {  # whoever asks for it speaks of these as well
    "portability": {"access"},
    "objection": {"objection_marketing"},
    "consent_withdrawal": {"objection_marketing"},
    "opt_out_targeted_ads": {"objection_marketing", "opt_out_sale"},
    "opt_out_sale": {"objection_marketing"},
    "restriction": {"rectification"},
    "rectification": {"restriction"},
}
OPT_OUTS = {"opt_out_sale", "opt_out_targeted_ads", "opt_out_profiling"}
FIRST = ("access", "portability", "erasure")  # what a ticket is opened for, in order


@dataclass(frozen=True)
class Rights:
    """Rights that a text asks for; `is_clear` unless one was only hinted at, `is_open`
    when there may be another."""

    types: list[str]
    is_clear: bool
    is_open: bool = False


def readable(letter: Letter) -> str:
    """The writer's own words in one line, sentences kept apart; without quoted
    examples, and without lines of a form that say a right is not asked for."""
    asked = rules().signs["declined"].sub("", letter.text)
    items = LISTED.sub(rf"{ITEM}\g<0>", asked)
    lines = re.sub(r"\n\s*\n", " . ", items).replace("\n", " ")
    subject = "" if letter.is_reply else f"{letter.subject} . "
    return one_line(f"{subject}{lines} . {people.of_tables(letter)}")


def one_line(told: str) -> str:
    own = INITIAL.sub(r"\1", ABBREVIATION.sub(r"\1", told))
    without = QUOTED.sub(" ", SENTENCE_ENDS.sub(".", own))
    return re.sub(r"\s+", " ", without).strip()


def language_of(text: str) -> str:
    """By words and letters that only one language has; English by default."""
    lower = text.lower()
    counted = Counter(re.findall(r"[^\W\d_]+", lower))
    scores = Counter(
        {
            name: sum(counted[word] for word in words)
            for name, words in rules().languages.items()
        }
    )
    for name, letters in rules().letters.items():
        scores[name] += len(letters.findall(lower))
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] else "en"


def rights_in(words: str) -> Rights:
    """Every right that is asked, in the order of the rules. The items of a list, and
    what is asked besides, are also read by themselves: a plain one doesn't hide one
    that is only hinted at."""
    before, *listed = words.split(ITEM)
    words = rules().signs["besides"].sub(rf"{ITEM}\g<0>", words)
    first, *items = words.split(ITEM)
    items += [first] if first != before else []
    read = {said: _rights_of(said) for said in [words.replace(ITEM, " "), *items]}
    asking = [rights for rights in read.values() if rights.types]
    order = list(rules().rights)
    types = {right for rights in asking for right in rights.types}
    is_clear = bool(asking) and all(rights.is_clear for rights in asking)
    is_open = any(_is_open(i, read[i]) for i in items) or _is_beyond(words, types)
    is_open = is_open or ("erasure" in types and _may_deny(words))
    is_open = is_open or _has_strange_item(listed)
    return Rights(
        sorted(types, key=lambda r: (r not in FIRST, order.index(r))),
        is_clear=is_clear and not is_open,
        is_open=is_open,
    )


def _is_beyond(words: str, types: set[str]) -> bool:
    """A sentence speaks of a right that was not found; the writer may want it too."""
    told = [_ideas(each) for each in _wanted(words).split(".")]
    found = types | set().union(*(ALIKE.get(each, set()) for each in types))
    return any(
        ideas <= each
        for right, wanted in rules().beyond
        if right not in found
        for ideas in wanted
        for each in told
    )


def _wanted(words: str) -> str:
    """Without what is said not to be wanted, and what is over."""
    signs = rules().signs
    for sign in ("spared", "negated", "past"):
        words = signs[sign].sub(" ", words)
    return words


def _may_deny(words: str) -> bool:
    """A sentence speaks of erasing and contains a “not”: perhaps it is not wanted at
    all."""
    signs = rules().signs
    return any(
        signs["erasing"].search(each) and signs["denying"].search(each)
        for each in re.split(r"[.;]", words)
    )


def _is_open(item: str, rights: Rights) -> bool:
    """It says something of the writer's own that no rule knows: perhaps a right."""
    says = len(item.split()) >= FEW_WORDS and rules().signs["own_data"].search(item)
    return bool(says) and not rights.types


def _has_strange_item(listed: list[str]) -> bool:
    """One item of a list asks, and another says something that no rule knows."""
    items = [item.split(" . ")[0] for item in listed]
    asks = [bool(_rights_of(item).types) for item in items]
    strange = [
        item
        for item, is_known in zip(items, asks, strict=True)
        if not is_known and len(item.split()) >= FEW_WORDS
    ]
    return any(asks) and bool(strange)


def _rights_of(words: str) -> Rights:
    """Every right whose patterns match, without what is denied or over."""
    said = _wanted(words)
    clear, hinted = _matching(rules().rights, said), _matching(rules().hints, said)
    named = _matching(rules().articles, said)
    told = _narrowest(clear, hinted, said) or _together(said)
    if told == {"consent_withdrawal"} and _is_of_consent(said):
        told = told | hinted | _together(said)  # who takes it back often wants more
    implied = OBJECTIONS if clear & OBJECTIONS else set()
    is_plain = bool(clear) and hinted <= clear | implied
    return Rights(list(told or named), is_clear=is_plain or _agree(told, named))


def _is_of_consent(said: str) -> bool:
    """A consent is withdrawn in so many words; not only that texts should stop."""
    return any({"withdraw", "consent"} <= ideas for ideas in _told(said))


def _agree(told: set[str], named: set[str]) -> bool:
    """The law's number and the words beside it name the same right: two witnesses."""
    return bool(told) and told == named


def _narrowest(clear: set[str], hinted: set[str], said: str) -> set[str]:
    """The special right where a general one is named as well: an objection to
    advertising, a copy to take elsewhere."""
    found = clear or (hinted - {"access"} if "portability" in hinted else hinted)
    if clear & OPT_OUTS:  # they are named together
        found = found | hinted & OPT_OUTS
    if "objection" in found and "objection_marketing" in clear | hinted:
        special = "objection" if "21(1)" in said else "objection_marketing"
        found = found - OBJECTIONS | {special}
    if "portability" in clear and not _asks_for_more(said):
        found = found - {"access"}
    return found


def _asks_for_more(said: str) -> bool:
    """It asks for more than a copy, which is what portability gives."""
    told = rules().signs["copied"].sub(" ", said)
    return "access" in _matching(rules().rights, told)


def _together(said: str) -> set[str]:
    """The first right whose ideas all occur in one sentence, or in two consecutive
    ones, in any order and whatever words are between them."""
    whole, asking = _told(said), _told(_without_erasing(said))
    for right, wanted in rules().together:
        told = asking if right == "access" else whole
        if any(ideas <= each for ideas in wanted for each in told):
            return {right}
    return set()


def _told(said: str) -> list[set[str]]:
    """The ideas of every two consecutive sentences."""
    ideas = [_ideas(each) for each in said.split(".") if each.strip()]
    return [one | next_ for one, next_ in pairwise([*ideas, set()])]


def _ideas(sentence: str) -> set[str]:
    return {name for name, idea in rules().ideas.items() if idea.search(sentence)}


def is_certain(words: str, types: list[str]) -> bool:
    """Every right among them that may be opened without a person is asked in so many
    words."""
    certain, said = rules().certain, _wanted(words)
    return all(any_of(certain[each], said) for each in types if each in certain)


def _matching(table: dict[str, list[Pattern]], said: str) -> set[str]:
    asking = _without_erasing(said)
    return {
        right
        for right, patterns in table.items()
        if any_of(patterns, asking if right == "access" else said)
    }


def _without_erasing(said: str) -> str:
    """Whoever wants everything erased does not ask for a copy of it."""
    signs = rules().signs
    sentences = signs["unwanted"].sub(" ", said).split(".")
    kept = [
        s
        for s in sentences
        if signs["handing"].search(s) or not signs["erasing"].search(s)
    ]
    return ".".join(kept)


def is_denied(words: str) -> bool:
    """It speaks of erasure only to say that it is not wanted."""
    return bool(rules().signs["negated"].search(words))
