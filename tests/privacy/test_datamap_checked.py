"""Where a CHECK or a domain says how values must look, the store is asked."""

import re

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import checked, discovery
from privacy.models import Column, Plan, Table
from tests import engines
from tests.privacy.test_engines_at_work import connected

pytestmark = pytest.mark.django_db
WHO = "ada3@example.com"
FORMS = {
    "postgresql": "CHECK ({} ~ '^{}$')",
    "mariadb": "CHECK ({} REGEXP '^{}$')",
    "sqlite": "CHECK ({} GLOB '{}')",
}
PHONE = {"sqlite": "+[1-9]*[0-9]", None: "[+][1-9][0-9]{{6,14}}"}
EMAIL = {"sqlite": "?*@?*.?*", None: "[^@ ]+@[^@ ]+[.][a-z]+"}
PASSPORT = {"sqlite": "[A-Z][A-Z]" + 6 * "[0-9]", None: "[A-Z]{{2}}[0-9]{{6}}"}
SSN = {"sqlite": "[0-8][0-9][0-9]-[0-9][0-9]-[0-9]*", None: "[0-8][0-9-]{{10}}"}
CLUB = """
CREATE TABLE member (id int PRIMARY KEY,
    email varchar(120) NOT NULL UNIQUE {email},
    phone varchar(40) NOT NULL UNIQUE {phone},
    mobile varchar(40) UNIQUE {mobile},
    passport varchar(20) NOT NULL {passport});
CREATE TABLE locker (id int PRIMARY KEY, member_id int NOT NULL REFERENCES member(id),
    holder_name varchar(60), holder_ssn varchar(20) NOT NULL UNIQUE {ssn});
CREATE TABLE badge (id int PRIMARY KEY, member_id int NOT NULL REFERENCES member(id),
    holder_ssn varchar(20) NOT NULL UNIQUE {ssn2});
CREATE TABLE swipe (id int PRIMARY KEY, badge_id int NOT NULL REFERENCES badge(id));
"""
ROWS = 9


def form(engine, column, said):
    pattern = said.get(engine, said[None]).replace("{{", "{").replace("}}", "}")
    return FORMS[engine].format(column, pattern)


@pytest.fixture(params=engines.ENGINES)
def club(request, database, now):
    made, engine = database(request.param), request.param
    made.run(
        CLUB.format(
            email=form(engine, "email", EMAIL),
            phone=form(engine, "phone", PHONE),
            mobile=form(engine, "mobile", PHONE),
            passport=form(engine, "passport", PASSPORT),
            ssn=form(engine, "holder_ssn", SSN),
            ssn2=form(engine, "holder_ssn", SSN),
        )
    )
    for n in range(1, ROWS + 1):
        made.run(
            f"INSERT INTO member VALUES ({n}, 'ada{n}@example.com', '+1202555010{n}',"
            f" '+1202555011{n}', 'AB00000{n}');"
            f"INSERT INTO locker VALUES ({n}, {n}, 'Ada Stone', '123-45-670{n}');"
            f"INSERT INTO badge VALUES ({n}, {n}, '123-45-680{n}');"
            f"INSERT INTO swipe VALUES ({n}, {n})"
        )
    made.store = connected(made, now, "club")
    return made


def test_an_erasure_ends_with_what_the_store_takes(club, now):
    strategies = {
        c.name: c.treatment.get("strategy")
        for c in Column.objects.filter(table__store=club.store, table__name="member")
    }
    assert strategies["mobile"] == "nullify"
    badge = Column.objects.get(table__name="badge", name="holder_ssn")
    assert (badge.treatment["strategy"], badge.ground) == ("keep", checked.REFUSED)
    assert badge.confidence < 0.5
    assert Table.objects.get(name="locker").erasure == Table.Ending.DELETE

    mark = identifiers.keep(identifiers.understand(WHO), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Erasure", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    for table, left in {"member": ROWS, "locker": ROWS - 1, "badge": ROWS}.items():
        rows = club.rows(f"SELECT * FROM {table}")
        assert len(rows) == left, table
        assert [r for r in rows if "ada3@" in str(r) or "5550103" in str(r)] == []
        assert table != "member" or "AB000003" not in str(rows)
    again = discovery.discover(store=club.store, by="pia", now=now)
    assert discovery.proposed(again.mapped) == []


DOMAINS = """
CREATE DOMAIN mail AS text CHECK (VALUE ~ '^[^@]+@example[.]com$');
CREATE DOMAIN token AS text CHECK (VALUE ~ '^[A-Z]{4}$');
CREATE TABLE person (id int PRIMARY KEY, email mail NOT NULL UNIQUE, name text,
    postcode token NOT NULL);
CREATE TABLE trip (id int PRIMARY KEY, person_id int NOT NULL REFERENCES person);
INSERT INTO person SELECT i, 'ada' || i || '@example.com', 'Ada Stone', 'ABCD'
FROM generate_series(1, 9) i;
INSERT INTO trip SELECT i, i FROM generate_series(1, 9) i;
"""


def test_a_domain_is_asked_like_a_check(connect, now):
    store, _ = connect("walks", DOMAINS)
    found = discovery.discover(store=store, by="pia", now=now)
    said = {c.name: c for c in found.mapped.columns(found.mapped.tables["person"])}

    assert said["email"].options["checked"]
    assert said["email"].treatment == {"strategy": "fake_email"}
    assert said["postcode"].treatment == {"strategy": "constant", "value": "XXXX"}


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_a_number_that_must_be_a_national_one_of_its_own_ends_as_nobodys(
    database, now, engine
):
    made = database(engine)
    said = {"sqlite": "([2-9][0-9][0-9]) *", None: "[(][2-9][0-9]{{2}}[)] [0-9-]{{8}}"}
    check = form(engine, "cell", said)
    made.run(
        "CREATE TABLE visitor (id int PRIMARY KEY, email varchar(60) NOT NULL,"
        f" cell varchar(14) NOT NULL UNIQUE {check})"
    )
    for n in range(1, ROWS + 1):
        made.run(
            f"INSERT INTO visitor VALUES ({n}, 'ada{n}@example.com',"
            f" '(202) 555-010{n}')"
        )
    store = connected(made, now, "visits")
    discovery.discover(store=store, by="pia", now=now)

    for who in ("ada3@example.com", "ada4@example.com"):
        mark = identifiers.keep(identifiers.email(who), now=now)
        plan = erasure.plan(
            identifiers=[mark], title="Ada", received_at=now, by="lena", now=now
        )
        plans.approve(plan=plan, by="max", now=now)
        done = erasure.carry_out(plan=plan, clock=lambda: now)
        assert (done.status, done.problem) == (Plan.Status.DONE, "")

    cells = [cell for (cell,) in made.rows("SELECT cell FROM visitor ORDER BY id")]
    assert len(set(cells)) == ROWS
    for n, cell in enumerate(cells, 1):
        is_ended = n in (3, 4)
        assert (cell == f"(202) 555-010{n}") is not is_ended
        assert not is_ended or re.fullmatch(r"\(999\) 5\d\d-\d{4}", cell)
