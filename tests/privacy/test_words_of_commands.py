"""What commands print, as somebody reads it who has never seen the portal."""

import io

import pytest
from django.core.management import call_command

from privacy.management import listing

pytestmark = pytest.mark.django_db
PARKING = """
CREATE TABLE driver (id int PRIMARY KEY, email text,
    merged_into_id int REFERENCES driver);
CREATE TABLE visit (id int PRIMARY KEY, driver_id int NOT NULL REFERENCES driver,
    paint text, left_at timestamptz);
INSERT INTO driver VALUES (1, 'ada@example.com', NULL), (2, 'bea@example.com', 1);
INSERT INTO visit VALUES (1, 1, 'red', '2020-01-01'), (2, 2, 'blue', NULL);
"""


@pytest.fixture
def parking(connect):
    return connect("parking", PARKING)[0]


def said(*words):
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_columns_of_a_list_stand_under_each_other():
    assert listing.lines(
        ("what", "rows", "why"), [("a", 1200, "x"), ("bbbb", 3, "")]
    ) == [
        "what  rows   why",
        "a     1,200  x",
        "bbbb      3",
    ]
    assert listing.lines(("what",), []) == []


def test_a_terminal_wraps_the_last_column_under_itself(monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("LINES", "24")
    text = "because the law of the land says so"
    assert listing.lines(("a", "why"), [("x", text)]) == [
        "a  why",
        "x  because the law of the land",
        "   says so",
    ]


def test_discovery_counts_what_is_not_personal_and_lists_it_on_demand(parking):
    brief = said("datamap", "discover", "parking")

    assert "7 columns proposed: 1 personal, 6 not personal." in brief
    assert "look at them yourself: visit.paint." in brief
    assert "With the reasons: datamap discover parking --all" in brief
    assert "driver_id" not in brief

    whole = said("datamap", "discover", "parking", "--all")
    lines = {line.split()[0]: line for line in whole.splitlines()}
    assert lines["driver.merged_into_id"].endswith(
        "Refers to driver.id, to another row of its own table"
    )
    assert "not personal" in lines["visit.left_at"]


def test_discovery_says_when_nothing_is_new(parking):
    said("datamap", "discover", "parking")
    said("datamap", "accept", "parking")

    assert "Nothing is new" in said("datamap", "discover", "parking")
