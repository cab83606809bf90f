"""Whom a mail is about, who writes for them, and by whose law."""

from dsr.mailbox import laws, people
from dsr.mailbox.letter import Letter
from dsr.mailbox.people import Subject
from dsr.mailbox.rules import rules
from dsr.mailbox.understood import GUESS, UNSPECIFIED, Understanding

ABOUT_THE_WRITER = {
    "dsr", "stop_request", "unsubscribe", "opt_in_request", "regulator_complaint",
}  # fmt: skip
TEXTS = {"stop_request", "opt_in_request"}
OF_COURTS = "legal_process"


def settle(found: Understanding, letter: Letter, told: str) -> None:
    """Sets the law that is meant, and the person, where the mail is about one."""
    unread = found.confidence == GUESS  # a person will want to know who it may be
    if not unread and found.category not in ABOUT_THE_WRITER | {OF_COURTS}:
        return
    law = laws.meant(letter, told) if found.category != OF_COURTS else None
    if law:
        found.jurisdiction = law.regime
    if found.is_dsr and not found.goes_on:
        found.via_controller = people.is_controller(told)
        if not found.via_controller:
            found.agent = people.agent(letter, f"{letter.subject} . {told}")
    another = found.via_controller or found.agent is not None
    found.from_is_subject = not another and not letter.is_forwarded
    found.subject = people.subject(
        letter,
        language=found.language,
        regime=found.jurisdiction,
        for_another=another or found.category == OF_COURTS,
    )
    if found.category == OF_COURTS:
        found.subject = _of_court(found.subject, letter)
    _of_texts(found)
    found.law_by = law.by if law else ""
    if found.is_dsr and not found.goes_on and found.jurisdiction == UNSPECIFIED:
        found.likely_law = laws.likely(letter, found.subject.phones, found.language)
    found.needs_attachment = found.needs_attachment or bool(letter.tables)
    found.is_partial = bool(rules().signs["partial"].search(told))


def _of_court(subject: Subject, letter: Letter) -> Subject:
    """Whose data a court or a lawyer asks for. Names are of anybody, and an address of
    the writer's own house is a colleague's."""
    house = letter.sender.rpartition("@")[2]
    others = [e for e in subject.emails if e.rpartition("@")[2] != house]
    return Subject(phones=subject.phones, emails=others)


def _of_texts(found: Understanding) -> None:
    """Unwanted texts to an American number are under that law, if no other is named."""
    is_text = found.category in TEXTS or "consent_proof" in found.types
    american = any(number.startswith("+1") for number in found.subject.phones)
    if is_text and american and found.jurisdiction == UNSPECIFIED:
        found.jurisdiction = rules().texts_regime
