"""Who of several people in a row it is about: of trades and styles of others."""

import pytest

from privacy.datamap import discovery
from privacy.models import Column, Link
from tests.privacy.test_engines_at_work import connected

pytestmark = pytest.mark.django_db
SCRIPT = """
CREATE TABLE EMPMST (EMPNO char(6) PRIMARY KEY, LSTNAM varchar(30), FSTNAM varchar(30),
  BRTHDT char(8), TELNR varchar(20), EMLADR varchar(60), SUPNO char(6)
  REFERENCES EMPMST(EMPNO));
CREATE TABLE EMGCNT (EMPNO char(6) PRIMARY KEY REFERENCES EMPMST(EMPNO),
  CNTNAM varchar(60), CNTTEL varchar(20));
CREATE TABLE EMPADR (EMPNO char(6) NOT NULL, ADRTYP char(1), ADLIN1 varchar(40),
  ZIPCD char(5), PRIMARY KEY (EMPNO, ADRTYP));
CREATE TABLE EMPHST (EMPNO char(6), CHGDT date, LSTNAM varchar(30), TELNR varchar(20),
  EMLADR varchar(60));
CREATE TABLE BNKACT (ACTSEQ int PRIMARY KEY, EMPNO char(6) NOT NULL
  REFERENCES EMPMST(EMPNO), ROUTNO char(9), HLDNAM varchar(60));
CREATE TABLE LVEREQ (REQNO int PRIMARY KEY, EMPNO char(6) NOT NULL
  REFERENCES EMPMST(EMPNO), APVNO char(6) REFERENCES EMPMST(EMPNO),
  REASON varchar(100));
CREATE TABLE AENDPROT (LFDNR int PRIMARY KEY, TABELLE varchar(30), SATZNR char(6),
  ALTWERT text);
CREATE TABLE booking (pnr char(6) PRIMARY KEY, booked_by char(6)
  REFERENCES member(id), contact_email varchar(60));
CREATE TABLE member (id char(6) PRIMARY KEY, ffp_no char(9) UNIQUE, surname varchar(30),
  email varchar(60), birth_date date);
CREATE TABLE passenger (pnr char(6) REFERENCES booking(pnr), pax_no int, member_id
  char(6) REFERENCES member(id), full_name varchar(60), birth_date date,
  PRIMARY KEY (pnr, pax_no));
CREATE TABLE companion_pass (holder_ffp_no char(9), companion varchar(60));
CREATE TABLE review (id int PRIMARY KEY, authorId char(6) NOT NULL
  REFERENCES member(id), subjectId char(6) NOT NULL REFERENCES member(id),
  stars int, body text);
CREATE TABLE SCHUELER (SNR int PRIMARY KEY, NACHNAME varchar(40), VORNAME varchar(40),
  NOTFALLTEL varchar(20));
"""
PEOPLE = 12
FIRST = (
    "Ada", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Hassan", "Ines",
    "Jonas", "Karla", "Liam",
)  # fmt: skip


def filled(made):
    made.run(SCRIPT)
    for n, first in enumerate(FIRST):
        key, mail = f"00{1000 + n * 7}", f"p{n}@example.com"
        after = f"00{1000 + (n + 1) % PEOPLE * 7}"
        boss = "NULL" if n < 2 else "'001000'"
        phone, born = f"(202) 555-{100 + n:04}", f"19{60 + n}-03-1{n % 9}"
        made.run(
            f"INSERT INTO EMPMST VALUES ('{key}', 'STONE', '{first}',"
            f" '{born.replace('-', '')}', '{phone}', '{mail}', {boss});"
            f"INSERT INTO EMGCNT VALUES ('{key}', '{first} Hill', '{phone}');"
            f"INSERT INTO EMPADR VALUES ('{key}', 'H', '{n + 1} Birch Road', '45401');"
            f"INSERT INTO EMPHST VALUES ('{key}', '2014-01-0{n % 9 + 1}', 'FROST',"
            f" '(202) 555-{150 + n:04}', 'was{n}@example.net');"
            f"INSERT INTO BNKACT VALUES ({n}, '{key}', '021000021', '{first} Hill');"
            f"INSERT INTO LVEREQ VALUES ({n}, '{key}', {boss}, 'Ill');"
            f"INSERT INTO AENDPROT VALUES ({n}, 'EMPMST', '{key}', '');"
            f"INSERT INTO member VALUES ('{key}', 'SK{key}', 'Hill', '{mail}',"
            f" '{born}');"
            f"INSERT INTO companion_pass VALUES ('SK{key}', 'A friend');"
            f"INSERT INTO booking VALUES ('B{n}', '{key}', '{mail}');"
            f"INSERT INTO passenger VALUES ('B{n}', 1, '{key}', '{first} Hill',"
            f" '{born}');"
            f"INSERT INTO review VALUES ({n}, '{key}', '{after}', 5, 'Quick and kind');"
            f"INSERT INTO SCHUELER VALUES ({n}, 'Hill', '{first}', '{phone}')"
        )
        if n:
            made.run(
                f"INSERT INTO passenger SELECT 'B0', {n + 1}, id, '{first} Hill',"
                f" birth_date FROM member WHERE id = '{key}'"
            )


@pytest.fixture
def links(database, now):
    made = database("sqlite")
    filled(made)
    store = connected(made, now, "others")
    discovery.discover(store=store, by="pia", now=now)
    return {
        (link.table.name, *link.columns): (link.target.name, link.role)
        for link in Link.objects.filter(table__store=store, state="accepted")
    }


def test_a_row_is_about_the_one_it_must_have_not_about_who_acts_on_it(links):
    assert links["LVEREQ", "EMPNO"] == ("EMPMST", "subject")
    assert links["LVEREQ", "APVNO"] == ("EMPMST", "actor")
    # A passenger is a member, and not whoever booked for them.
    assert links["passenger", "member_id"] == ("member", "subject")
    assert links["passenger", "pnr"] == ("booking", "actor")
    # Whose number it is, though nobody declared it and it is no key.
    assert links["companion_pass", "holder_ffp_no"] == ("member", "subject")
    # What somebody wrote is theirs too, and not only whom it is about.
    assert links["review", "authorId"] == ("member", "subject")
    assert links["review", "subjectId"] == ("member", "subject")
    # The employee, and not another table that has the employee's key.
    assert links["EMPADR", "EMPNO"] == ("EMPMST", "subject")
    assert links["EMPHST", "EMPNO"] == ("EMPMST", "subject")
    assert links["AENDPROT", "SATZNR"] == ("EMPMST", "subject")

    columns = Column.objects.select_related("table")
    said = {f"{c.table.name}.{c.name}": c for c in columns if c.is_personal}
    assert said.keys() >= {
        "EMPMST.LSTNAM", "EMPMST.BRTHDT", "EMPADR.ZIPCD", "EMPHST.LSTNAM",
        "BNKACT.ROUTNO",
    }  # fmt: skip
    # A pupil is not the parent whose number stands there for an emergency.
    assert said["SCHUELER.NOTFALLTEL"].whose != Column.Whose.SUBJECT
    # A bank's digits do not decide of what country the numbers are.
    assert said["EMPMST.TELNR"].options.get("region") in (None, "US")
