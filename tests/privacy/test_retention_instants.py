"""A rule counts from dates as stores hold them: also from Unix time in a number."""

import datetime as dt

import pytest

from privacy import retention, stores
from privacy.datamap import acceptance, discovery
from privacy.models import Plan
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


@pytest.mark.parametrize(("word", "kept"), [("false", [1, 3]), ("YES", [0, 2])])
def test_yes_and_no_are_written_as_people_write_them(made, now, word, kept):
    visits(made, now, [int(OLD.timestamp())] * 4)

    swept(now, is_kept=word)

    assert left(made) == kept
