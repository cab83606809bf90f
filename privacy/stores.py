"""Connected databases and file storages, used as Django aliases made at run time.

The portal has no model code for them; see `datamap`. Addresses are sealed.
"""

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import Storage
from django.db import DatabaseError, connections, transaction
from django.db.models import Manager, Q
from django.db.utils import InterfaceError, OperationalError, ProgrammingError

from privacy import audit, connecting, faults, storages
from privacy.addresses import (
    OWN_SERVER,
    BadAddress,
    configuration,
    scheme,
    without_secret,
)
from privacy.models import Plan, Range, Rule, Store
from privacy.refusals import Refusal, reason_given

LIMITS = (
    "works_from", "works_until", "most_lock_waits", "most_lag_seconds", "backups_days",
)  # fmt: skip
RETIRED = ("retired_at", "retired_by", "retired_why")
WHY = "Say in a few words how it ended; certificates name it as not searched."


__all__ = ["OWN_SERVER", "BadAddress", "StoreDown", "configuration", "connect"]


class BadName(Refusal):
    """A store's name is made of letters, digits, hyphens and underscores."""


class NameTaken(Refusal):
    """A store of that name is connected already, or was: `stores move` gives it another
    address."""


class StillAnswers(Refusal):
    """The store still answers, and may hold people's data. Only one that is gone may be
    left out of the search. Nothing was changed."""


class StillNeeded(Refusal):
    """Plans have rows there: finish or cancel them first. Nothing was changed."""


class OtherKind(Refusal):
    """A database can't become a file storage, nor the other way round. Nothing was
    changed."""


class NoSuchStore(Refusal):
    """No store of that name is connected; `stores list` shows them."""


class StoreDown(Refusal):
    """The store does not answer. Nothing was changed there."""

    why = ""  # while connecting, in a sentence, where it is known


class NotAsMapped(StoreDown):
    """A table is gone, changed, or closed to the portal's user. Nothing was changed."""


def connect(*, name: str, url: str, by: str, now: dt.datetime) -> Store:
    """Connects a store: `postgres://user:secret@host/db`, `mysql://…`,
    `sqlite:////path`, `file:///dir`, `s3://key:secret@bucket/folder`.

    It must answer before it is stored. Raises `BadName`, `NameTaken`, `StoreDown`.
    """
    if Store.every.filter(name=name).exists():
        raise NameTaken
    kind = Store.Kind.FILES if scheme(url) in storages.SCHEMES else Store.Kind.DATABASE
    store = Store(name=name, kind=kind, address=url, place=without_secret(url))
    store.connected_by, store.connected_at = by, now
    with transaction.atomic():
        _name_fits(store)
        store.save()
        store.refresh_from_db()
        _must_answer(store)
        audit.record(
            action="store.connected", subject=f"store:{store.pk}", by=by, now=now
        )
    return store


def _name_fits(store: Store) -> None:
    try:
        store.clean_fields(exclude=["address", "checked_at", "place"])
    except ValidationError:
        raise BadName from None


def move(*, store: Store, url: str, by: str, now: dt.datetime) -> None:
    """The same store at another address, or with another password. It must answer
    there; its map and its history stay. One that was retired is searched again."""
    kind = Store.Kind.FILES if scheme(url) in storages.SCHEMES else Store.Kind.DATABASE
    if kind != store.kind:
        raise OtherKind
    with transaction.atomic():
        store.address, store.place = url, without_secret(url)
        store.retired_at, store.retired_by, store.retired_why = None, "", ""
        store.save(update_fields=["address", "place", *RETIRED])
        store.refresh_from_db()
        _must_answer(store)
        Store.objects.filter(pk=store.pk).update(problem="", checked_at=now)
        audit.record(action="store.moved", subject=f"store:{store.pk}", by=by, now=now)


