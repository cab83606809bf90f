"""What must hold for every schema and every content, tried on generated ones."""

import re

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import example as given_this
from hypothesis import strategies as st

from privacy import erasure, holds, identifiers, plans, retention, subjects
from privacy.datamap import Map, files
from privacy.models import Category, Plan, Promise, Rule, Store, Table
from tests.privacy.schemas import NATIONAL, PHONES, worlds
from tests.privacy.webs import Line, Part, Web, webs

pytestmark = pytest.mark.django_db

tried = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Undone(Exception):
    """Takes the portal's rows of one example back."""


@pytest.fixture
def world_of(connect, now):
    """Builds a generated world and gives the way into it; undone after the example."""
    _, direct = connect("world", "SELECT 1")

    def build(world):
        direct.execute(world.script)
        files.load(text=world.map, by="pia", now=now)
        if world.held is not None:
            held = identifiers.keep(identifiers.phone(PHONES[world.held]), now=now)
            holds.place(matter="M", identifiers=[held], tables=[], by="l", now=now)
        return direct

    return build


def example(check):
    """Run it in a transaction of its own and take that back."""
    try:
        with transaction.atomic():
            check()
            raise Undone
    except Undone:
        pass


def snapshot(direct, world):
    names = ["person", *(child.name for child in world.children)]
    return {
        (name, row[0]): row
        for name in names
        for row in direct.execute(f"SELECT * FROM {name}").fetchall()
    }


def changed(before, after):
    return {place for place, row in before.items() if after.get(place) != row}


