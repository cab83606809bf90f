"""JSON as stores have it: `json` that nothing compares, and what is no JSON."""

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
