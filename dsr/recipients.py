"""Which recipients are told of a ticket, and what they have answered."""

import datetime as dt

from django.utils import translation
from django.utils.formats import date_format

from dsr import languages
from dsr.models import Right, Ticket
from privacy import correction, erasure, identifiers, providers
from privacy.erasure import certificates
from privacy.models import Duty, Instruction, Plan, PlannedRow

DUTIES = {
    Right.ERASURE: Duty.ERASE,
    Right.RECTIFICATION: Duty.CORRECT,
    Right.RESTRICTION: Duty.RESTRICT,
    Right.OBJECTION: Duty.RESTRICT,
    Right.OBJECTION_MARKETING: Duty.STOP,
    Right.CONSENT_WITHDRAWAL: Duty.STOP,
    Right.OPT_OUT_SALE: Duty.STOP,
    Right.OPT_OUT_TARGETED_ADS: Duty.STOP,
    Right.OPT_OUT_PROFILING: Duty.STOP,
    Right.LIMIT_SENSITIVE: Duty.STOP,
}


def tell(ticket: Ticket, *, by: str, now: dt.datetime) -> None:
    """Called when the work begins: afterwards nobody here knows whom it is about.

    Nobody is told to erase what a legal hold keeps here; when it is released, the
    erasure is taken up again, and they are told then.
    """
    duty = DUTIES.get(Right(ticket.right))
    if duty is None:
        return
    plan = ticket.plan
    rows = (plan or ticket).identifiers.filter(erased_at=None)
    held = erasure.held_categories(plan) if plan and duty == Duty.ERASE else ()
    providers.instruct(
        duty=duty,
        subject=subject_of(ticket),
        marks=[identifiers.value(row) for row in rows],
        plan=plan,
        asked_at=ticket.received_at,
        regime=ticket.regime,
        by=by,
        now=now,
        changes=_changes(ticket),
        held=held,
    )


def take_back(ticket: Ticket, *, by: str, now: dt.datetime) -> None:
    """The data was no longer as approved, and nothing was done: what is planned next
    may be something else, or nothing."""
    providers.take_back(subject=subject_of(ticket), by=by, now=now)


def _changes(ticket: Ticket) -> list[dict[str, str]]:
    """For a correction: which field should have which value, and its category."""
    if ticket.right != Right.RECTIFICATION or ticket.plan is None:
        return []
    found = {
        (name, after, _category(row, name))
        for row in ticket.plan.rows.select_related("table")
        for name, (_, after) in correction.values_of(row).items()
    }
    names = ("field", "after", "category")
    return [dict(zip(names, each, strict=True)) for each in sorted(found)]


def _category(row: PlannedRow, name: str) -> str:
    """Empty where nobody classified the column: then no recipient is told of it."""
    columns = row.table.columns.all()
    return next((c.category_id or "" for c in columns if c.full_name == name), "")


def subject_of(ticket: Ticket) -> str:
    """Each round of an answer is told anew."""
    return subjects_of(ticket)[-1]


def subjects_of(ticket: Ticket) -> list[str]:
    """Of all its rounds."""
    name = f"ticket:{ticket.reference}"
    return [name, *(f"{name}:{number}" for number in range(2, ticket.round + 1))]


def of(ticket: Ticket) -> list[Instruction]:
    return providers.of(subject_of(ticket))


def sentences(ticket: Ticket, language: str) -> list[str]:
    """The state of each, for the letter; its own words only where it can't or won't."""
    with translation.override(language):
        return [_sentence(row, language) for row in of(ticket)]


def _sentence(row: Instruction, language: str) -> str:
    says = {"name": row.provider.name, "answer": row.answer}
    for field in ("told_at", "answered_at", "until"):
        day = getattr(row, field)
        says[field] = str(date_format(day, "DATE_FORMAT")) if day else "—"
    said = languages.say(language, f"recipient.{row.state}", **says)
    if row.keeps and row.state != Instruction.State.HELD:
        return f"{said} {languages.say(language, 'recipient.keeps')}"
    return said


def left(ticket: Ticket) -> str:
    """For the decision: so that nothing is called complete that is not."""
    count = providers.open_of(subject_of(ticket))
    if not count:
        return ""
    who = "recipient has" if count == 1 else "recipients have"
    return f"; {count} {who} not answered yet"


def follow_answers(*, now: dt.datetime) -> int:
    """A signed supplement for each certificate whose recipients have answered since."""
    plans = Plan.objects.filter(certificate__isnull=False, instructions__isnull=False)
    count = 0
    for plan in plans.distinct().select_related("certificate"):
        if certificates.is_behind(plan):
            certificates.supplement(plan=plan, now=now)
            count += 1
    return count
