"""Coordinates and dates that are kept as texts or points are made coarser, in every
engine that has them, and keep their form."""

import pytest
from django.db import connections

from privacy import changes, stores
from privacy.datamap import Map, discovery
from privacy.models import Column
from tests import engines

pytestmark = pytest.mark.django_db
COARSEN, YEAR = {"strategy": "coarsen"}, {"strategy": "year"}
MONTH = {"strategy": "generalise_date", "to": "month"}
DECADE = {"strategy": "generalise_date", "to": "decade"}
TEXTS = [
    ("52.52001", COARSEN, "52.5"),
    ("-0.12751", COARSEN, "-0.1"),
    ("7", COARSEN, "7"),
    ("52.52001,13.40501", COARSEN, "52.5,13.4"),
    ("52.52001, -13", COARSEN, "52.5, -13"),
    ("(13.40501 52.52001)", COARSEN, "(13.4 52.5)"),
    ("SRID=4326;POINT(13.40501 52.52001)", COARSEN, "SRID=4326;POINT(13.4 52.5)"),
    ("52.52001,13.40501", COARSEN | {"decimals": 2}, "52.52,13.40"),
    ("52,52001", COARSEN, None),  # a comma for the point
    ("52,520", COARSEN, None),
    ("52 31 12 N", COARSEN, None),
    ("u33dc0cpk", COARSEN, None),
    ("17.05.1987", YEAR, "01.01.1987"),
    ("7.5.1987", MONTH, "01.05.1987"),
    ("17.05.1987", DECADE, "01.01.1980"),
    ("05/17/1987", YEAR, "01/01/1987"),
    ("5/6/1987", MONTH, "01/01/1987"),  # of May, or of June
    ("17-05-1987", YEAR, "01-01-1987"),
    ("1987-05-17", MONTH, "1987-05-01"),
    ("17.25.1987", YEAR, None),
    ("17. Mai 1987", YEAR, None),
]
POINTS = {
    "postgresql": "CREATE TABLE spot (id int PRIMARY KEY, at point, said text);"
    "INSERT INTO spot VALUES (1, point(13.40501, 52.52001), NULL), (2, NULL, NULL)",
    "mariadb": "CREATE TABLE spot (id int PRIMARY KEY, at point, said text);"
    "INSERT INTO spot VALUES (1, ST_GeomFromText('POINT(13.40501 52.52001)', 4326),"
    " NULL), (2, NULL, NULL)",
    "sqlite": "CREATE TABLE spot (id int PRIMARY KEY, said text);"
    "INSERT INTO spot VALUES (1, NULL), (2, NULL)",
}
READ = {
    "postgresql": "SELECT at::text FROM spot ORDER BY id",
    "mariadb": "SELECT concat(ST_SRID(at), ST_AsText(at)) FROM spot ORDER BY id",
}
COARSE = {"postgresql": "(13.4,52.5)", "mariadb": "4326POINT(13.4 52.5)"}


@pytest.fixture(params=engines.ENGINES)
def spots(request, database, now):
    made = database(request.param)
    made.run(POINTS[made.engine])
    store = stores.connect(name="spots", url=made.url, by="pia", now=now)
    discovery.discover(store=store, by="pia", now=now)
    yield made, Map(store)
    connections[store.alias].close()


def run(mapped, name, treatment):
    real = mapped.column(mapped.tables["spot"], name)
    one = Column(table=real.table, name=name, kind=real.kind, options=real.options,
                 treatment=treatment)  # fmt: skip
    rows = mapped.rows(real.table)
    raw = rows.filter(changes.still_raw([one]))
    return raw.update(**changes.assignments([one])), raw.count()


def rows(mapped, statement):
    with connections[mapped.alias].cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


def test_texts_get_coarser_once_and_keep_their_form(spots):
    _, mapped = spots
    model = mapped.rows(mapped.tables["spot"])
    for before, treatment, after in TEXTS:
        model.filter(pk=1).update(said=before)

        changed, left = run(mapped, "said", treatment)

        assert model.get(pk=1).said == after, before
        assert (changed, left) == (int(before != after), 0), before
        assert run(mapped, "said", treatment) == (0, 0), before


def test_points_get_coarser_once(spots):
    made, mapped = spots
    if made.engine == "sqlite":
        assert "at" not in [c.name for c in mapped.columns(mapped.tables["spot"])]
        return  # it has no points

    assert run(mapped, "at", COARSEN) == (1, 0)
    assert rows(mapped, READ[made.engine]) == [COARSE[made.engine], None]
    assert run(mapped, "at", COARSEN) == (0, 0)
