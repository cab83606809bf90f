"""What people have, such as pets and vehicles, several of them together; and whose the
rows are that depend on it: whoever they name, and of nobody else."""

import json
import re

import pytest

from privacy import disclosure, erasure, identifiers, plans
from privacy.datamap import Map, acceptance, discovery
from privacy.models import Link, Plan
from tests.privacy.conftest import DATABASES

pytestmark = pytest.mark.django_db

# Anna Abbott and her husband Tom have Rex together, and a number; Mia is hers, Bo his;
# Lola is hers and Carla's. What the rows say is in the script.
VET = {
    "owners": {1}, "claims": {1, 3}, "invoices": {1, 3}, "invoice_lines": {1, 3},
    "pets": {2}, "visits": {1, 4}, "reminders": {2}, "bookings": {2, 9, 11},
    "pet_owners": {(1, 1), (2, 1), (4, 1)},
}  # fmt: skip
VET_SHARED = {
    "pets": {1, 4}, "visits": {3, 8}, "reminders": {1, 4}, "bookings": {1, 12},
}  # fmt: skip
# Nora Quinn drives one car with her husband Paul, and has one of her own.
GARAGE = {
    "customers": {1}, "customer_vehicles": {1, 3}, "vehicles": {2}, "jobs": {1, 4},
    "job_notes": {1, 4}, "job_parts": {1, 4}, "appointments": {1, 3, 4},
    "insurance_claims": {1, 3}, "tyre_storage": {2},
}  # fmt: skip
GARAGE_SHARED = {
    "vehicles": {1}, "jobs": {3}, "job_notes": {3}, "job_parts": {3},
    "tyre_storage": {1},
}  # fmt: skip
WORLDS = [
    ("vet", "anna.abbott@example.com", "Anna", VET, VET_SHARED),
    ("garage", "nora.quinn@example.com", "Nora Quinn", GARAGE, GARAGE_SHARED),
]


@pytest.fixture(params=WORLDS, ids=["a vet", "a garage"])
def world(request, connect, now):
    name, who, named, own, shared = request.param
    script = (DATABASES / "invented" / f"{name}.sql").read_text()
    store, _ = connect(name, script)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    mark = identifiers.keep(identifiers.email(who), now=now)
    asked = {
        "identifiers": [mark], "title": named, "received_at": now, "by": "lena",
        "now": now,
    }  # fmt: skip
    return Map(store), asked, own, shared


def carried_out(plan, now):
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def by_table(plan, *, is_shared):
    found = {}
    for row in plan.rows.select_related("table"):
        if bool(row.ground) == is_shared:
            key = json.loads(row.key.open())
            found.setdefault(row.table.name, set()).add(bare(key))
    return found


def bare(key):
    return key[0] if len(key) == 1 else tuple(key)


def read(mapped):
    return {
        (name, bare([line[column] for column in table.key])): line
        for name, table in mapped.tables.items()
        for line in mapped.rows(table).values()
    }


def places(*some):
    return {
        (name, key) for found in some for name, keys in found.items() for key in keys
    }


def test_a_copy_has_what_is_theirs_alone_and_what_they_have_together(world, now):
    _, asked, own, shared = world

    plan = erasure.plan_access(**asked)

    assert by_table(plan, is_shared=False) == own
    assert by_table(plan, is_shared=True) == shared


def test_a_copy_shows_their_own_data_in_shared_rows_and_nobody_elses(world, now):
    _, asked, _, _ = world

    plan = carried_out(erasure.plan_access(**asked), now)

    said = str([list(lines) for _, lines in disclosure.rows(plan)])
    for of_another in ("He says", "Paul", "Tom Abbott", "I was walking", "C-2"):
        assert of_another not in said


def test_an_erasure_changes_nothing_that_names_somebody_else(world, now):
    mapped, asked, own, shared = world
    before = read(mapped)

    done = carried_out(erasure.plan(**asked), now)

    after = read(mapped)
    changed = {place for place in before if before[place] != after[place]}
    assert after.keys() == before.keys()
    assert changed <= places(own, shared)
    texts = str([after[place] for place in places(own, shared)])
    assert not re.search(asked["title"], texts)
    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")


