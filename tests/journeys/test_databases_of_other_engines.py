"""From a dump of another engine to access, erasure and retention, by commands alone."""

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
EXPECTED = {"Customer.csv": 1, "Invoice.csv": 7, "InvoiceLine.csv": 38}


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


@pytest.mark.parametrize("engine", ["mariadb", "sqlite"])
def test_chinook_goes_from_its_dump_to_every_ending(database, legal, engine, tmp_path):
    file = {"mariadb": "chinook_mysql.sql", "sqlite": "chinook_sqlite.sql"}[engine]
    chinook = loaded(database(engine), file)
    command("stores", "add", "chinook", chinook.url)
    command("datamap", "discover", "chinook")
    with pytest.raises(CommandError):
        call_command("datamap", "check", "chinook")
    command("datamap", "accept", "chinook", "--links")
    command("datamap", "check", "chinook")

    assert given(tmp_path) == EXPECTED

    finished("erasure")
    [(left,)] = chinook.rows("SELECT count(*) FROM Customer WHERE Email = %s", WHO)
    [(total,)] = chinook.rows("SELECT sum(Total) FROM Invoice")
    assert (left, f"{total:.2f}") == (0, "2328.60")

    ended(chinook)


def finished(right):
    number = command(
        "dsr", "new", "--right", right, "--regime", "GDPR", "--email", WHO,
        "--by", "lena",
    )["id"]  # fmt: skip
    command("dsr", "plan", number, "--by", "lena")
    command("dsr", "approve", number, "--by", "max")
    command("dsr", "fulfil", number, "--wait", "--by", "max")
    return number


def given(folder):
    """Rows of each table in a person's copy."""
    out = str(folder / "copy.zip")
    command("dsr", "package", finished("access"), "--out", out, "--by", "lena")
    with zipfile.ZipFile(out) as copy:
        return {
            name.rsplit("/", 1)[-1].removeprefix("chinook."): len(
                copy.read(name).decode("utf-8-sig").splitlines()
            )
            - 1
            for name in copy.namelist()
            if name.endswith(".csv")
        }


def ended(chinook):
    """Addresses on invoices of more than three years ago, by a rule."""
    where = ("chinook.Invoice", "--date", "InvoiceDate", "--months", "36")
    command("retention", "rule", *where, "--citation", "Policy", "--name", "invoices")
    [sweep] = command("retention", "preview", "invoices", "--by", "lena")
    before = (timezone.now() - relativedelta(months=36)).strftime("%Y-%m-%d %H:%M:%S")
    old = "FROM Invoice WHERE BillingAddress IS NOT NULL AND InvoiceDate < %s"
    [(many,)] = chinook.rows(f"SELECT count(*) {old}", before)
    assert sweep["rows"] == many > 100
    command("retention", "approve", sweep["sweep"], "--by", "max")
    [done] = command("retention", "run", "invoices", "--wait", "--by", "max")
    assert (done["status"], done["problem"]) == ("done", "")
    [again] = command("retention", "preview", "invoices", "--by", "lena")
    assert again["rows"] == 0


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
