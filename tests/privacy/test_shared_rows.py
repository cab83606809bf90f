"""Rows about several people, by role: ended, taken out of, or kept for the other."""

import json

import pytest

from privacy import disclosure, erasure, holds, identifiers, plans
from privacy.datamap import Map, acceptance, discovery
from privacy.models import Link

pytestmark = pytest.mark.django_db
SCRIPT = """
CREATE TABLE household (id int PRIMARY KEY, street text NOT NULL, head_id int);
CREATE TABLE member (id int PRIMARY KEY, household_id int REFERENCES household,
  name text NOT NULL, email text NOT NULL, sponsor_id int REFERENCES member);
ALTER TABLE household ADD FOREIGN KEY (head_id) REFERENCES member
  DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE clinician (id int PRIMARY KEY, name text NOT NULL, email text NOT NULL);
CREATE TABLE review (id int PRIMARY KEY, reviewer_id int NOT NULL REFERENCES member,
  reviewed_id int NOT NULL REFERENCES member, body text NOT NULL);
CREATE TABLE visit (id int PRIMARY KEY, member_id int NOT NULL REFERENCES member,
  seen_by_id int NOT NULL REFERENCES clinician, complaint text NOT NULL);
CREATE TABLE sale (id int PRIMARY KEY, buyer_id int NOT NULL REFERENCES member,
  seller_id int NOT NULL REFERENCES member, ship_to text NOT NULL);
CREATE TABLE ticket (id int PRIMARY KEY, member_id int NOT NULL REFERENCES member,
  topic text NOT NULL);
CREATE TABLE ticket_message (id int PRIMARY KEY, ticket_id int NOT NULL
  REFERENCES ticket, author_id int NOT NULL REFERENCES member, body text NOT NULL);
CREATE TABLE ticket_file (id int PRIMARY KEY, message_id int NOT NULL
  REFERENCES ticket_message, file_name text NOT NULL);
"""
FIRST = (
    "Ada", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Hassan", "Ines",
    "Jonas", "Karla", "Liam",
)  # fmt: skip
MANY = len(FIRST)
WHO = 3  # Clara


def _script():
    yield SCRIPT
    for n, first in enumerate(FIRST, 1):
        home = (n + 1) // 2
        if n % 2:
            yield f"INSERT INTO household VALUES ({home}, '{home} Birch Road');"
        sponsor = "NULL" if n < 3 else n - 2
        yield f"INSERT INTO member VALUES ({n}, {home}, '{first} Hill', 'p{n}@example.com', {sponsor});"  # noqa: E501
        yield f"INSERT INTO clinician VALUES ({n}, 'Dr {first} Stone', 'd{n}@example.org');"  # noqa: E501
    for n in range(1, MANY + 1):
        other = n % MANY + 1
        yield f"INSERT INTO review VALUES ({n}, {n}, {other}, 'Member {n} found {other} kind');"  # noqa: E501
        yield f"INSERT INTO visit VALUES ({n}, {n}, {n % 3 + 1}, 'My knee hurts again, {n}');"  # noqa: E501
        yield f"INSERT INTO sale VALUES ({n}, {n}, {other}, '{n} Oak Street');"
        yield f"INSERT INTO ticket VALUES ({n}, {n}, 'Question number {n} of mine');"
        for at, author in enumerate((n, other)):
            key = 2 * n + at
            yield f"INSERT INTO ticket_message VALUES ({key}, {n}, {author}, 'Words of {author} on {n}');"  # noqa: E501
            yield f"INSERT INTO ticket_file VALUES ({key}, {key}, 'file{key}.pdf');"
    yield "UPDATE household SET head_id = 2 * id - 1;"


@pytest.fixture
def town(connect, now):
    store, direct = connect("town", "\n".join(_script()))
    discovery.discover(store=store, by="pia", now=now)
    waiting = acceptance.proposals(store, [])
    acceptance.accept(columns=waiting, least=0, by="pia", now=now)
    return Map(store), direct


def carried_out(how, now, who=WHO):
    mark = identifiers.keep(identifiers.email(f"p{who}@example.com"), now=now)
    plan = how(identifiers=[mark], title="R", received_at=now, by="lena", now=now)
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)
    assert (done.status in plans.COMPLETE, done.problem) == (True, "")
    return done


def lines(direct, table):
    found = direct.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()
    return {line[0]: line[1:] for line in found}


def changed(direct, before):
    return {
        table: {key for key, line in lines(direct, table).items() if old[key] != line}
        for table, old in before.items()
    }


