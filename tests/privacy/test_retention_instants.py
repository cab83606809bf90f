"""A rule counts from dates as stores hold them: also from Unix time in a number."""

import datetime as dt

import pytest

from privacy import retention, stores
from privacy.datamap import acceptance, discovery
from privacy.models import Plan, Table
from privacy.refusals import Refusal
from tests import engines

pytestmark = pytest.mark.django_db
OLD = dt.datetime(2020, 5, 1, 12, tzinfo=dt.UTC)
NEW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
ROWS = 40


@pytest.fixture(params=engines.ENGINES)
def made(request, database):
    return database(request.param)


def visits(made, now, values, kind="bigint"):
    made.run(
        f"CREATE TABLE visit (id int PRIMARY KEY, email varchar(80), ts {kind},"
        " is_kept boolean)"
    )
    rows = ", ".join(
        f"({n}, 'v{n}@example.com', {'NULL' if ts is None else ts},"
        f" {'true' if n % 2 else 'false'})"
        for n, ts in enumerate(values)
    )
    made.run(f"INSERT INTO visit VALUES {rows}")
    store = stores.connect(name="shop", url=made.url, by="pia", now=now)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(
        columns=acceptance.proposals(store, []), least=0.0, by="pia", now=now
    )


def ruled(now, **where):
    return retention.make(
        name="visits", place="shop.visit", start="ts", where=where, others="",
        category="", months=24, action="delete", title="Visits", citation="Policy",
        by="pia", now=now,
    )  # fmt: skip


def swept(now, **where):
    plan = retention.preview(rule=ruled(now, **where), by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    return retention.carry_out(sweep=plan, clock=lambda: now)


def left(made):
    return [n for (n,) in made.rows("SELECT id FROM visit ORDER BY id")]


@pytest.mark.parametrize(
    ("unit", "kind"), [(1, "int"), (1, "bigint"), (1000, "bigint")]
)
def test_seconds_and_milliseconds_are_dates(made, now, unit, kind):
    old, new = (int(at.timestamp() * unit) for at in (OLD, NEW))
    visits(made, now, [old + n for n in range(ROWS)] + [new, 0, None], kind)

    done = swept(now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert left(made) == [ROWS, ROWS + 1, ROWS + 2]
    assert done.summary["oldest"].startswith("2020-05-01T12:00")


def test_both_in_one_column_are_told_apart(made, now):
    old, new = (int(at.timestamp()) for at in (OLD, NEW))
    visits(made, now, [old, old * 1000, new, new * 1000])

    swept(now)

    assert left(made) == [2, 3]


@pytest.mark.parametrize("values", [[123456789, 600000001], [5, 1588334400], [0, None]])
def test_a_number_that_is_no_time_is_refused(made, now, values):
    visits(made, now, values)

    with pytest.raises(Refusal, match="not a date, nor Unix time"):
        ruled(now)


def test_days_in_texts_are_dates(made, now):
    texts = ["2020-05-01", "2020-05-01T23:30:00-05:00", "2020-05-01 12:00:00",
             "2026-11-01", "2024-11-28"]  # fmt: skip
    visits(made, now, [f"'{text}'" for text in texts], "text")

    done = swept(now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert done.summary["oldest"].startswith("2020-05-01")
    assert left(made) == [3, 4]  # the last one is two years old today


def test_texts_of_other_countries_and_of_digits_are_dates(made, now):
    old, new = (str(int(at.timestamp())) for at in (OLD, NEW))
    texts = ["01.05.2020", "02.05.2020 12:00", "2020/05/03", old, old + "000",
             "28.11.2026", "2026/11/01 08:00:00", new, new + "999",
             "05/03/2020", "1.5.2020", "0", "2025550143"]  # fmt: skip
    visits(made, now, [f"'{text}'" for text in texts], "text")

    done = swept(now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert done.summary["oldest"].startswith("2020-05-01")
    assert done.summary["undated"] == 3
    assert left(made) == list(range(5, 13))


@pytest.mark.parametrize("kind", ["double precision", "decimal(20, 6)"])
def test_seconds_with_a_fraction_are_dates(made, now, kind):
    old, new = (at.timestamp() + 0.25 for at in (OLD, NEW))
    visits(made, now, [old, new, 0, None], kind)

    swept(now)

    assert left(made) == [1, 2, 3]


def test_rows_without_a_date_stay_and_are_counted(made, now):
    visits(made, now, ["'2020-05-01'", "''", None], "text")
    rule = ruled(now)
    made.run("INSERT INTO visit VALUES (9, 'v9@example.com', 'soon', true)")

    assert retention.undated(rule, now) == 3
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    retention.carry_out(sweep=plan, clock=lambda: now)
    assert left(made) == [1, 2, 9]


@pytest.mark.parametrize(
    ("values", "kind", "start"),
    [
        ([int(OLD.timestamp())] * 3, "bigint", "ts"),
        ([int(OLD.timestamp() * 1000), 0], "bigint", "ts"),
        (["'2020-05-01T12:00:00Z'", None], "text", "ts"),
        (["'2020-05-01'", "'soon'"], "text", ""),
        (["'01.05.2020'", "'02.05.2020 14:03'"], "text", "ts"),
        (["'1588334400'", "'1588334400000'"], "text", "ts"),
        (["'1588334400'", "'7'"], "text", ""),
        ([7, 2025550107], "bigint", ""),
    ],
)
def test_discovery_finds_the_time_that_a_row_began(made, now, values, kind, start):
    visits(made, now, values, kind)

    assert Table.objects.get(store__name="shop").start == start


@pytest.mark.parametrize(("word", "kept"), [("false", [1, 3]), ("YES", [0, 2])])
def test_yes_and_no_are_written_as_people_write_them(made, now, word, kept):
    visits(made, now, [int(OLD.timestamp())] * 4)

    swept(now, is_kept=word)

    assert left(made) == kept
