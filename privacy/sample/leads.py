"""The people that businesses text and call: who they are, and since when."""

import json
from dataclasses import dataclass
from typing import Any

from privacy.sample import people, words
from privacy.sample.making import Business, Making
from privacy.sample.times import DAY, MONTH

LEADS = 10_000  # at scale 1
DORMANT = 13  # of a hundred: nothing heard for more than the longest period
QUIET = 10 * MONTH  # the others were heard since
EXACT = 3  # of a hundred: a position to the metre, from a form that asked the browser
FULL_IP = 89 * DAY  # older ones were shortened to their network, as the rule says


@dataclass(slots=True)
class Lead:
    """One entry of one person. Ages are in seconds; `latest` is the last activity."""

    key: str
    business: Business
    person: people.Person
    city: people.City
    created: float
    latest: float
    conversation: str
    mobile: str  # E.164, as carriers write it
    ours: str  # the number the business texts from
    opted_out: float | None = None

    def age(self, making: Making, longest: float) -> float:
        """A random moment between arrival and the last activity, at most that long
        ago."""
        if self.latest > longest:
            return making.between(self.latest, self.created)
        return making.between(self.latest, min(self.created, longest))


def is_exact(number: int) -> bool:
    return number % 100 < EXACT


def new(making: Making, number: int, businesses: list[Business]) -> Lead:
    """The lead with that number; the same leads are dormant at any scale."""
    if number * 37 % 100 < DORMANT:
        created = making.between(61 * MONTH, 100 * MONTH)
        latest = making.between(36.5 * MONTH, 59 * MONTH)
    else:
        created = making.between(DAY, 35.5 * MONTH)
        latest = min(created, QUIET) * making.random.random() ** 2
    business = making.pick(businesses)
    person = people.person(making.random, number, 2 * number)
    return Lead(
        key=making.key(),
        business=business,
        person=person,
        city=making.pick(people.CITIES),
        created=created,
        latest=latest,
        conversation=making.key(),
        mobile=person.phone,
        ours=making.pick(business.numbers),
    )


def write(
    making: Making,
    lead: Lead,
    *,
    note: str | None = None,
    released: float | None = None,
    other_phone: str | None = None,
    exact: bool = False,
) -> None:
    person, city = lead.person, lead.city
    professional = making.random.random() < 0.3
    making.rows.add(
        "leads",
        lead.key,
        lead.business.key,
        making.pick(lead.business.sources),
        person.first,
        person.last,
        person.email,
        person.phone,
        making.ago(released),
        f"{int(making.between(1, 999))} {making.pick(people.STREETS)} Street",
        city.name,
        city.state,
        f"{city.postal}{int(making.random.random() * 100):02d}",
        making.pick(words.JOBS) if professional else None,
        making.pick(words.EMPLOYERS) if professional else None,
        _contact(making, lead, other_phone, exact=exact),
        _profile(making),
        _metadata(making, lead),
        note,
        making.pick(("open", "qualified", "converted", "lost", "invalid")),
        f"{making.between(2, 60):.4f}",
        making.ago(lead.created),
        making.ago(lead.latest),
        making.ago(lead.latest),
    )


def _contact(
    making: Making, lead: Lead, other_phone: str | None, *, exact: bool
) -> str:
    digits = 6 if exact else 1
    contact: dict[str, Any] = {
        "coordinate": {
            "latitude": round(lead.city.latitude + making.between(-0.2, 0.2), digits),
            "longitude": round(lead.city.longitude + making.between(-0.2, 0.2), digits),
        },
        "timeZoneId": lead.city.time_zone,
        "avatarUrl": f"https://avatars.example.net/{lead.key[:12]}.png",
    }
    if other_phone:
        contact["alternatePhone"] = other_phone
    return json.dumps(contact)


def _profile(making: Making) -> str | None:
    """The extra fields that forms of some trades ask for; most ask for none."""
    if making.random.random() > 0.4:
        return None
    born = 1945 + int(making.random.random() * 60)
    profile = {
        "gender": making.pick(("M", "F", "NonBinary", "PreferNotToSay")),
        "height": 150 + int(making.random.random() * 50),
        "weight": 45 + int(making.random.random() * 70),
        "birthDate": f"{born}-{1 + born % 12:02d}-{1 + born % 28:02d}",
        "maritalStatus": making.pick(("single", "married", "widowed", "divorced")),
        "income": 20_000 + 1_000 * int(making.random.random() * 120),
        "isHomeowner": making.random.random() < 0.6,
        "monthsAtResidence": int(making.random.random() * 240),
        "creditScore": 480 + int(making.random.random() * 370),
        "hasBankruptcy": making.random.random() < 0.05,
        "employmentType": making.pick(("employed", "self-employed", "retired")),
        "numberOfDependents": int(making.random.random() * 5),
        "hasMedicalCondition": making.random.random() < 0.1,
    }
    return json.dumps(profile)


def _metadata(making: Making, lead: Lead) -> str:
    dormant = lead.latest > 36 * MONTH  # those nobody ever shortened
    exact = dormant or lead.created < FULL_IP or making.random.random() < 0.02
    engine, campaign = making.pick(words.ENGINES), making.pick(words.CAMPAIGNS)
    out = lead.opted_out
    metadata: dict[str, Any] = {
        "utmSource": engine,
        "utmMedium": "cpc",
        "utmCampaign": campaign,
        "utmTerm": lead.business.vertical.lower(),
        "utmContent": f"{campaign}-{engine}",
        "referrer": making.pick(words.REFERRERS),
        "landingPage": f"https://offers.example.com/{making.pick(words.PAGES)}",
        "ipAddress": people.ip(making.random, exact=exact),
        "userAgent": making.pick(words.AGENTS)[0],
        "smsOptedOut": out is not None,
        "smsOptOutAt": None if out is None else making.times.json(out),
        "trustedFormUrl": f"https://cert.example.net/{lead.key[12:]}",
    }
    return json.dumps(metadata)
