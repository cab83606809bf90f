"""Databases to point the portal at, connected as stores."""

import datetime as dt
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from privacy import stores
from privacy.datamap import files
from privacy.models import Store
from tests.privacy import messaging

DATABASES = Path(__file__).resolve().parent.parent / "data" / "databases"


@pytest.fixture
def connect(scratch_database: Any, db: None, now: dt.datetime) -> Any:
    """Makes a database from a script and connects it as a store."""
    made: list[Store] = []
    opened: list[psycopg.Connection] = []

    def make(name: str, script: str) -> tuple[Store, psycopg.Connection]:
        address = scratch_database()
        direct = psycopg.connect(address.conninfo, autocommit=True)
        opened.append(direct)
        direct.execute(script)  # type: ignore[call-overload]
        store = stores.connect(name=name, url=address.url, by="pia", now=now)
        made.append(store)
        return store, direct

    yield make
    for store in made:
        connections[store.alias].close()
    for direct in opened:
        direct.close()


@pytest.fixture
def town(connect: Any, now: dt.datetime) -> psycopg.Connection:
    """The messaging database of `messaging`, connected and mapped as "town"."""
    _, direct = connect("town", messaging.SCRIPT)
    files.load(text=messaging.MAP, by="pia", now=now)
    return direct


def chinook_script() -> str:
    text = (DATABASES / "chinook_postgresql.sql").read_text()
    return "\n".join(text.splitlines()[28:])


@pytest.fixture(autouse=True)
def static_files(settings: Any) -> None:
    """WhiteNoise warns of a missing folder, and nothing is collected for tests."""
    settings.STATIC_ROOT = settings.STATICFILES_DIRS[0]
