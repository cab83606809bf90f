"""What commands print, as somebody reads it who has never seen the portal."""

import io
import re
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from privacy import connecting
from privacy.management import listing
from privacy.models import Link, Plan
from tests.privacy.factories import staff

pytestmark = pytest.mark.django_db
PARKING = """
CREATE TABLE driver (id int PRIMARY KEY, email text, joined_at date,
    merged_into_id int REFERENCES driver);
CREATE TABLE visit (id int PRIMARY KEY, driver_id int NOT NULL REFERENCES driver,
    paint text, left_at timestamptz);
INSERT INTO driver VALUES (1, 'ada@example.com', '2020-01-01', NULL),
    (2, 'bea@example.com', '2020-01-01', 1);
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
    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(listing.sys, "stdout", terminal)
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

    assert "8 columns proposed: 1 personal, 7 not personal." in brief
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


@pytest.fixture
def mapped_parking(parking):
    said("datamap", "discover", "parking")
    said("datamap", "accept", "parking")
    return parking


RULE = (
    "retention", "rule", "parking.visit", "--date", "left_at", "--months", "24",
    "--ending", "delete", "--category", "web_analytics", "--citation", "Policy",
    "--name", "visits",
)  # fmt: skip


def test_a_new_rule_says_what_it_will_do_to_how_many_rows(mapped_parking):
    made = said(*RULE)

    assert "Deletes rows of parking.visit 24 months after their left_at." in made
    assert "Due now: 1 rows; 0 more are on hold." in made
    assert "1 row has no date in left_at, so this rule leaves them alone" in made
    assert "retention preview visits" in made


def test_a_rule_that_is_not_told_to_delete_says_that_rows_stay(mapped_parking):
    made = said(
        "retention", "rule", "parking.driver", "--date", "joined_at", "--days", "9",
        "--citation", "Policy",
    )  # fmt: skip

    assert "Added the rule parking-driver-deidentify. De-identifies rows" in made
    assert "The rows stay; what ends: email (replaced by a code)." in made
    assert "No row is deleted (--ending delete would do that)" in made


def test_a_rule_that_would_do_nothing_is_refused(mapped_parking):
    nothing = [word for word in RULE if word not in ("--ending", "delete")]
    with pytest.raises(CommandError, match="nothing to de-identify"):
        call_command(*nothing)


def test_a_sweep_is_approved_and_controlled_by_the_name_of_its_rule(mapped_parking):
    said(*RULE)
    with pytest.raises(CommandError, match="Preview it first: retention preview"):
        call_command("retention", "approve", "visits")
    assert "not approved yet" in said("retention", "run", "visits")

    said("retention", "preview", "visits", "--by", staff("lena").username)
    done = said("retention", "approve", "visits", "--by", staff("max").username)

    assert "): approved" in done
    assert Plan.objects.get(rule__name="visits").approved_by == "max"


def test_a_sweep_counts_the_rows_without_a_date(mapped_parking):
    said(*RULE)

    assert "1 row has no date in left_at" in said("retention", "preview", "visits")
    assert Plan.objects.get(rule__name="visits").summary["undated"] == 1
    line = said("retention", "status").splitlines()[1].split()
    assert line[:4] == ["visits", "1", "0", "1"]


def test_one_rule_that_fails_does_not_hide_the_previews_of_the_others(mapped_parking):
    said(*RULE)
    said(
        "retention", "rule", "parking.driver", "--date", "joined_at", "--days", "9",
        "--ending", "delete", "--citation", "Policy", "--name", "drivers",
    )  # fmt: skip

    Link.objects.filter(target__name="driver").update(state=Link.State.REFUSED)

    with pytest.raises(CommandError, match=r"drivers: Rows of .*visit .*does not know"):
        said("retention", "preview")
    assert Plan.objects.filter(rule__name="visits").exists()


def test_holds_say_who_keeps_what_why_and_until_when(mapped_parking):
    said("holds", "place", "--matter", "Case 7", "--email", "ada@example.com")

    [line] = said("holds", "list").splitlines()[1:]
    number = line.split()[0]
    assert "Case 7" in line
    assert "operator" in line
    assert "rows about people (numbers and addresses: 1)" in line
    said(*RULE)
    told = said("retention", "preview", "visits")
    assert f"(hold {number}), and rows about them stay until it is released" in told
    said("holds", "release", number)
    assert said("holds", "list") == "No hold is open.\n"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("postgres://nobody:pw@127.0.0.1:1/x", "Nothing answers at that host"),
        ("{here}&sslmod=require", "parameter that is not known"),
        ("{none}", "no database of that name"),
    ],
)
def test_a_store_that_cannot_be_connected_says_why(scratch_database, address, why):
    place = scratch_database()
    here = place.url
    none = re.sub(r"/[^/?]+\?", "/nosuch_database?", here)
    with pytest.raises(CommandError, match=why) as said_:
        call_command("stores", "add", "x", address.format(here=here, none=none))
    assert "not connected" in str(said_.value)
    assert "nosuch_database" not in str(said_.value)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (Exception(1045, "Access denied for user 'ada'"), connecting.REFUSED),
        (Exception(1049, "Unknown database 'x'"), connecting.NO_DATABASE),
        (Exception("unexpected keyword argument 'foo'"), connecting.PARAMETER),
        (Exception("certificate verify failed"), connecting.UNSAFE),
        (Exception("something else"), ""),
    ],
)
def test_what_a_driver_says_becomes_a_sentence_without_its_names(error, why):
    assert connecting.why(error) == why


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("retention", "rule", "parking", "--citation", "x"), "as STORE.TABLE"),
        (("retention", "approve", "visits"), "Preview it first"),
        (("retention", "preview", "none"), "no retention rule of that name"),
        (("datamap", "discover", "parking", "--by", "zoe"), "a username of the staff"),
        (("datamap", "load", "/nowhere/map.yaml"), "no file /nowhere/map.yaml"),
        (("retention", "rule", "parking.car", "--citation", "x"), "driver, visit"),
        (("holds", "release", "999"), "holds list shows"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_what_there_is(
    mapped_parking, words, sentence
):
    said(*RULE)
    with pytest.raises(CommandError, match=sentence):
        call_command(*words)


def test_a_sweep_in_the_wrong_state_says_in_which_it_is(mapped_parking):
    said(*RULE)
    said("retention", "preview", "visits")
    with pytest.raises(CommandError, match=r"not running. Its state: waiting"):
        call_command("retention", "pause", "visits")
    with pytest.raises(CommandError, match="Say who with --by NAME"):
        call_command("retention", "approve", "visits")


def test_a_store_of_files_has_no_map(db, tmp_path):
    said("stores", "add", "pictures", f"file://{tmp_path}")
    with pytest.raises(CommandError, match="a store of files, which has no tables"):
        call_command("datamap", "discover", "pictures")
