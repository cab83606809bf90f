"""Tickets from before a request had one for each right, brought forward."""

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import loading
from dsr.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)
OLD = [("dsr", "0003_identity")]
NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
STATES = {"received": "", "refused": "denied", "withdrawn": "none"}


@pytest.fixture
def old():
    """The models of then; afterwards the tables and rules are those of today."""
    forward = MigrationExecutor(connection).loader.graph.leaf_nodes("dsr")
    MigrationExecutor(connection).migrate(OLD)
    try:
        yield MigrationExecutor(connection).loader.project_state(OLD).apps
    finally:
        MigrationExecutor(connection).migrate(forward)
        loading.load_all()


def test_each_old_ticket_gets_a_request_of_its_own_with_what_it_said(old):
    then = old.get_model("dsr", "Ticket")
    for number, status in enumerate(STATES):
        then.objects.create(
            reference=f"R-2026-{number:06}", right="erasure", regime="US-CA",
            status=status, source="mail", requester='{"name": "Ada"}',
            words=f"Erase {number}", received_at=NOW, due_date=NOW.date(),
            arithmetic="45 days", opened_by="lena", opened_at=NOW,
            decision="" if status == "received" else "As told",
            closed_at=None if status == "received" else NOW,
        )  # fmt: skip

    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("dsr"))

    rows = Ticket.objects.order_by("reference").select_related("request", "ground")
    assert {row.status: row.outcome for row in rows} == STATES
    assert [row.words.open() for row in rows] == ["Erase 0", "Erase 1", "Erase 2"]
    assert all(row.requester.open() == '{"name": "Ada"}' for row in rows)
    assert {row.source for row in rows} == {"mail"}
    assert len({row.request_id for row in rows}) == 3
    assert rows.get(status="refused").ground.code == "OTHER"
