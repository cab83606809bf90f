"""The map as YAML: what is wrong with it is said in one sentence, with the line."""

import pytest

from privacy.datamap import dumping, files
from privacy.models import Column, Table

pytestmark = pytest.mark.django_db
SHOP = """
CREATE TABLE person (id int PRIMARY KEY, "First Name" text, mail text, extra jsonb);
CREATE SCHEMA old;
CREATE TABLE old.person (id int PRIMARY KEY, mail text);
"""
MAP = """store: shop
tables:
  person:
    about: person
    erasure: deidentify
    columns:
      id: {not_personal: A key}
      First_Name:
        category: profile_contact
        source: direct
        purposes: [provide]
        identifier: name
        treatment: nullify
      mail:
        category: profile_contact
        source: direct
        purposes: [provide, communicate]
        identifier: email
        treatment: {strategy: truncate, first: 1}
      extra.likes:
        category: voluntary
        source: direct
        purposes: [provide]
        treatment: keep
        ground: Asked for by the person
  old.person:
    columns:
      id: {not_personal: A key}
"""


@pytest.fixture
def shop(connect):
    return connect("shop", SHOP)[0]


def load(text, now):
    return files.load(text=text, by="pia", now=now)


def test_a_map_goes_out_and_comes_in_the_same(shop, now):
    load(MAP, now)
    said = dumping.dump(shop)

    load(said, now)

    assert dumping.dump(shop) == said
    assert Column.objects.get(name="First_Name").options["column"] == "First Name"
    assert Column.objects.get(path=["likes"]).kind == "JSONPath"


def test_a_table_that_the_file_leaves_out_leaves_the_map(shop, now):
    load(MAP, now)

    load(MAP.split("  old.person:")[0], now)

    assert [str(table) for table in Table.objects.all()] == ["shop.person"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("store: shop", "store: [shop", r"is not YAML \(line 2\)"),
        ("  old.person:", "  nobody:", r"Line 26: shop has no table nobody"),
        ("      mail:", "      fax:", r"Line 14: .* has no column fax"),
        ("identifier: name", "kind: name", r"Line 8: .* has an unknown key kind"),
        ("category: voluntary", "category: hobby", r"Line 20: .* unknown category"),
        ("        source: direct\n", "", r"lacks source"),
        ("treatment: nullify", "treatment: md5", r"Line 8: .* hash without a key"),
        ("ground: Asked for by the person", "ground: ''", r"Line 20: .* lacks ground"),
        ("about: person", "about: animal", r"Line 3: .*not a valid choice"),
        ("purposes: [provide, communicate]", "purposes: provide", r"must be a list"),
        ("      mail:\n", "      id: {}\n      mail:\n", r"id is there twice"),
        ("      id: {not_personal: A key}\n  ", "    - id\n  ", r"must be keys|YAML"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(shop, now, old, new, sentence):
    load(MAP, now)
    before = dumping.dump(shop)

    with pytest.raises(files.BadMap, match=sentence) as refused:
        load(MAP.replace(old, new, 1), now)

    assert "\n" not in str(refused.value)
    assert "Nothing was changed" in str(refused.value)
    assert dumping.dump(shop) == before


@pytest.mark.parametrize("text", ["", "[]", "store: shop", "a: &a [*a]", "tables: 3"])
def test_what_is_no_map_at_all_is_refused(shop, now, text):
    with pytest.raises(files.BadMap):
        load(text, now)
