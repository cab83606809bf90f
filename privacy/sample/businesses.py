"""The platform's customers: businesses, their phone numbers and sources of leads."""

from privacy.sample import cast, people, words
from privacy.sample.making import Business, Making
from privacy.sample.times import MONTH

FEWEST = 8  # the cast needs some, and one in eight is closed
BUSINESSES = 30  # at scale 1
OLDEST = 130 * MONTH
OWNER = 1_000_000  # keeps their addresses apart from those of leads and staff
NUMBERS = 3  # phone numbers of a business


def make(making: Making, *, scale: float) -> None:
    for number in range(max(FEWEST, round(BUSINESSES * scale))):
        business = _business(making, number)
        making.businesses.append(business)
        for place in range(NUMBERS):
            _phone_number(making, business, number, place)
        _sources(making, business)
    for number, name in enumerate(words.TAGS):
        making.rows.number("tags", name, ("#b45309", "#0f766e", "#4338ca")[number % 3])


def _business(making: Making, number: int) -> Business:
    vertical = words.VERTICALS[number % len(words.VERTICALS)]
    place = words.PLACES[number % len(words.PLACES)]
    closed = making.between(85 * MONTH, 105 * MONTH) if number % 8 == 7 else None
    business = Business(
        key=making.key(),
        name=f"{place} {vertical} {number + 1}",
        vertical=vertical,
        created=making.between(110 * MONTH, OLDEST),
        closed=closed,
    )
    owner = people.person(making.random, OWNER + number, 0)
    if number == cast.ADAS_BUSINESS:
        owner = cast.ADA
    site = f"{place}-{vertical}-{number + 1}.example.com".lower()
    street = f"{100 + number} {making.pick(people.STREETS)} Avenue"
    making.rows.add(
        "organizations",
        business.key,
        business.name,
        f"https://{site}/",
        people.phone(_phone_of(number, 0)),
        f"{owner.first} {owner.last}",
        owner.email,
        f"{street}, {making.pick(people.CITIES).name}",
        f"00-{number:07d}",
        making.pick(("Monthly", "Annual")),
        "closed" if closed else "active",
        f"{making.between(0, 900):.4f}",
        making.ago(business.created),
        making.ago(closed or business.created / 2),
        making.ago(closed),
    )
    return business


def _phone_of(number: int, place: int) -> int:
    """Every fourth number is a business's; leads and staff have the others."""
    return 4 * (NUMBERS * number + place) + 3


def _phone_number(making: Making, business: Business, number: int, place: int) -> None:
    """Some businesses gave their third number back long ago."""
    released = business.closed
    if place == NUMBERS - 1 and number % 8 == 0:
        released = making.between(25 * MONTH, 40 * MONTH)
    spelt = people.phone(_phone_of(number, place))
    if released is None:
        business.numbers.append(spelt)
    making.rows.number(
        "phone_numbers",
        business.key,
        spelt,
        ("Main line", "Campaigns", "Appointments")[place],
        making.pick(words.CARRIERS[:3]),
        "disabled" if released else "healthy",
        making.ago(business.created),
        making.ago(released),
    )


def _sources(making: Making, business: Business) -> None:
    for name in ("Website", "Partner"):
        source = making.rows.number(
            "sources",
            business.key,
            f"{business.name}: {name}",
            None,
            business.closed is None,
            f"{making.between(2, 60):.4f}",
            [city.state for city in people.CITIES[: 2 + len(name) % 3]],
            making.ago(business.created),
        )
        business.sources.append(source)
