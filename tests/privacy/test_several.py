"""Numbers and addresses that stand in arrays: what a person is known by, too."""

import pytest

from privacy import erasure, holds, identifiers, plans, subjects
from privacy.datamap import discovery
from privacy.models import Column, Plan

pytestmark = pytest.mark.django_db
SCRIPT = """
CREATE TABLE members (id int PRIMARY KEY, email text, phones text[],
    cc_emails text[], doc jsonb);
CREATE TABLE calls (id int PRIMARY KEY, caller text, note text);
INSERT INTO members SELECT i, 'mary' || i || '@example.com',
    ARRAY['+120255501' || 10 + i, '(202) 555-01' || 40 + i],
    ARRAY['mary' || i + 1 || '@example.com', 'ann' || i || '@example.com'],
    jsonb_build_object('emails', jsonb_build_array('old' || i || '@example.net'),
    'friends', jsonb_build_array(jsonb_build_object('email', 'ann' || i ||
    '@example.com')))
FROM generate_series(1, 8) i;
INSERT INTO calls SELECT i, '+120255501' || 40 + i, 'Old address: old' || i
    || '@example.net' FROM generate_series(1, 8) i;
INSERT INTO calls VALUES (90, '+12025550199', 'about ann3@example.com');
"""


@pytest.fixture
def members(connect, now):
    store, direct = connect("members", SCRIPT)
    return discovery.discover(store=store, by="pia", now=now).mapped, direct


def found(mapped, who, now):
    marks = [identifiers.understand(who)]
    one = subjects.find(mapped=mapped, marks=marks, at=now)
    return one, {
        (row.table.name, *row.key, row.role.value) for row in one.rows.values()
    }


def test_a_number_in_an_array_leads_on_to_rows_elsewhere(members, now):
    one, rows = found(members[0], "mary3@example.com", now)

    assert {mark.value for mark in one.marks} == {
        "mary3@example.com",
        "+12025550113",
        "+12025550143",
        "old3@example.net",
    }
    assert rows == {
        ("members", 3, "subject"),
        ("members", 2, "mention"),
        ("calls", 3, "subject"),
    }


@pytest.mark.parametrize("who", ["+1 202 555 0143", "old3@example.net"])
def test_who_is_known_by_an_array_alone_is_found(members, now, who):
    _, rows = found(members[0], who, now)

    assert ("members", 3, "subject") in rows


def test_a_hold_keeps_who_is_known_by_an_array_alone(members, now):
    _, direct = members
    held = identifiers.keep(identifiers.phone("+12025550143"), now=now)
    holds.place(matter="Doe v. Roe", identifiers=[held], tables=[], by="lena", now=now)
    other = identifiers.keep(identifiers.email("mary3@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[other], title="Mary", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    erasure.carry_out(plan=plan, clock=lambda: now)

    query = "SELECT email FROM members WHERE id = 3"
    assert direct.execute(query).fetchone() == ("mary3@example.com",)


def test_whose_a_list_is_that_does_not_say_so_is_left_to_a_person(members, now):
    kinds = dict(
        Column.objects.filter(table__name="members").values_list("name", "identifier")
    )

    assert kinds["phones"] == "phone"
    assert kinds["cc_emails"] == ""


def test_an_erasure_ends_what_an_array_led_to(members, now):
    _, direct = members
    mark = identifiers.keep(identifiers.email("mary3@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Mary", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    for table in ("members", "calls"):
        query = f"SELECT count(*) FROM {table} t WHERE t::text ~ %s"
        assert direct.execute(query, ["mary3@|0113|0143|old3@"]).fetchone() == (0,)
    assert direct.execute("SELECT note FROM calls WHERE id = 90").fetchone() == (
        "about ann3@example.com",
    )
