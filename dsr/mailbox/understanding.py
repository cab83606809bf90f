"""What a mail seems to ask: request or not, which rights, whose law, how sure.

It never decides alone: what is not clear waits for a person (`Understanding.queue`).
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from dsr.mailbox import people
from dsr.mailbox.letter import Letter
from dsr.mailbox.people import Subject
from dsr.mailbox.rules import Kind, any_of, rules

UNSPECIFIED = "unspecified"
CERTAIN, LIKELY, GUESS = 0.97, 0.85, 0.4
SURE_ENOUGH = 0.8  # below it, a person reads the mail
FEW_WORDS = 12  # a mail this short with a file says nothing itself
ABBREVIATION = re.compile(
    r"\b(art|arts|abs|nr|no|mr|mrs|ms|dr|cal|civ|va|tit|reg|regs|sec|st|inc|lit|al)\.",
    re.IGNORECASE,
)
QUOTED = re.compile(r'"[^"]{15,}"|(?<!\w)\'[^\'"]{15,}\'(?!\w)')
NEGATED = re.compile(
    r"\b(do not|don't|not|never|refused to|without|before you) "
    r"(delete|erase|remove|close|destroy)[^.]*",
    re.IGNORECASE,
)
FIRST_PERSON = re.compile(r"\b(i|my|me|ich|mich|meine|je|mes|mis)\b", re.IGNORECASE)
OWN = re.compile(
    r"\b(my|mine|about me|on me|concerning me|of me|remove me|delete me|mich|meine[rmns]?|"
    r"mir|mes|mon|ma|moi|me concernant|mis|mi|miei|mio|mijn|meus|minha|his|her|their)\b",
    re.IGNORECASE,
)
FIRST = ("access", "portability", "erasure")  # what a ticket is opened for, in order


@dataclass
class Understanding:
    """Fields as in the README of the labelled mails; reasons hold no personal data."""

    is_dsr: bool
    category: str
    reason: str
    confidence: float
    expects: str
    types: list[str] = field(default_factory=list)
    jurisdiction: str = UNSPECIFIED
    language: str = "en"
    agent: dict[str, str] | None = None
    subject: Subject = field(default_factory=Subject)
    from_is_subject: bool = True
    needs_attachment: bool = False
    via_controller: bool = False
    is_partial: bool = False
    is_authentic: bool = True

    @property
    def tickets(self) -> int:
        return self.subject.people

    @property
    def goes_on(self) -> bool:
        """With an earlier request, rather than a new one."""
        return bool(set(self.types) & set(rules().going_on))

    @property
    def right(self) -> str:
        """The one right that a machine may open a ticket for, or nothing."""
        asked = set(self.types) - {"consent_withdrawal"}
        if asked == {"erasure"}:
            return "erasure"
        return "access" if asked in ({"access"}, {"access", "portability"}) else ""

    @property
    def doubts(self) -> list[str]:
        """Why a person must look before a ticket is opened."""
        doubts = {
            "Not one clear request for access or for erasure.": not self.right,
            "Somebody else writes for the person.": self.agent is not None,
            "A business customer writes for the person.": self.via_controller,
            "It is about several people.": self.subject.people > 1,
            "The request is in an attachment.": self.needs_attachment,
            "It seems to ask for a part only.": self.is_partial,
            "The sender's address was not authenticated.": not self.is_authentic,
            "It is not clear enough.": self.confidence < SURE_ENOUGH,
        }
        return [sentence for sentence, holds in doubts.items() if holds]

    def described(self) -> dict[str, Any]:
        """One JSON object, with the names of the labelled mails."""
        return {
            "is_dsr": self.is_dsr,
            "category": self.category,
            "types": self.types,
            "jurisdiction": self.jurisdiction,
            "language": self.language,
            "is_agent": self.agent is not None,
            "agent": self.agent,
            "subject": people.described(self.subject),
            "from_is_subject": self.from_is_subject,
            "expects": self.expects,
            "needs_attachment": self.needs_attachment,
            "via_controller": self.via_controller,
            "tickets": self.tickets,
            "reason": self.reason,
            "confidence": self.confidence,
        }


def understand(letter: Letter) -> Understanding:
    """By the headers first, then by what is no request, then by the rights asked."""
    words = readable(letter)
    language = language_of(f"{letter.subject} {letter.text}")
    found = (
        _of_machines(letter, words)
        or _of_no_person(letter, words, beating=True)
        or _unsubscribing(letter, words)
        or _going_on(letter, words)
        or _request(letter, words)
        or _closing(letter, words)
        or _of_no_person(letter, words, beating=False)
        or _unread(letter)
    )
    found.language = language
    found.is_authentic = not is_suspicious(letter)
    _whose(found, letter, words)
    return found


# --- words --------------------------------------------------------------------


def readable(letter: Letter) -> str:
    """The writer's own words in one line, sentences apart; no quoted examples."""
    lines = re.sub(r"\n\s*\n", " . ", letter.text).replace("\n", " ")
    subject = "" if letter.is_reply else f"{letter.subject} . "
    return one_line(f"{subject}{lines} . {people.of_tables(letter)}")


