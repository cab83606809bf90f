"""Empty databases beside the portal's own, on the server that the tests run on.

One is used again by the next test: to make one takes thirty times as long as to empty
it.
"""

import uuid
from typing import Any, NamedTuple
from urllib.parse import quote

import psycopg
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

# What outlives the schemas of a database, and other connections to it.
MORE = """
SELECT EXISTS (SELECT FROM pg_publication) OR EXISTS (SELECT FROM pg_event_trigger)
    OR EXISTS (SELECT FROM pg_foreign_server)
    OR EXISTS (SELECT FROM pg_largeobject_metadata)
    OR EXISTS (SELECT FROM pg_default_acl)
    OR (SELECT count(*) FROM pg_extension) > 1
    OR EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database() AND (
        d.datacl IS NOT NULL OR d.datconnlimit <> -1
        OR EXISTS (SELECT FROM pg_db_role_setting WHERE setdatabase = d.oid)))
    OR (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) > 1
"""
SCHEMAS = """
SELECT nspname FROM pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
"""
PUBLIC = """
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


class Address(NamedTuple):
    """One database, in the two spellings its readers want."""

    url: str
    conninfo: str


class Databases:
    def __init__(self) -> None:
        self.free: list[str] = []

    def take(self) -> str:
        if self.free:
            return self.free.pop()
        name = f"scratch_{uuid.uuid4().hex[:12]}"
        administer("create database {}", name)
        return name

    def give_back(self, name: str) -> None:
        if emptied(name):
            self.free.append(name)
        else:
            administer("drop database if exists {} with (force)", name)


def emptied(name: str) -> bool:
    """Whether it is now as a new one; False if a test has changed more than tables."""
    try:
        with psycopg.connect(address_of(name).conninfo, autocommit=True) as line:
            if line.execute(MORE).fetchone() != (False,):
                return False
            for (schema,) in line.execute(SCHEMAS).fetchall():
                drop = sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema))
                line.execute(drop)
            line.execute(PUBLIC)
    except psycopg.Error:
        return False
    return True


def administer(statement: str, name: str) -> None:
    with psycopg.connect(address_of("postgres").conninfo, autocommit=True) as server:
        server.execute(sql.SQL(statement).format(sql.Identifier(name)))


def address_of(name: str) -> Address:
    """A database on the server the tests run on, embedded or real."""
    own: dict[str, Any] = settings.DATABASES["default"]
    user, password, host, port = (
        str(own[key]) for key in ("USER", "PASSWORD", "HOST", "PORT")
    )
    who = f"{quote(user, safe='')}:{quote(password, safe='')}".removesuffix(":")
    where, query = ("", f"?host={host}") if host.startswith("/") else (host, "")
    where += f":{port}" if port else ""
    parts = {"user": user, "password": password, "host": host, "port": port}
    return Address(
        url=f"postgres://{who}@{where}/{name}{query}",
        conninfo=make_conninfo(
            dbname=name, **{key: value for key, value in parts.items() if value}
        ),
    )