def test_what_is_left_to_the_others_is_said(world, now):
    _, asked, _, shared = world

    plan = erasure.plan(**asked)

    said = " ".join(plan.summary["exceptions"])
    for name in shared:
        assert f".{name} that belong to" in said or name == "job_parts"


def test_a_second_erasure_changes_nothing(world, now):
    mapped, asked, _, _ = world
    carried_out(erasure.plan(**asked), now)
    once = read(mapped)

    carried_out(erasure.plan(**asked), now)

    assert read(mapped) == once


PAIRED = ("user_roles", "saved_listings", "boat_owners")
PAIRS = """
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text NOT NULL);
CREATE TABLE roles (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE listings (id int PRIMARY KEY, address text NOT NULL, price int);
CREATE TABLE boats (id int PRIMARY KEY, name text NOT NULL, remarks text);
CREATE TABLE user_roles (user_id int REFERENCES users, role_id int REFERENCES roles,
    PRIMARY KEY (user_id, role_id));
CREATE TABLE saved_listings (user_id int REFERENCES users, listing_id int REFERENCES
    listings, PRIMARY KEY (user_id, listing_id));
CREATE TABLE boat_owners (id int PRIMARY KEY, boat_id int NOT NULL REFERENCES boats,
    owner_id int NOT NULL REFERENCES users);
INSERT INTO users SELECT n, (ARRAY['Ada','Bruno','Clara','David','Elena','Felix'])[n]
    || ' Hill', 'u' || n || '@example.com' FROM generate_series(1, 6) n;
INSERT INTO roles VALUES (1, 'reader'), (2, 'writer');
INSERT INTO listings SELECT n, n || ' Oak Street', n FROM generate_series(1, 6) n;
INSERT INTO boats SELECT n, 'Boat', 'Moored by ' || n FROM generate_series(1, 6) n;
INSERT INTO user_roles SELECT n, 1 + n % 2 FROM generate_series(1, 6) n;
INSERT INTO saved_listings SELECT n, n FROM generate_series(1, 6) n;
INSERT INTO boat_owners SELECT n, n, n FROM generate_series(1, 6) n;
"""


def test_whoever_saves_or_may_use_a_thing_does_not_have_it(connect, now):
    store, _ = connect("port", PAIRS)
    mapped = discovery.discover(store=store, by="pia", now=now).mapped
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    mark = identifiers.keep(identifiers.email("u3@example.com"), now=now)

    plan = erasure.plan(
        identifiers=[mark], title="Clara", received_at=now, by="lena", now=now
    )

    links = Link.objects.filter(table__store=store, target__name__in=PAIRED)
    states = {link.table.name: link.state for link in links}
    assert states == {"boats": "accepted", "listings": "proposed"}
    found = {row.table.name for row in plan.rows.select_related("table")}
    assert found == {"users", "boats", "boat_owners", "user_roles", "saved_listings"}
    [said] = plan.summary["exceptions"]
    assert said.startswith("Rows of port.listings may belong to the people whose rows")
    assert mapped.tables["boats"].about == "linked"


def test_sentences_among_single_words_are_free_text_where_people_are_concerned(
    connect, now
):
    store, _ = connect("garage", (DATABASES / "invented" / "garage.sql").read_text())

    mapped = discovery.discover(store=store, by="pia", now=now).mapped

    wish = mapped.column(mapped.tables["appointments"], "wish")
    assert wish.free_text


@pytest.mark.parametrize("world", WORLDS[:1], indirect=True)
def test_a_copy_shows_who_is_named_where_it_is_the_person(world, now):
    _, asked, _, _ = world

    plan = carried_out(erasure.plan_access(**asked), now)

    copy = {table.name: list(lines) for table, lines in disclosure.rows(plan)}
    [hers] = [line for line in copy["bookings"] if line["id"] == 12]  # of Tom's dog
    assert (hers["contact_name"], hers["phone"]) == ("Anna Abbott", "+12025550171")
    [both] = [line for line in copy["bookings"] if line["id"] == 1]
    assert (both["contact_name"], both["phone"]) == (disclosure.OTHERS, "+12025550101")
