"""What benchmarks stand on: a database of their own, connected as a store, and ratios
taken side by side within one round, because the machine is shared and noisy."""

import contextlib
import datetime as dt
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import psycopg
from django.conf import settings
from django.db import connections
from django.utils import timezone
from psycopg import sql

from privacy import retention, stores
from privacy.datamap import files
from privacy.models import Category, Plan, Promise, Rule, Store, Table

NOW = timezone.now()


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
        return self.ratio >= self.bar

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


def swept(sweep: Plan, workers: int = 1) -> Plan:
    others = [
        threading.Thread(target=work, args=[sweep.pk]) for _ in range(workers - 1)
    ]
    for other in others:
        other.start()
    done = retention.carry_out(sweep=sweep, clock=timezone.now)
    for other in others:
        other.join()
    done.refresh_from_db()
    if done.status != Plan.Status.DONE:
        raise SystemExit(f"The sweep ended as {done.status}: {done.problem}")
    return done


def work(key: uuid.UUID) -> None:
    """A second worker; the work is the database's, so a thread is as good."""
    retention.carry_out(sweep=Plan.objects.get(pk=key), clock=timezone.now)
    connections.close_all()


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


def before(months: int) -> dt.datetime:
    return retention.cutoff(Rule(months=months, days=0), NOW)
