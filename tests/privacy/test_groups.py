"""What a sweep leaves is counted in groups of rows that are alike: k and l."""

from collections import Counter

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy import holds, identifiers, plans, promises, retention
from privacy.anonymity import groups
from privacy.datamap import Map, files
from privacy.models import Category, Plan, Promise, Rule, Table
from privacy.retention import crowds, cutting
from tests.privacy.factories import MAX, PIA, signed_in, staff

pytestmark = pytest.mark.django_db

SCRIPT = """
CREATE TABLE visitor (
    id int PRIMARY KEY, phone text, born date, zip varchar(5), illness text,
    seen_at timestamptz NOT NULL);
INSERT INTO visitor
SELECT n, '+1202555' || lpad(n::text, 4, '0'),
    date '1980-03-04' + (n % 5) * 30 + (n % 2) * 3650, '2000' || (n % 2),
    CASE WHEN n % 3 = 0 THEN 'flu' ELSE 'cold' END, '2020-01-01'
FROM generate_series(1, 40) n;
INSERT INTO visitor VALUES
    (41, '+12025550141', '1931-01-01', '99999', 'rare', '2020-01-01'),
    (42, '+12025550142', NULL, '20001', 'flu', '2020-01-01'),
    (43, '+12025550143', '1931-01-01', '99999', 'rare', '2026-11-01');
"""
MAP = """
store: town
tables:
  visitor:
    about: person
    start: seen_at
    erasure: deidentify
    columns:
      id: {not_personal: A running number}
      phone: &some {category: profile_contact, identifier: phone, source: direct,
                    purposes: [provide], treatment: nullify}
      born: {<<: *some, identifier: birth_date, attribute: quasi,
             treatment: {strategy: generalise_date, to: decade}}
      zip: {<<: *some, identifier: postcode, attribute: quasi,
            treatment: {strategy: postcode, first: 3}}
      illness: {<<: *some, identifier: "", attribute: sensitive, treatment: keep,
                ground: Statistics}
      seen_at: {not_personal: A time}
"""


@pytest.fixture
def town(connect, now):
    _, direct = connect("town", SCRIPT)
    files.load(text=MAP, by="pia", now=now)
    return direct


def rule_of(**changed):
    facts = {
        "name": "visitors", "title": "Visitors", "start": "seen_at", "months": 24,
        "table": Table.objects.get(name="visitor"), "action": "deidentify", "k": 5,
        "category": Category.objects.get(code="profile_contact"),
        "promise": Promise.objects.get(code="gone-means-gone"), "citation": "Policy",
    }  # fmt: skip
    return Rule.objects.create(**(facts | changed))


def swept(rule, now):
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    return retention.carry_out(sweep=plan, clock=lambda: now)


def test_a_preview_counts_the_groups_as_they_will_be_and_changes_nothing(town, now):
    plan = retention.preview(rule=rule_of(), by="pia", now=now)

    found = plan.summary["groups"]
    assert (found["rows"], found["groups"], found["smallest"]) == (42, 4, 1)
    assert (found["below"], found["columns"]) == (2, ["born", "zip"])
    assert [each["rows"] for each in found["examples"]] == [1, 1]
    filled = sorted(each["filled"] for each in found["examples"])
    assert filled == [["born", "zip"], ["zip"]]
    assert found["without"] == {"born": 1, "zip": 1}
    assert "1931" not in str(plan.summary)
    assert town.execute("SELECT count(DISTINCT born) FROM visitor").fetchone() == (11,)


def test_groups_that_are_too_small_are_not_approved(town, now):
    plan = retention.preview(rule=rule_of(), by="pia", now=now)

    with pytest.raises(crowds.TooFewAlike, match="2 rows stand in groups smaller"):
        retention.approve(sweep=plan, by="max", now=now)
    plan.refresh_from_db()
    assert plan.status == Plan.Status.PLANNED


