"""Numbers that are a row's key: the row goes, or every plan says that they stay."""

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import acceptance, discovery
from privacy.models import Plan, Table
from tests import engines
from tests.privacy.test_engines_at_work import connected

pytestmark = pytest.mark.django_db
SCRIPT = """
CREATE TABLE subscriber (id int PRIMARY KEY, full_name varchar(60) NOT NULL,
  email varchar(60) NOT NULL);
CREATE TABLE line (msisdn varchar(16) NOT NULL, valid_from date NOT NULL,
  valid_to date, subscriber_id int NOT NULL, PRIMARY KEY (msisdn, valid_from),
  FOREIGN KEY (subscriber_id) REFERENCES subscriber(id));
CREATE TABLE sim_card (iccid varchar(20) PRIMARY KEY, msisdn varchar(16) NOT NULL,
  valid_from date NOT NULL,
  FOREIGN KEY (msisdn, valid_from) REFERENCES line(msisdn, valid_from));
CREATE TABLE usage_total (msisdn varchar(16) NOT NULL, valid_from date NOT NULL,
  month date NOT NULL, minutes int NOT NULL, PRIMARY KEY (msisdn, month),
  FOREIGN KEY (msisdn, valid_from) REFERENCES line(msisdn, valid_from));
"""
PEOPLE = 9


@pytest.fixture(params=engines.ENGINES)
def network(request, database, now):
    made = database(request.param)
    made.run(SCRIPT)
    for n in range(1, PEOPLE + 1):
        made.run(
            f"INSERT INTO subscriber VALUES ({n}, 'Ada Stone{n}', 'a{n}@example.com');"
            f"INSERT INTO line VALUES ('+1202555010{n}', '2023-01-01', NULL, {n});"
            f"INSERT INTO sim_card VALUES ('89{n:018}', '+1202555010{n}',"
            " '2023-01-01');"
            f"INSERT INTO usage_total VALUES ('+1202555010{n}', '2023-01-01',"
            f" '2025-01-01', {n})"
        )
    # Her number was somebody else's before.
    made.run(
        "INSERT INTO line VALUES ('+12025550103', '2019-01-01', '2022-06-30', 7);"
        "INSERT INTO usage_total VALUES ('+12025550103', '2019-01-01', '2020-01-01', 5)"
    )
    store = connected(made, now, "network")
    discovery.discover(store=store, by="pia", now=now)
    waiting = acceptance.proposals(store, [])
    acceptance.accept(columns=waiting, least=0, by="pia", now=now)
    return made


def test_a_line_goes_with_what_hangs_on_it_and_the_former_owners_stays(network, now):
    mark = identifiers.keep(identifiers.email("a3@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="R", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    left = "SELECT subscriber_id FROM line WHERE msisdn = %s"
    assert network.rows(left, "+12025550103") == [(7,)]
    minutes = "SELECT minutes FROM usage_total WHERE msisdn = %s"
    assert network.rows(minutes, "+12025550103") == [(5,)]
    assert network.rows("SELECT count(*) FROM sim_card") == [(PEOPLE - 1,)]
    assert network.rows("SELECT count(*) FROM line") == [(PEOPLE,)]


def test_a_number_that_stays_as_somebodys_key_is_said(network, now):
    Table.objects.filter(name="usage_total").update(erasure=Table.Ending.DEIDENTIFY)
    mark = identifiers.keep(identifiers.email("a3@example.com"), now=now)

    plan = erasure.plan(
        identifiers=[mark], title="R", received_at=now, by="lena", now=now
    )

    said = [each for each in plan.summary["exceptions"] if "msisdn" in each]
    assert any(each.startswith("network.usage_total") for each in said)
    assert any(each.startswith("network.line") for each in said)
