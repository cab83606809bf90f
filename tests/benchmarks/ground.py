"""What benchmarks stand on: a database of their own, connected as a store, and ratios
taken side by side within one round, because the machine is shared and noisy."""

import contextlib
import datetime as dt
import multiprocessing
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from django.utils import timezone
from psycopg import sql

from privacy import retention, stores
from privacy.datamap import files
from privacy.models import Category, Plan, Promise, Rule, Store, Table

NOW = timezone.now()
LONGEST = 2.0  # seconds that a transaction in a store may take
WATCHED = """
import io, os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
from django.core.management import call_command
django.setup()
call_command(*sys.argv[1:], stdout=io.StringIO())
status = open("/proc/self/status").read()
print(status.partition("VmHWM:")[2].split()[0])
"""


@dataclass
class Result:
    """`ratio` is the bare statement's time by the product's; `bar` what it must be."""

    name: str
    rows: int
    bare_seconds: float
    product_seconds: float
    ratio: float
    worst: float
    best: float
    bar: float
    longest_transaction: float
    remark: str = ""

    @property
    def passed(self) -> bool:
        is_short = self.longest_transaction <= LONGEST
        return self.ratio >= self.bar and is_short

    def said(self) -> dict[str, object]:
        return {**asdict(self), "passed": self.passed}


@contextlib.contextmanager
def town(name: str) -> Iterator[psycopg.Connection]:
    """An empty database beside the portal's own, connected as a store."""
    own = settings.DATABASES["default"]
    place = {
        "host": own["HOST"],
        "user": own["USER"],
        "password": own["PASSWORD"] or None,
    }
    database = sql.Identifier(name)
    with psycopg.connect(dbname="postgres", autocommit=True, **place) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(database))
        server.execute(sql.SQL("CREATE DATABASE {}").format(database))
    with psycopg.connect(dbname=name, autocommit=True, **place) as direct:
        Plan.objects.filter(rule__table__store__name=name).delete()
        Store.objects.filter(name=name).delete()
        stores.connect(name=name, url=f"portal-server://{name}", by="bench", now=NOW)
        yield direct
        connections[Store.objects.get(name=name).alias].close()


def load_map(text: str) -> None:
    files.load(text=text, by="bench", now=NOW)


def rule(table: str, start: str, action: str, months: int) -> Rule:
    name = f"bench-{table}"
    Plan.objects.filter(rule__name=name).delete()
    Rule.objects.filter(name=name).delete()
    return Rule.objects.create(
        name=name,
        title=name,
        table=Table.objects.get(name=table),
        start=start,
        months=months,
        action=action,
        category=Category.objects.get(code="communications"),
        promise=Promise.objects.get(code="retained-no-longer"),
        citation="bench",
    )


def approved(made: Rule) -> Plan:
    sweep = retention.preview(rule=made, by="pia", now=NOW)
    retention.approve(sweep=sweep, by="max", now=NOW)
    return sweep


@contextlib.contextmanager
def workers(sweep: Plan, many: int) -> Iterator[Callable[[], None]]:
    """So many processes, as Celery's are, which wait until the sweep is carried out."""
    forked = multiprocessing.get_context("fork")
    ready, begin = forked.Barrier(many, timeout=60), forked.Event()
    leave_connections()
    others = [
        forked.Process(target=work, args=(sweep.pk, ready, begin))
        for _ in range(many - 1)
    ]
    for other in others:
        other.start()
    mine = opened(sweep.pk)
    ready.wait()

    def carry_out() -> None:
        begin.set()
        retention.carry_out(sweep=mine, clock=timezone.now)
        for other in others:
            other.join()

    yield carry_out
    sweep.refresh_from_db()
    if sweep.status != Plan.Status.DONE or any(other.exitcode for other in others):
        raise SystemExit(f"The sweep ended as {sweep.status}: {sweep.problem}")


def work(key: uuid.UUID, ready: Any, begin: Any) -> None:
    sweep = opened(key)
    ready.wait()
    begin.wait()
    retention.carry_out(sweep=sweep, clock=timezone.now)


def opened(key: uuid.UUID) -> Plan:
    """The sweep, by connections that are open, to the portal and to its store."""
    store = Rule.objects.get(sweeps=key).table.store
    connections[stores.alias(store)].ensure_connection()
    return Plan.objects.get(pk=key)


def leave_connections() -> None:
    """Each belongs to one process: call it before there are others."""
    for connection in connections.all():
        connection.close()


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def result(
    name: str,
    rows: int,
    pairs: list[tuple[float, float]],
    bar: float,
    *,
    longest: float = 0.0,
    remark: str = "",
) -> Result:
    """`pairs` are (bare, product) seconds a round; the median of the ratios counts."""
    ratios = [bare / product for bare, product in pairs]
    bare, product = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Result(
        name,
        rows,
        round(bare, 4),
        round(product, 4),
        round(statistics.median(ratios), 2),
        round(min(ratios), 2),
        round(max(ratios), 2),
        bar,
        round(longest, 3),
        remark,
    )


def longest(sweep: Plan) -> float:
    return max(piece.seconds for piece in sweep.ranges.all())


def peak(*command: str) -> int:
    """Resident memory at its peak, in KiB, of a process with one management command.

    By the process's own account: what its parent held at the fork would count in
    `getrusage`."""
    run = [sys.executable, "-c", WATCHED, *command]
    told = subprocess.run(run, check=True, capture_output=True, text=True)
    return int(told.stdout.split()[-1])


def before(months: int) -> dt.datetime:
    return retention.cutoff(Rule(months=months, days=0), NOW)