def test_wider_bands_are_enough(town, now):
    town.execute("DELETE FROM visitor WHERE id IN (41, 42)")

    done = swept(rule_of(k=20), now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert done.residue["groups"]["smallest"] == 20


def test_smaller_groups_are_emptied_where_the_rule_says_so(town, now):
    done = swept(rule_of(suppress=True), now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert done.residue["groups"]["below"] == 0
    assert plans.progress(done)["rows"] == 42
    rows = town.execute("SELECT id, born, zip FROM visitor WHERE id > 40 ORDER BY id")
    (_, b1, z1), (_, b2, z2), (_, b3, z3) = rows.fetchall()
    assert (b1, z1, b2, z2) == (None,) * 4
    assert (str(b3), z3) == ("1931-01-01", "99999")  # not past its date


def test_a_second_sweep_changes_nothing(town, now):
    rule = rule_of(suppress=True)
    swept(rule, now)
    before = town.execute("SELECT * FROM visitor ORDER BY id").fetchall()

    swept(rule, now)

    assert town.execute("SELECT * FROM visitor ORDER BY id").fetchall() == before


def test_sensitive_values_must_differ_in_each_group(town, now):
    town.execute("UPDATE visitor SET illness = 'flu' WHERE id % 2 = 0")
    rule = rule_of(k=0, l=2)
    plan = retention.preview(rule=rule, by="pia", now=now)

    assert plan.summary["groups"]["undiverse"] == 22
    with pytest.raises(crowds.TooFewAlike, match="fewer than 2 sensitive values"):
        retention.approve(sweep=plan, by="max", now=now)


def test_groups_that_are_not_diverse_are_emptied_too(town, now):
    town.execute("UPDATE visitor SET illness = 'flu' WHERE id % 2 = 0")

    done = swept(rule_of(l=2, suppress=True), now)

    assert done.status == Plan.Status.DONE, done.problem
    left = town.execute("SELECT count(born) FROM visitor WHERE seen_at < '2021-01-01'")
    assert left.fetchone() == (20,)


def test_a_range_that_empties_rows_and_has_lost_their_names_reaches_none(town, now):
    rule = rule_of(suppress=True)
    plan = retention.preview(rule=rule, by="pia", now=now)
    piece = plan.ranges.create(table=rule.table, action=crowds.SUPPRESS, ordinal=1)
    mapped = Map(rule.table.store)

    reached = cutting.rows_of(mapped, rule, mapped.tables["visitor"], piece)

    assert not mapped.rows(mapped.tables["visitor"]).filter(reached).exists()


def test_groups_without_marked_columns_are_refused(town, now):
    rule = rule_of()
    rule.table.columns.update(attribute="")

    with pytest.raises(groups.NothingMarked):
        retention.preview(rule=rule, by="pia", now=now)


def test_a_held_row_is_no_part_of_a_group_and_is_not_emptied(town, now):
    mark = identifiers.keep(identifiers.phone("+12025550141"), now=now)
    holds.place(matter="M", identifiers=[mark], tables=[], by="l", now=now)

    done = swept(rule_of(suppress=True), now)

    assert done.status == Plan.Status.EXCEPTED, done.problem
    row = town.execute("SELECT phone, zip FROM visitor WHERE id = 41").fetchone()
    assert row == ("+12025550141", "99999")


def test_a_sweep_by_the_clock_waits_for_a_person_when_groups_are_too_small(town, now):
    town.execute("DELETE FROM visitor WHERE id IN (41, 42)")
    rule = rule_of()
    swept(rule, now)
    town.execute(
        "INSERT INTO visitor VALUES (50, '+12025550150', '1999-01-01', '12345', 'x',"
        " '2020-01-01')"
    )

    assert retention.start_due(now=now) == ([], [])
    assert "smaller than 5" in Plan.objects.get(status="planned").waits


def test_approval_is_of_the_k_that_was_seen(town, now):
    town.execute("DELETE FROM visitor WHERE id IN (41, 42)")
    rule = rule_of()
    swept(rule, now)
    rule.refresh_from_db()
    assert retention.is_approved(rule)

    rule.k = 2

    assert not retention.is_approved(rule)


def test_staff_see_the_groups_on_the_page_of_the_plan(town, now):
    staff(PIA)
    plan = retention.preview(rule=rule_of(), by="pia", now=now)

    page = signed_in(MAX).get(reverse("admin:privacy_plan_change", args=[plan.pk])).text

    assert (
        "42 rows in 4 groups that are alike in born, zip; the smallest has 1." in page
    )
    assert "2 rows stand in groups smaller than 5" in page
    assert "Pseudonymised" in page  # a postcode of three digits


tried = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
VALUES = st.tuples(
    st.sampled_from([None, "1980-01-01", "1981-05-05", "1990-01-01", "2000-02-29"]),
    st.sampled_from([None, "", "20001", "20002", "99999"]),
    st.sampled_from([None, "flu", "cold", "rare"]),
)


@tried
@given(rows=st.lists(VALUES, max_size=25), k=st.integers(2, 4), l=st.integers(1, 3))
def test_the_store_counts_as_a_reader_of_its_own_does(town, now, rows, k, l):  # noqa: E741
    town.execute("TRUNCATE visitor")
    with town.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO visitor VALUES (%s, NULL, %s, %s, %s, '2020-01-01')",
            [(n, *row) for n, row in enumerate(rows)],
        )
    rule = Rule(table=Table.objects.get(name="visitor"), start="seen_at", k=k, l=l,
                action="deidentify")  # fmt: skip
    mapped = Map(rule.table.store)
    of = crowds.of_rule(mapped, rule, now)

    left = [
        (born and f"{born[:3]}0", zip_ if zip_ is None else zip_[:3], illness)
        for born, zip_, illness in rows
        if born is not None or zip_ is not None
    ]
    sizes = Counter(row[:2] for row in left)
    values = {key: len({r[2] for r in left if r[:2] == key}) for key in sizes}
    found = groups.measure(of)
    assert found["rows"] == len(left)
    assert found["smallest"] == min(sizes.values(), default=0)
    assert found["below"] == sum(n for n in sizes.values() if n < k)
    assert found["undiverse"] == sum(n for g, n in sizes.items() if values[g] < l)
    small = sum(n for g, n in sizes.items() if n < k or values[g] < l)
    assert groups.alone(of).count() == small


# --- analytics ------------------------------------------------------------------------


def board(now):
    return promises.run(code="analytics-deidentified", now=now)[0]


def analytics(town):
    """As an export leaves it: no phone numbers, wide bands, nobody alone."""
    town.execute("UPDATE visitor SET phone = NULL, born = '1980-01-01', zip = '200'")
    Table.objects.filter(name="visitor").update(k=5)


def test_a_table_for_analytics_that_names_nobody_keeps_the_promise(town, now):
    analytics(town)

    assert board(now).state == "kept"


def test_without_a_table_for_analytics_nothing_is_called_kept(town, now):
    assert board(now).state == "unkept"


def test_a_direct_identifier_in_analytics_breaks_the_promise(town, now):
    analytics(town)
    town.execute("UPDATE visitor SET phone = '+12025550143' WHERE id = 7")

    found = board(now)

    assert found.state == "broken"
    assert found.evidence[0]["sentence"] == (
        "town.visitor.phone holds data that identifies a person"
    )
    assert found.evidence[0]["count"] == 1


def test_a_group_that_is_too_small_in_analytics_breaks_the_promise(town, now):
    analytics(town)
    town.execute("UPDATE visitor SET zip = '999' WHERE id IN (7, 8)")

    found = board(now)

    assert found.state == "broken"
    assert found.evidence[0]["count"] == 2
    assert "groups smaller than 5" in found.evidence[0]["sentence"]