def test_a_map_says_whose_a_row_is_and_who_else_has_a_part_in_it(town):
    mapped, _ = town

    roles = {(link.table.name, *link.columns): link.role for link in mapped.links}

    assert roles["review", "reviewer_id"] == roles["review", "reviewed_id"] == "subject"
    assert roles["visit", "member_id"] == "subject"
    assert roles["visit", "seen_by_id"] == Link.Role.ACTOR
    assert roles["sale", "seller_id"] == Link.Role.ACTOR
    assert roles["member", "sponsor_id"] == Link.Role.ACTOR
    assert roles["ticket_message", "ticket_id"] == Link.Role.PARTY
    assert roles["ticket_message", "author_id"] == "subject"


def test_an_erasure_leaves_to_the_others_what_is_theirs(town, now):
    _, direct = town
    tables = (
        "household", "member", "review", "visit", "sale", "ticket", "ticket_message",
        "ticket_file",
    )  # fmt: skip
    before = {table: lines(direct, table) for table in tables}

    done = carried_out(erasure.plan, now)

    assert changed(direct, before) == {
        "household": set(),  # Bruno's neighbour lives there too
        "member": {WHO},
        "review": set(),  # of the reviewed as much
        "visit": {WHO},
        "sale": {WHO},  # bought; what Clara sold is its buyer's
        "ticket": {WHO},
        "ticket_message": {
            2 * WHO,
            2 * WHO - 1,
        },  # her words, in her ticket and another
        "ticket_file": {2 * WHO, 2 * WHO - 1},
    }
    assert {each["table"]: each["rows"] for each in done.summary["acted"]} == {
        "town.member": 1,
        "town.sale": 1,
    }


def test_a_copy_has_every_row_that_the_person_has_a_part_in(town, now):
    plan = carried_out(erasure.plan_access, now)

    copy = {str(table): list(some) for table, some in disclosure.rows(plan)}

    keys = {name: {row["id"] for row in some} for name, some in copy.items()}
    assert keys == {
        "town.household": {2},
        "town.member": {WHO, WHO + 2},
        "town.review": {WHO - 1, WHO},
        "town.visit": {WHO},
        "town.sale": {WHO - 1, WHO},
        "town.ticket": {WHO},
        "town.ticket_message": {2 * WHO - 1, 2 * WHO, 2 * WHO + 1},
        "town.ticket_file": {2 * WHO - 1, 2 * WHO, 2 * WHO + 1},
    }
    said = json.dumps(copy, default=str)
    assert f"{WHO - 1} Oak Street" not in said  # where the buyer lives
    assert "Elena Hill" not in said
    assert "p5@example.com" not in said
    assert "Words of 4 on 3" in said  # what was answered to her


def test_a_doctors_copy_says_nothing_of_the_patients(town, now):
    mark = identifiers.keep(identifiers.email("d2@example.org"), now=now)
    plan = erasure.plan_access(
        identifiers=[mark], title="R", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    erasure.carry_out(plan=plan, clock=lambda: now)

    copy = {str(table): list(some) for table, some in disclosure.rows(plan)}

    assert {row["id"] for row in copy["town.visit"]} == {1, 4, 7, 10}
    assert "knee" not in json.dumps(copy, default=str)


def test_a_hold_keeps_from_sweeps_what_an_erasure_would_find(town, now):
    mapped, _ = town
    mark = identifiers.keep(identifiers.email(f"p{WHO}@example.com"), now=now)
    holds.place(matter="Doe v. Roe", identifiers=[mark], tables=[], by="lena", now=now)

    held = {
        name: set(mapped.rows(table).filter(kept).values_list("id", flat=True))
        for name, table in mapped.tables.items()
        if (kept := holds.condition(mapped=mapped, table=table)) is not None
    }

    assert held["review"] == {WHO - 1, WHO}
    assert held["visit"] == held["ticket"] == {WHO}
    assert held["ticket_message"] == {2 * WHO - 1, 2 * WHO, 2 * WHO + 1}
    assert held["household"] == {2}


def test_a_hold_knows_the_other_numbers_of_the_person(connect, now):
    store, _ = connect(
        "phones",
        """
        CREATE TABLE member (id int PRIMARY KEY, email text, phone text);
        CREATE TABLE call (id int PRIMARY KEY, dialled text NOT NULL, at date);
        INSERT INTO member SELECT n, 'm' || n || '@example.com', '+1202555010' || n
          FROM generate_series(1, 9) n;
        INSERT INTO call SELECT n, '+1202555010' || n, '2020-01-01'
          FROM generate_series(1, 9) n;
        """,
    )
    mapped = discovery.discover(store=store, by="pia", now=now).mapped
    mark = identifiers.keep(identifiers.email("m4@example.com"), now=now)
    hold = holds.place(
        matter="Doe v. Roe", identifiers=[mark], tables=[], by="lena", now=now
    )

    table = mapped.tables["call"]
    kept = mapped.rows(table).filter(holds.condition(mapped=mapped, table=table))

    assert set(kept.values_list("id", flat=True)) == {4}
    assert holds.unreached() == [holds.MENTIONS.format(numbers=hold.pk)]
