"""Removes the person's keys from the lists in other people's rows."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from privacy import subjects
from privacy.datamap import Map
from privacy.erasure.drafts import OF_OTHERS, OWN_TEXTS, REDACT
from privacy.models import Link, Plan, Table
from privacy.subjects import Key, listed


def removals(
    plan: Plan, mapped: Map, table: Table, made: Mapping[str, Any]
) -> dict[str, Any]:
    """Maps each column to what is left of its list, applied to what is already `made`
    of it."""
    new: dict[str, Any] = {}
    for link in mapped.lists_of(table):
        if some := keys(plan, mapped, link):
            name = listed.column_of(mapped, link).name
            whole = new.get(name, made.get(name))
            new[name] = listed.without(mapped, link, some, whole)
    return new


def keys(plan: Plan, mapped: Map, link: Link) -> list[Key]:
    """The person's keys in the plan to which the list refers."""
    target = mapped.by_id(link.target_id)
    rows = plan.rows.filter(table=target)
    rows = rows.exclude(Q(action=REDACT) & ~Q(ground=OWN_TEXTS))
    rows = rows.exclude(ground__in=OF_OTHERS)
    return [subjects.read_key(mapped, target, row.key.open()) for row in rows]
