"""From a dump of any engine to access, erasure and retention, by commands alone."""

import re
import zipfile
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from privacy.models import Rule
from tests import engines
from tests.journeys.conftest import command

pytestmark = pytest.mark.django_db(transaction=True)
DATABASES = Path(__file__).resolve().parent.parent / "data" / "databases"
WHO = "luisg@embraer.com.br"
EXPECTED = {"customer": 1, "invoice": 7, "invoiceline": 38}
FILES = {
    "postgresql": "chinook_postgresql.sql",
    "mariadb": "chinook_mysql.sql",
    "sqlite": "chinook_sqlite.sql",
}


@pytest.fixture
def legal():
    """Two of them: who plans does not approve."""
    for name in ("lena", "max"):
        user = User.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get(name="Legal"))


def loaded(database, name):
    script = (DATABASES / name).read_text(encoding="utf-8-sig")
    database.run(engines.without_database(script))
    return database


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


def finished(right, who):
    number = command(
        "dsr", "new", "--right", right, "--regime", "GDPR", "--email", who,
        "--by", "lena",
    )["id"]  # fmt: skip
    command("dsr", "plan", number, "--by", "lena")
    command("dsr", "approve", number, "--by", "max")
    command("dsr", "fulfil", number, "--wait", "--by", "max")
    return number


def given(folder, who):
    """Rows of each table in a person's copy."""
    out = str(folder / "copy.zip")
    command("dsr", "package", finished("access", who), "--out", out, "--by", "lena")
    with zipfile.ZipFile(out) as copy:
        return {
            bare(name): len(copy.read(name).decode("utf-8-sig").splitlines()) - 1
            for name in copy.namelist()
            if name.endswith(".csv")
        }


def bare(name):
    """folder/chinook.invoice_line.csv and InvoiceLine alike."""
    table = name.rsplit("/", 1)[-1].removesuffix(".csv").split(".", 1)[-1]
    return table.replace("_", "").lower()


def swept(rule):
    """Rows that it said would go; a second run finds none."""
    [sweep] = command("retention", "preview", rule, "--by", "lena")
    command("retention", "approve", sweep["sweep"], "--by", "max")
    [done] = command("retention", "run", rule, "--wait", "--by", "max")
    assert (done["status"], done["problem"]) == ("done", "")
    assert done["progress"]["rows"] == sweep["rows"]
    [again] = command("retention", "preview", rule, "--by", "lena")
    assert again["rows"] == 0
    return sweep["rows"]


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


def test_the_example_of_fides_is_discovered(database):
    made = loaded(database("mariadb"), "fides_mysql_example.sql")
    command("stores", "add", "fides", made.url)
    command("datamap", "discover", "fides")
    command("datamap", "accept", "fides", "--links")
    command("datamap", "check", "fides")


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
