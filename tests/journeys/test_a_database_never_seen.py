"""Chinook, connected and asked about a customer with nothing but commands."""

import csv
import io
import json
import zipfile

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from privacy.models import Store
from tests.journeys.conftest import command
from tests.privacy.conftest import chinook_script

pytestmark = pytest.mark.django_db(transaction=True)
WHO = "luisg@embraer.com.br"
ROWS = {
    "customer": "SELECT customer_id FROM customer WHERE email = %s",
    "invoice": "SELECT invoice_id FROM invoice JOIN customer USING (customer_id)"
    " WHERE email = %s",
    "invoice_line": "SELECT invoice_line_id FROM invoice_line JOIN invoice"
    " USING (invoice_id) JOIN customer USING (customer_id) WHERE email = %s",
}


@pytest.fixture
def chinook(scratch_database):
    address = scratch_database()
    with psycopg.connect(address.conninfo, autocommit=True) as direct:
        direct.execute(chinook_script())
        command("stores", "add", "chinook", address.url)
        yield direct
    for store in Store.objects.all():
        connections[store.alias].close()


def read(package):
    """The CSV files of a copy, by table."""
    with zipfile.ZipFile(package) as copy:
        return {
            name.rsplit("/", 1)[-1].removesuffix(".csv").rsplit(".", 1)[-1]: list(
                csv.DictReader(io.StringIO(copy.read(name).decode("utf-8-sig")))
            )
            for name in copy.namelist()
            if name.endswith(".csv")
        }


def test_an_access_request_gives_exactly_the_rows_that_sql_finds(
    chinook, legal, tmp_path
):
    command("datamap", "discover", "chinook")
    opened = command(
        "dsr", "new", "--right", "access", "--regime", "GDPR", "--email", WHO,
        "--by", "lena",
    )  # fmt: skip
    number = opened["id"]
    command("dsr", "plan", number, "--by", "lena")
    command("dsr", "approve", number, "--by", "max")
    command("dsr", "fulfil", number, "--wait", "--by", "max")
    command("dsr", "package", number, "--out", str(tmp_path / "c.zip"), "--by", "lena")

    given = read(tmp_path / "c.zip")

    assert set(given) == set(ROWS)
    for table, query in ROWS.items():
        expected = {str(key) for (key,) in chinook.execute(query, [WHO])}
        assert len(given[table]) == len(expected) > 0
        assert {row[f"{table}_id"] for row in given[table]} == expected
    assert json.dumps(given).count("@") == 1  # hers alone, nobody else's address


def test_a_database_that_is_not_there_is_refused_in_one_sentence(db):
    with pytest.raises(CommandError) as refused:
        call_command("stores", "add", "gone", "postgres://nobody@127.0.0.1:1/none")

    assert str(refused.value).count("\n") == 0
    assert not Store.objects.exists()
