"""The life of an ordinary lead, at random: about fifteen rows."""

from privacy.sample import activity, leads, people, words
from privacy.sample.activity import INBOUND, MARKETING, OUTBOUND, SERVICE
from privacy.sample.leads import Lead
from privacy.sample.making import Business, Making
from privacy.sample.staff import transaction
from privacy.sample.times import MONTH

# Kinds of rows are spread over so many months at most: a little past their period.
TEXTED, CALLED, VISITED = 28 * MONTH, 13 * MONTH, 14 * MONTH
ASKED, ANSWERED, CHANGED = 25 * MONTH, 25 * MONTH, 36 * MONTH
# Two marketing texts at most, so that nobody gets more in a month.
TURNS = (
    (OUTBOUND, SERVICE),
    (INBOUND, SERVICE),
    (OUTBOUND, MARKETING),
    (INBOUND, SERVICE),
    (OUTBOUND, SERVICE),
    (INBOUND, SERVICE),
    (OUTBOUND, MARKETING),
    (INBOUND, SERVICE),
)
# Numbers of phone numbers that neither leads nor staff nor businesses have.
STRANGER, SECOND_PHONE = 10_000_019, 4_000_001


def live(making: Making, number: int, businesses: list[Business]) -> None:
    lead = leads.new(making, number, businesses)
    _consent(making, lead)
    _texts(making, lead, number)
    _calls(making, lead)
    _visits(making, lead, number)
    _staff_work(making, lead)
    _words_of_their_own(making, lead)
    chance = making.random.random
    note = making.pick(words.NOTES) if chance() < 0.2 else None
    other = people.phone(SECOND_PHONE + number) if chance() < 0.03 else None
    leads.write(
        making, lead, note=note, other_phone=other, exact=leads.is_exact(number)
    )


def _consent(making: Making, lead: Lead) -> None:
    """Everybody opted in; a few said STOP, or HELP, as the last thing they did."""
    activity.consent(making, lead, "opt_in", lead.created)
    said = making.random.random()
    if said < 0.06:
        lead.opted_out = lead.latest
        activity.consent(making, lead, "opt_out", lead.latest, source="sms_keyword")
        activity.sms(making, lead, INBOUND, "STOP", lead.latest)
        activity.sms(making, lead, OUTBOUND, words.STOPPED, _soon(lead.latest))
    elif said < 0.075:
        activity.consent(making, lead, "help", lead.latest, source="sms_keyword")
        activity.sms(making, lead, INBOUND, "HELP", lead.latest)
        activity.sms(making, lead, OUTBOUND, words.HELPED, _soon(lead.latest))


def _soon(age: float) -> float:
    return max(0, age - 20)


def _texts(making: Making, lead: Lead, number: int) -> None:
    """Nothing is sent after a STOP: the last text is older than the last activity."""
    turns = 2 + int(making.random.random() * 7)
    ages = sorted((lead.age(making, TEXTED) for _ in range(turns)), reverse=True)
    for age, (direction, traffic) in zip(ages, TURNS, strict=False):
        text = _text(making, lead, direction, traffic)
        activity.sms(making, lead, direction, text, age, traffic=traffic)
    activity.conversation(
        making, lead, began=ages[0], latest=lead.latest, snippet=text[:60]
    )
    if number % 50 == 0:
        caller = people.phone(STRANGER + number)
        activity.wrong_number(making, lead, caller, lead.age(making, TEXTED))


def _text(making: Making, lead: Lead, direction: str, traffic: str) -> str:
    if direction == INBOUND:
        return making.pick(words.REPLIES)
    said = making.pick(words.MARKETING if traffic == MARKETING else words.SERVICE)
    return f"{lead.business.name}: {lead.person.first}, {said}"


def _calls(making: Making, lead: Lead) -> None:
    if making.random.random() < 0.5:
        activity.call(
            making,
            lead,
            making.pick((INBOUND, OUTBOUND)),
            lead.age(making, CALLED),
            transcript=making.pick((None, *words.TRANSCRIPTS)),
        )


def _visits(making: Making, lead: Lead, number: int) -> None:
    visitor = f"v-{making.random.getrandbits(64):016x}"
    for turn in range(1 + int(making.random.random() * 5)):
        known = lead if turn or number % 3 else None
        activity.visit(
            making,
            known,
            visitor,
            lead.age(making, VISITED),
            properties=f'{{"scroll": {10 * turn}}}',
        )


def _staff_work(making: Making, lead: Lead) -> None:
    chance = making.random.random
    for _ in range(int(chance() * 4)):
        activity.status_change(making, lead, lead.age(making, CHANGED))
    if chance() < 0.6:
        number = 1 + int(chance() * len(words.TAGS))
        activity.tag(making, lead, number, lead.age(making, CHANGED))
    if chance() < 0.3:
        transaction(
            making,
            lead.business,
            lead.created,
            lead_key=lead.key,
            kind="Debit",
            amount=making.between(2, 60),
            description="Lead received",
        )


def _words_of_their_own(making: Making, lead: Lead) -> None:
    chance = making.random.random
    if chance() < 0.25:
        answers = {"rating": 1 + int(chance() * 5), "comment": making.pick(words.NOTES)}
        activity.survey(making, lead, lead.age(making, ANSWERED), answers)
    if chance() < 0.1:
        subject, body = making.pick(words.SUBJECTS), making.pick(words.BODIES)
        age = lead.age(making, ASKED)
        activity.ticket(making, lead, age, subject=subject, body=body)
