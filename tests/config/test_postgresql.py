"""A connection stays, is looked at without asking the server, and waits for it."""

import psycopg
import pytest
from django.db import connections
from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from config.postgresql.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture
def own():
    settings = connections["default"].settings_dict
    lasting = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    wrapper = DatabaseWrapper({**settings, **lasting}, alias="default")
    yield wrapper
    wrapper.close()


def process(wrapper):
    """As the request after the last one asks."""
    wrapper.close_if_unusable_or_obsolete()
    wrapper.health_check_done = False
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def test_a_connection_that_stands_is_used_again_without_a_word(own, monkeypatch):
    first = process(own)
    monkeypatch.setattr(psycopg.Connection, "execute", None)

    assert process(own) == first


def test_one_that_the_server_ended_is_replaced(own):
    first = process(own)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])

    assert process(own) != first


def test_a_notice_ends_no_connection(own):
    first = process(own)
    with own.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', 'notified', false)")
        cursor.execute("LISTEN notices")
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_notify('notices', '')")

    assert process(own) == first


@pytest.fixture
def away(monkeypatch):
    """A server that is not there for so many attempts; and the pauses made for it."""
    connect, pauses = base.DatabaseWrapper.get_new_connection, []

    def be(times):
        def attempt(self, params):
            if len(pauses) < times:
                raise psycopg.OperationalError("the database system is starting up")
            return connect(self, params)

        monkeypatch.setattr(base.DatabaseWrapper, "get_new_connection", attempt)

    monkeypatch.setattr("config.postgresql.base.time.sleep", pauses.append)
    return be, pauses


def test_a_restart_is_waited_for(own, away):
    be, pauses = away
    be(3)

    assert process(own)
    assert len(pauses) == 3


def test_not_for_ever(own, away, monkeypatch):
    be, pauses = away
    be(1000)
    clock = iter(range(1000))
    monkeypatch.setattr("config.postgresql.base.time.monotonic", clock.__next__)

    with pytest.raises(OperationalError):
        process(own)
    assert len(pauses) == 5
