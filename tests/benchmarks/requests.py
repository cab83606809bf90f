"""A hundred people at once, on the tables that Fides was measured on (`messaging`).

Fides 2.86.2 on such a machine, queued, with two workers: 35 erasures and 68 accesses a
minute. These are figures of another day; nothing of it runs here. It proves nothing
afterwards, so the ratio of erasures counts until the last row is ended; how long proof,
certificates and letters take is said beside it.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dsr import identity, intake, requests, tasks
from dsr import together as desk
from dsr.models import Ticket
from privacy import identifiers, plans, stores
from privacy.datamap import Map
from privacy.erasure import running
from privacy.models import Range, Store
from privacy.plans.ranges import UNFINISHED
from privacy.sql import textindex
from privacy.subjects import indexed
from tests.benchmarks import ground, messaging
from tests.benchmarks.ground import Result

FIDES = {"erasure": 60 / 35, "access": 60 / 68}  # seconds a request
PROCESSOR = {"erasure": 1.64, "access": 0.81}  # of its processes, a request
BARS = {"erasure": 20, "access": 10}
PEOPLE, WORKERS = 100, 2
STORE, ALONE = "bench_requests", "bench_alone"
FIRST = 2000  # contacts before have a thousand messages each, or are entered twice
PATIENCE = 600  # seconds
A_SECOND = 1.0  # that one person's erasure may keep a store busy
SIZE = """
SELECT coalesce(sum(pg_relation_size(oid)), 0)::bigint / 1048576 FROM pg_class
WHERE relname LIKE %s
"""
FORKED = multiprocessing.get_context("fork")


def run(rows: int, rounds: int) -> Iterator[Result]:
    """`rows` messages; a round takes other people."""
    with ground.town(STORE) as direct:
        direct.execute(messaging.script(rows // 10))
        ground.load_map(messaging.MAP.replace("{store}", STORE))
        for right in ("access", "erasure"):
            yield _many(right, rows, rounds)
        yield _heavy(rows)


def alone(rows: int, _rounds: int) -> Iterator[Result]:
    """One person among `rows` messages, by the clock of the store: found in texts by
    reading all there are, which grows with them, and then by an index."""
    with ground.town(ALONE) as direct:
        direct.execute(messaging.script(rows // 10))
        ground.load_map(messaging.MAP.replace("{store}", ALONE))
        yield _one("erasure: one, all texts read", rows, FIRST, bar=0)
        size, took = _indexed(direct)
        found = _one("erasure: one, texts indexed", rows, FIRST + 1, bar=1)
        found.remark += f"; the indexes: {size} MB in {took:.0f} s"
        yield found


def _many(right: str, rows: int, rounds: int) -> Result:
    pairs, remarks = [], []
    for number in range(rounds):
        some = _asked(right, FIRST + PEOPLE * number)
        times, statements, processor = _queued(some)
        pairs.append((FIDES[right] * PEOPLE, times["ended"]))
        remarks.append((times["ended"], times, statements, processor))
    remarks.sort(key=lambda each: each[0])
    ended, times, statements, processor = remarks[len(remarks) // 2]
    remark = (
        f"{PEOPLE / ended * 60:,.0f} a minute with {WORKERS} workers, planned in"
        f" {times['planned']:.1f} s; the first after {times['first']:.1f} s, all"
        f" answered after {times['answered']:.1f} s; {statements / PEOPLE:.1f}"
        f" statements and {processor / PEOPLE:.3f} CPU s a person (Fides:"
        f" {PROCESSOR[right]})"
    )
    name = f"{right}: {PEOPLE} queued, to Fides"
    return ground.result(name, rows, pairs, BARS[right], remark=remark)


def _queued(some: Sequence[Ticket]) -> tuple[dict[str, float], int, float]:
    """Seconds until all are planned, until the first one and the last one have their
    copy or lost their last row, and until all are answered, proof and letters included;
    statements on the store, and CPU seconds of planning and workers."""
    tasks_, told = FORKED.Queue(), FORKED.Queue()
    ground.leave_connections()
    workers = [
        FORKED.Process(target=_work, args=(tasks_, told)) for _ in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    began, busy = time.perf_counter(), time.process_time()
    with CaptureQueriesContext(_store()) as asked:
        desk.plan(some=some, by="bench", now=timezone.now())
    for ticket in some:
        requests.approve(ticket=ticket, by="another", now=timezone.now())
    times = {"planned": time.perf_counter() - began}
    busy = time.process_time() - busy
    for ticket in some:
        tasks_.put(ticket.pk)
    times["first"] = _when(lambda: _ended(some) > 0, began)
    times["ended"] = _when(lambda: _ended(some) == len(some), began)
    times["answered"] = _when(lambda: _answered(some, tasks_), began)
    for _ in workers:
        tasks_.put(None)
    statements, processor = zip(*(told.get() for _ in workers), strict=True)
    for worker in workers:
        worker.join()
    return times, len(asked) + sum(statements), busy + sum(processor)


def _work(tasks_: Any, told: Any) -> None:
    """A worker, as Celery would have it: one task after the other."""
    busy = time.process_time()
    with CaptureQueriesContext(_store()) as asked:
        for key in iter(tasks_.get, None):
            tasks.fulfil(key)
    told.put((len(asked), time.process_time() - busy))


def _store(name: str = STORE) -> Any:
    connection = connections[stores.alias(Store.objects.get(name=name))]
    connection.ensure_connection()
    return connection


def _when(is_so: Callable[[], bool], began: float) -> float:
    while not is_so():
        if time.perf_counter() - began > PATIENCE:
            raise SystemExit("The workers did not finish.")
        time.sleep(0.1)
    return time.perf_counter() - began


def _ended(some: Sequence[Ticket]) -> int:
    """Copies made, or people whose last row is ended."""
    mine = Ticket.objects.filter(pk__in=[ticket.pk for ticket in some])
    if some[0].right == "access":
        return mine.filter(package__size__gt=0).count()
    left = Range.objects.filter(status__in=UNFINISHED).values("plan")
    begun = mine.filter(plan__started_at__isnull=False)
    return begun.exclude(plan__in=left).count()


def _answered(some: Sequence[Ticket], tasks_: Any) -> bool:
    """As the clock does: what nobody is at is sent to a worker again."""
    mine = Ticket.objects.filter(pk__in=[ticket.pk for ticket in some])
    left = list(mine.exclude(status=Ticket.Status.ANSWERED))
    if left and tasks_.empty():
        tasks_.put(left[0].pk)
    return not left


def _one(name: str, rows: int, first: int, bar: float) -> Result:
    _, asked = _measured(_asked("erasure", first, many=1), ALONE)
    took = sum(float(each["time"]) for each in asked)
    remark = f"{took:.2f} s of the store's time"
    return ground.result(name, rows, [(A_SECOND, took)], bar, remark=remark)


def _indexed(direct: psycopg.Connection) -> tuple[int, float]:
    """Megabytes, and seconds that it took to make them."""
    mapped = Map(Store.objects.get(name=ALONE))
    lacking = indexed.lacking(mapped)
    took = ground.timed(lambda: [direct.execute(each.statement) for each in lacking])
    direct.execute("ANALYZE")
    size = direct.execute(SIZE, [f"{textindex.PREFIX}%"]).fetchone()
    return size[0] if size else 0, took


def _heavy(rows: int) -> Result:
    """One person with about a thousandth of all messages: of a million, 6.8 seconds
    with Fides."""
    took, asked = _measured(_asked("erasure", 1, many=1))
    seconds = sum(float(each["time"]) for each in asked)
    remark = f"{len(asked)} statements and {seconds:.2f} s on the store"
    name = f"erasure: one of {rows // 1000:,} messages"
    return ground.result(name, rows, [(6.8, took)], 1, remark=remark)


def _asked(right: str, first: int, many: int = PEOPLE) -> list[Ticket]:
    now = timezone.now()
    some = [
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
    for ticket in some:
        identity.decide(
            ticket=ticket, accepted=True, may_act=True, is_vouched=True, reason="Known",
            by="bench", now=now,
        )  # fmt: skip
    return some


def _measured(
    some: Sequence[Ticket], store: str = STORE
) -> tuple[float, list[dict[str, str]]]:
    """Seconds from the plan to the last row ended, by one worker, and the statements on
    the store, each with its time."""
    began = time.perf_counter()
    with CaptureQueriesContext(_store(store)) as asked:
        made = desk.plan(some=some, by="bench", now=timezone.now())
        for plan in made:
            plans.approve(plan=plan, by="another", now=timezone.now())
        live = running.begin_many(some=made, clock=timezone.now)
        running.work_off_together(live, timezone.now)
    if not all(plans.is_worked_off(plan) for plan in live):
        raise SystemExit("Not every row was ended.")
    return time.perf_counter() - began, list(asked)
