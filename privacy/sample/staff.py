"""The people who work with the platform, and the rows they leave behind."""

from privacy.sample import people, words
from privacy.sample.making import Business, Making
from privacy.sample.times import DAY, HOUR, MINUTE, MONTH

FEWEST, STAFF = 16, 200  # at least; at scale 1
SESSIONS, NOTIFICATIONS, TOP_UPS, TICKETS = 10, 20, 15, 2  # of each member
EMAIL = 2_000_000  # keeps their addresses apart from those of leads
PASSWORD = "pbkdf2_sha256$1000000${}${}="  # noqa: S105 - a hash, of nothing


def make(making: Making, *, scale: float) -> None:
    for number in range(max(FEWEST, round(STAFF * scale))):
        business = making.businesses[number % len(making.businesses)]
        _member(making, business, number)
        making.rows.flush_when_full()


def _member(making: Making, business: Business, number: int) -> None:
    created = business.created
    if business.staff:
        created = making.between(45 * MONTH, 80 * MONTH)
    closed = business.closed
    if number % 33 == 5:
        closed = making.between(25 * MONTH, 40 * MONTH)
    key = user(
        making,
        business,
        people.person(making.random, EMAIL + number, 4 * number + 1),
        role="Agent" if business.staff else "Owner",
        created=max(created, (closed or 0) + MONTH),
        closed=closed,
    )
    business.staff.append(key)
    leave_traces(making, key, closed)
    recently = making.between(DAY, 11 * MONTH) if number % 6 == 1 else None
    payment_method(making, business, key, created=created, removed=closed or recently)
    top_ups(making, business)


def user(
    making: Making,
    business: Business,
    person: people.Person,
    *,
    role: str,
    created: float,
    closed: float | None = None,
) -> str:
    key = making.key()
    salt = f"{making.random.getrandbits(96):024x}"
    digest = f"{making.random.getrandbits(172):043x}"
    making.rows.add(
        "users",
        key,
        business.key,
        person.first,
        person.last,
        person.email,
        person.phone,
        PASSWORD.format(salt, digest),
        [role],
        making.pick(people.CITIES).time_zone,
        making.pick(("Monthly", "Annual")),
        "closed" if closed else "active",
        making.ago(created),
        making.ago((closed or 0) + making.between(HOUR, 9 * DAY)),
        making.ago(closed),
    )
    return key


def leave_traces(making: Making, key: str, closed: float | None) -> None:
    """Sessions, notifications and tickets. Those of closed accounts were never swept;
    no open account has any that are past their period."""
    span = 2 * MONTH if closed else 0
    for _ in range(SESSIONS):
        _session(making, key, (closed or 0) + making.between(0, span or 90 * DAY))
    for _ in range(NOTIFICATIONS):
        _notification(making, key, (closed or 0) + making.between(0, 5.8 * MONTH))
    for _ in range(TICKETS):
        _ticket(making, key, (closed or 0) + making.between(0, span or 23.5 * MONTH))


def _session(making: Making, user_key: str, age: float) -> None:
    agent, system = making.pick(words.AGENTS)
    making.rows.add(
        "device_sessions",
        making.key(),
        user_key,
        people.ip(making.random),
        agent,
        system,
        making.pick(words.CARRIERS),
        making.ago(age),
        making.ago(age - min(age, 20 * MINUTE)),
    )


def _notification(making: Making, user_key: str, age: float) -> None:
    kind, message = making.pick(words.NOTIFICATIONS)
    making.rows.add(
        "notifications",
        making.key(),
        user_key,
        kind,
        making.pick(("Low", "Medium", "High")),
        message,
        age > DAY,
        making.ago(age),
    )


def _ticket(making: Making, user_key: str, age: float) -> None:
    making.rows.number(
        "support_tickets",
        None,
        user_key,
        None,
        making.pick(words.SUBJECTS),
        making.pick(words.BODIES),
        "closed",
        making.ago(age),
        making.ago(max(0, age - 2 * DAY)),
    )


def payment_method(
    making: Making,
    business: Business,
    user_key: str,
    *,
    created: float,
    removed: float | None,
) -> None:
    making.rows.add(
        "payment_methods",
        making.key(),
        business.key,
        user_key,
        making.pick(("visa", "mastercard", "amex")),
        f"{int(making.random.random() * 10_000):04d}",
        1 + int(making.random.random() * 12),
        2027 + int(making.random.random() * 4),
        removed is None,
        making.ago(max(created, removed or 0)),
        making.ago(removed),
    )


def top_ups(making: Making, business: Business) -> None:
    """What the business paid, in the name of its owner."""
    closed = business.closed or 0
    for _ in range(TOP_UPS):
        age = closed + making.between(0, 4 * MONTH if closed else 96 * MONTH)
        transaction(
            making,
            business,
            age,
            user_key=business.staff[0],
            kind="Deposit",
            amount=25 * (1 + int(making.random.random() * 8)),
            payment_method=f"Visa •••• {int(making.random.random() * 10_000):04d}",
            description="Balance refilled",
        )


def transaction(
    making: Making,
    business: Business,
    age: float,
    *,
    kind: str,
    amount: float,
    description: str,
    payment_method: str | None = None,
    lead_key: str | None = None,
    user_key: str | None = None,
) -> int:
    return making.rows.number(
        "transactions",
        business.key,
        lead_key,
        user_key,
        kind,
        "Confirmed",
        f"{amount:.4f}",
        payment_method,
        description,
        making.times.date(age),
        making.ago(age),
    )