def approved(world, now):
    mark = identifiers.phone(PHONES[world.person])
    mark = identifiers.keep(mark, now=now, revive=True)
    plan = erasure.plan(
        identifiers=[mark], title="R", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    return plan


def planned(plan, *actions):
    mapped = Map(Store.objects.get(name="world"))
    return {
        (row.table.name, *subjects.read_key(mapped, row.table, row.key.open()))
        for row in plan.rows.filter(action__in=actions).select_related("table__store")
    }


@tried
@given(world=worlds())
def test_an_erasure_changes_what_was_planned_and_never_a_held_row(world, world_of, now):
    def check():
        direct = world_of(world)
        before = snapshot(direct, world)
        plan = approved(world, now)
        done = erasure.carry_out(plan=plan, clock=lambda: now)
        after = snapshot(direct, world)

        moved = changed(before, after)
        assert moved <= planned(plan, "delete", "deidentify", "redact")
        assert planned(plan, "delete") <= moved
        if world.held is not None:
            assert not moved & world.rows_of(world.held)
        if world.held != world.person:
            own = planned(plan, "delete", "deidentify", "keep")
            assert world.rows_of(world.person) <= own
            assert done.status in plans.COMPLETE, done.problem
            assert not left(after, world, planned(plan, "keep"))

    example(check)


def left(after, world, kept):
    """Rows with the number in any spelling; a reader of its own, in Python."""
    digits = PHONES[world.person][2:]
    spelled = re.compile(r"\D*".join(digits))
    return {
        place
        for place, row in after.items()
        if place not in kept and any(spelled.search(str(cell)) for cell in row[1:])
    }


@tried
@given(world=worlds(), data=st.data())
def test_a_plan_is_refused_when_a_row_changed_or_came_after_it_was_shown(
    world, data, world_of, now
):
    def check():
        direct = world_of(world)
        plan = approved(world, now)
        some = [changing(*place) for place in sorted(planned(plan, *ALL))]
        direct.execute(data.draw(st.sampled_from([*some, *world.more_rows()])))
        before = snapshot(direct, world)

        done = erasure.carry_out(plan=plan, clock=lambda: now)

        assert done.status == Plan.Status.REFUSED
        assert snapshot(direct, world) == before

    example(check)


ALL = ("delete", "deidentify", "redact", "keep")


def changing(name, key):
    column = "name" if name == "person" else "body"
    return f"UPDATE {name} SET {column} = 'drift' WHERE id = {key}"


@tried
@given(world=worlds())
def test_a_second_erasure_of_the_same_person_changes_nothing(world, world_of, now):
    def check():
        direct = world_of(world)
        erasure.carry_out(plan=approved(world, now), clock=lambda: now)
        before = snapshot(direct, world)
        erasure.carry_out(plan=approved(world, now), clock=lambda: now)

        assert snapshot(direct, world) == before

    example(check)


@tried
@given(world=worlds(), action=st.sampled_from(Rule.Action.values))
def test_a_sweep_ends_every_row_past_its_date_and_no_other_and_none_that_is_held(
    world, action, world_of, now
):
    def check():
        direct = world_of(world)
        child = world.children[-1]  # nothing refers to it
        rule = Rule.objects.create(
            name="r", title="r", table=Table.objects.get(name=child.name), start="at",
            months=12, action=action, citation="Policy",
            category=Category.objects.get(code="voluntary"),
            promise=Promise.objects.get(code="retained-no-longer"),
        )  # fmt: skip
        before = snapshot(direct, world)
        sweep = retention.preview(rule=rule, by="pia", now=now)
        retention.approve(sweep=sweep, by="max", now=now)
        done = retention.carry_out(sweep=sweep, clock=lambda: now)
        after = snapshot(direct, world)

        held = set() if world.held is None else world.rows_of(world.held)
        old = {
            (child.name, n) for n, (_, said, is_old) in enumerate(child.rows)
            if is_old and (action == "delete" or said is not None)
        }  # fmt: skip
        assert done.status in plans.COMPLETE
        assert changed(before, after) == old - held
        assert plans.progress(done)["rows"] == len(old - held)
        if action == "deidentify":
            texts = [after[place][2] for place in old - held]
            assert not any(number in text for text in texts for number in NATIONAL)

    example(check)


# --- webs of tables: circles, composite keys, self references, references by type ----


@pytest.fixture
def web_of(connect, now):
    _, direct = connect("world", "SELECT 1")

    def build(web):
        direct.execute(web.script)
        files.load(text=web.map, by="pia", now=now)
        return direct

    return build


def placed(rows):
    """Table and number of each row, as often as it is there."""
    return [(row.table.name, row.key[0]) for row in rows]


@tried
@given(web=webs())
def test_every_row_that_is_reached_is_found_once_and_no_other(web, web_of, now):
    def check():
        web_of(web)
        mark = identifiers.phone(PHONES[web.person])
        found = subjects.everywhere(marks=[mark], at=now)[0]

        own = placed(row for row in found.rows.values() if row.is_own)
        others = placed(row for row in found.rows.values() if not row.is_own)
        said = found.anothers - found.rows.keys()  # left to whom they name, and told
        names = {table.pk: table.name for table in found.mapped.tables.values()}
        left = [(names[table], key[0]) for table, key in said]
        assert sorted(own) == sorted(web.own())
        assert sorted([*others, *left]) == sorted(web.of_others())
        assert not any(web.speaks_of(place) for place in left)
        assert all(row.path for row in found.rows.values())

    example(check)


@tried
@given(web=webs())
def test_many_people_are_found_together_as_each_alone(web, web_of, now):
    def check():
        web_of(web)
        people = [([identifiers.phone(number)], now) for number in PHONES]
        together = subjects.for_many(people=people)
        alone = [subjects.everywhere(marks=m, at=at) for m, at in people]

        said = [{p: r.role for p, r in one.rows.items()} for [one] in together]
        assert said == [{p: r.role for p, r in one.rows.items()} for [one] in alone]

    example(check)


ANSWERED = Web(  # somebody else's row hangs on one of theirs, in a table that goes
    [
        Part(
            "t0", "t0", "delete",
            [Line(None, False, None, None), Line(0, True, 2, None),
             Line(4, False, 0, 4)],
        )
    ],
    person=4,
)  # fmt: skip


@tried
@given(web=webs())
@given_this(web=ANSWERED)
def test_what_is_planned_in_a_web_is_what_changes(web, web_of, now):
    def check():
        direct = web_of(web)
        before = everything(direct, web)
        plan = approved(web, now)
        done = erasure.carry_out(plan=plan, clock=lambda: now)
        after = everything(direct, web)

        assert done.status in plans.COMPLETE, done.problem
        moved = changed(before, after)
        ends = ("delete", "deidentify", "redact")
        mapped = Map(Store.objects.get(name="world"))
        some = plan.rows.filter(action__in=ends).select_related("table__store")
        rows = {
            (row.table.name, subjects.read_key(mapped, row.table, row.key.open())[0]):
            row.action for row in some
        }  # fmt: skip
        says = {
            place for place, action in rows.items() if before[place][-1] is not None
            and (action != "redact" or web.speaks_of(place))
        }  # fmt: skip
        assert says <= moved <= set(rows)
        assert len(rows) == len(some)

    example(check)


def everything(direct, web):
    names = ["person", *(part.name for part in web.parts)]
    return {
        (name, row[0]): row
        for name in names
        for row in direct.execute(f"SELECT * FROM {name}").fetchall()
    }
