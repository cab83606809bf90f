"""A hundred people at once, on the tables that Fides was measured on (`messaging`).

Fides 2.86.2 on such a machine, queued: 35 erasures and 68 accesses a minute; it proves
nothing afterwards, so the proof is not in these figures.
"""

import time
from collections.abc import Iterator, Sequence

from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dsr import intake, packages
from dsr import together as desk
from dsr.models import Ticket
from privacy import identifiers, plans
from privacy.erasure import running
from privacy.models import Plan, Store
from privacy.subjects import texts
from tests.benchmarks import ground, messaging
from tests.benchmarks.ground import Result

FIDES = {"erasure": 60 / 35, "access": 60 / 68}  # seconds a request
BARS = {"erasure": 20, "access": 10}
PEOPLE = 100
STORE = "bench_requests"
FIRST = 2000  # contacts before have a thousand messages each, or are entered twice


def run(rows: int, rounds: int) -> Iterator[Result]:
    """`rows` messages; a round takes other people."""
    with ground.town(STORE) as direct:
        direct.execute(messaging.script(rows // 10))
        ground.load_map(messaging.MAP.replace("{store}", STORE))
        for right in ("access", "erasure"):
            yield _many(right, rows, rounds)
        yield _heavy(rows)


def _many(right: str, rows: int, rounds: int) -> Result:
    pairs, remarks = [], []
    for number in range(rounds):
        some = _asked(right, FIRST + PEOPLE * number)
        took, first, asked = _measured(some)
        pairs.append((FIDES[right] * PEOPLE, took))
        remarks.append((took, first, len(asked)))
    took, first, statements = sorted(remarks)[len(remarks) // 2]
    remark = (
        f"{PEOPLE / took * 60:,.0f} a minute without the proof, the first after"
        f" {first:.1f} s, {statements / PEOPLE:.1f} statements a person"
    )
    name = f"{right}: {PEOPLE} queued, to Fides"
    return ground.result(name, rows, pairs, BARS[right], remark=remark)


def _heavy(rows: int) -> Result:
    """One person with about a thousand messages: 6.8 seconds with Fides. Reading all
    texts grows with the table whoever asks, so its time is told apart."""
    some = _asked("erasure", 1, many=1)
    took, _, asked = _measured(some)
    seconds = {True: 0.0, False: 0.0}
    for each in asked:
        seconds[texts.IN_TEXT in each["sql"]] += float(each["time"])
    remark = (
        f"{len(asked)} statements on the store, {seconds[False]:.2f} s of it for the"
        f" person's rows and {seconds[True]:.2f} s for reading every text"
    )
    name = "erasure: one of 1,000 messages"
    return ground.result(name, rows, [(6.8, took)], 1, remark=remark)


def _asked(right: str, first: int, many: int = PEOPLE) -> list[Ticket]:
    now = timezone.now()
    return [
        intake.open(
            right=right,
            regime="US-CA",
            marks=[identifiers.phone(f"+1555{first + n:07}")],
            received_at=now,
            source=Ticket.Source.COMMAND,
            by="bench",
            now=now,
        )
        for n in range(many)
    ]


def _measured(some: Sequence[Ticket]) -> tuple[float, float, list[dict[str, str]]]:
    """Seconds from the plan to the last row ended or the last copy made, seconds to the
    first, and the statements on the store, each with its time."""
    alias = Store.objects.get(name=STORE).alias
    connections[alias].ensure_connection()
    began = time.perf_counter()
    with CaptureQueriesContext(connections[alias]) as asked:
        made = desk.plan(some=some, by="bench", now=timezone.now())
        for plan in made:
            plans.approve(plan=plan, by="another", now=timezone.now())
        live = running.begin_many(some=made, clock=timezone.now)
        first = _carried_out(some, live, began)
    took = time.perf_counter() - began
    return took, first, list(asked)


def _carried_out(some: Sequence[Ticket], live: Sequence[Plan], began: float) -> float:
    if some[0].right == "erasure":
        running.work_off_together(live, timezone.now)
        if not all(plans.is_worked_off(plan) for plan in live):
            raise SystemExit("Not every row was ended.")
        return time.perf_counter() - began
    firsts = []
    for ticket in some:
        packages.make(ticket=ticket, now=timezone.now())
        firsts.append(time.perf_counter() - began)
    return firsts[0]
