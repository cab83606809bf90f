"""What a mail was understood to ask, and what may follow from it without a person."""

from dataclasses import dataclass, field
from typing import Any

from dsr.fulfilment import FULFILMENTS
from dsr.mailbox import people
from dsr.mailbox.laws import Meant
from dsr.mailbox.people import Subject
from dsr.mailbox.rules import rules

UNSPECIFIED = "unspecified"
CERTAIN, LIKELY, HINTED, GUESS = 0.97, 0.85, 0.6, 0.4
SURE_ENOUGH = 0.8  # below it, a person reads the mail
LAW_BY = {
    "name": "The law is named.",
    "address": "No law is named; the postal address decides the law.",
    "article": "No law is named; the articles cited decide the law.",
}
ALONG = {"portability", "consent_proof"}  # what a copy of one's data answers as well


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
    law_by: str = ""  # `laws.Meant.by`; nothing for a law of texts, or none
    likely_law: Meant | None = None  # where no law is known: a hint
    language: str = "en"
    agent: dict[str, str] | None = None
    subject: Subject = field(default_factory=Subject)
    from_is_subject: bool = True
    needs_attachment: bool = False
    via_controller: bool = False
    is_partial: bool = False
    is_authentic: bool = True
    is_set_aside: bool = False
    is_cut: bool = False
    is_ours: bool = False
    is_unanswerable: bool = False

    @property
    def tickets(self) -> int:
        return self.subject.people

    @property
    def goes_on(self) -> bool:
        """It continues an earlier request and is not a new one."""
        return bool(set(self.types) & set(rules().going_on))

    @property
    def is_thanks(self) -> bool:
        return self.category == "thanks"

    @property
    def is_for_legal(self) -> bool:
        return self.expects == "route_legal"

    @property
    def is_sure(self) -> bool:
        return self.confidence >= SURE_ENOUGH

    @property
    def opt_out(self) -> bool:
        """They want messages to stop, whatever else they want."""
        return "consent_withdrawal" in self.types

    @property
    def rights(self) -> list[str]:
        """The rights that tickets are opened for; empty unless they are all the mail
        asks."""
        asked = [each for each in self.types if each != "consent_withdrawal"]
        if "access" in asked:
            asked = [e for e in asked if e in FULFILMENTS or e not in ALONG]
        return asked if set(asked) <= set(FULFILMENTS) else []

    @property
    def doubts(self) -> list[str]:
        """Why a person must look before a request is opened."""
        doubts = {
            "The portal can't carry out all of that by itself.": not self.rights,
            "Somebody else is writing for the person.": self.agent is not None,
            "A business customer is writing for the person.": self.via_controller,
            "It is about several people.": self.subject.people > 1,
            "The request is in an attachment.": self.needs_attachment,
            "It seems to be about only part of the data.": self.is_partial,
            "The sender's address was not authenticated.": not self.is_authentic,
            "It was sent from the same address it was sent to.": self.is_ours,
            "The sender's address is a no-reply address.": self.is_unanswerable,
            "It is too long to be read automatically.": self.is_cut,
            "It is not clear enough.": not self.is_sure,
        }
        return [sentence for sentence, holds in doubts.items() if holds]

    @property
    def law_reason(self) -> str:
        """For people: how the law is known, or guessed."""
        if hint := self.likely_law:
            return f"No law is named; by the {hint.by} {hint.regime}."
        return LAW_BY.get(self.law_by, "")

    def described(self) -> dict[str, Any]:
        """One JSON object, with the names of the labelled mails."""
        hint = self.likely_law
        return {
            "is_dsr": self.is_dsr,
            "category": self.category,
            "types": self.types,
            "jurisdiction": self.jurisdiction,
            "jurisdiction_reason": self.law_reason,
            "jurisdiction_likely": hint.regime if hint else self.jurisdiction,
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
