"""Proposals are accepted by people; the check before a deployment fails until then."""

import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from privacy.datamap import Map, acceptance, discovery, drift
from privacy.models import AuditEvent, Column

pytestmark = pytest.mark.django_db
PEOPLE = """
CREATE TABLE customer (id int PRIMARY KEY, email text, thing text NOT NULL);
CREATE TABLE product (id int PRIMARY KEY, label text);
INSERT INTO customer SELECT i, 'a' || i || '@example.com', 'x' || i
FROM generate_series(1, 9) i;
"""


@pytest.fixture
def people(connect, now):
    store, direct = connect("people", PEOPLE)
    discovery.discover(store=store, by="pia", now=now)
    return store, direct


def command(*words):
    out = io.StringIO()
    call_command("datamap", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def checked(*words):
    """What the check says, and whether it fails."""
    out = io.StringIO()
    try:
        call_command("datamap", "check", *words, "--json", stdout=out)
    except CommandError as error:
        return json.loads(out.getvalue()), str(error)
    return json.loads(out.getvalue()), ""


def test_a_proposal_is_not_classified_until_it_is_accepted(people):
    said, error = checked("people")
    assert "people.customer.id is proposed but not accepted." in said
    assert error.startswith("The map is not complete: people.customer.id")

    done = command("accept", "people")

    assert len(done["accepted"]) == 5
    assert done["open"] == []
    assert checked("people") == ([], "")


def test_a_plan_says_of_a_table_in_one_sentence_what_nobody_accepted(people):
    found = drift.problems(Map(people[0]))

    assert len(found) > 4
    [said, *_] = drift.sentences(found)
    assert said.startswith("people.customer: ")
    assert "columns are proposed but not accepted (id, " in said
    assert drift.sentences(found[:1]) == [str(found[0])]


def test_only_what_is_certain_enough_is_accepted_and_the_rest_is_told(people):
    done = command("accept", "people", "--confidence", "90")

    assert "people.customer.email" in done["accepted"]
    assert {each["column"] for each in done["open"]} == {
        "people.customer.thing",
        "people.product.label",
    }
    assert "confidence is" in done["open"][0]["why"]


def test_references_that_wait_are_told_when_the_rest_is_accepted(connect, now, capsys):
    store, _ = connect("people", PEOPLE + "CREATE TABLE note (customer_id int);")
    discovery.discover(store=store, by="pia", now=now)

    for verb in ("accept", "check"):
        call_command("datamap", verb, "people")
        said = capsys.readouterr().out
        assert "that nobody has decided about: 1." in said
        assert "datamap accept people --links" in said


def test_one_table_is_accepted_and_an_unknown_one_refused(people):
    done = command("accept", "people", "--table", "product")

    assert set(done["accepted"]) == {"people.product.id", "people.product.label"}
    with pytest.raises(CommandError, match="has no table nowhere"):
        command("accept", "people", "--table", "nowhere")
    with pytest.raises(CommandError):
        command("accept", "people", "--confidence", "much")


def test_what_is_incomplete_stays_open_and_says_what_it_owes(people, now):
    store, _ = people
    Column.objects.filter(name="email").update(source=None)

    done = acceptance.accept(
        columns=acceptance.proposals(store), by="pia", now=now, least=0
    )

    assert [(str(c), why) for c, why in done.left] == [
        ("people.customer.email", "Say where it comes from.")
    ]
    assert AuditEvent.objects.filter(action="column.accepted", by="pia").count() == 1


def test_every_change_of_the_store_is_noticed(people, now):
    store, direct = people
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    Column.objects.filter(name="email").update(treatment={"strategy": "truncate",
                                                          "first": 1})  # fmt: skip
    direct.execute("CREATE TABLE extra (id int PRIMARY KEY)")
    direct.execute("ALTER TABLE customer ADD COLUMN fax text, ADD UNIQUE (email)")
    direct.execute("ALTER TABLE product ALTER COLUMN label TYPE int USING 1")
    direct.execute("ALTER TABLE customer DROP COLUMN thing")

    said = [str(problem) for problem in drift.problems(Map(store))]

    assert said == [
        "people.customer.email has changed and can't be treated as the map "
        "says: email must"
        " be unique, and short texts are not.",
        "people.customer.fax is not in the map.",
        "people.customer.thing is in the map but not in the store.",
        "people.extra is not in the map.",
        "people.product.label has a different type from the one in the map.",
    ]


def test_any_number_of_tables_is_checked_by_five_statements_and_not_sampled(
    connect, now
):
    store, _ = connect(
        "many",
        "DO $$ BEGIN FOR i IN 1..100 LOOP EXECUTE format('CREATE TABLE t%s (id int"
        " PRIMARY KEY, email text, note text, born date, total numeric, at timestamptz,"
        " flag bool, tag text, up int REFERENCES t%s)', i, greatest(1, i - 1));"
        " END LOOP; END $$",
    )
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    live, portal = connections[store.alias], connection

    with CaptureQueriesContext(live) as there, CaptureQueriesContext(portal) as here:
        found = drift.problems(Map(store))

    assert found == []
    assert len(there) == 1
    assert len(here) <= 4
    assert all(q["sql"].lstrip()[:6] in ("SELECT", "WITH r") for q in there)
