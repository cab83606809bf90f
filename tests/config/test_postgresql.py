"""The pool hands out connections that stand, without asking the server first."""

import psycopg
import pytest
from django.db import connections

from config.postgresql.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture
def pooled():
    own = connections["default"].settings_dict
    options = {**own["OPTIONS"], "pool": {"min_size": 0, "max_size": 1, "timeout": 5}}
    wrapper = DatabaseWrapper({**own, "OPTIONS": options}, alias="default")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def process(wrapper):
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def test_a_connection_that_stands_is_used_again_without_a_word(pooled, monkeypatch):
    first = process(pooled)
    pooled.close()
    monkeypatch.setattr(psycopg.Connection, "execute", None)

    assert process(pooled) == first


def test_one_that_the_server_ended_is_replaced(pooled):
    first = process(pooled)
    pooled.close()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])

    assert process(pooled) != first
