"""Ordinary products: nobody else's row changes, whatever leads from one to another."""

import pytest

from privacy import erasure, identifiers, plans
from privacy.models import Column, Plan
from tests.privacy.test_engines_at_work import connected

pytestmark = pytest.mark.django_db
OFFICE = """
CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL UNIQUE, first_name text,
    last_name text, settings jsonb NOT NULL DEFAULT '{}');
CREATE TABLE session (id text PRIMARY KEY, user_id int NOT NULL REFERENCES users,
    user_agent text);
CREATE TABLE company (id int PRIMARY KEY, name text NOT NULL, contact_name text,
    billing_email text NOT NULL);
CREATE TABLE membership (id int PRIMARY KEY, company_id int NOT NULL REFERENCES company,
    user_id int NOT NULL REFERENCES users, job_title text);
CREATE TABLE invitation (id int PRIMARY KEY, company_id int NOT NULL REFERENCES company,
    customer_id int REFERENCES users, email text NOT NULL, name text, message text);
INSERT INTO users SELECT i, 'u' || i || '@example.com',
    (ARRAY['Mary','Paul','Anna','Peter','Laura','James'])[i],
    (ARRAY['Hart','Moore','Lind','Ray','Fox','Cole'])[i]
FROM generate_series(1, 6) i;
UPDATE users SET settings = jsonb_build_object('favourite_contacts',
    jsonb_build_array('u2@example.com', 'u3@example.com', 'u4@example.com'))
WHERE id = 1;
UPDATE users SET settings = '{"pinned": [{"user": 2}, {"user": 4}, {"user": 6}]}'
WHERE id = 5;
INSERT INTO session SELECT 's' || i, i, 'Firefox ' || i FROM generate_series(1, 6) i;
INSERT INTO company SELECT i, 'Firm ' || i, 'Contact ' || i, 'firm' || i ||
    '@example.net' FROM generate_series(1, 4) i;
INSERT INTO membership SELECT i, i % 3 + 1, i, 'Job ' || i FROM generate_series(1, 6) i;
INSERT INTO membership VALUES (7, 4, 6, 'Owner');
INSERT INTO invitation SELECT i, i % 4 + 1, i, 'new' || i || '@example.org',
    'New ' || i, 'Come in, new ' || i FROM generate_series(1, 6) i;
INSERT INTO invitation VALUES (7, 4, NULL, 'u2@example.com', 'Paul Moore', 'Hi Paul');
"""


def everything(direct):
    """Each table's rows, without those that are Paul's own."""
    own = {"users": "id", "session": "user_id", "membership": "user_id"}
    found = {
        table: direct.execute(f"SELECT * FROM {table} WHERE {key} <> 2 ORDER BY 1")
        for table, key in own.items()
    }
    found["company"] = direct.execute("SELECT * FROM company ORDER BY 1")
    found["invitation"] = direct.execute(
        "SELECT id, company_id, email, name, message FROM invitation WHERE id < 7"
    )
    return {table: rows.fetchall() for table, rows in found.items()}


