"""Look-ups of consent among many identifiers: the question alone, and over HTTP."""

import contextlib
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from consent import check
from privacy import apikeys, identifiers
from privacy.identifiers import Mark
from privacy.models import ApiKey
from tests.benchmarks import ground
from tests.benchmarks.ground import Result

FILL = """
INSERT INTO privacy_identifier (kind, digest, key_id, value, hint, created_at)
SELECT 'phone', encode(sha256(('made up ' || n)::bytea), 'hex'), 'k1', '\\x00', '',
    now()
FROM generate_series(1, %(rows)s) n ON CONFLICT DO NOTHING;
SELECT consent_month_v1((date_trunc('month', now()) - n * interval '1 month')::date)
FROM generate_series(0, 61) AS n;
INSERT INTO consent_event (sequence, identifier_id, channel, covers, kind,
    organization, source, route, occurred_at, recorded_at, recorded_by, evidence)
SELECT row_number() OVER ()
        + (SELECT COALESCE(max(sequence), 0) FROM consent_ledgerline),
    id, 'sms', '{sms}', 'opt_out', '', 'direct', 'bench', at, at, 'bench', '{}'
FROM (SELECT id, now() - random() * interval '5 years' AS at
    FROM privacy_identifier WHERE value = '\\x00') AS nobody;
INSERT INTO consent_ledgerline (sequence, recorded_at)
SELECT sequence, recorded_at FROM consent_event WHERE route = 'bench'
ON CONFLICT DO NOTHING;
INSERT INTO consent_standing (identifier_id, channel, organization, state, since,
    renewed_at, event_id)
SELECT identifier_id, 'sms', '', 'opt_out', occurred_at, occurred_at, sequence
FROM consent_event WHERE route = 'bench' ON CONFLICT DO NOTHING;
"""
BARE = """
SELECT s.state, s.since, e.sequence FROM privacy_identifier i
JOIN consent_standing s ON s.identifier_id = i.id
JOIN consent_event e ON e.sequence = s.event_id
WHERE i.kind = 'phone' AND i.digest = %s AND s.channel = 'sms'
"""
BIND = "127.0.0.1:8765"
QUESTIONS = 1000
LINES = 4  # at once


def run(rows: int, rounds: int) -> Iterator[Result]:
    people = fill(rows)
    yield question(people, rows, rounds)
    yield from over_http(people, rows, rounds)


def fill(rows: int) -> list[Mark]:
    """Rows of nobody in bulk, in the months of five years, past the triggers that
    number each one under a lock; and a thousand real ones to ask for."""
    now = timezone.now()
    people = [Mark("phone", f"+1555{n:07}") for n in range(QUESTIONS)]
    for mark in people:
        identifiers.keep(mark, now=now)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(FILL, {"rows": rows})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
    random.Random(1).shuffle(people)
    return people


def question(people: list[Mark], rows: int, rounds: int) -> Result:
    def bare() -> None:
        with connection.cursor() as cursor:
            for mark in people:
                cursor.execute(BARE, [identifiers.fingerprint(mark)[1]])
                cursor.fetchone()

    def product() -> None:
        for mark in people:
            check.may_contact(mark, channel="sms", now=timezone.now())

    pairs = [(ground.timed(bare), ground.timed(product)) for _ in range(rounds)]
    each = min(product for _, product in pairs) / QUESTIONS * 1000
    remark = f"{each:.2f} ms each; no bar is set for it"
    return ground.result("consent question in Python", rows, pairs, 0.0, remark=remark)


def over_http(people: list[Mark], rows: int, rounds: int) -> Iterator[Result]:
    """A thousand checks against as many calls of the same server's no-op view, by one
    line alone, and by four at once for the slowest of a hundred."""
    ApiKey.objects.filter(name="bench").delete()
    key = apikeys.create(
        name="bench", scopes=["consent:check"], by="bench", now=timezone.now()
    )
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    bodies = [json.dumps({"phone": m.value, "channel": "sms"}) for m in people]
    check_it = Calls("POST", "/api/v1/consent/check", bodies, headers)
    noop = Calls("GET", "/healthz", [""] * QUESTIONS, {})
    with server():
        asked(check_it)  # nobody measures a process that has only just begun
        pairs = [(sum(asked(noop)), sum(asked(check_it))) for _ in range(rounds)]
        slow = [(slowest(noop), slowest(check_it)) for _ in range(rounds)]
    rate = QUESTIONS / min(ours for _, ours in pairs)
    remark = f"{rate:.0f} checks/s, one worker, one connection"
    yield ground.result("single check over HTTP", rows, pairs, 0.5, remark=remark)
    bare, ours = (statistics.median(each) * 1000 for each in zip(*slow, strict=True))
    remark = f"{ours:.1f} ms to {bare:.1f} ms, {LINES} connections at once"
    yield ground.result("single check, p99", rows, slow, 0.5, remark=remark)


class Calls(NamedTuple):
    method: str
    path: str
    bodies: list[str]
    headers: dict[str, str]


def slowest(calls: Calls) -> float:
    """The 99th percentile, in seconds, of several lines at once."""
    with ThreadPoolExecutor(LINES) as pool:
        took = [each for line in pool.map(asked, [calls] * LINES) for each in line]
    return statistics.quantiles(took, n=100)[-1]


def asked(calls: Calls) -> list[float]:
    """Seconds of each call, one after the other on one connection."""
    line = http.client.HTTPConnection(BIND)
    took = [ground.timed(lambda: _ask(line, calls, body)) for body in calls.bodies]  # noqa: B023
    line.close()
    return took


def _ask(line: http.client.HTTPConnection, calls: Calls, body: str) -> None:
    line.request(calls.method, calls.path, body or None, calls.headers)
    answer = line.getresponse()
    answer.read()
    if answer.status != HTTPStatus.OK:
        raise SystemExit(f"{calls.path} answered {answer.status}")


@contextlib.contextmanager
def server() -> Iterator[None]:
    command = [sys.executable, "-m", "gunicorn", "-b", BIND, "-k", "gthread"]
    options = ["-w", "1", "--threads", "2", "--no-control-socket", "config.wsgi"]
    quiet = {**os.environ, "LOG_LEVEL": "ERROR", "PUBLIC_URL": f"http://{BIND}"}
    process = subprocess.Popen(command + options, env=quiet, stderr=subprocess.DEVNULL)
    try:
        _wait()
        yield
    finally:
        process.terminate()
        process.wait(10)


def _wait() -> None:
    for _ in range(100):
        try:
            asked(Calls("GET", "/healthz", [""], {}))
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The server did not start.")
