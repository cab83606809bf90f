"""Proposes a map from the live schema and sampled values, each with its reason.

A proposal is a start for a person to correct, never the last word: proposed columns are
marked as such until staff accept them.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from privacy import audit, spellings, stores
from privacy.datamap import schema
from privacy.datamap.maps import Map, make_model
from privacy.datamap.schema import LiveColumn, LiveTable
from privacy.identifiers import NotAnIdentifier, email, phone
from privacy.models import Column, Link, Store, Table

SAMPLE = 200  # rows looked at in each table
MOST = 0.6  # share of values that must look alike
TEXTS = ("CharField", "TextField")


@dataclass(frozen=True)
class Proposal:
    category: str = ""
    identifier: str = ""
    treatment: str = ""
    free_text: bool = False
    not_personal: str = ""
    confidence: float = 0.5
    reason: str = ""


# What a name says: pattern, category, identifier kind, treatment. First match wins.
NAMES: tuple[tuple[str, str, str, str], ...] = (
    (r"e?_?mail(_?address)?$", "profile_contact", "email", "pseudonym"),
    (r"(phone|mobile|fax|cell|msisdn|tel)(_?(number|no))?$",
     "profile_contact", "phone", "pseudonym"),
    (r"pass(word|wd)|secret|token|api_?key|credential",
     "profile_contact", "credential", "nullify"),
    (r"(first|last|full|given|family|middle|sur|user|contact|display)_?name$",
     "profile_contact", "name", "pseudonym"),
    (r"(street|address(_?line)?_?\d?)$", "profile_contact", "address", "nullify"),
    (r"(postal|post|zip)_?code$|^zip$", "profile_contact", "postcode", "nullify"),
    (r"(^|_)(city|state|province|region|county|country)$",
     "profile_contact", "address", "nullify"),
    (r"birth|dob$", "profile_contact", "birth_date", "year"),
    (r"(^|_)ip(_?addr(ess)?)?$", "device_technical", "ip", "truncate_ip"),
    (r"user_?agent|device|os_version|browser|carrier",
     "device_technical", "", "nullify"),
    (r"^lat(itude)?$", "geolocation", "latitude", "coarsen"),
    (r"^(lon|lng|long)(gitude)?$", "geolocation", "longitude", "coarsen"),
    (r"card_?(number|no)$|^ccn$|^pan$", "payment", "card", "nullify"),
    (r"last_?4$|card_?(brand|type)$", "payment", "card_last4", "keep"),
    (r"(job_?)?title$|employer|company|occupation", "professional", "", "nullify"),
    (r"referr?er|cookie|visitor|utm_", "web_analytics", "cookie", "nullify"),
    (r"(^|_)(body|message|text|note|notes|comment|comments|description|transcript|"
     r"content|answer|answers|feedback|subject)$", "voluntary", "", "redact"),
)  # fmt: skip
PERSON_NAMES = re.compile(
    r"customer|client|lead|contact|person|people|user|employee|subscriber|member|"
    r"patient|staff|account"
)


def discover(*, store: Store, by: str, now: dt.datetime) -> Map:
    """Write proposals for every table and column that the map does not have yet.

    What staff accepted stays as it is.
    """
    tables = schema.tables(store)
    with transaction.atomic():
        written = {real.full_name: _table(store, real) for real in tables}
        _links(written, tables)
        audit.record(
            action="datamap.discovered",
            subject=f"store:{store.pk}",
            by=by,
            now=now,
            tables=len(tables),
        )
    return Map(store)


def _table(store: Store, real: LiveTable) -> Table:
    table, made = Table.objects.get_or_create(
        store=store,
        schema=real.schema,
        name=real.name,
        defaults={
            "key": real.key,
            "title": real.name.replace("_", " ").capitalize(),
        },
    )
    proposals = _columns(table, real)
    if made:
        _characterise(table, real, proposals)
    return table


def _columns(table: Table, real: LiveTable) -> dict[str, Proposal]:
    known = set(table.columns.filter(path=[]).values_list("name", flat=True))
    sampled = _sample(table, real)
    referring = {name for own, _, _ in real.references for name in own}
    proposals = {}
    for position, live in enumerate(real.columns):
        if live.name in known:
            continue
        is_key = live.name in real.key or live.name in referring
        proposal = propose(real.name, live, sampled.get(live.name, []), is_key=is_key)
        proposals[live.name] = proposal
        _write(table, live, position, proposal, real)
    return proposals


def _write(
    table: Table, live: LiveColumn, position: int, said: Proposal, real: LiveTable
) -> None:
    personal = bool(said.category)
    Column.objects.create(
        table=table,
        name=live.name,
        position=position,
        kind=live.kind,
        options={**live.options, "indexed": live.name in real.indexed},
        state=Column.State.PROPOSED,
        not_personal=said.not_personal,
        category_id=said.category or None,
        source_id="direct" if personal else None,
        purposes=["provide"] if personal else [],
        identifier=said.identifier,
        free_text=said.free_text,
        treatment=fitting(said, live) if personal else {},
        ground="Needed as it is; to be confirmed" if said.treatment == "keep" else "",
        confidence=said.confidence,
        reason=said.reason,
    )


def fitting(said: Proposal, live: LiveColumn) -> dict[str, Any]:
    """A code needs room and a column of text; where there is none, empty it."""
    room = live.options.get("max_length") or 99
    needed = {"phone": 15, "email": 34}.get(said.identifier, 12)
    strategy = said.treatment
    if strategy == "pseudonym" and (live.kind not in TEXTS or room < needed):
        strategy = "nullify"
    if strategy == "year" and live.kind not in ("DateField", "DateTimeField"):
        strategy = "nullify"
    if strategy == "redact" and live.kind not in (*TEXTS, "JSONField"):
        strategy = "nullify"
    return {"strategy": strategy}


# --- one column ------------------------------------------------------------------


def propose(
    table: str, live: LiveColumn, values: Sequence[Any], *, is_key: bool
) -> Proposal:
    """Contents say more than names, names more than types."""
    texts = [str(v) for v in values if v not in (None, "")]
    if is_key and not any("@" in text for text in texts):
        return Proposal(not_personal="A key", confidence=0.9, reason="A key")
    return (
        _by_content(live, texts)
        or _by_name(table, live)
        or _by_mentions(live, texts)
        or Proposal(not_personal="Nothing personal in its name or its values")
    )


def _by_content(live: LiveColumn, texts: list[str]) -> Proposal | None:
    if live.kind == "GenericIPAddressField":
        return _found("device_technical", "ip", "truncate_ip", "its type")
    if not texts or live.kind not in TEXTS:
        return None
    if _share(texts, email) > MOST:
        return _found("profile_contact", "email", "pseudonym", "its values")
    if _named_like(live, "phone") and _share(texts, phone) > MOST:
        return _found("profile_contact", "phone", "pseudonym", "name and values")
    cards = sum(bool(re.fullmatch(spellings.CARD, t)) for t in texts) / len(texts)
    if cards > MOST and all(spellings.is_card(t) for t in texts):
        return _found("payment", "card", "nullify", "its values")
    return None


def _named_like(live: LiveColumn, identifier: str) -> bool:
    named = _by_name("", live)
    return bool(named and named.identifier == identifier) or "number" in live.name


def _found(category: str, identifier: str, treatment: str, why: str) -> Proposal:
    return Proposal(
        category, identifier, treatment, confidence=0.9, reason=f"Recognised by {why}"
    )


def _share(texts: list[str], reader: Any) -> float:
    return sum(_reads(text, reader) for text in texts) / len(texts)


def _reads(text: str, reader: Any) -> bool:
    try:
        reader(text)
    except NotAnIdentifier:
        return False
    return True


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _by_name(table: str, live: LiveColumn) -> Proposal | None:
    name = snake(live.name)
    for pattern, category, identifier, treatment in NAMES:
        if re.search(pattern, name) and _plausible(live, treatment):
            is_person = bool(PERSON_NAMES.search(snake(table)))
            if category == "professional" and not is_person:
                continue
            return Proposal(
                category,
                identifier,
                treatment,
                free_text=treatment == "redact",
                confidence=0.7,
                reason=f"Its name is {live.name}",
            )
    return None


def _plausible(live: LiveColumn, treatment: str) -> bool:
    """A flag called 'email' or a count called 'messages' is not what its name says."""
    if treatment == "coarsen":
        return live.kind in ("DecimalField", "FloatField")
    if treatment == "year":
        return live.kind in ("DateField", "DateTimeField", *TEXTS)
    return live.kind in (
        *TEXTS,
        "JSONField",
        "GenericIPAddressField",
        "BigIntegerField",
    )


def _by_mentions(live: LiveColumn, texts: list[str]) -> Proposal | None:
    """Free text and JSON in which something personal stands."""
    if live.kind == "JSONField" or any("@" in t and " " in t for t in texts):
        return Proposal(
            "voluntary", "", "redact", free_text=True, reason="Text that may hold more"
        )
    return None


# --- one table --------------------------------------------------------------------


def _sample(table: Table, real: LiveTable) -> dict[str, list[Any]]:
    if not real.key:
        return {}
    columns = [
        Column(table=table, name=c.name, kind=c.kind, options=c.options)
        for c in real.columns
    ]
    model: Any = make_model(table, columns)
    with stores.reaching(table.store):
        rows = model._base_manager.using(stores.alias(table.store))
        found = list(rows.order_by().values(*(c.name for c in columns))[:SAMPLE])
    return {c.name: [row[c.name] for row in found] for c in columns}


def _characterise(table: Table, real: LiveTable, said: dict[str, Proposal]) -> None:
    """A table with a phone number or an e-mail of its own is about people."""
    identified = any(p.identifier in ("phone", "email") for p in said.values())
    personal = any(p.category for p in said.values())
    if identified:
        table.about, table.erasure = Table.About.PERSON, Table.Ending.DEIDENTIFY
    elif personal:
        table.about, table.erasure = Table.About.LINKED, Table.Ending.DEIDENTIFY
    table.start = _start(real)
    table.save()


def _start(real: LiveTable) -> str:
    dates = [c.name for c in real.columns if c.kind in ("DateTimeField", "DateField")]
    preferred = [n for n in dates if re.search(r"creat|date|at$", n)]
    return next(iter(preferred or dates), "")


def _links(written: dict[str, Table], reals: Sequence[LiveTable]) -> None:
    """A row that refers to a person's row is about that person, unless it is a person
    of its own: then it only mentions the other one."""
    references = {real.full_name: real.references for real in reals}
    for real in reals:
        table = written[real.full_name]
        for own, target, theirs in real.references:
            if target not in written:
                continue
            about_one = table.about != Table.About.PERSON and _leads_to_person(
                target, written, references, frozenset()
            )
            Link.objects.get_or_create(
                table=table,
                columns=own,
                target=written[target],
                defaults={
                    "target_columns": theirs,
                    "role": Link.Role.SUBJECT if about_one else Link.Role.CONTEXT,
                    "is_constraint": True,
                },
            )


def _leads_to_person(
    name: str,
    written: dict[str, Table],
    references: dict[str, Any],
    seen: frozenset[str],
) -> bool:
    """An invoice line refers to an invoice, which refers to a customer."""
    if written[name].about == Table.About.PERSON:
        return True
    return any(
        _leads_to_person(target, written, references, seen | {name})
        for _, target, _ in references[name]
        if target in written and target not in seen | {name}
    )
