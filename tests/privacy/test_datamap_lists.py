"""Keys in lists: whose they are, what a copy shows of them, and how they end."""

import json

import pytest

from privacy import disclosure, erasure, identifiers, plans, subjects
from privacy.datamap import Map, acceptance, discovery
from privacy.models import Column, Link, Plan
from privacy.subjects import Role
from tests.privacy.test_engines_at_work import connected

pytestmark = pytest.mark.django_db
PEOPLE = 12
TABLES = """
CREATE TABLE member (id int PRIMARY KEY, name varchar(60) NOT NULL,
  email varchar(60) NOT NULL);
CREATE TABLE walk (id int PRIMARY KEY, title varchar(60), {list}
  guests {json} NOT NULL);
CREATE TABLE mailing (id int PRIMARY KEY, people {json} NOT NULL);
"""
FIRST = (
    "Ada", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Hassan", "Ines",
    "Jonas", "Karla", "Liam",
)  # fmt: skip


def filled(made):
    is_pg = made.engine == "postgresql"
    made.run(
        TABLES.format(
            list="member_ids int[] NOT NULL," if is_pg else "",
            json="jsonb" if is_pg else "JSON",
        )
    )
    for n, first in enumerate(FIRST):
        made.run(
            f"INSERT INTO member VALUES ({700 + n}, '{first} Hill', 'p{n}@example.com')"
        )
    for n in range(PEOPLE):
        others = [700 + n, 700 + (n + 3) % PEOPLE, 700 + (n + 5) % PEOPLE]
        more = f"'{{{','.join(map(str, others))}}}', " if is_pg else ""
        listed = [
            {"member_id": key, "mail": f"p{key - 700}@example.com"} for key in others
        ]
        made.run(
            f"INSERT INTO walk VALUES ({n}, 'Walk {n}', {more}'{json.dumps(others)}');"
            f"INSERT INTO mailing VALUES ({n}, '{json.dumps(listed)}')"
        )


@pytest.fixture(params=["postgresql", "mariadb", "sqlite"])
def club(request, database, now):
    made = database(request.param)
    filled(made)
    store = connected(made, now, "club")
    discovery.discover(store=store, by="pia", now=now)
    waiting = acceptance.proposals(store, [])
    acceptance.accept(columns=waiting, least=0, by="pia", now=now)
    acceptance.accept_links(store=store, tables=[], by="pia", now=now)
    return made, Map(store)


def rows(made, table, key):
    lines = made.rows(f"SELECT * FROM {table} WHERE id = %s", key)
    return [[_read(cell) for cell in line] for line in lines]


def _read(cell):
    try:
        return json.loads(cell)
    except (TypeError, ValueError):
        return cell


def carried_out(how, now):
    mark = identifiers.keep(identifiers.email("p3@example.com"), now=now, revive=True)
    plan = how(identifiers=[mark], title="R", received_at=now, by="lena", now=now)
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def test_a_list_of_keys_is_a_reference_to_each_of_them(club):
    _, mapped = club

    links = {(a.table.name, *a.columns): a.target.name for a in mapped.lists}

    assert links.pop(("walk", "member_ids.[]"), "member") == "member"
    assert links == {
        ("walk", "guests.[]"): "member",
        ("mailing", "people.[].member_id"): "member",
    }
    assert {link.role for link in mapped.lists} == {Link.Role.PARTY}


def test_who_stands_in_a_list_among_others_has_a_part_in_the_row(club, now):
    _, mapped = club
    mark = identifiers.email("p3@example.com")

    found = subjects.find(mapped=mapped, marks=[mark], at=now)

    said = {(r.table.name, *r.key): r.role for r in found.rows.values()}
    assert said.pop(("member", 703)) == Role.SUBJECT
    assert said == {(t, n): Role.PARTY for t in ("walk", "mailing") for n in (3, 0, 10)}


def test_a_copy_has_the_row_and_nobody_elses_key(club, now):
    plan = carried_out(erasure.plan_access, now)

    copy = {str(table): list(some) for table, some in disclosure.rows(plan)}

    assert len(copy["club.walk"]) == 3
    assert copy["club.walk"][0].keys() == {"id", "title"}
    assert "example.com" not in json.dumps(copy["club.mailing"])


def test_their_keys_go_and_those_of_others_stay_where_they_are(club, now):
    made, _ = club
    before = {n: rows(made, "walk", n) for n in range(PEOPLE)}
    members = made.rows("SELECT * FROM member WHERE id <> 703 ORDER BY id")

    done = carried_out(erasure.plan, now)

    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    # Whose address stands in a list beside hers is nobody she is.
    assert made.rows("SELECT * FROM member WHERE id <> 703 ORDER BY id") == members
    for n in range(PEOPLE):
        [line] = before[n]
        left = [[k for k in c if k != 703] if isinstance(c, list) else c for c in line]
        assert rows(made, "walk", n) == [left]
    assert rows(made, "mailing", 0)[0][1] == [
        {"member_id": 700, "mail": "p0@example.com"},
        {"member_id": 705, "mail": "p5@example.com"},
    ]
    assert carried_out(erasure.plan, now).summary["tables"] == []


def test_what_may_be_keys_of_several_tables_waits_for_a_person(connect, now):
    store, _ = connect(
        "teams",
        """
        CREATE TABLE member (id int PRIMARY KEY, email text);
        CREATE TABLE helper (id int PRIMARY KEY, email text);
        CREATE TABLE trip (id int PRIMARY KEY, crew int[]);
        INSERT INTO member SELECT n, 'm' || n || '@example.com'
          FROM generate_series(1, 9) n;
        INSERT INTO helper SELECT n, 'h' || n || '@example.com'
          FROM generate_series(1, 9) n;
        INSERT INTO trip SELECT n, ARRAY[n, 10 - n] FROM generate_series(1, 9) n;
        """,
    )

    discovery.discover(store=store, by="pia", now=now)

    assert not Link.objects.filter(table__name="trip").exists()
    crew = Column.objects.get(table__name="trip", name="crew")
    assert "helper and member" in crew.not_personal
    assert crew.confidence < 0.5
