"""Combines what the rules made of a mail with what the second reader made of its
sentences.

Only what both say is opened as a request. A right that only one of them sees is
proposed to a person, with the words that weighed; so none is lost silently.
"""

from dsr.mailbox.learned import Finding
from dsr.mailbox.rules import rules
from dsr.mailbox.understood import GUESS, HINTED, LIKELY, Understanding

Read = dict[str, Finding]
SAYS = 0.5  # a chance from which the second reader says that it is asked
ADDS = 0.7  # one at which it is proposed although no rule says so
DENIES = 0.2  # one below which it is doubted although a rule says so plainly
STRONG = 0.8  # one that stands against what the rules say
PERHAPS = 0.35  # one that a person should look at
NO_RIGHTS = {"legal_process", "press", "incident", "offer", "contract", "stop"}
KINDS = {  # what is no request: category, who has it, what is said
    "legal_process": ("legal_process", "route_legal", "It reads like legal process"),
    "press": ("press", "route_legal", "It reads like a question of the press"),
    "incident": ("incident", "route_legal", "It reads like a report of an incident"),
    "contract": ("legal_contract", "route_legal", "It reads like a customer's audit"),
    "offer": ("vendor_pitch", "no_ticket", "It reads like an offer"),
}
REMINDER = "follow_up"
GOING_ON = {"follow_up", "withdrawal_of_request"}  # no right: mentioned only
SELDOM = {"consent_proof"}  # too few examples to speak for it or against it
OPEN = {"other", "support", "complaint_service", "thanks", "vendor_pitch", "newsletter"}
ALIKE = {  # whoever asks for the first speaks in the words of the others as well
    "portability": {"access"},
    "objection_marketing": {"objection", "consent_withdrawal"},
    "objection": {"objection_marketing"},
    "consent_withdrawal": {"objection_marketing"},
    "opt_out_targeted_ads": {"objection_marketing", "opt_out_profiling"},
    "opt_out_sale": {"objection_marketing", "opt_out_targeted_ads"},
}


def second(found: Understanding, read: Read) -> None:
    """Changes `found`; a mail that was set aside can only be brought back."""
    strongest = max((chance(read, right) for right in _rights(read)), default=0.0)
    kind = _kind(read)
    if found.is_set_aside:
        found.is_set_aside = not (found.category in OPEN and strongest >= STRONG)
    elif found.is_dsr:
        enough = SAYS if found.is_sure else STRONG
        agreed = any(chance(read, each) >= enough for each in found.types)
        if kind and not agreed:
            _become(found, kind, read)
        elif found.types == [REMINDER]:
            _ask_again(found, read)
        else:
            _merge(found, read)
    elif found.category in OPEN:
        if kind and strongest < STRONG:
            _become(found, kind, read)
        elif strongest >= (STRONG if found.is_thanks else SAYS) and not kind:
            _ask(found, read)


def agrees(types: list[str], read: Read) -> bool:
    """Both readers see the same rights, the second one strongly, and no other."""
    return all(chance(read, each) >= STRONG for each in types) and not [
        right for right in _rights(read) - set(types) if _counts(right, types, read)
    ]


def chance(read: Read, name: str) -> float:
    """In the labels, a wish that messages stop counts as a withdrawal of consent."""
    names = (name, "stop") if name == "consent_withdrawal" else (name,)
    return max(read[each].chance if each in read else 0.0 for each in names)


def _rights(read: Read) -> set[str]:
    return set(read) - NO_RIGHTS


def _kind(read: Read) -> str:
    likely = [each for each in KINDS if each in read and read[each].chance >= STRONG]
    return max(likely, key=lambda each: read[each].chance, default="")


def _become(found: Understanding, kind: str, read: Read) -> None:
    """Not a request: a person looks, and Legal where it is for them."""
    found.category, found.expects, reason = KINDS[kind]
    found.is_dsr, found.types, found.confidence = False, [], HINTED
    found.reason = f"{reason} ({_listed(read[kind].words)}). {found.reason}"


def _ask(found: Understanding, read: Read) -> None:
    """The rules found nothing; what the weights see is proposed."""
    types = [right for right in _in_order(read) if chance(read, right) >= SAYS]
    found.is_dsr, found.category, found.types = True, "dsr", types
    found.expects, found.confidence = "open_ticket", GUESS
    found.reason = _because(types, read)
    if types == ["consent_withdrawal"] and read["stop"].chance >= SAYS:
        found.is_dsr, found.category, found.expects = (
            False,
            "stop_request",
            "apply_stop",
        )


def _ask_again(found: Understanding, read: Read) -> None:
    """A reminder that also asks for a right in a sentence of its own asks for that
    right."""
    reminding = read[REMINDER].place if REMINDER in read else -1
    anew = [
        right
        for right in _in_order(read)
        if right != REMINDER
        and read[right].chance >= STRONG
        and read[right].place != reminding
    ]
    if anew:
        found.types, found.expects, found.confidence = anew, "open_ticket", HINTED
        found.reason = f"{found.reason} {_because(anew, read)}"


def _merge(found: Understanding, read: Read) -> None:
    """The rights of the rules, and those that the weights see."""
    types = found.types
    more = [r for r in _in_order(read) if r not in types and _counts(r, types, read)]
    unasked = GOING_ON | SELDOM
    added = [r for r in more if chance(read, r) >= ADDS and r not in unasked]
    enough = DENIES if found.is_sure else SAYS
    unsaid = [each for each in types if chance(read, each) < enough]
    if added:  # a hint that nothing speaks for, or no right at all, gives way
        hints = set(types) if found.confidence < LIKELY else GOING_ON
        silent = {e for e in hints - SELDOM if chance(read, e) < PERHAPS}
        found.types = [each for each in types if each not in silent]
    elif not found.is_sure and any(chance(read, each) >= STRONG for each in types):
        found.types = [e for e in types if e in SELDOM or chance(read, e) >= DENIES]
    if not (more or unsaid):
        return
    found.confidence = min(found.confidence, HINTED)
    found.types = [*found.types, *added]
    found.reason = " ".join([found.reason, _because(more, read)]).strip()


def _counts(right: str, types: list[str], read: Read) -> bool:
    """More than the words of a requested right would suggest anyway."""
    implied = set().union(*(ALIKE.get(each, set()) for each in types))
    return read[right].chance >= (STRONG if right in implied else PERHAPS)


def _because(types: list[str], read: Read) -> str:
    """For people: "It may ask for erasure (bin, lot)." Only words of the examples."""
    told = (f"{_listed([each])} ({_listed(_words(each, read))})" for each in types)
    return f"It may ask for {', '.join(told)}." if types else ""


def _words(right: str, read: Read) -> tuple[str, ...]:
    is_stop = chance(read, right) > read[right].chance
    return read["stop" if is_stop else right].words


def _in_order(read: Read) -> list[str]:
    order = list(rules().rights)
    return sorted(
        _rights(read),
        key=lambda r: (order.index(r) if r in order else len(order), r),
    )


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names).replace("_", " ")
