"""What rows were before is the same person's: history tables without a reference."""

import uuid

import pytest

from privacy import erasure, identifiers, plans
from privacy.models import Column, Link, Plan
from tests import engines
from tests.privacy.test_engines_at_work import connected

pytestmark = pytest.mark.django_db
BYTES = {"postgresql": "bytea", "mariadb": "binary(16)", "sqlite": "blob"}
LITERAL = {"postgresql": "'\\x{}'", "mariadb": "X'{}'", "sqlite": "X'{}'"}
# django-simple-history, Envers, temporal tables, and a copy of who left.
SCRIPT = """
CREATE TABLE patient (id {key} PRIMARY KEY, full_name varchar(80) NOT NULL,
    email varchar(120), town varchar(40), dob date);
CREATE TABLE patient_aud (id {key} NOT NULL, rev int NOT NULL, revtype smallint,
    full_name varchar(80) NOT NULL, town varchar(40), dob date, PRIMARY KEY (id, rev));
CREATE TABLE patient_history (id {key} NOT NULL, full_name varchar(80),
    email varchar(120), town varchar(40), valid_from timestamp NULL);
CREATE TABLE app_user (id int PRIMARY KEY, username varchar(40), email varchar(120));
CREATE TABLE app_historicaluser (history_id int PRIMARY KEY, id int NOT NULL,
    username varchar(40), email varchar(120), history_type char(1),
    history_user_id int);
CREATE TABLE old_app_users (id int PRIMARY KEY, username varchar(40),
    email varchar(120));
CREATE TABLE visit (id int PRIMARY KEY, patient_id {key} NOT NULL, note varchar(80));
"""
PAST = ("patient_aud", "patient_history", "app_historicaluser", "old_app_users")
PEOPLE = 8


@pytest.fixture(params=engines.ENGINES)
def clinic(request, database, now):
    engine, made = request.param, database(request.param)
    made.run(SCRIPT.format(key=BYTES[engine]))
    for n in range(1, PEOPLE + 1):
        key = LITERAL[engine].format(uuid.UUID(int=n << 90, version=4).hex)
        name, mail = f"'Ada Stone{n}'", f"'ada{n}@example.com'"
        old = f"'maiden{n}@example.net'"
        made.run(
            f"INSERT INTO patient VALUES ({key}, {name}, {mail}, 'Salem', NULL);"
            f"INSERT INTO patient_aud VALUES ({key}, 1, 0, {name}, 'Salem', NULL),"
            f" ({key}, 2, 1, {name}, 'Salem', NULL);"
            f"INSERT INTO patient_history VALUES ({key}, {name}, {old}, 'Salem', NULL);"
            f"INSERT INTO app_user VALUES ({n}, 'ada{n}', {mail});"
            f"INSERT INTO app_historicaluser VALUES ({n + 50}, {n}, 'maiden{n}', {old},"
            f" '~', 1);"
            f"INSERT INTO visit VALUES ({n}, {key}, 'Ada Stone{n}')"
        )
        if n < 4:
            made.run(f"INSERT INTO old_app_users VALUES ({n}, 'maiden{n}', {old})")
    made.store = connected(made, now, "clinic")
    return made


def test_erasing_a_person_erases_their_history(clinic, now):
    links = {
        link.table.name: (link.target.name, link.role, link.state)
        for link in Link.objects.filter(table__name__in=[*PAST, "visit"])
        if "history_user_id" not in link.columns
    }
    patient, user = (
        (name, Link.Role.SUBJECT, Link.State.ACCEPTED)
        for name in ("patient", "app_user")
    )
    assert links == dict(zip([*PAST, "visit"], [patient, patient, user, user, patient],
                             strict=True))  # fmt: skip
    assert not Column.objects.filter(table__name__in=PAST, state="unknown").exists()

    mark = identifiers.keep(identifiers.understand("ada3@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Erasure", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    for table in ("patient", "app_user", "visit", *PAST):
        said = str(clinic.rows(f"SELECT * FROM {table}"))
        assert "Stone3" not in said, table
        assert "maiden3" not in said, table
        assert "'ada3'" not in said, table
        assert "Stone4" in said or "maiden2" in said or "ada4" in said, table
