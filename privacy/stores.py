"""Connected databases and file storages, reached as Django aliases made at run time.

The portal has no model code of them; see `datamap`. Addresses are sealed.
"""

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage, Storage
from django.db import DatabaseError, connections, transaction
from django.db.utils import InterfaceError, OperationalError

from privacy import audit
from privacy.models import Store
from privacy.refusals import Refusal

OWN_SERVER = "portal-server"  # a database beside the portal's own
FILES = "file"
LIMITS = (
    "works_from", "works_until", "most_lock_waits", "most_lag_seconds", "backups_days",
)  # fmt: skip
LOCK_WAIT = "-c lock_timeout=5s -c idle_in_transaction_session_timeout=10min"


class BadAddress(Refusal):
    """That is not the address of a database or of a folder of files."""


class BadName(Refusal):
    """A store's name is made of letters, digits, hyphens and underscores."""


class NameTaken(Refusal):
    """A store of that name is connected already."""


class NoSuchStore(Refusal):
    """No store of that name is connected; `stores list` shows them."""


class StoreDown(Refusal):
    """The store does not answer. Nothing was changed there."""


def connect(*, name: str, url: str, by: str, now: dt.datetime) -> Store:
    """Connect a store: `postgres://user:secret@host/db`, `sqlite:////path`, `file:///dir`.

    It must answer before it is kept.
    """
    if Store.objects.filter(name=name).exists():
        raise NameTaken
    kind = Store.Kind.FILES if _scheme(url) == FILES else Store.Kind.DATABASE
    store = Store(name=name, kind=kind, address=url, place=_without_secret(url))
    store.connected_by, store.connected_at = by, now
    with transaction.atomic():
        _name_fits(store)
        store.save()
        store.refresh_from_db()
        _probe(store)
        audit.record(
            action="store.connected", subject=f"store:{store.pk}", by=by, now=now
        )
    return store


def _name_fits(store: Store) -> None:
    try:
        store.clean_fields(exclude=["address", "checked_at", "place"])
    except ValidationError:
        raise BadName from None


def named(name: str) -> Store:
    try:
        return Store.objects.get(name=name)
    except Store.DoesNotExist:
        raise NoSuchStore from None


def check(*, store: Store, now: dt.datetime) -> bool:
    """Does it answer? The reason why not is kept on its row, without its secret."""
    try:
        _probe(store)
        store.problem = ""
    except StoreDown as refusal:
        store.problem = str(refusal)
    store.checked_at = now
    store.save(update_fields=["checked_at", "problem"])
    return not store.problem


def limit(*, store: Store, by: str, now: dt.datetime, **limits: Any) -> None:
    """When sweeps may work there, and what makes them wait: the fields of `LIMITS`."""
    with transaction.atomic():
        Store.objects.filter(pk=store.pk).update(**{k: limits[k] for k in LIMITS})
        audit.record(
            action="store.limited",
            subject=f"store:{store.pk}",
            by=by,
            now=now,
            **{name: str(limits[name]) for name in LIMITS},
        )


def _probe(store: Store) -> None:
    if store.kind == Store.Kind.FILES:
        if not Path(files(store).base_location).is_dir():  # type: ignore[attr-defined]
            raise StoreDown(f"The folder of {store.name} is not there.")
        return
    with reaching(store):
        connections[alias(store)].ensure_connection()


@contextlib.contextmanager
def reaching(store: Store) -> Iterator[None]:
    """Turns a dead connection into one sentence that names no address."""
    try:
        yield
    except (OperationalError, InterfaceError):
        with contextlib.suppress(DatabaseError):
            connections[alias(store)].close()
        raise StoreDown(
            f"The store {store.name} does not answer. Nothing more was changed there."
        ) from None


def alias(store: Store) -> str:
    """Its name among Django's connections, made known on first use."""
    url = store.address.open()
    known = connections.settings.get(store.alias)
    if known is None or known.get("URL") != url:
        conf = connections.configure_settings(
            {"default": {}, store.alias: {**configuration(url), "URL": url}}
        )
        connections.settings[store.alias] = conf[store.alias]
        _leave_old_address(store.alias)
    return store.alias


def _leave_old_address(name: str) -> None:
    """A connection that was opened to where the store was before."""
    with contextlib.suppress(AttributeError):
        connections[name].close()
        del connections[name]


def configuration(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a URL; a socket directory goes in `?host=`."""
    if _scheme(url) == OWN_SERVER:
        return _beside_the_portal(urlsplit(url).netloc)
    if _scheme(url) not in environ.Env.DB_SCHEMES:
        raise BadAddress  # environ would warn, and print the password with it
    try:
        conf = environ.Env.db_url_config(url)
    except (ValueError, KeyError):
        raise BadAddress from None
    if not conf.get("ENGINE") or not conf.get("NAME"):
        raise BadAddress
    options = conf.setdefault("OPTIONS", {})
    if "host" in options:
        conf["HOST"] = options.pop("host")
    if conf["ENGINE"] == "django.db.backends.postgresql":
        options.setdefault("options", LOCK_WAIT)
        options.setdefault("connect_timeout", 5)
    return {**conf, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def _beside_the_portal(name: str) -> dict[str, Any]:
    own = settings.DATABASES["default"]
    kept = {key: own[key] for key in ("ENGINE", "USER", "PASSWORD", "HOST", "PORT")}
    shared = {k: v for k, v in own.get("OPTIONS", {}).items() if k != "pool"}
    options = {**shared, "options": LOCK_WAIT, "connect_timeout": 5}
    return {**kept, "NAME": name, "OPTIONS": options, "CONN_MAX_AGE": 60}


def files(store: Store) -> Storage:
    return FileSystemStorage(location=unquote(urlsplit(store.address.open()).path))


def _scheme(url: str) -> str:
    return url.split(":", 1)[0].lower()


def _without_secret(url: str) -> str:
    """For people: scheme, host and name; never the user, the password or options."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise BadAddress from None
    return f"{parts.scheme}://{host}{parts.path}"[:200]
