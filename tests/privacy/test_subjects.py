"""Everything about a person, over every kind of link, and nothing of anybody else."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext

from privacy import disclosure, erasure, holds, identifiers, plans, subjects
from privacy.datamap import Map, files
from privacy.models import Identifier, Link, OwnerPeriod, Plan, Store
from privacy.sql import statements
from privacy.subjects import Role, texts
from tests.privacy import messaging

pytestmark = pytest.mark.django_db

SCRIPT = """
CREATE TABLE contact (
    id uuid PRIMARY KEY, phone text, email text, code text UNIQUE,
    invited_by uuid REFERENCES contact, created date);
CREATE TABLE account (region text, number int, contact_id uuid REFERENCES contact,
    PRIMARY KEY (region, number));
CREATE TABLE invoice (
    id int PRIMARY KEY, region text, number int,
    FOREIGN KEY (region, number) REFERENCES account);
CREATE TABLE note (id int PRIMARY KEY, about_type text, about_id text, body text);
CREATE TABLE hook (id int PRIMARY KEY, payload jsonb);
CREATE TABLE visit (id int PRIMARY KEY, visitor text, next_id int REFERENCES visit);
CREATE TABLE chat (
    id int PRIMARY KEY, sender text, recipient text, body text, sent date);
INSERT INTO contact VALUES
 ('00000000-0000-4000-8000-00000000000a', '+12025550143', 'ada@example.com', 'A1', NULL,
  '2026-01-05'),
 ('00000000-0000-4000-8000-00000000000b', '+12025550117', 'ben@example.com', 'B1',
  '00000000-0000-4000-8000-00000000000a', '2026-01-05');
INSERT INTO account VALUES ('eu', 1, '00000000-0000-4000-8000-00000000000a'),
    ('us', 1, '00000000-0000-4000-8000-00000000000b');
INSERT INTO invoice VALUES (1, 'eu', 1), (2, 'us', 1), (3, 'eu', 1), (4, NULL, 1);
INSERT INTO note VALUES
 (1, 'contact', '00000000-0000-4000-8000-00000000000a', 'Likes tea'),
 (2, 'company', '00000000-0000-4000-8000-00000000000a', 'Same id, other kind'),
 (3, 'contact', '00000000-0000-4000-8000-00000000000b', 'Likes coffee');
INSERT INTO hook VALUES
 (1, '{"contact": {"id": "00000000-0000-4000-8000-00000000000a"}}'),
 (2, '{"contact": {"id": "00000000-0000-4000-8000-00000000000b"}}'), (3, '{}');
INSERT INTO visit VALUES (1, 'A1', NULL), (2, 'B1', NULL), (3, NULL, NULL);
UPDATE visit SET next_id = 3 WHERE id = 1;
UPDATE visit SET next_id = 1 WHERE id = 3;
INSERT INTO chat VALUES
 (1, '+12025550143', '+12025550117', 'Ben, my mail is ada@example.com', '2026-02-01'),
 (2, '+12025550143', '+12025550100', 'Is this the shop?', '2026-02-01'),
 (3, '+12025550143', '+12025550100', 'Old owner of the number', '2019-02-01'),
 (4, '+12025550143', '+12025550100', 'When was this?', NULL);
"""
MAP = """
store: world
tables:
  contact:
    about: person
    start: created
    erasure: deidentify
    links: [{column: invited_by, to: contact.id, role: context}]
    columns:
      id: &key {not_personal: A key}
      phone: &phone {category: profile_contact, identifier: phone, source: direct,
              purposes: [provide], treatment: nullify}
      email: &email {category: profile_contact, identifier: email, source: direct,
              purposes: [provide], treatment: nullify}
      code: {category: profile_contact, identifier: code, source: direct,
             purposes: [provide], treatment: nullify}
      invited_by: *key
      created: &date {not_personal: A date}
  account:
    about: linked
    erasure: delete
    links: [{column: contact_id, to: contact.id, role: subject}]
    columns: {region: *key, number: *key, contact_id: *key}
  invoice:
    about: linked
    erasure: delete
    links: [{column: "region,number", to: "account.region,number", role: subject}]
    columns: {id: *key, region: *key, number: *key}
  note:
    about: linked
    erasure: delete
    links:
    - {column: about_id, to: contact.id, role: subject, when: {about_type: contact}}
    columns:
      id: *key
      about_type: *key
      about_id: *key
      body: &text {category: voluntary, free_text: true, source: direct,
                   purposes: [provide], treatment: redact}
  hook:
    about: linked
    erasure: delete
    links: [{column: payload.contact.id, to: contact.id, role: subject}]
    columns: {id: *key, payload: *text}
  visit:
    about: linked
    erasure: delete
    links:
    - {column: visitor, to: contact.code, role: subject}
    - {column: next_id, to: visit.id, role: subject}
    columns: {id: *key, visitor: *key, next_id: *key}
  chat:
    about: linked
    start: sent
    erasure: delete
    columns:
      id: *key
      sender: &either {category: communications, identifier: phone, whose: either,
                       source: automatic, purposes: [provide], treatment: nullify}
      recipient: *either
      body: *text
      sent: *date
