"""Named people, at any scale: those whom tests and journeys follow.

Ada has rows in every table about people, was entered twice and is mentioned by others.
Ben opted in and will text STOP. Dora gave up her number; Emil has it now. Finn got a
marketing text after he had opted out. Cleo and Gia know Ada.
"""

from privacy import identifiers
from privacy.sample import activity, people
from privacy.sample.activity import MARKETING, OUTBOUND, SERVICE
from privacy.sample.leads import Lead
from privacy.sample.making import Business, Making
from privacy.sample.people import Person
from privacy.sample.times import DAY, MONTH

ADA = Person("Ada", "Sample", "ada.sample@example.com", "+12025550143")
ADA_AGAIN = ADA._replace(email="Ada.Sample@Example.COM", phone="(202) 555-0143")
BEN = Person("Ben", "Sample", "ben.sample@example.com", "+12025550117")
CLEO = Person("Cleo", "Sample", "cleo.sample@example.org", "+12025550161")
DORA = Person("Dora", "Sample", "dora.sample@example.net", "+12025550128")
EMIL = Person("Emil", "Sample", "emil.sample@example.com", "+12025550128")
FINN = Person("Finn", "Sample", "finn.sample@example.org", "+12025550136")
GIA = Person("Gia", "Sample", "gia.sample@example.net", "+12025550152")
ADAS_BUSINESS = 2  # her own: the third


def lead(
    making: Making,
    business: Business,
    person: Person,
    *,
    created: float = 4 * MONTH,
    latest: float = 5 * DAY,
) -> Lead:
    return Lead(
        key=making.key(),
        business=business,
        person=person,
        city=people.CITIES[0],
        created=created,
        latest=latest,
        conversation=making.key(),
        mobile=identifiers.phone(person.phone).value,
        ours=business.numbers[0],
    )


def texted(making: Making, lead: Lead, *turns: tuple[float, str, str]) -> list[int]:
    """The opt-in, a conversation, and texts (age, direction, words). Returns their
    keys.

    What the business writes is marketing.
    """
    activity.consent(making, lead, "opt_in", lead.created)
    activity.conversation(
        making, lead, began=turns[0][0], latest=turns[-1][0], snippet=turns[-1][2][:60]
    )
    return [
        activity.sms(
            making,
            lead,
            direction,
            text,
            age,
            traffic=MARKETING if direction == OUTBOUND else SERVICE,
        )
        for age, direction, text in turns
    ]
