"""Rows of other tables that refer to a row keep it back from a deleting rule.

A foreign key may refuse the delete, take the child with its parent (ON DELETE CASCADE)
or empty the child's reference; the map does not know which. So a rule deletes only rows
that no row refers to, in the same statement: a cascade finds nothing to take. A row
goes once its children went by rules of their own; sweeps of children run first.

Rows that refer to rows of their own table go in the same sweep, before those they refer
to (`generations`). A row that refers to itself alone keeps nobody back.
"""

from collections.abc import Iterable, Sequence

from django.db.models import Exists, F, Q

from privacy import plans
from privacy.datamap import Map, schema
from privacy.datamap.order import children_first
from privacy.models import Link, Plan, Rule, Store, Table
from privacy.refusals import Refusal
from privacy.retention import linked

AT_WORK = (plans.Status.APPROVED, plans.Status.RUNNING)


class UnknownReference(Refusal):
    """Rows of another table refer to these, and the map does not know it."""


def links(mapped: Map, rule: Rule) -> list[Link]:
    """The foreign keys by which rows are kept back."""
    if rule.action != Rule.Action.DELETE:
        return []
    table = mapped.table(rule.table.full_name)
    return [link for link in mapped.links_to(table) if link.is_constraint]


def is_kept(mapped: Map, rule: Rule) -> Q:
    """Rows that a row refers to; none where no foreign key leads to the table."""
    found = Q(pk__in=[])
    table = mapped.table(rule.table.full_name)
    for link in links(mapped, rule):
        _, children = linked.joined(mapped, link, table)
        if link.table_id == table.pk:
            ends = zip(link.lookups, link.target_columns, strict=True)
            children = children.exclude(**{own: F(theirs) for own, theirs in ends})
        found |= Q(Exists(children))
    return found


def is_free(mapped: Map, rule: Rule) -> Q:
    return ~is_kept(mapped, rule) if links(mapped, rule) else Q()


def is_own_child(mapped: Map, rule: Rule) -> bool:
    """Whether rows of the table may refer to others of the same table."""
    return any(link.table_id == link.target_id for link in links(mapped, rule))


def children(mapped: Map, rule: Rule) -> list[Table]:
    """The tables whose rows refer to those of the rule, each once."""
    return list({link.table_id: link.table for link in links(mapped, rule)}.values())


def unknown(mapped: Map, table: Table) -> str:
    """A sentence about foreign keys of the live database that no accepted link of the
    map stands for: what they would do to other rows, no condition prevents."""
    known = {
        (link.table.full_name, *link.columns)
        for link in mapped.links_to(table)
        if link.is_constraint
    }
    new = sorted(
        f"{live.full_name} ({', '.join(own)})"
        for live in schema.tables(mapped.store)
        for own, target, _ in live.references
        if target == table.full_name and (live.full_name, *own) not in known
    )
    if not new:
        return ""
    return (
        f"Rows of {', '.join(new)} refer to rows of {table}, and the map does not know "
        f"it. Run datamap discover {mapped.store}, and accept the reference."
    )


# --- in which order -------------------------------------------------------------


def in_turn(rules: Iterable[Rule]) -> list[Rule]:
    """Rules of tables that refer before those of the tables they refer to."""
    ranks: dict[int, dict[int, int]] = {}
    return sorted(rules, key=lambda rule: _rank(ranks, rule.table.store, rule.table))


def _rank(ranks: dict[int, dict[int, int]], store: Store, table: Table) -> int:
    if store.pk not in ranks:
        order: Sequence[Table] = children_first(Map(store))
        ranks[store.pk] = {each.pk: rank for rank, each in enumerate(order)}
    return ranks[store.pk].get(table.pk, 0)


def waits(mapped: Map, rule: Rule) -> bool:
    """While rows that refer are swept, it is too early to look which are kept back."""
    some = Plan.objects.filter(rule__table__in=children(mapped, rule))
    return some.filter(status__in=AT_WORK).exclude(rule=rule).exists()