def one_line(told: str) -> str:
    own = ABBREVIATION.sub(r"\1", told)
    without = QUOTED.sub(" ", re.sub(r"[!?]", ".", own))
    return re.sub(r"\s+", " ", without).strip()


def language_of(text: str) -> str:
    """By the words that only that language has; English when nothing tells."""
    counted = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    scores = {
        name: sum(counted[word] for word in words)
        for name, words in rules().languages.items()
    }
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] else "en"


def rights_in(words: str) -> list[str]:
    """Every right whose patterns match, what is denied left out."""
    said = NEGATED.sub(" ", words)
    found = {r for r, p in rules().rights.items() if any_of(p, said)}
    if "objection_marketing" in found and "objection" in found:
        found.discard("objection_marketing" if "21(1)" in said else "objection")
    order = list(rules().rights)
    return sorted(found, key=lambda right: (right not in FIRST, order.index(right)))


def regime_of(letter: Letter, words: str) -> str:
    told = f"{letter.subject} . {words} . {letter.in_files}"
    for regime, patterns in rules().regimes.items():
        if any_of(patterns, told):
            return regime
    for state in people.states(letter):
        if f"US-{state}" in rules().regimes:
            return f"US-{state}"
    return UNSPECIFIED


# --- what it is ---------------------------------------------------------------


def _of_machines(letter: Letter, words: str) -> Understanding | None:
    signs, headers = rules().signs, letter.headers
    if letter.is_report or signs["bounce"].search(letter.sender):
        found = _waiting("bounce", "One of our mails did not arrive.", CERTAIN)
        found.expects = "flag_ticket"
        return found
    answered = headers.get("auto-submitted", "no").lower() != "no"
    automatic = "auto_reply" in headers.get("precedence", "").lower()
    if answered or automatic or signs["auto_reply"].search(letter.subject):
        return _aside("auto_reply", "A machine answered.")
    if is_suspicious(letter) and signs["login_bait"].search(words):
        return _aside("phishing", "The sender is not who it says, and wants a log-in.")
    listed = {"list-unsubscribe", "list-id"} & set(headers)
    bulk = headers.get("precedence", "").lower() in ("bulk", "list", "junk")
    if listed or bulk or signs["test_addresses"].search(letter.sender):
        if FIRST_PERSON.search(words) and rights_in(words):
            return _waiting("newsletter", "Came through a list, and may be a request.")
        return _aside("newsletter", "It was sent to a list.")
    return None


def is_suspicious(letter: Letter) -> bool:
    """Our own mail server says that the sender's address is not theirs."""
    said = letter.headers.get("authentication-results", "").lower()
    return "dmarc=fail" in said or ("spf=fail" in said and "dkim=pass" not in said)


def _of_no_person(letter: Letter, words: str, *, beating: bool) -> Understanding | None:
    told = f"{letter.subject} . {words}"
    for kind in rules().kinds:
        if kind.beats_requests == beating and any_of(kind.patterns, told):
            return _of_kind(kind)
    return None


def _of_kind(kind: Kind) -> Understanding:
    return Understanding(
        is_dsr=False,
        category=kind.category,
        reason=kind.reason,
        confidence=CERTAIN if kind.sure else LIKELY,
        expects=kind.expects,
        types=list(kind.types),
    )


