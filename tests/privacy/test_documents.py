"""JSON as stores have it: `json` that nothing compares, and what is no JSON."""

import json

import pytest

from privacy import erasure, identifiers, plans
from privacy.models import Column, Plan
from tests import engines
from tests.privacy.test_engines_at_work import connected

pytestmark = pytest.mark.django_db
KINDS = {"sqlite": "JSON", "postgresql": "json", "mariadb": "json"}


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_people_in_documents_are_found_whatever_else_stands_there(
    database, now, engine
):
    made = database(engine)
    kind = KINDS[engine]
    made.run(f"CREATE TABLE member (id int PRIMARY KEY, profile {kind})")
    for n in range(1, 9):
        said = (
            f'{{"phone": "+1202555010{n}", "more": {{"mail": "ada{n}@example.com"}}}}'
        )
        made.run(f"INSERT INTO member VALUES ({n}, '{said}')")
    store = connected(made, now, "club")
    if engine == "sqlite":  # the others' types would refuse it
        made.run("INSERT INTO member VALUES (9, 'ring Ada')")
    column = Column.objects.get(path=["more", "mail"])
    assert column.identifier == "email"

    mark = identifiers.keep(identifiers.understand("ada3@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Erasure", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    text = str(made.rows("SELECT profile FROM member ORDER BY id"))
    assert "ada3@" not in text
    assert "+12025550103" not in text
    assert all(f"ada{n}@" in text for n in range(1, 9) if n != 3)
    assert Column.objects.filter(table__store=store).exists()


SEATS = """
CREATE TABLE member (id int PRIMARY KEY, email varchar(80) NOT NULL,
    full_name varchar(80) NOT NULL);
CREATE TABLE ride (id int PRIMARY KEY, member_id int NOT NULL REFERENCES member (id),
    doc {kind} NOT NULL);
CREATE TABLE incident (id int PRIMARY KEY, place varchar(80), people {kind} NOT NULL);
"""
NAMES = ("Ann Lee", "Bob Ray", "Cleo Fox", "Dan Moss", "Eve Hart", "Finn Cole")


def _rides(made, kind):
    made.run(SEATS.format(kind=kind))
    for n, name in enumerate(NAMES):
        other = (n + 1) % len(NAMES)
        mine, theirs = f"m{n}@example.com", f"m{other}@example.com"
        made.run(f"INSERT INTO member VALUES ({n}, '{mine}', '{name}')")
        made.run(
            f'INSERT INTO ride VALUES ({n}, {n}, \'{{"fare": {n}.50, "from": "A{n}",'
            f' "contact": {{"phone": "+1202555010{n}"}}, "riders": ['
            f'{{"name": "{name}", "email": "{mine}", "seat": {n}}},'
            f' {{"name": "{NAMES[other]}", "email": "{theirs}", "seat": 9}}]}}\')'
        )
        made.run(
            f"INSERT INTO incident VALUES ({n}, 'Dock {n}', '["
            f'{{"who": "{name}", "mail": "{mine}", "part": "witness"}},'
            f'{{"who": "{NAMES[other]}", "mail": "{theirs}", "part": "driver"}}]\')'
        )


@pytest.mark.parametrize("engine", engines.ENGINES)
@pytest.mark.parametrize("is_text", [False, True])
def test_of_a_document_about_several_people_only_what_is_theirs_ends(
    database, now, engine, is_text
):
    made = database(engine)
    _rides(made, "text" if is_text else KINDS[engine])
    connected(made, now, "rides")

    mark = identifiers.keep(identifiers.understand("m2@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Erasure", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    before = made.rows("SELECT doc FROM ride WHERE id NOT IN (1, 2) ORDER BY id")
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    [own] = made.rows("SELECT doc FROM ride WHERE id = 2")
    own = json.loads(own[0]) if isinstance(own[0], str) else own[0]
    assert own == {
        "fare": 2.5,
        "from": "A2",
        "contact": {"phone": None},
        "riders": [
            {"name": None, "email": None, "seat": 2},
            {"name": "Dan Moss", "email": "m3@example.com", "seat": 9},
        ],
    }
    shared = str(made.rows("SELECT people FROM incident WHERE id IN (1, 2)"))
    assert "Cleo" not in shared
    assert "m2@" not in shared
    assert "Bob Ray" in shared
    assert "Dan Moss" in shared
    assert shared.count("witness") == shared.count("driver") == 2
    rest = made.rows("SELECT doc FROM ride WHERE id NOT IN (1, 2) ORDER BY id")
    assert rest == before
