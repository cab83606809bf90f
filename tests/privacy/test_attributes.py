"""One value a row, told by a word: whose it is, and whose it is not."""

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import acceptance, discovery, dumping, files
from privacy.models import Column, Plan

pytestmark = pytest.mark.django_db
ENTITIES = """
CREATE TABLE entity (id int PRIMARY KEY, created date);
CREATE TABLE attribute (code text PRIMARY KEY, kind text);
CREATE TABLE val_text (entity_id int NOT NULL REFERENCES entity,
    code text NOT NULL REFERENCES attribute, val text NOT NULL,
    PRIMARY KEY (entity_id, code));
CREATE TABLE val_number (entity_id int NOT NULL REFERENCES entity,
    code text NOT NULL REFERENCES attribute, val numeric, PRIMARY KEY (entity_id,
    code));
INSERT INTO attribute VALUES ('email', 't'), ('mobile', 't'), ('given_name', 't'),
    ('family_name', 't'), ('note', 't'), ('kin_phone', 't'), ('height', 'n');
INSERT INTO entity SELECT i, '2020-01-01' FROM generate_series(1, 9) i;
INSERT INTO val_text SELECT i, 'email', 'e' || i || '@example.com' FROM
    generate_series(1, 8) i;
INSERT INTO val_text SELECT i, 'mobile', '+120255501' || 20 + i FROM
    generate_series(1, 8) i;
INSERT INTO val_text SELECT i, 'given_name', 'Anna' FROM generate_series(1, 8) i;
INSERT INTO val_text SELECT i, 'family_name',
    (ARRAY['Hart','Lind','Moore','Ray','Fox','Cole','Dean','Voss'])[i] FROM
    generate_series(1, 8) i;
INSERT INTO val_text VALUES (4, 'kin_phone', '+12025550123'),
    (5, 'note', 'Ask Anna Moore, e3@example.com'), (9, 'mobile', '+12025550129');
INSERT INTO val_number SELECT i, 'height', 160 + i FROM generate_series(1, 8) i;
"""


@pytest.fixture
def wardrobe(connect, now):
    store, direct = connect("wardrobe", ENTITIES)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    return store, direct


def erase(now):
    mark = identifiers.keep(identifiers.email("e3@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Anna", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


@pytest.mark.parametrize("is_loaded", [False, True])
def test_all_values_of_a_person_end_and_no_others(wardrobe, now, is_loaded):
    store, direct = wardrobe
    if is_loaded:
        files.load(text=dumping.dump(store), by="pia", now=now)
    others = "SELECT * FROM val_text WHERE entity_id NOT IN (3, 4, 5) ORDER BY 1, 2"
    before = direct.execute(others).fetchall()

    done = erase(now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    own = "SELECT string_agg(val, ' ') FROM val_text WHERE entity_id = 3"
    said = direct.execute(own).fetchone()[0]
    assert not any(part in said for part in ("e3@", "555", "Anna", "Moore"))
    height = "SELECT val FROM val_number WHERE entity_id = 3"
    assert direct.execute(height).fetchone() in (None, (None,))
    assert direct.execute(others).fetchall() == before


def test_whom_somebody_named_does_not_become_the_person(wardrobe, now):
    _, direct = wardrobe

    erase(now)

    kin = "SELECT code, val FROM val_text WHERE entity_id = 4 ORDER BY code"
    assert direct.execute(kin).fetchall() == [
        ("email", "e4@example.com"),
        ("family_name", "Ray"),
        ("given_name", "Anna"),
        ("kin_phone", "[redacted]"),
        ("mobile", "+12025550124"),
    ]
    note = "SELECT val FROM val_text WHERE entity_id = 5 AND code = 'note'"
    assert direct.execute(note).fetchone() == ("Ask [redacted], [redacted]",)


def test_the_map_says_by_which_word_it_is_told(wardrobe):
    told = Column.objects.get(table__name="val_text", name="val", path=[])
    assert (told.options["told_by"], told.identifier) == ("code", "contact")
