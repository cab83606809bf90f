"""From a dump of any engine to access, erasure and retention, by commands alone."""

import re

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from privacy.models import Rule
from tests.journeys.by_command import finished, given, loaded, swept
from tests.journeys.conftest import command

pytestmark = pytest.mark.django_db(transaction=True)
WHO = "luisg@embraer.com.br"
EXPECTED = {"customer": 1, "invoice": 7, "invoiceline": 38}
FILES = {
    "postgresql": "chinook_postgresql.sql",
    "mariadb": "chinook_mysql.sql",
    "sqlite": "chinook_sqlite.sql",
}


@pytest.mark.parametrize("engine", list(FILES))
def test_chinook_goes_from_its_dump_to_every_ending(database, legal, engine, tmp_path):
    chinook = loaded(database(engine), FILES[engine])
    command("stores", "add", "chinook", chinook.url)
    command("datamap", "discover", "chinook")
    with pytest.raises(CommandError):
        call_command("datamap", "check", "chinook")
    command("datamap", "accept", "chinook", "--links")
    command("datamap", "check", "chinook")

    assert given(tmp_path, WHO) == EXPECTED

    finished("erasure", WHO)
    customer, email, invoice, total = names(chinook, "Customer Email Invoice Total")
    [(left,)] = chinook.rows(f"SELECT count(*) FROM {customer} WHERE {email} = %s", WHO)
    [(money,)] = chinook.rows(f"SELECT sum({total}) FROM {invoice}")
    assert (left, f"{money:.2f}") == (0, "2328.60")

    ended(chinook)
    without_an_invoice(chinook)


def names(chinook, words):
    """As the engine's own dump writes them, ready for a statement."""
    return [called(chinook, word) for word in words.split()]


def called(chinook, word):
    if chinook.engine == "postgresql":
        return re.sub("(?<!^)(?=[A-Z])", "_", word).lower()
    return chinook.quoted(word)


def ended(chinook):
    """Addresses on invoices of more than three years ago, by a rule."""
    invoice, date, address = (
        called(chinook, word) for word in ("Invoice", "InvoiceDate", "BillingAddress")
    )
    place = f"chinook.{invoice.strip('`' + chr(34))}"
    days = ("--date", date.strip('`"'), "--months", "36")
    command("retention", "rule", place, *days, "--citation", "Policy", "--name", "old")
    before = (timezone.now() - relativedelta(months=36)).strftime("%Y-%m-%d %H:%M:%S")
    past = f"FROM {invoice} WHERE {address} IS NOT NULL AND {date} < %s"
    [(many,)] = chinook.rows(f"SELECT count(*) {past}", before)
    assert swept("old") == many > 100


def without_an_invoice(chinook):
    """Thirteen customers, as the README of the databases counts them."""
    customer, email, invoice, key, date = names(
        chinook, "Customer Email Invoice CustomerId InvoiceDate"
    )
    place, other = (f"{name}".strip('`"') for name in (customer, invoice))
    condition = ("--without", other, "--since", "2025-01-01", "--name", "asleep")
    command("retention", "rule", f"chinook.{place}", *condition, "--citation", "Policy")
    asleep = (
        f"SELECT {email} FROM {customer} c WHERE NOT EXISTS (SELECT 1 FROM {invoice} i"
        f" WHERE i.{key} = c.{key} AND i.{date} >= '2025-01-01')"
    )
    before, everybody = chinook.rows(asleep), f"SELECT {email} FROM {customer}"
    awake = {mail for (mail,) in chinook.rows(everybody)} - {m for (m,) in before}
    assert swept("asleep") == len(before) == 13
    after = {mail for (mail,) in chinook.rows(everybody)}
    assert awake < after
    assert not after & {mail for (mail,) in before if mail}


JOHN = {
    "customer": 1, "orders": 3, "paymentcard": 1, "login": 6, "visit": 1,
    "servicerequest": 1, "compositepktest": 1,
}  # fmt: skip


def test_the_shop_of_fides_goes_from_its_dump_to_every_ending(
    database, legal, tmp_path
):
    shop = loaded(database("postgresql"), "fides_postgres_sample.sql")
    command("stores", "add", "shop", shop.url)
    command("datamap", "discover", "shop")
    command("datamap", "accept", "shop")
    command("datamap", "check", "shop")
    who = "customer-1@example.com"

    assert given(tmp_path, who) == JOHN

    finished("erasure", who)
    assert read_all(shop, "customer-1|John|123456789") == ["loyalty"]  # by name only
    [(orders,)] = shop.rows("SELECT count(*) FROM orders")
    assert orders == 5

    condition = ("--without", "login.time by customer_id", "--since", "2021-01-07")
    command(
        "retention", "rule", "shop.customer", *condition, "--citation", "Policy",
        "--name", "asleep",
    )  # fmt: skip
    assert swept("asleep") == 2
    assert read_all(shop, "customer-2|Jill|Jane Customer") == [
        "loyalty", "service_request", "visit",
    ]  # fmt: skip