"""
ADA, BEN = identifiers.Mark("phone", "+12025550143"), "+12025550117"


@pytest.fixture
def world(connect, now):
    _, direct = connect("world", SCRIPT)
    files.load(text=MAP, by="pia", now=now)
    return direct


@pytest.fixture
def found(now):
    def find(*marks):
        return subjects.everywhere(marks=marks or [ADA], at=now)

    return find


def keys(found, role=Role.SUBJECT):
    """Table to the keys of the rows in which the person has that role."""
    rows = [r for one in found for r in one.rows.values() if r.role == role]
    tables = sorted({row.table.name for row in rows})
    return {t: sorted(r.key for r in rows if r.table.name == t) for t in tables}


def test_every_kind_of_link_is_followed_and_only_for_its_own_rows(world, found):
    own = keys(found())

    assert [len(own[name]) for name in ("contact", "account")] == [1, 1]
    assert own["account"] == [("eu", 1)]
    assert own["invoice"] == [(1,), (3,)]
    assert own["note"] == [(1,)]
    assert own["hook"] == [(1,)]
    assert own["visit"] == [(1,), (3,)]


def test_each_row_tells_the_path_that_led_to_it(world, found):
    rows = {(r.table.name, r.key): r.path for r in found()[0].rows.values()}

    assert rows["invoice", (1,)] == (
        "region, number → account (contact_id → contact (phone is the phone given))"
    )
    assert rows["visit", (3,)].startswith("next_id → visit (visitor → contact (")


def test_a_row_between_two_people_is_not_the_persons_alone(world, found):
    assert keys(found(), Role.PARTY) == {"chat": [(1,)]}
    assert keys(found())["chat"] == [(2,), (3,), (4,)]


def test_a_shared_row_is_decorrelated_and_stays_for_the_other(world, now):
    done = carried_out(erasure.plan, now)

    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    left = world.execute("SELECT sender, recipient, body FROM chat").fetchall()
    assert left == [("***", "+12025550117", "Ben, my mail is [redacted]")] or left == [
        ("[redacted]", "+12025550117", "Ben, my mail is [redacted]")
    ]


def test_a_copy_of_a_shared_row_hides_the_other_person(world, now):
    plan = carried_out(erasure.plan_access, now)

    copy = {str(table): rows for table, rows in disclosure.rows(plan)}
    shared = next(row for row in copy["world.chat"] if row["id"] == 1)
    assert shared["sender"] == "+12025550143"
    assert BEN not in json.dumps(copy, default=str)
    assert "ben@example.com" not in json.dumps(copy, default=str)


def carried_out(how, now):
    mark = identifiers.keep(ADA, now=now)
    plan = how(identifiers=[mark], title="R", received_at=now, by="lena", now=now)
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def test_nothing_from_before_the_owners_first_day_is_theirs(world, found, now):
    mark = identifiers.keep(ADA, now=now)
    OwnerPeriod.objects.create(
        identifier=mark, since="2025-01-01", ground="Carrier", noted_by="sam",
        noted_at=now,
    )  # fmt: skip

    one = found()[0]

    assert keys([one])["chat"] == [(2,)]
    assert {row.key for row in one.withheld.values()} == {(3,), (4,)}
    assert one.said_doubts() == [
        "world.chat: 1 rows without a date hold a number that had another owner at "
        "another time. They stay as they are until you decide."
    ]


def test_a_changed_link_makes_an_approved_plan_refuse(world, now):
    mark = identifiers.keep(ADA, now=now)
    plan = erasure.plan(
        identifiers=[mark], title="R", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    Link.objects.filter(table__name="note").update(when={"about_type": "company"})

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert done.status == Plan.Status.REFUSED
    assert done.problem == "The map of world changed after the preview."


def test_a_proposed_link_does_not_count(world, found):
    Link.objects.filter(table__name="note").update(state=Link.State.PROPOSED)

    assert "note" not in keys(found())


def test_the_links_survive_a_round_trip_through_yaml(world, now):
    store = Store.objects.get(name="world")
    Link.objects.filter(table__name="hook").update(state="proposed", reason="overlap")
    before, text = Map(store).digest, files.dump(store)

    files.load(text=text, by="pia", now=now)

    assert (Map(store).digest, files.dump(store)) == (before, text)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("about_type: contact}", "kind: contact}", "It has no column kind"),
        ("to: contact.id, role: subject, when", "to: shop:x.id, when", "links to shop"),
        ("to: contact.code", "to: contact.cod", "has no column cod"),
        (
            "to: contact.code, role: subject",
            "to: contact.code, role: x",
            "of a link is one of",
        ),
    ],
)
def test_a_link_that_can_not_be_is_refused_in_one_sentence(
    world, now, old, new, sentence
):
    before = Map(Store.objects.get(name="world")).digest
    assert old in MAP
    with pytest.raises(files.BadMap, match=sentence):
        files.load(text=MAP.replace(old, new), by="pia", now=now)
    assert Map(Store.objects.get(name="world")).digest == before


def test_links_lead_from_one_store_into_another(world, connect, found, now):
    connect("shop", "CREATE TABLE orders (id int PRIMARY KEY, buyer text);"
            "INSERT INTO orders VALUES (1, 'A1'), (2, 'B1'), (3, NULL)")  # fmt: skip
    text = """
