"""Imports what the platform recorded before the portal came."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from consent import chunks, ledger, lines, marks, scopes
from consent.models import Channel, Event, MessageLog, OptLog, Program
from consent.sql import imports
from consent.transfer import staging
from consent.transfer.reading import Ready, is_no_organization
from privacy import audit, stores
from privacy.datamap import Map
from privacy.models import Identifier, Store
from privacy.refusals import Refusal

CHUNK = 10_000  # rows in one transaction; other writers to the ledger wait for it
BY_NUMBER = (Channel.SMS, Channel.MMS, Channel.VOICE, Channel.WEB)
SAMPLE = Path(__file__).resolve().parents[1] / "rules" / "sample.yaml"


class NoLog(Refusal):
    """No table of that store is marked as the log of opt-ins."""


def describe_sample(store: Store) -> None:
    """Which tables of the sample platform are its logs, from their file; and a program
    for each of its businesses, with the numbers that the business sends from."""
    said = yaml.safe_load(SAMPLE.read_text())
    mapped = Map(store)
    for model, words in ((MessageLog, said["messages"]), (OptLog, said["opts"])):
        table = mapped.table(words.pop("table"))
        model._default_manager.update_or_create(table=table, defaults=words)
    names = dict(mapped.rows(mapped.table("organizations")).values_list("id", "name"))
    numbers: dict[Any, list[str]] = defaultdict(list)
    owned = mapped.rows(mapped.table("phone_numbers")).filter(released_at=None)
    for organization, number in owned.values_list("organization_id", "number"):
        numbers[organization].append(number)
    for organization, name in names.items():
        _program(str(organization), name, numbers[organization], said)


def _program(
    organization: str, name: str, numbers: list[str], said: dict[str, Any]
) -> None:
    Program.objects.update_or_create(
        organization=organization,
        defaults={
            "name": f"{name} ({organization[:8]})",
            "numbers": numbers,
            "monthly_cap": said["monthly_cap"],
            **{field: text.format(name=name) for field, text in said["texts"].items()},
        },
    )


def take_over(*, store: Store, by: str, now: dt.datetime) -> int:
    """Adds the platform's own opt-ins and opt-outs to the ledger; returns how many were
    new.

    Each row is taken once, whenever it is called and wherever it stopped.
    """
    log = OptLog.objects.filter(table__store=store).first()
    if log is None:
        raise NoLog
    mapped = Map(store)
    taken = 0
    with stores.reaching(store):
        for chunk in _chunks(_rows(mapped, log)):
            taken += _take(log, chunk, by=by, now=now)
    OptLog.objects.filter(pk=log.pk).update(taken_at=now)
    return taken


def _rows(mapped: Map, log: OptLog) -> Iterator[dict[str, Any]]:
    table = mapped.tables[log.table.full_name]
    names = [log.number, log.channel, log.kind, log.occurred_at]
    names += [log.organization] if log.organization else []
    rows = mapped.rows(table).order_by(log.occurred_at, *table.key)
    return iter(rows.values(*table.key, *names).iterator(chunk_size=CHUNK))


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _take(log: OptLog, rows: list[dict[str, Any]], *, by: str, now: dt.datetime) -> int:
    keyed = {_key(log, row): row for row in rows}
    for key in lines.taken(keyed):
        del keyed[key]
    read = {key: _read(log, n, keyed[key], now) for n, key in enumerate(keyed, 1)}
    ready = {key: each for key, each in read.items() if each}
    staged = staging.lines(ready, {"log": str(log.pk), "table": str(log.table)}, now)
    values: dict[str, Any] = {"now": now, "by": by}
    values |= {"route": "platform", "source": "providers"}
    with transaction.atomic():
        ledger.lock()
        values["scopes"] = scopes.now().table()
        fresh, _ = imports.spread(staged, values)
        if fresh:
            audit.record(
                action="consent.taken_over",
                subject=f"log:{log.pk}",
                by=by,
                now=now,
                events=len(fresh),
                **chunks.seal(recorded_at=now),
            )
    return len(fresh)


def _key(log: OptLog, row: dict[str, Any]) -> str:
    key = ",".join(str(row[name]) for name in log.table.key)
    return f"log:{log.table_id}:{key}"


def _read(
    log: OptLog, number: int, row: dict[str, Any], now: dt.datetime
) -> Ready | None:
    """None for a row without a number, a channel or a kind that we know; or for a
    consent without its time, which could lift a STOP that came after it."""
    channel, kind = str(row[log.channel]).lower(), str(row[log.kind]).lower()
    value = marks.read(Identifier.Kind.PHONE, str(row[log.number]))
    if value is None or channel not in BY_NUMBER or kind not in Event.Kind.values:
        return None
    covers = ledger.reach(kind=kind, channel=channel, mark_kind=Identifier.Kind.PHONE)
    organization = str(row[log.organization]) if log.organization else ""
    if is_no_organization(organization):
        return None
    at = row[log.occurred_at]
    if at is None and kind == Event.Kind.OPT_IN:
        return None
    at = min(at or now, now)
    kept = Identifier.Kind.PHONE, value, kind, channel, covers, organization, at
    return Ready(number, *kept)
