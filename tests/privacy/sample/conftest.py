"""A platform of its own for each test, bare or connected to the portal."""

import hashlib

import psycopg
import pytest
from django.db import connections

from privacy import policy
from privacy.sample import generate, loading

SCALE = 0.05


@pytest.fixture
def platform(scratch_database, tmp_path, now):
    """Makes a platform; gives the open connection and what was made."""
    opened = []

    def make(*, seed=1, scale=SCALE):
        connection = psycopg.connect(scratch_database().conninfo, autocommit=True)
        opened.append(connection)
        made = generate(
            connection, seed=seed, scale=scale, now=now, recordings=tmp_path
        )
        return connection, made

    yield make
    for connection in opened:
        connection.close()


@pytest.fixture
def connected(scratch_database, tmp_path, now):
    """The platform as a store of the portal, with its map and rules."""
    policy.load()
    address = scratch_database()
    with psycopg.connect(address.conninfo, autocommit=True) as direct:
        generate(direct, seed=1, scale=SCALE, now=now, recordings=tmp_path)
        name = direct.info.dbname
        store = loading.connect(database=name, recordings=tmp_path, by="pia", now=now)
        yield store, direct
        connections[store.alias].close()


def one(connection, statement, *values):
    return connection.execute(statement, values or None).fetchone()[0]


def tables(connection):
    found = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    return sorted(row[0] for row in found)


def everything(connection):
    """Every row of every table as text."""
    for table in tables(connection):
        rows = connection.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
        yield from (f"{table}: {row[0]}" for row in rows)


def digest(connection):
    return hashlib.sha256("\n".join(everything(connection)).encode()).hexdigest()


def interrupted(*_):
    raise KeyboardInterrupt