def retire(*, store: Store, reason: str, by: str, now: dt.datetime) -> None:
    """A store that is gone for good is not searched, planned or swept any more, and
    every certificate says so."""
    reason = reason_given(reason, WHY)
    if check(store=store, now=now):
        raise StillAnswers
    with transaction.atomic():
        if _has_work(store):
            raise StillNeeded
        store.retired_at, store.retired_by, store.retired_why = now, by, reason
        store.save(update_fields=[*RETIRED])
        rules = Rule.objects.filter(table__store=store, is_active=True)
        off = rules.update(is_active=False)
        audit.record(
            action="store.retired", subject=f"store:{store.pk}", by=by, now=now,
            reason=reason, rules=off,
        )  # fmt: skip


def _has_work(store: Store) -> bool:
    """An erasure that only waits for its proof has none."""
    status = Plan.Status
    waiting = Q(status__in=[status.PLANNED, status.APPROVED, status.PAUSED])
    there = Q(rows__table__store=store) | Q(rule__table__store=store)
    unfinished = ~Q(status__in=[Range.Status.DONE, Range.Status.FAILED])
    pieces = Range.objects.filter(unfinished, table__store=store)
    at_work = pieces.filter(plan__status=status.RUNNING)
    sweeps = Plan.objects.filter(status=status.RUNNING, rule__table__store=store)
    return any(
        some.exists() for some in (Plan.objects.filter(waiting, there), at_work, sweeps)
    )


def named(name: str, *, among: "Manager[Store]" = Store.objects) -> Store:
    try:
        return among.get(name=name)
    except Store.DoesNotExist:
        raise NoSuchStore from None


def check(*, store: Store, now: dt.datetime) -> bool:
    """Whether it answers. The reason why not is stored on its row, without its
    secret."""
    try:
        _probe(store)
        store.problem = ""
    except StoreDown as refusal:
        store.problem = f"{refusal} {refusal.why}".strip()
    store.checked_at = now
    store.save(update_fields=["checked_at", "problem"])
    return not store.problem


def limit(*, store: Store, by: str, now: dt.datetime, **limits: Any) -> None:
    """When sweeps may work there, and what makes them wait: fields of `LIMITS`."""
    said = {name: limits[name] for name in LIMITS if name in limits}
    with transaction.atomic():
        Store.objects.filter(pk=store.pk).update(**said)
        audit.record(
            action="store.limited",
            subject=f"store:{store.pk}",
            by=by,
            now=now,
            **{name: str(value) for name, value in said.items()},
        )


def _must_answer(store: Store) -> None:
    try:
        _probe(store)
    except TypeError as error:  # a driver's answer to a parameter that it lacks
        raise BadAddress(f"{connecting.why(error)} It was not connected.") from None
    except StoreDown as refusal:
        raise StoreDown(
            f"The store {store.name} is not there or does not answer. {refusal.why}"
            f"{' ' * bool(refusal.why)}It was not connected, and nothing was changed."
        ) from None


def _probe(store: Store) -> None:
    if store.kind == Store.Kind.FILES:
        if not storages.answers(files(store)):
            raise StoreDown(f"The folder or bucket of {store.name} is not there.")
        return
    with reaching(store):
        connections[alias(store)].ensure_connection()


@contextlib.contextmanager
def reaching(store: Store) -> Iterator[None]:
    """Turns a dead connection, or a table that is gone or not accessible to the
    portal's user, into one sentence that names no address."""
    try:
        yield
    except (OperationalError, InterfaceError, ProgrammingError) as error:
        fault = faults.read(error)
        if fault.kind in (faults.Kind.TABLE, faults.Kind.ROW):
            refusal: StoreDown = NotAsMapped(
                f"{store.name}: {fault.sentence} Nothing more was changed there; for "
                f"details run: manage.py datamap check {store.name}"
            )
        else:
            with contextlib.suppress(DatabaseError):
                connections[alias(store)].close()
            refusal = StoreDown(
                f"The store {store.name} does not answer. Nothing more was changed "
                "there."
            )
        refusal.why = connecting.why(error)
        raise refusal from None


def alias(store: Store) -> str:
    """Its name among Django's connections, registered on first use."""
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
    """Closes a connection to the address where the store was before."""
    with contextlib.suppress(AttributeError):
        connections[name].close()
        del connections[name]


def files(store: Store) -> Storage:
    return storages.at(store.address.open())
