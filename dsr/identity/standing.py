"""How sure we are about a request, what is still missing, and the gate."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dsr import deadlines
from dsr.identity import rules
from dsr.models import IdentityDecision, IdentityRule, Proof, Representative, Ticket
from privacy.models import Identifier
from privacy.refusals import Refusal

Level = IdentityRule.Level
UNSIGNED = "A declaration signed under penalty of perjury is not on file."


class NotVerified(Refusal):
    """We are not yet sure who the person is: see “Who it is” on the request."""


class Named(Protocol):
    """A number or address that a request is about."""

    @property
    def pk(self) -> int: ...


class Shown(Protocol):
    """What counts of a proof: its row, or as much of it as a desk reads."""

    @property
    def identifier_id(self) -> int: ...
    @property
    def method(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def checked_at(self) -> dt.datetime | None: ...
    @property
    def is_shared(self) -> bool: ...


@dataclass(frozen=True)
class Standing:
    """What is required, what was shown, and what is missing, each in a sentence."""

    rule: IdentityRule
    proofs: Sequence[Any]  # each is `Shown`; of one ticket they are rows
    decision: IdentityDecision | None
    representative: Representative | None
    uncovered: list[Named]
    missing: list[str]

    @property
    def is_enough(self) -> bool:
        return not self.missing

    @property
    def asks_the_person(self) -> bool:
        """Whether there is something that the person can still do."""
        refused = self.decision is not None and not self.decision.accepted
        return bool(self.missing) and self.rule.level != Level.NONE and not refused

    @property
    def asks_for_authority(self) -> Representative | None:
        """Who must still show that they may act for the person."""
        may_act = self.decision is not None and self.decision.may_act
        return None if may_act else self.representative

    @property
    def asks_for_proof(self) -> bool:
        """Whether the person has to prove who they are; a child and the dead need
        not."""
        return _person_shows(self.representative, self.decision)


@dataclass(frozen=True)
class Evidence:
    """What was shown and decided for a whole request, and whom this right is about."""

    proofs: Sequence[Shown]
    decision: IdentityDecision | None
    representative: Representative | None
    named: Sequence[Named]


def standing(ticket: Ticket) -> Standing:
    """The standing of one right."""
    together = {"ticket__request": ticket.request_id}
    asked = Proof.objects.filter(purpose=Proof.Purpose.IDENTITY, **together)
    decisions = IdentityDecision.objects.filter(**together).order_by("at", "pk")
    evidence = Evidence(
        proofs=list(asked.select_related("identifier")),
        decision=decisions.last(),
        representative=Representative.objects.filter(**together).first(),
        named=list(ticket.identifiers.all()),
    )
    return weighed(rule_of(ticket), evidence)


def weighed(rule: IdentityRule, evidence: Evidence) -> Standing:
    """Makes no queries, so that a desk can weigh a thousand."""
    proofs, decision = evidence.proofs, evidence.decision
    acting = evidence.representative
    counted = _counted(proofs)
    shown = {proof.identifier_id for proof in counted}
    uncovered = [row for row in evidence.named if row.pk not in shown]
    missing = _missing_authority(acting, decision)
    missing += _missing_proof(rule, counted, uncovered, decision, acting, proofs)
    return Standing(rule, proofs, decision, acting, uncovered, missing)


def require(ticket: Ticket) -> None:
    """Raises `NotVerified`, with what is missing, unless we are sure enough."""
    found = standing(ticket)
    if not found.is_enough:
        raise NotVerified(f"{ticket} waits. {' '.join(found.missing)}")


def proved(ticket: Ticket) -> list[Identifier]:
    """The numbers and addresses that are theirs: those they proved, or all once staff
    decided so; none before it is enough."""
    found = standing(ticket)
    if not found.is_enough:
        return []
    rows = list(ticket.identifiers.order_by("pk"))
    if found.decision is not None and found.decision.accepted:
        return rows
    open_ = {row.pk for row in found.uncovered}
    return [row for row in rows if row.pk not in open_]


def rule_of(ticket: Ticket) -> IdentityRule:
    on = deadlines.day_of(ticket.received_at)
    return rules.needed(regime=ticket.regime, right=ticket.right, on=on)


def _counted(proofs: Sequence[Shown]) -> list[Shown]:
    """Proofs that were confirmed, checked, and belong to one person alone."""
    return [
        proof
        for proof in proofs
        if proof.state == Proof.State.CONFIRMED
        and proof.checked_at is not None
        and not proof.is_shared
        and proof.method != Proof.Method.DECLARED  # about them, not about a number
    ]


def points(proofs: Sequence[Shown]) -> int:
    """A second code to the same address shows nothing new."""
    best: dict[int, int] = {}
    for proof in proofs:
        worth = rules.points_of_method(proof.method)
        best[proof.identifier_id] = max(best.get(proof.identifier_id, 0), worth)
    return sum(best.values())


def _missing_authority(
    acting: Representative | None, decision: IdentityDecision | None
) -> list[str]:
    if acting is None or (decision and decision.may_act):
        return []
    paper = rules.capacity(acting.capacity).paper
    who = acting.get_capacity_display()
    return [f"Nobody has decided that the {who} may act for them ({paper})."]


def _missing_proof(
    rule: IdentityRule,
    counted: list[Shown],
    uncovered: list[Named],
    decision: IdentityDecision | None,
    acting: Representative | None,
    proofs: Sequence[Shown],
) -> list[str]:
    if decision and not decision.accepted:
        return [f"{decision.by} decided that we can't be sure who they are."]
    if rule.level == Level.NONE or not _person_shows(acting, decision):
        return []
    missing = _missing_points(rule, decision, proofs) if decision else []
    if decision and not missing:
        return []
    short = _missing_codes(rule, counted, proofs)
    if not short and not uncovered:  # what they proved is enough by itself
        missing = []
    missing += [line for line in short if line not in missing]
    missing += [f"Nobody has proved that “{row}” is theirs." for row in uncovered]
    if any(proof.is_shared for proof in proofs):
        missing.append("More than one person uses one of the numbers or addresses.")
    return missing


def _missing_codes(
    rule: IdentityRule, counted: Sequence[Shown], proofs: Sequence[Shown]
) -> list[str]:
    """Of what the person shows by themself. Where a law wants a declaration, a code is
    one of its points of data, and the points are counted as for staff; whoever signs
    in to their account needs neither (11 CCR 7061)."""
    has_account = any(proof.method == Proof.Method.ACCOUNT for proof in counted)
    strict = rule.declaration and not has_account
    wanted = rule.points if strict else rules.points_of_level(rule.level)
    have, missing = points(counted), []
    if have < wanted:
        missing.append(f"{have} of {wanted} proofs of who they are ({rule.citation}).")
    if strict and not is_declared(proofs):
        missing.append(UNSIGNED)
    return missing


def is_declared(proofs: Sequence[Shown]) -> bool:
    return any(proof.method == Proof.Method.DECLARED for proof in proofs)


def is_enough_for_all(decision: IdentityDecision) -> bool:
    """Whether it has what the law of each open right of its request counts; until then
    what the person sent may still be needed."""
    mine = {"ticket__request": decision.ticket.request_id}
    acting = Representative.objects.filter(**mine).first()
    if not _person_shows(acting, decision):
        return True
    proofs = list(Proof.objects.filter(purpose=Proof.Purpose.IDENTITY, **mine))
    open_ = decision.ticket.request.tickets.filter(closed_at=None)
    return not any(_missing_points(rule_of(each), decision, proofs) for each in open_)


def _missing_points(
    rule: IdentityRule, decision: IdentityDecision, proofs: Sequence[Shown]
) -> list[str]:
    """What a law counts that a person of ours did not match, whatever they wrote."""
    if decision.is_vouched:
        return []
    have, missing = _matched(decision, proofs), []
    if have < rule.points:
        missing.append(
            f"{decision.by} matched {have} of {rule.points} points of data with what "
            "we hold."
        )
    if rule.declaration and not (decision.has_declaration or is_declared(proofs)):
        missing.append(UNSIGNED)
    return missing


def _matched(decision: IdentityDecision, proofs: Sequence[Shown]) -> int:
    """With the codes they confirmed, each number or address once."""
    reached = set(decision.points) & rules.REACHED
    return len(set(decision.points) - reached) + max(
        len(reached), points(_counted(proofs))
    )


def _person_shows(
    acting: Representative | None, decision: IdentityDecision | None
) -> bool:
    if acting is None:
        return True
    asked = rules.capacity(acting.capacity)
    attorney = decision is not None and decision.has_power_of_attorney
    return asked.subject_proof and not (asked.attorney_ends_it and attorney)
