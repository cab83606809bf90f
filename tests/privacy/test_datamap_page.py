"""docs/datamap.md says every word of the file, and its example is one."""

import re
from pathlib import Path

import pytest

from privacy.datamap import Map, drift, files, linking

PAGE = Path(__file__).resolve().parents[2] / "docs" / "datamap.md"
SHOP = """
CREATE TABLE customer (id int PRIMARY KEY, email text, born date);
CREATE TABLE invoice (id int PRIMARY KEY, issued_at timestamptz,
    customer_id int REFERENCES customer);
"""


def words(of):
    """Those in the first column of the table that begins so."""
    page = PAGE.read_text(encoding="utf-8")
    rows = page.split(f"| of a {of} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return {word for row in rows for word in re.findall(r"`(\w+)`", row.split("|")[1])}


@pytest.mark.parametrize(
    ("of", "known"),
    [
        ("table", files.TABLE_KEYS),
        ("column", files.COLUMN_KEYS),
        ("link", linking.KEYS),
    ],
)
def test_every_word_is_explained_and_no_other(of, known):
    assert words(of) == known


@pytest.mark.django_db
def test_the_example_is_a_complete_map(connect, now):
    store, _ = connect("shop", SHOP)
    example = re.search(r"```yaml\n(store: shop.*?)```", PAGE.read_text("utf-8"), re.S)

    files.load(text=example.group(1), by="pia", now=now)

    assert drift.problems(Map(store)) == []
