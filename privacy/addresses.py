"""Turns a store's URL, of any engine, into the settings Django connects with.

Connections that leave this machine are encrypted and verify the server's name unless
the URL says otherwise; the promise board reports production stores that do otherwise.
"""

from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

import environ
from django.conf import settings

from privacy.refusals import Refusal

OWN_SERVER = "portal-server"  # a database beside the portal's own
POSTGRESQL = "django.db.backends.postgresql"
MYSQL = "privacy.sql.engines.mysql"
SQLITE = "privacy.sql.engines.sqlite"
ENGINES = {
    "postgres": POSTGRESQL, "postgresql": POSTGRESQL, "psql": POSTGRESQL,
    "pgsql": POSTGRESQL, "mysql": MYSQL, "mysql2": MYSQL, "mariadb": MYSQL,
    "sqlite": SQLITE,
}  # fmt: skip
HERE = {"", "localhost", "127.0.0.1", "::1"}
SOCKETS = {"host", "socket", "unix_socket"}  # parameters that name one
SECONDS = 5  # for an answer, and for somebody else's locks
# Whatever a cursor of ours begins to read, it reads to the end.
SESSION = (
    "-c lock_timeout=5s -c idle_in_transaction_session_timeout=10min"
    " -c cursor_tuple_fraction=1"
)
LOCKS = f"SET SESSION innodb_lock_wait_timeout={SECONDS}, lock_wait_timeout={SECONDS}"
STRICT = (
    "sql_mode='STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',"
    " time_zone='+00:00'"
)
MAGIC = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat.html, section 1.3


class BadAddress(Refusal):
    """That is not the address of a database or of a folder of files."""


class UnknownEngine(BadAddress):
    """Databases of that kind can't be connected: PostgreSQL (postgres://), MySQL and
    MariaDB (mysql://) and SQLite (sqlite:////path) can."""


class NoSuchFile(BadAddress):
    """There is no SQLite database at that path."""


def scheme(url: str) -> str:
    return url.split(":", 1)[0].lower()


def without_secret(url: str) -> str:
    """The URL as people may see it: scheme, host and name, without user, password or
    options."""
    parts = _split(url)
    try:
        host = parts.hostname or ""
    except ValueError:
        raise BadAddress from None
    return f"{parts.scheme}://{host}{parts.path}"[:200]


def has_secret(url: str) -> bool:
    return _split(url).password is not None


def with_secret(url: str, secret: str) -> str:
    """The same with a password for its user."""
    parts = _split(url)
    user, _, host = parts.netloc.rpartition("@")
    whole = f"{user}:{quote(secret, safe='')}@{host}" if secret else parts.netloc
    return parts._replace(netloc=whole).geturl()


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise BadAddress from None


def is_on_this_machine(url: str) -> bool:
    """A file, a folder, a socket, a database beside the portal, or its own name."""
    engine = ENGINES.get(scheme(url))
    if engine in (None, SQLITE):
        return scheme(url) in ("sqlite", "file", OWN_SERVER)
    return is_here(configuration(url).get("HOST") or None)


def configuration(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a URL; a Unix socket is named by `?host=`.

    Raises `BadAddress`, whose message never quotes the URL.
    """
    if scheme(url) == OWN_SERVER:
        return _beside_the_portal(urlsplit(url).netloc)
    if "://" not in url:
        raise BadAddress
    if scheme(url) not in ENGINES:
        raise UnknownEngine
    engine = ENGINES[scheme(url)]
    conf = {**_parsed(url), "ENGINE": engine, "CONN_MAX_AGE": 60}
    conf["CONN_HEALTH_CHECKS"] = True
    FITTED[engine](conf, conf.setdefault("OPTIONS", {}))
    return conf


def _parsed(url: str) -> dict[str, Any]:
    """django-environ would warn about schemes it does not know, and print the
    password."""
    _, _, rest = url.partition(":")
    known = {MYSQL: "mysql", SQLITE: "sqlite", POSTGRESQL: "postgres"}
    try:
        conf = environ.Env.db_url_config(f"{known[ENGINES[scheme(url)]]}:{rest}")
    except (ValueError, KeyError):
        raise BadAddress from None
    if not conf.get("NAME"):
        raise BadAddress
    options = conf.get("OPTIONS", {})
    for name in SOCKETS & options.keys():
        conf["HOST"] = options.pop(name)
    return dict(conf)


def _postgresql(conf: dict[str, Any], options: dict[str, Any]) -> None:
    options.setdefault("options", SESSION)
    options.setdefault("connect_timeout", SECONDS)
    if not is_here(conf.get("HOST")) and "sslmode" not in options:
        options["sslmode"] = "verify-full"
        options.setdefault("sslrootcert", "system")


def _mysql(conf: dict[str, Any], options: dict[str, Any]) -> None:
    """Takes `?ssl_mode=` with the values of MySQL's own clients, and `?ssl_ca=` for a
    certificate authority."""
    mode = str(options.pop("ssl_mode", "" if is_here(conf.get("HOST")) else "*"))
    if "ssl_ca" in options or mode.upper() not in ("", "DISABLED"):
        verified = mode.upper() != "REQUIRED"
        options |= {"ssl_verify_cert": verified, "ssl_verify_identity": verified}
    if mode.upper() == "REQUIRED":
        options["ssl"] = {"verify_mode": "none"}
    options["init_command"] = f"{LOCKS}, {STRICT}"
    options["connect_timeout"] = SECONDS
    conf["TIME_ZONE"] = "UTC"


def _sqlite(conf: dict[str, Any], options: dict[str, Any]) -> None:
    """Opened with `mode=rw`, so that a missing file is an error and not a new, empty
    database."""
    path = Path(str(conf["NAME"]))
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
    except OSError:
        raise NoSuchFile from None
    if start not in (b"", MAGIC):
        raise NoSuchFile("The file at that path is not a SQLite database.")
    conf["NAME"] = f"file:{quote(str(path.resolve()))}?mode=rw"
    options.clear()
    options |= {"timeout": SECONDS, "transaction_mode": "IMMEDIATE"}


FITTED = {POSTGRESQL: _postgresql, MYSQL: _mysql, SQLITE: _sqlite}


def _beside_the_portal(name: str) -> dict[str, Any]:
    own = settings.DATABASES["default"]
    kept = {key: own[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
    options = {**own.get("OPTIONS", {}), "options": SESSION, "connect_timeout": SECONDS}
    fixed = {"ENGINE": POSTGRESQL, "NAME": name, "CONN_MAX_AGE": 60}
    return {**kept, **fixed, "OPTIONS": options}


def is_here(host: str | None) -> bool:
    """Whether the host is a name of this machine or the folder of a Unix socket."""
    return host is None or host in HERE or host.startswith("/")