def _unsubscribing(letter: Letter, words: str) -> Understanding | None:
    signs = rules().signs
    if not signs["unsubscribe"].search(letter.text or letter.subject):
        return None
    found = _waiting("unsubscribe", "They want to leave a mailing list.")
    found.types, found.expects = ["consent_withdrawal"], "unsubscribe_mail"
    return found


def _going_on(letter: Letter, words: str) -> Understanding | None:
    for kind, patterns in rules().going_on.items():
        if any_of(patterns, words):
            found = _asked([kind], f"It goes on with an earlier request ({kind}).")
            found.expects = "link_to_existing"
            return found
    return None


def _request(letter: Letter, words: str) -> Understanding | None:
    types = rights_in(words)
    if not types:
        return None
    if not OWN.search(words) and (other := _of_no_person(letter, words, beating=False)):
        other.confidence = GUESS
        return other
    texts = rules().signs["stop_request"]
    if types == ["consent_withdrawal"] and texts.search(f"{letter.subject} {words}"):
        found = _waiting("stop_request", "They want texts or calls to stop.")
        found.types, found.expects = types, "apply_stop"
        return found
    return _asked(types, f"It asks for {', '.join(types)}.")


def _closing(letter: Letter, words: str) -> Understanding | None:
    signs = rules().signs
    if not (signs["thanks"].search(words) and signs["settled"].search(words)):
        return None
    found = _aside("thanks", "They thank us and want nothing.")
    found.expects = "link_to_existing"
    return found


def _unread(letter: Letter) -> Understanding:
    """Nothing that we know; with a file, the request may be in there."""
    told = rules().signs["attached"].search(letter.text)
    if letter.attachments and (told or len(letter.text.split()) <= FEW_WORDS):
        reason = "It says nothing itself; a request may be in its file."
        found = _asked(rights_in(one_line(letter.in_files)), reason)
        found.needs_attachment, found.confidence = True, GUESS
        return found
    return _waiting("other", "No rule knows what it wants.", GUESS)


def _aside(category: str, reason: str) -> Understanding:
    return Understanding(False, category, reason, CERTAIN, "no_ticket")


def _waiting(category: str, reason: str, confidence: float = LIKELY) -> Understanding:
    return Understanding(False, category, reason, confidence, "no_ticket")


def _asked(types: list[str], reason: str) -> Understanding:
    return Understanding(True, "dsr", reason, LIKELY, "open_ticket", types)


# --- whose --------------------------------------------------------------------

ABOUT_THE_WRITER = {
    "dsr", "stop_request", "unsubscribe", "opt_in_request", "regulator_complaint",
}  # fmt: skip
TEXTS = {"stop_request", "opt_in_request"}
NUMBERS_ONLY = "legal_process"


def _whose(found: Understanding, letter: Letter, words: str) -> None:
    """The law that is meant, and the person, where the mail is about one."""
    if found.category not in ABOUT_THE_WRITER | {NUMBERS_ONLY}:
        return
    is_text = found.category in TEXTS or "consent_proof" in found.types
    if found.category != NUMBERS_ONLY:
        found.jurisdiction = regime_of(letter, words)
    if found.is_dsr and not found.goes_on:
        found.via_controller = people.is_controller(words)
        if not found.via_controller:
            found.agent = people.agent(letter, f"{letter.subject} . {words}")
    another = found.via_controller or found.agent is not None
    found.from_is_subject = not another and not letter.is_forwarded
    found.subject = people.subject(
        letter,
        language=found.language,
        regime=found.jurisdiction,
        for_another=another or found.category == NUMBERS_ONLY,
    )
    if found.category == NUMBERS_ONLY:
        found.subject = Subject(phones=found.subject.phones)
    american = any(number.startswith("+1") for number in found.subject.phones)
    if is_text and american and found.jurisdiction == UNSPECIFIED:
        found.jurisdiction = rules().texts_regime
    found.needs_attachment = found.needs_attachment or bool(letter.tables)
    found.is_partial = bool(rules().signs["partial"].search(words))
