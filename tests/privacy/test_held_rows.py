"""No public road of destruction removes what a hold keeps, on generated schemas.

Erasures and sweeps are tried in `test_properties`; here are the others: an erasure
carried out again after a restore, card numbers taken out of texts, what somebody
decided about a place that was left, and the end of an undo.
"""

import datetime as dt
import json
from dataclasses import replace

import pytest
from hypothesis import Phase, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from privacy import erasure, holds, identifiers, leftovers, plans, scrub, undo
from privacy.models import Leftover, Plan, Table, Undo
from tests.privacy.schemas import PEOPLE, PHONES, worlds
from tests.privacy.test_properties import (
    approved,
    changed,
    example,
    snapshot,
    tried,
    world_of,
)

pytestmark = pytest.mark.django_db
few = hypothesis(tried, max_examples=4, phases=[Phase.reuse, Phase.generate])
CARD = "4111 1111 1111 1111"
__all__ = ["world_of"]


def hold(person, now):
    mark = identifiers.phone(PHONES[person])
    mark = identifiers.keep(mark, now=now, revive=True)
    return holds.place(matter="M", identifiers=[mark], tables=[], by="l", now=now)


def carried_out(plan, now):
    if plan.status == Plan.Status.PLANNED:
        plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def carried_out_again(direct, world, now, held):
    """Erased before anybody was on hold; a backup brings everything back."""
    carried_out(approved(world, now), now)
    direct.execute(world.script)
    hold(held, now)
    before = snapshot(direct, world)
    done = erasure.replay(store=None, by="pia", now=now)
    for plan in [*done.approved, *done.drafts]:
        carried_out(plan, now)
    return before


def without_cards(direct, world, now, held):
    for child in world.children:
        direct.execute(f"UPDATE {child.name} SET body = body || ' {CARD}'")
    hold(held, now)
    before = snapshot(direct, world)
    if any(child.rows for child in world.children):
        carried_out(scrub.plan(by="pia", now=now), now)
    return before


def decided(direct, world, now, held):
    """Every text of a table was left of one erasure, and its words are taken out."""
    done = carried_out(approved(world, now), now)
    child = next((each for each in world.children if each.rows), None)
    hold(held, now)
    before = snapshot(direct, world)
    if child is None:
        return before
    table = Table.objects.get(name=child.name)
    for row in range(len(child.rows)):
        Leftover.objects.create(
            plan=done, kind="hint", place=f"{table}.body", table=table, column="body",
            key=json.dumps([str(row)]), found_at=now,
        )  # fmt: skip
    some = list(done.leftovers.filter(table=table, gone_at=None))
    words = {"decision": "redact", "words": "call\nhello"}
    carried_out(leftovers.decide(leftovers=some, by="pia", now=now, **words), now)
    return before


@pytest.mark.parametrize("road", [carried_out_again, without_cards, decided])
@few
@given(world=worlds(), held=st.integers(0, PEOPLE - 1))
def test_no_other_road_changes_a_held_row(road, world, held, world_of, now):
    world = replace(world, held=None)

    def check():
        direct = world_of(world)
        before = road(direct, world, now, held)
        moved = changed(before, snapshot(direct, world))

        assert not moved & world.rows_of(held)

    example(check)


def test_the_copy_of_a_person_on_hold_outlives_the_days_of_its_undo(town, now):
    person = identifiers.keep(identifiers.phone("+12025550143"), now=now)
    plan = erasure.plan(
        identifiers=[person], title="R", received_at=now, by="lena", now=now,
        undo_days=14,
    )  # fmt: skip
    carried_out(plan, now)
    person = identifiers.keep(identifiers.phone("+12025550143"), now=now, revive=True)
    kept = holds.place(matter="M", identifiers=[person], tables=[], by="l", now=now)
    late = now + dt.timedelta(days=15)

    assert undo.end_due(now=late) == 0
    assert Undo.objects.get().ended_at is None
    holds.release(hold=kept, by="lena", now=late)
    assert undo.end_due(now=late) == 1
