"""Messages counted in the platform's own table, as the caps want them."""

import datetime as dt

import psycopg
import pytest
from django.db import connections

from consent import transfer
from consent.check import frequency
from consent.models import MessageLog, Program
from privacy import identifiers, promises
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
        assert set(moments) <= {message.at for message in found[number]}
        assert len(found) == 1


def test_an_organization_the_table_cannot_have_sent_nothing(platform, now):
    mark = identifiers.phone("+12025550117")

    assert frequency.sent_to([mark], "not an id of theirs", now) == {}


PLANT = """
INSERT INTO sms_events (organization_id, direction, traffic_type, from_number,
    to_number, status, billable_amount, sent_at, created_at)
SELECT organization_id, direction, traffic_type, from_number, %(to)s, status,
    billable_amount, %(at)s, %(at)s
FROM sms_events WHERE organization_id = %(sender)s AND traffic_type = 'marketing'
    AND direction = 'outbound' LIMIT 1
"""
NOTATIONS = ("+1202555{}", "(202) 555-{}", "202.555.{}")
STATED = 3
# The days before now on which a person got marketing.
TOO_OFTEN = {
    "0181": [1, 2, 3, 29],
    "0182": [28, 30, 40, 57],  # thirty days that ended within the last thirty
    "0183": [31, 32, 33, 34],
}
NOT_TOO_OFTEN = {
    "0184": [1, 2, 3],
    "0185": [1, 2, 3, 31.1],  # a fourth, but in no thirty days with the others
    "0186": [61, 62, 63, 64],  # long over
}


def look(now):
    return promises.CHECKS["frequency"](now=now)


def test_who_got_more_than_was_stated_is_counted(platform, now):
    program = Program.objects.exclude(numbers=[]).order_by("pk")[0]
    Program.objects.update(monthly_cap=STATED)

    def send(people):
        with psycopg.connect(platform.conninfo, autocommit=True) as direct:
            for line, days in people.items():
                for place, each in enumerate(days):
                    to = NOTATIONS[place % len(NOTATIONS)].format(line)
                    at = now - dt.timedelta(days=each)
                    values = {"to": to, "at": at, "sender": program.organization}
                    assert direct.execute(PLANT, values).rowcount == 1

    send(NOT_TOO_OFTEN)
    assert look(now).state == "kept", look(now)
    send(TOO_OFTEN)

    (found,) = look(now).evidence
    assert (found.count, str(program) in found.sentence) == (len(TOO_OFTEN), True)

    Program.objects.filter(pk=program.pk).update(monthly_cap=None)
    (found,) = look(now).evidence
    assert found.sentence == f"{program} does not say how many"

    MessageLog.objects.all().delete()
    Program.objects.update(monthly_cap=STATED)
    assert look(now).state == "unknown"

    Program.objects.all().delete()
    assert look(now).state == "unkept"
