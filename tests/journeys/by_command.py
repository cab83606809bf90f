"""From a dump to every ending: what a person types, and nothing else."""

import csv
import io
import zipfile
from pathlib import Path

from tests import engines
from tests.journeys.conftest import command

DATABASES = Path(__file__).resolve().parent.parent / "data" / "databases"


def loaded(database, name):
    script = (DATABASES / name).read_text(encoding="utf-8-sig")
    database.run(engines.without_database(script))
    return database


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
            bare(name): len(list(csv.reader(_text(copy, name)))) - 1
            for name in copy.namelist()
            if name.endswith(".csv") and bare(name) != "redactions"
        }


def _text(copy, name):
    return io.StringIO(copy.read(name).decode("utf-8-sig"), newline="")


def bare(name):
    """folder/chinook.invoice_line.csv and InvoiceLine alike."""
    table = name.rsplit("/", 1)[-1].removesuffix(".csv").rsplit(".", 1)[-1]
    return table.replace("_", "").lower()


def swept(rule):
    """Rows that it said would go; a second run finds none."""
    [sweep] = command("retention", "preview", rule, "--by", "lena")
    command("retention", "approve", sweep["sweep"], "--by", "max")
    [done] = command("retention", "run", rule, "--wait", "--by", "max")
    assert (done["status"], done["problem"]) == ("done", ""), done
    assert done["progress"]["rows"] == sweep["rows"]
    [again] = command("retention", "preview", rule, "--by", "lena")
    assert again["rows"] == 0
    return sweep["rows"]