def carried_out(now, address):
    mark = identifiers.keep(identifiers.email(address), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="One", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def test_who_is_invited_pinned_or_a_member_beside_them_loses_nothing(database, now):
    made = database("postgresql")
    made.run(OFFICE)
    connected(made, now, "office")
    before = everything(made.direct)

    done = carried_out(now, "u2@example.com")

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    after = everything(made.direct)
    [mary, *_], [first, *_] = before.pop("users"), after.pop("users")
    assert after == before
    assert mary[:4] == first[:4]
    left = first[4]["favourite_contacts"]
    assert left[1:] == ["u3@example.com", "u4@example.com"]
    assert "u2@" not in str(left)
    assert made.rows("SELECT id FROM users WHERE email ~ '^u2'") == []
    assert made.rows("SELECT id FROM invitation WHERE message ~ 'Paul'") == []


PAPERS = """
CREATE TABLE mandate (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users,
    reference text NOT NULL UNIQUE, iban text);
CREATE TABLE upload (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users,
    title text NOT NULL, path text NOT NULL UNIQUE);
CREATE TABLE visit (id int PRIMARY KEY, remark text);
INSERT INTO mandate SELECT id, id, 'MND-1000' || id || '-' || upper(last_name),
    'DE0012340000001000' || id || '00' FROM users;
INSERT INTO upload SELECT id, id, 'scan_' || last_name || '-' || first_name || '.pdf',
    'uploads/' || lower(first_name || '-' || last_name) || '.pdf' FROM users;
ALTER TABLE users ADD phone text;
UPDATE users SET phone = '+1202555010' || id;
ALTER TABLE users ADD street text, ADD birth_date date;
UPDATE users SET street = id || (ARRAY[' High Road', ' Orchard Close', ' Mill Lane',
    ' Park Avenue', ' Castle Street', ' Harbour View'])[id],
    birth_date = '1970-03-20'::date + id * 400;
INSERT INTO visit VALUES (1, 'Mr Moore came, ends in 0102'), (2, 'Mr Moore came'),
    (3, 'Paul Moore came'), (4, 'Orchard Close: Mr Moore was not in'),
    (5, 'Orchard Close: nobody in'), (6, 'Paul, born in 1972');
"""


def test_what_holds_their_name_and_can_not_be_ended_is_said(database, now):
    made = database("postgresql")
    made.run(OFFICE + PAPERS)
    store = connected(made, now, "office")
    codes = Column.objects.filter(table__store=store, name__in=("reference", "path"))
    codes.update(treatment={"strategy": "keep"}, ground="Others know it")

    done = carried_out(now, "u2@example.com")

    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    assert made.rows("SELECT title FROM upload WHERE title ~* 'paul|moore'") == []
    said = {each["place"]: each["copies"] for each in done.residue["warnings"]}
    assert made.rows("SELECT id FROM mandate WHERE reference ~ 'MOORE'") == [(2,)]
    assert said["office.mandate.reference"] == 1
    assert made.rows("SELECT id FROM upload WHERE path ~ 'moore'") == [(2,)]
    assert said["office.upload.path"] == 1
    assert said["office.visit.remark"] == 5  # two signs of him, or Mr Moore


LOGS = """
ALTER TABLE users ADD more_phones jsonb NOT NULL DEFAULT '[]';
UPDATE users SET more_phones = jsonb_build_array('+1202555013' || id, '+1202555014' ||
    id);
UPDATE users SET more_phones = more_phones || '["+12025550132"]' WHERE id = 3;
CREATE TABLE activity (id int PRIMARY KEY, user_id int REFERENCES users, what text,
    properties jsonb NOT NULL);
INSERT INTO activity SELECT id, id, 'updated', jsonb_build_object(
    'old', jsonb_build_object('email', 'old' || id || '@example.net'),
    'attributes', jsonb_build_object('email', email)) FROM users;
CREATE TABLE webhook_call (id int PRIMARY KEY, name text, payload jsonb);
INSERT INTO webhook_call SELECT id, 'mail', jsonb_build_object('event', 'bounced',
    'recipient', 'old' || id || '@example.net') FROM users;
CREATE TABLE job (id int PRIMARY KEY, payload text);
INSERT INTO job VALUES (1, E'{"to": "P\\u0061ul Moore", "kind": "mail"}');
"""


def test_what_they_share_goes_out_of_their_own_row_and_what_they_had_of_logs(
    database, now
):
    made = database("postgresql")
    made.run(OFFICE + LOGS)
    connected(made, now, "office")

    done = carried_out(now, "u2@example.com")

    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    [(own,), (shared,)] = made.rows(
        "SELECT more_phones::text FROM users WHERE id IN (2, 3) ORDER BY id"
    )
    assert "+12025550132" not in own
    assert "+12025550132" in shared
    [(log,)] = made.rows("SELECT properties::text FROM activity WHERE user_id = 2")
    assert "old2@" not in log
    said = {each["place"] for each in done.residue["warnings"]}
    assert "office.job.payload" in said


def test_a_store_whose_texts_have_a_collation_of_their_own_is_ended(database, now):
    """As frameworks make their tables; the connection has another one."""
    made = database("mariadb")
    made.run(
        "CREATE TABLE users (id int PRIMARY KEY, email varchar(80) NOT NULL, name "
        "varchar(80)) COLLATE utf8mb4_unicode_ci; CREATE TABLE sessions (id int PRIMARY"
        " KEY, user_id int, ip_address varchar(45), user_agent text, FOREIGN KEY "
        "(user_id) REFERENCES users (id)) COLLATE utf8mb4_unicode_ci"
    )
    for n in range(1, 7):
        made.run(f"INSERT INTO users VALUES ({n}, 'u{n}@example.com', 'Paul M{n}')")
        made.run(f"INSERT INTO sessions VALUES ({n}, {n}, '203.0.113.5{n}', 'Agent')")
    connected(made, now, "laravel")

    done = carried_out(now, "u2@example.com")

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert made.rows("SELECT ip_address FROM sessions WHERE id < 4 ORDER BY id") == [
        ("203.0.113.51",),
        ("203.0.113.0",),
        ("203.0.113.53",),
    ]


BOTH = """
CREATE TABLE member (id int PRIMARY KEY, email varchar(80) NOT NULL,
    first_name varchar(80), emergency_contact_name varchar(80),
    emergency_contact_phone varchar(30),
    CHECK ((emergency_contact_name IS NULL) = (emergency_contact_phone IS NULL)))
"""


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_values_that_a_check_wants_together_end_together(database, now, engine):
    """Alone each of them would have passed in the first rows, which have neither."""
    made = database(engine)
    made.run(BOTH)
    for n in range(1, 61):
        made.run(
            f"INSERT INTO member VALUES ({n}, 'm{n}@example.com', 'Mary', NULL, NULL)"
        )
    made.run(
        "UPDATE member SET emergency_contact_name = 'Joan Fox', "
        "emergency_contact_phone = '+12025550117' WHERE id = 60"
    )
    connected(made, now, "club")

    done = carried_out(now, "m60@example.com")

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    [(name, phone)] = made.rows(
        "SELECT emergency_contact_name, emergency_contact_phone FROM member"
        " WHERE id = 60"
    )
    assert "Joan" not in str(name)
    assert "0117" not in str(phone)
