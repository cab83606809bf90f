"""/metrics, /api/schema and /api/docs: numbers for machines, and the API to read."""

import datetime as dt
import secrets

import pytest
from django.utils import timezone
from jsonschema import Draft202012Validator
from kombu import Connection

from config import metrics
from config.celery import app
from privacy import apikeys
from privacy.datamap import files
from privacy.models import PromiseCheck, Rule, Table
from tests.dsr.factories import ADA, asked
from tests.privacy import factories, messaging
from tests.privacy.conftest import connect, static_files

pytestmark = pytest.mark.django_db
__all__ = ["connect", "static_files"]  # fixtures of the ground floor


@pytest.fixture
def scrape(client):
    """With a key of this scope; what a scraper is answered."""

    def ask(scope="metrics"):
        name, now = secrets.token_hex(4), timezone.now()
        key = apikeys.create(name=name, scopes=[scope], by="olga", now=now)
        said = {"HTTP_AUTHORIZATION": f"Bearer {key}", "HTTP_ACCEPT": "text/plain"}
        return client.get("/metrics", **said)

    return ask


@pytest.fixture
def rule(connect, now):
    """Messages of the town, one of which is past its date."""
    _, direct = connect("town", messaging.SCRIPT)
    files.load(text=messaging.MAP, by="pia", now=now)
    direct.execute("UPDATE message SET sent_at = now() - interval '1 day'")
    direct.execute("UPDATE message SET sent_at = '2019-01-01' WHERE id = 1")
    message = Table.objects.get(name="message")
    return Rule.objects.create(
        **{"name": "old-messages", "title": "Messages", "table": message},
        **{"start": "sent_at", "months": 24, "action": "delete"},
        **{"category_id": "communications", "promise_id": "retained-no-longer"},
    )


def samples(answer):
    lines = answer.content.decode().splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {name: int(number) for name, number in pairs}


def test_the_numbers_are_those_of_the_rows(rule, scrape, now):
    today = timezone.now()
    asked(received_at=today, now=today)
    asked(received_at=today - dt.timedelta(days=200), now=today)
    factories.plan()
    factories.plan(status="cancelled")
    broken = {"state": "broken", "summary": "x", "checked_at": now}
    PromiseCheck.objects.create(promise_id="retained-no-longer", **broken)

    answer = scrape()

    found = samples(answer)
    assert answer.headers["Content-Type"] == metrics.FORMAT
    assert found['portal_requests_open{overdue="no"}'] == 1
    assert found['portal_requests_open{overdue="yes"}'] == 1
    assert found['portal_promises{state="broken"}'] == 1
    assert found['portal_promises{state="kept"}'] == 0
    assert found['portal_rows_past_date{rule="old-messages"}'] == 1
    assert found['portal_plans_unfinished{status="planned"}'] == 1
    assert sum(n for name, n in found.items() if "plans" in name) == 1
    assert ADA not in answer.content.decode()


def test_the_queue_is_as_long_as_the_broker_says(scrape):
    before = samples(scrape())["portal_queue_tasks"]
    with app.connection_for_write() as broker:
        waits = broker.default_channel.client
        waits.rpush(app.conf.task_default_queue, "x")
        try:
            assert samples(scrape())["portal_queue_tasks"] == before + 1
        finally:
            waits.lrem(app.conf.task_default_queue, 1, "x")


def test_what_does_not_answer_has_no_number(rule, scrape, monkeypatch):
    def nowhere(**_):
        return Connection("redis://127.0.0.1:1/0")

    rule.table.store.address = "postgres://nobody@127.0.0.1:1/none"
    rule.table.store.save()
    monkeypatch.setattr(app, "connection_for_write", nowhere)

    answer = scrape()

    assert answer.status_code == 200
    assert not any("past_date" in n or "queue" in n for n in samples(answer))


def test_without_the_scope_nobody_reads_them(client, scrape):
    assert client.get("/metrics").status_code == 401
    refused = scrape("consent:check")
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_the_schema_breaks_none_of_its_own_rules(client):
    def looked(found):
        if isinstance(found, dict):
            if "default" in found and "type" in found:
                Draft202012Validator(found).validate(found["default"])
            found = list(found.values())
        if isinstance(found, list):
            return sum(map(looked, found)) + 1
        return 0

    assert looked(client.get("/api/schema?format=json").json()) > 100


def test_the_docs_are_pages_that_ask_no_other_server(client):
    page = client.get("/api/docs")
    script = client.get("/api/docs?script=")

    assert page.status_code == script.status_code == 200
    assert "/static/" in page.content.decode()
    assert "//" not in page.content.decode().replace("<!--", "")
    assert "<style" not in page.content.decode()
    assert '"/api/schema"' in script.content.decode()
