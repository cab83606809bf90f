"""UUIDs that are kept as sixteen bytes: BINARY(16), bytea, BLOB."""

import pytest

from privacy import identifiers, stores, subjects
from privacy.datamap import files
from privacy.identifiers import Mark
from privacy.residue import Pass, reading
from privacy.residue.matching import Matcher
from tests import engines

pytestmark = pytest.mark.django_db
BYTES = {"postgresql": "bytea", "mariadb": "binary(16)", "sqlite": "blob"}
LITERAL = {"postgresql": "'\\x{}'", "mariadb": "X'{}'", "sqlite": "X'{}'"}
ADA = "6F9619FF-8B86-D011-B42D-00CF4FC964FF"
BEN = "0a0d0900-2031-4355-8001-000000000002"
SCRIPT = """
CREATE TABLE member (id {bytes} PRIMARY KEY, code {bytes}, email varchar(80));
CREATE TABLE visit (id int PRIMARY KEY, member_id varchar(40), place varchar(40));
CREATE TABLE scan (id int PRIMARY KEY, visitor {bytes});
INSERT INTO member VALUES ({ada}, {ada}, 'ada@example.com'),
    ({ben}, {ben}, 'ben@example.org');
INSERT INTO visit VALUES (1, '6f9619ff-8b86-d011-b42d-00cf4fc964ff', 'Salem'),
    (2, '0a0d0900-2031-4355-8001-000000000002', 'Salem');
INSERT INTO scan VALUES (1, {ada}), (2, {ben}), (3, NULL);
"""
MAP = """
store: shop
tables:
  member:
    about: person
    erasure: delete
    columns:
      id: {not_personal: A key}
      code: {category: profile_contact, identifier: other, source: direct,
             purposes: [provide], treatment: nullify}
      email: {category: profile_contact, identifier: email, source: direct,
              purposes: [provide], treatment: nullify}
  visit:
    about: linked
    erasure: delete
    links: [{column: member_id, to: member.id, role: subject}]
    columns:
      id: {not_personal: A key}
      member_id: {not_personal: A key}
      place: {not_personal: A town}
  scan:
    about: linked
    erasure: delete
    links: [{column: visitor, to: member.id, role: subject}]
    columns: {id: {not_personal: A key}, visitor: {not_personal: A key}}
"""


@pytest.fixture(params=engines.ENGINES)
def shop(request, database, now):
    engine, made = request.param, database(request.param)
    ada, ben = (LITERAL[engine].format(u.replace("-", "")) for u in (ADA, BEN))
    made.run(SCRIPT.format(bytes=BYTES[engine], ada=ada, ben=ben))
    store = stores.connect(name="shop", url=made.url, by="pia", now=now)
    files.load(text=MAP, by="pia", now=now)
    return store


@pytest.mark.parametrize(
    "mark",
    [identifiers.email("ada@example.com"), Mark("other", ADA),
     Mark("shop.member", ADA)],
    ids=["e-mail", "code", "key"],
)  # fmt: skip
def test_a_person_is_found_by_bytes_and_by_text_that_means_them(shop, now, mark):
    [found] = subjects.everywhere(marks=[mark], at=now)

    rows = {(row.table.name, str(row.key[0])) for row in found.rows.values()}
    assert {name for name, _ in rows} == {"member", "visit", "scan"}
    assert len(rows) == 3
    assert {("visit", "1"), ("scan", "1")} < rows


def test_the_search_for_what_is_left_reads_bytes_too(shop):
    """Texts always, and bytes that are no key and no reference."""
    seen, mark = Pass(), Mark("other", ADA)

    reading.read_store(shop, Matcher([mark]), seen)

    assert {hit.place for hit in seen.hits[mark]} == {
        "shop.member.code", "shop.visit.member_id",
    }  # fmt: skip
