"""The disclosure gate: may these fields go to this recipient for this purpose?

Mobile numbers and opt-in data are never sold, rented or shared for marketing, and a
service provider gets what is strictly necessary: what its contract names, for the
purposes it names (GDPR Art. 28(3); 11 CCR 7051). The only other way out is legal
process with its document on file. Nothing is disclosed without passing the gate; each
time is a `Disclosure`.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from privacy import audit, identifiers
from privacy.identifiers import Mark
from privacy.models import (
    Category,
    Disclosure,
    Hold,
    Identifier,
    LegalProcess,
    Objection,
    Provider,
    Purpose,
)
from privacy.providers import transfers
from privacy.providers.fields import Field, covering
from privacy.refusals import Refusal, reason_given

Use = Objection.Use
CONTACT = "profile_contact"
WHY_IT_LEAVES = "Say in a few words why this is disclosed; the reason is recorded."
DUTY = "What a person asks, told by law"  # what leaves then

# What a person may have forbidden, by purpose of the policy. An objection and a
# restriction do not stand against a duty of law or a legal claim (GDPR Art. 17(3)(b),
# 18(2), 21(1)); an opt-out of sale is met by the gate itself, which sells to nobody.
FORBIDDEN_BY: dict[str, tuple[str, ...]] = {
    "provide": (Use.EVERY,),
    "improve": (Use.EVERY, Use.PROFILING, Use.SENSITIVE),
    "communicate": (Use.EVERY, Use.MARKETING, Use.TARGETED_ADS, Use.SENSITIVE),
}
DESPITE_RESTRICTION = ("legal", "protect")

SENTENCES = {
    "allowed": "Yes: the contract covers this purpose and these fields.",
    "legal_process": "Yes: a legal process requires it, and its document is on file.",
    "unknown_recipient": "No: no recipient of data has that name.",
    "unknown_process": "No: no legal process with that reference is on file.",
    "not_for_legal_process": "No: a legal process counts only for the purpose “legal”.",
    "inactive_recipient": "No: this recipient no longer gets anything.",
    "not_agreed": "No: a change to this recipient is waiting for a second person's "
    "agreement.",
    "no_contract": "No: no contract with this recipient is on file.",
    "contract_ended": "No: the contract with this recipient has ended.",
    "unsafe_country": "No: it would go abroad, and no safeguard is in force.",
    "purpose_not_covered": "No: the contract does not cover this purpose.",
    "field_not_covered": "No: some of these fields may not be disclosed.",
    "person_forbids": "No: the data of some of these people may not be disclosed.",
}


class NoSuchPurpose(Refusal):
    """That is not one of the policy's purposes: provide, compliance, improve and so
    on."""


class NoFields(Refusal):
    """Name the fields: categories of the policy, or store.table.column."""


class Refused(Refusal):
    """The gate said no; `verdict` has its reason."""

    def __init__(self, verdict: "Verdict") -> None:
        wrong = ", ".join(each.field for each in verdict.fields if not each.allowed)
        super().__init__(verdict.sentence + (f" ({wrong})" if wrong else ""))
        self.verdict = verdict


@dataclass(frozen=True)
class Verdict:
    """`people` are the positions, from 0, of those whose data may not be given."""

    reason: str
    fields: tuple[Field, ...] = ()
    people: tuple[int, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.reason in ("allowed", "legal_process")

    @property
    def sentence(self) -> str:
        return SENTENCES[self.reason]

    def facts(self) -> dict[str, Any]:
        """As plain data, for machines."""
        return {
            "allowed": self.allowed,
            "reason": self.reason,
            "sentence": self.sentence,
            "fields": [asdict(each) for each in self.fields],
            "not_of": list(self.people),
        }


@dataclass(frozen=True)
class Transfer:
    """What would go to whom, for what. A field is a category of the policy, or
    `store.table.column` of the map; `process` takes the place of a recipient.
    `is_duty`: the law wants this recipient told what a person asks for (GDPR Art. 19).
    That needs no contract, but may name only what the recipient has from us."""

    recipient: str
    purpose: str
    fields: Sequence[str]
    process: str = ""
    is_duty: bool = False


def check(
    transfer: Transfer, *, now: dt.datetime, people: Sequence[Mark] = ()
) -> Verdict:
    """Whether it may go, under a contract or by legal process."""
    if not Purpose.objects.filter(pk=transfer.purpose).exists():
        raise NoSuchPurpose
    if not transfer.fields:
        raise NoFields
    if transfer.process:
        return _by_process(transfer)
    provider = Provider.objects.filter(name=transfer.recipient.strip()).first()
    if reason := _unfit(provider, transfer, now):
        return Verdict(reason)
    assert provider is not None  # noqa: S101 - nobody is unfit
    covered = set(provider.categories.values_list("pk", flat=True))
    if transfer.is_duty and not covered:
        covered = {CONTACT}  # what it has is not listed: by what it finds the person
    said = covering(transfer.fields, covered)
    if not all(each.allowed for each in said):
        return Verdict("field_not_covered", said)
    kept_back = _places(people, barred(transfer.purpose))
    return Verdict("person_forbids" if kept_back else "allowed", said, kept_back)


def disclose(
    transfer: Transfer,
    *,
    what: str,
    reason: str,
    people: int,
    by: str,
    now: dt.datetime,
) -> Disclosure:
    """Records the disclosure before the first row leaves; raises `Refused` if it may
    not go.

    The caller leaves out the people of `barred(purpose)`.
    """
    verdict = refuse(transfer, reason=reason, now=now)
    with transaction.atomic():
        row = Disclosure.objects.create(
            **_ground(transfer),
            purpose_id=transfer.purpose,
            fields=list(transfer.fields),
            categories=sorted({each.category for each in verdict.fields}),
            people=people,
            what=what,
            reason=reason.strip(),
            made_by=by,
            made_at=now,
        )
        said = asdict(transfer) | {"people": people, "what": what, "reason": row.reason}
        audit.record(
            action="disclosure.made",
            subject=f"disclosure:{row.pk}",
            by=by,
            now=now,
            **said,
        )
    return row


def refuse(transfer: Transfer, *, reason: str, now: dt.datetime) -> Verdict:
    """The verdict that allows it, without recording anything; raises `Refused`
    otherwise."""
    reason_given(reason, WHY_IT_LEAVES)
    verdict = check(transfer, now=now)
    if not verdict.allowed:
        raise Refused(verdict)
    return verdict


def _ground(transfer: Transfer) -> dict[str, Any]:
    if transfer.process:
        return {"process": LegalProcess.objects.get(reference=transfer.process)}
    return {"provider": Provider.objects.get(name=transfer.recipient.strip())}


def barred(purpose: str) -> QuerySet[Identifier]:
    """People whose data may not be given for it: they forbade it, or it is
    restricted."""
    forbidden = Q(
        pk__in=Objection.objects.filter(
            use__in=FORBIDDEN_BY.get(purpose, ()), lifted_at=None
        ).values("identifier")
    )
    restricted = Hold.objects.filter(kind=Hold.Kind.RESTRICTION, released_at=None)
    if purpose not in DESPITE_RESTRICTION:
        forbidden |= Q(pk__in=restricted.values("identifiers"))
    return Identifier.objects.filter(forbidden)


# --- its questions ------------------------------------------------------------
def _by_process(transfer: Transfer) -> Verdict:
    """A legal document may demand what no contract covers, but never passwords and the
    like."""
    read = LegalProcess.objects.exclude(kind=LegalProcess.Kind.LETTER)
    if not read.filter(reference=transfer.process).exists():
        return Verdict("unknown_process")
    if transfer.purpose != "legal":
        return Verdict("not_for_legal_process")
    known = set(Category.objects.values_list("pk", flat=True))
    said = covering(transfer.fields, known)
    fine = all(each.allowed for each in said)
    return Verdict("legal_process" if fine else "field_not_covered", said)


def _unfit(provider: Provider | None, transfer: Transfer, now: dt.datetime) -> str:
    if provider is None:
        return "unknown_recipient"
    if not provider.is_active:
        return "inactive_recipient"
    if provider.changed_by:
        return "not_agreed"
    if transfer.is_duty:
        return ""
    if not provider.contract:
        return "no_contract"
    if provider.contract_ends and provider.contract_ends < now.date():
        return "contract_ended"
    if transfers.unsafe(now.date()).filter(provider=provider).exists():
        return "unsafe_country"
    if not provider.purposes.filter(pk=transfer.purpose).exists():
        return "purpose_not_covered"
    return ""


def _places(people: Sequence[Mark], rows: QuerySet[Identifier]) -> tuple[int, ...]:
    digests = [identifiers.digests(mark) for mark in people]
    among = rows.filter(digest__in=[each for known in digests for each in known])
    kept = set(among.values_list("digest", flat=True)) if people else set()
    return tuple(place for place, known in enumerate(digests) if kept & set(known))


def beyond(rows: Iterable[Disclosure]) -> list[Disclosure]:
    """Disclosures to recipients that their present contract does not cover."""
    found = []
    for row in rows:
        assert row.provider is not None  # noqa: S101 - asked of these only
        covered = set(row.provider.categories.values_list("pk", flat=True))
        covered |= {CONTACT} if row.what == DUTY else set()
        if set(row.categories) - covered:
            found.append(row)
    return found
