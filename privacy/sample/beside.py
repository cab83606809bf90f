"""A database beside the portal's own, on the same server, for the sample platform."""

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from privacy.refusals import Refusal
from privacy.sample.generating import TABLES

LOCK = 7_268_435  # any number that nobody else on this database locks
EXISTS = "SELECT 1 FROM pg_database WHERE datname = %s"
MARK = "Sample platform of the privacy portal"
MARKED = (
    "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
    "WHERE datname = current_database()"
)


class AlreadyLoading(Refusal):
    """Somebody else is loading the sample platform right now."""


class NotOurs(Refusal):
    """Another database is where the sample platform would go; it was left alone."""


class MayNotCreate(Refusal):
    """The portal's database user may not create databases; give it CREATEDB."""


def address(name: str) -> str:
    """How to reach a database on the portal's server."""
    own: dict[str, Any] = settings.DATABASES["default"]
    parts = {key.lower(): own[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
    ours = "prepare_threshold"  # of how Django connects, not where to
    options = {k: v for k, v in own.get("OPTIONS", {}).items() if k != ours}
    given = {key: str(value) for key, value in parts.items() if value}
    return make_conninfo(dbname=name, **given, **options)


@contextlib.contextmanager
def alone() -> Iterator[psycopg.Connection[Any]]:
    """A connection to the portal's server for one loader at a time; the lock goes with
    its process."""
    portal = settings.DATABASES["default"]["NAME"]
    with psycopg.connect(address(portal), autocommit=True) as server:
        locked = server.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        if not locked or not locked[0]:
            raise AlreadyLoading
        yield server


def make(server: psycopg.Connection[Any]) -> str:
    """An empty database that replaces what an interrupted load left; returns its
    name."""
    name = f"{settings.DATABASES['default']['NAME']}_sample"
    if server.execute(EXISTS, (name,)).fetchone():
        _must_be_ours(name)
    known = sql.Identifier(name)
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(known))
    try:
        server.execute(sql.SQL("CREATE DATABASE {}").format(known))
    except errors.InsufficientPrivilege:
        raise MayNotCreate from None
    server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(known, MARK))
    return name


def _must_be_ours(name: str) -> None:
    """An empty one may be dropped too: an earlier load may have died before marking
    it."""
    with psycopg.connect(address(name)) as found:
        mark, tables = (found.execute(each).fetchone() for each in (MARKED, TABLES))
    if mark != (MARK,) and tables != (0,):
        raise NotOurs