def read_all(shop, pattern):
    """Tables of the shop whose rows say it anywhere."""
    tables = shop.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    query = "SELECT count(*) FROM {} t WHERE t::text ~ %s"
    return sorted(
        name for (name,) in tables if shop.rows(query.format(name), pattern) != [(0,)]
    )


ROWS_OF_FIDES = """
INSERT INTO address VALUES (1, 7, 'Elm Street', 'Salem', 'OR', '97301'),
 (2, 9, 'Oak Street', 'Salem', 'OR', '97302'),
 (4, 1, 'Main Street', 'Salem', 'OR', '97303');
INSERT INTO customer VALUES
 (1, 'ada@example.com', 'Ada Stone', '2020-04-01 11:47:42', 1),
 (2, 'max@example.com', 'Max Frost', '2020-04-01 11:47:42', 2);
INSERT INTO employee VALUES (1, 'eve@example.com', 'Eve Marsh', 4);
INSERT INTO payment_card VALUES ('pay_a', 'Visa 1', 4111111111111111, 321, 1, 1, 1),
 ('pay_b', 'Visa 2', 5555555555554444, 123, 0, 2, 2);
INSERT INTO orders VALUES ('ord_a', 1, 2, 'pay_a'), ('ord_b', 2, 1, 'pay_b'),
 ('ord_c', 1, 1, 'pay_a');
INSERT INTO order_item VALUES ('ord_a', 1, 1, 1), ('ord_b', 1, 1, 1),
 ('ord_c', 1, 1, 1);
INSERT INTO visit VALUES ('ada@example.com', '2021-01-06 01:00:00'),
 ('max@example.com', '2026-01-06 01:00:00');
INSERT INTO login VALUES (1, 1, '2021-01-01 01:00:00'), (2, 1, '2021-01-02 01:00:00'),
 (3, 2, '2026-01-06 01:00:00');
INSERT INTO service_request VALUES ('ser_a', 'ada@example.com',
 'ada@home.example.org', '2021-01-01', '2021-01-03', 1),
 ('ser_b', 'max@example.com', NULL, '2021-01-04', NULL, 1);
INSERT INTO report VALUES (1, 'admin@example.com', 'Monthly Report', 2021, 8, 100);
INSERT INTO `Lead` VALUES ('ada@example.com', '2021-01-06 01:00:00');
"""
ADA = {
    "customer": 1, "paymentcard": 1, "orders": 2, "orderitem": 2, "visit": 1,
    "login": 2,    "servicerequest": 1, "lead": 1,
}  # fmt: skip


def test_the_example_of_fides_goes_to_every_ending_in_mariadb(
    database, legal, tmp_path
):
    """Four of its tables have no key, and its dump has no rows: these are ours."""
    made = loaded(database("mariadb"), "fides_mysql_example.sql")
    made.run(ROWS_OF_FIDES)
    command("stores", "add", "fides", made.url)
    command("datamap", "discover", "fides")
    command("datamap", "accept", "fides", "--links")
    command("datamap", "check", "fides")

    assert given(tmp_path, "ada@example.com") == ADA

    finished("erasure", "ada@example.com")
    for table in ("customer", "visit", "`Lead`", "service_request", "payment_card"):
        text = str(made.rows(f"SELECT * FROM {table}"))
        assert not re.search("ada@|Ada Stone|4111111111111111", text), table
    assert made.rows("SELECT count(*) FROM orders") == [(3,)]
    assert "max@example.com" in str(made.rows("SELECT * FROM visit"))

    old = ("--date", "last_visit", "--months", "24", "--ending", "delete")
    command(
        "retention", "rule", "fides.visit", *old, "--citation", "Policy", "--name", "v"
    )
    assert swept("v") == 1
    assert made.rows("SELECT email FROM visit") == [("max@example.com",)]


@pytest.mark.parametrize(
    "wrong",
    [
        ("chinook.Invoice", "--date", "Total", "--months", "1"),
        ("chinook.Invoice", "--date", "InvoiceDate"),
        ("chinook.Nothing", "--date", "InvoiceDate", "--months", "1"),
        ("other.Invoice", "--date", "InvoiceDate", "--months", "1"),
        ("chinook.Invoice", "--date", "InvoiceDate", "--months", "1", "--where", "x"),
        ("chinook.Invoice", "--date", "InvoiceDate", "--days", "1", "--where", "x=1"),
    ],
)
def test_a_rule_that_can_not_be_is_refused_in_one_sentence(database, wrong):
    chinook = loaded(database("sqlite"), "chinook_sqlite.sql")
    command("stores", "add", "chinook", chinook.url)
    command("datamap", "discover", "chinook")

    with pytest.raises(CommandError) as refused:
        call_command("retention", "rule", *wrong, "--citation", "Policy")

    assert "\n" not in str(refused.value)
    assert not Rule.objects.exists()
