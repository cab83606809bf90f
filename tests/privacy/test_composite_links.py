"""Several references of more than one column between the same two tables: each is a
link of its own."""

import pytest

from privacy import stores
from privacy.datamap import discovery, dumping, files
from privacy.models import Link
from tests import engines

pytestmark = pytest.mark.django_db
SCRIPT = """
CREATE TABLE member (org int NOT NULL, no int NOT NULL, old_no int NOT NULL,
    email varchar(80), PRIMARY KEY (org, no), UNIQUE (org, old_no));
CREATE TABLE deal (id int PRIMARY KEY, org int NOT NULL, seller int, buyer int,
    FOREIGN KEY (org, seller) REFERENCES member (org, no),
    FOREIGN KEY (org, buyer) REFERENCES member (org, no),
    FOREIGN KEY (org, buyer) REFERENCES member (org, old_no));
INSERT INTO member VALUES (1, 1, 1, 'ada@example.com'), (1, 2, 2, 'ben@example.org');
INSERT INTO deal VALUES (1, 1, 1, 2), (2, 1, 2, 1);
"""
LINKS = {
    ("org", "seller", "org", "no"),
    ("org", "buyer", "org", "no"),
    ("org", "buyer", "org", "old_no"),
}


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_each_composite_reference_between_two_tables_is_a_link(database, now, engine):
    made = database(engine)
    made.run(SCRIPT)
    store = stores.connect(name="shop", url=made.url, by="pia", now=now)

    discovery.discover(store=store, by="pia", now=now)
    found = links()
    discovery.discover(store=store, by="pia", now=now)
    again = links()
    files.load(text=dumping.dump(store), by="pia", now=now)

    assert found == again == links() == dict.fromkeys(LINKS, True)


def links():
    every = Link.objects.filter(table__name="deal").order_by("pk")
    found = [((*each.columns, *each.target_columns), each.is_constraint)
             for each in every]  # fmt: skip
    assert len(found) == len(dict(found))
    return dict(found)
