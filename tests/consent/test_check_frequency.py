"""Messages counted in the platform's own table, as the caps want them."""

import datetime as dt

import psycopg
import pytest
from django.db import connections

from consent import transfer
from consent.check import frequency
from privacy import identifiers
from privacy.models import Store
from privacy.sample import generate, loading

pytestmark = pytest.mark.django_db
SENT = """
SELECT to_number, organization_id::text, array_agg(sent_at ORDER BY sent_at DESC)
FROM sms_events
WHERE direction = 'outbound' AND traffic_type = 'marketing'
  AND sent_at > %(after)s AND sent_at <= %(at)s AND to_number LIKE '+1%%'
GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 20
"""


@pytest.fixture
def platform(scratch_database, now, tmp_path):
    address = scratch_database()
    with psycopg.connect(address.conninfo) as connection:
        generate(connection, seed=1, scale=0.01, now=now, recordings=tmp_path)
    name = address.url.partition("?")[0].rpartition("/")[2]
    loading.connect(database=name, recordings=tmp_path, by="pia", now=now)
    store = Store.objects.get(name="sample")
    transfer.describe_sample(store)
    yield address
    connections[store.alias].close()


def test_counts_are_those_of_the_table(platform, now):
    """By every sender, in thirty days; numbers in other notations are found too."""
    at = now - dt.timedelta(days=1)
    with psycopg.connect(platform.conninfo) as direct:
        values = {"after": at - frequency.MONTH, "at": at}
        rows = direct.execute(SENT, values).fetchall()

    assert len(rows) > 5
    for number, organization, moments in rows:
        found = frequency.sent_to([identifiers.phone(number)], organization, at)
        assert set(moments) <= set(found[number])
        assert len(found) == 1


def test_an_organization_the_table_cannot_have_sent_nothing(platform, now):
    mark = identifiers.phone("+12025550117")

    assert frequency.sent_to([mark], "not an id of theirs", now) == {}