store: shop
tables:
  orders:
    about: linked
    erasure: delete
    links: [{column: buyer, to: "world:contact.code", role: subject}]
    columns: {id: {not_personal: A key}, buyer: {not_personal: A code}}
"""
    files.load(text=text, by="pia", now=now)

    assert keys(found())["orders"] == [(1,)]


def test_many_are_found_together_as_each_alone_by_no_more_statements(world, now):
    people = [([ADA], now), ([identifiers.phone(BEN)], now)]
    people += [([identifiers.phone(f"+1202555{n}")], now) for n in range(1000, 1098)]
    connection = connections[Map(Store.objects.get(name="world")).alias]
    with CaptureQueriesContext(connection) as alone:
        first = [subjects.for_many(people=[each])[0] for each in people[:2]]
    with CaptureQueriesContext(connection) as together:
        found = subjects.for_many(people=people)

    assert [keys(each) for each in found[:2]] == [keys(each) for each in first]
    assert not any(keys(each) for each in found[2:])
    assert len(together) <= len(alone)


def test_a_hold_keeps_what_any_kind_of_link_makes_the_persons(world, found, now):
    mark = identifiers.keep(ADA, now=now)
    holds.place(matter="M", identifiers=[mark], tables=[], by="lena", now=now)
    mapped = Map(Store.objects.get(name="world"))
    own = keys(found())

    for name in ("contact", "account", "invoice", "note", "hook", "visit"):
        table = mapped.tables[name]
        held = mapped.rows(table).filter(holds.condition(mapped=mapped, table=table))
        assert sorted(held.values_list(*table.key)) == own[name], name


def find(*arguments):
    out = StringIO()
    call_command("subject", "find", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "contacts"),
    [
        ("code:A1", 1),
        ("world.contact:00000000-0000-4000-8000-00000000000a", 1),
        ("world.account:eu,1", 0),
        ("world.account:eu", None),
        ("world.invoice:seven", None),
    ],
)
def test_a_person_is_found_by_any_mapped_kind_of_identifier(world, kind, contacts):
    said = json.loads(find("--id", kind, "--json"))

    if contacts is None:
        assert said["rows"] == {}
    else:
        assert said["rows"].get("world.contact", 0) == contacts
        assert said["rows"]["world.account"] == 1
        assert said["rows"]["world.invoice"] == 2


def test_a_number_of_any_kind_is_found_in_texts_too(world):
    world.execute("UPDATE contact SET code = 'AB-7731-X' WHERE code = 'A1'")
    world.execute("UPDATE note SET body = 'See ab-7731-x' WHERE id = 2")
    world.execute("UPDATE note SET body = 'See AB-7731-XY' WHERE id = 3")

    said = json.loads(find("--id", "code:AB-7731-X", "--json"))

    assert (said["rows"]["world.contact"], said["mentions"]["world.note"]) == (1, 1)
    assert (
        json.loads(find("--id", "contact:(202) 555-0143", "--json"))["rows"]
        == (json.loads(find("--phone", "(202) 555-0143", "--json"))["rows"])
    )


def test_the_command_shows_paths_and_an_unknown_person_is_nothing(world):
    assert "1 by phone is the phone given" in find("--phone", "(202) 555-0143")
    assert find("--email", "nobody@example.com").strip() == "Nothing."
    with pytest.raises(CommandError, match="not a kind of identifier"):
        find("--id", "shoe:44")


def test_an_address_in_any_letter_case_and_a_number_in_any_notation(connect, now):
    connect("town", messaging.SCRIPT)
    files.load(text=messaging.MAP, by="pia", now=now)
    mark = identifiers.email("ADA.sample@EXAMPLE.com")

    found = subjects.everywhere(marks=[mark], at=now)

    assert len(keys(found)["person"]) == 2
    assert Identifier.objects.count() == 0


def test_what_was_written_since_is_found_however_busy_the_server_is(town):
    mapped = Map(Store.objects.get(name="town"))
    connection = connections[mapped.alias]
    moment = statements.moment(connection)
    town.execute("INSERT INTO message (body, sent_at) VALUES ('new', now())")
    first = statements.first_since(connection, moment)
    for _ in range(20):
        town.execute("SELECT pg_current_xact_id()")

    rows = mapped.rows(mapped.tables["message"]).filter(texts.WrittenSince(first))

    assert "new" in rows.values_list("body", flat=True)
