"""Look-ups of consent among many identifiers: the question alone, and over HTTP."""

import contextlib
import http.client
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator

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
INSERT INTO consent_event (identifier_id, channel, covers, kind, organization, source,
    route, occurred_at, recorded_at, recorded_by, evidence)
SELECT id, 'sms', '{sms}', 'opt_out', '', 'direct', 'bench', now(), now(), 'bench', '{}'
FROM privacy_identifier WHERE value = '\\x00';
INSERT INTO consent_standing (identifier_id, channel, organization, state, since,
    renewed_at, event_id)
SELECT identifier_id, 'sms', '', 'opt_out', occurred_at, occurred_at, sequence
FROM consent_event WHERE route = 'bench';
"""
BARE = """
SELECT s.state, s.since, e.sequence FROM privacy_identifier i
JOIN consent_standing s ON s.identifier_id = i.id
JOIN consent_event e ON e.sequence = s.event_id
WHERE i.kind = 'phone' AND i.digest = %s AND s.channel = 'sms'
"""
BIND = "127.0.0.1:8765"
QUESTIONS = 1000


def run(rows: int, rounds: int) -> Iterator[Result]:
    people = fill(rows)
    yield question(people, rows, rounds)
    yield over_http(people, rows, rounds)


def fill(rows: int) -> list[Mark]:
    """Rows of nobody in bulk, past the triggers that number each one under a lock, and
    a thousand real ones to ask for."""
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


def over_http(people: list[Mark], rows: int, rounds: int) -> Result:
    """A thousand checks against as many calls of the same server's no-op view."""
    ApiKey.objects.filter(name="bench").delete()
    key = apikeys.create(
        name="bench", scopes=["consent:check"], by="bench", now=timezone.now()
    )
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    bodies = [json.dumps({"phone": m.value, "channel": "sms"}) for m in people]
    pairs = []
    with server():
        for _ in range(rounds):
            noop = ground.timed(lambda: asked("GET", "/healthz", [""] * QUESTIONS, {}))
            ours = ground.timed(
                lambda: asked("POST", "/api/v1/consent/check", bodies, headers)
            )
            pairs.append((noop, ours))
    rate = QUESTIONS / min(ours for _, ours in pairs)
    remark = f"{rate:.0f} checks/s, one worker, one connection"
    return ground.result("single check over HTTP", rows, pairs, 0.5, remark=remark)


def asked(method: str, path: str, bodies: list[str], headers: dict[str, str]) -> None:
    line = http.client.HTTPConnection(BIND)
    for body in bodies:
        line.request(method, path, body or None, headers)
        answer = line.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
    line.close()


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
            asked("GET", "/healthz", [""], {})
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The server did not start.")
