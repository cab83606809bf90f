"""What the application encrypted is emptied, or waits: never a code in its place."""

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import ciphers, discovery
from privacy.datamap.schema import LiveColumn
from privacy.models import Column, Plan

pytestmark = pytest.mark.django_db
FERNET = "gAAAAABm" + "q7Xw" * 20
SCRIPT = f"""
CREATE TABLE users (id int PRIMARY KEY, email_ciphertext text NOT NULL,
    email_bidx text UNIQUE, encrypted_ssn text, encrypted_ssn_iv text,
    encrypted_password text, notes text);
CREATE TABLE patients (id int PRIMARY KEY, email text UNIQUE,
    phone_ciphertext text, phone_bidx text UNIQUE, remark text);
INSERT INTO users SELECT i, md5('c' || i), md5('b' || i), md5('s' || i), md5('i' || i),
    '$2a$12$' || repeat('x', 53), '{FERNET}' || i FROM generate_series(1, 9) i;
INSERT INTO patients SELECT i, 'mary' || i || '@example.com', md5('c' || i),
    md5('b' || i), '{FERNET}' || i FROM generate_series(1, 9) i;
"""


@pytest.fixture
def clinic(connect, now):
    store, direct = connect("clinic", SCRIPT)
    discovery.discover(store=store, by="pia", now=now)
    return direct


def how(table):
    rows = Column.objects.filter(table__name=table, category__isnull=False)
    return {c.name: c.strategy["strategy"] for c in rows}


def test_what_the_application_encrypted_is_emptied_with_its_index(clinic):
    assert how("patients") == {
        "email": "pseudonym",
        "phone_ciphertext": "nullify",
        "phone_bidx": "nullify",
        "remark": "nullify",
    }


def test_where_it_must_have_a_value_a_person_decides(clinic):
    waiting = Column.objects.get(name="email_ciphertext")

    assert how("users")["email_ciphertext"] == "keep"
    assert "that it can decrypt" in waiting.ground
    assert waiting.confidence < 0.5
    assert how("users")["encrypted_password"] != "keep"  # a hash, and no cipher


def test_the_application_finds_nothing_to_decrypt_afterwards(clinic, now):
    mark = identifiers.keep(identifiers.email("mary3@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Mary", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    query = "SELECT phone_ciphertext, phone_bidx, remark FROM patients WHERE id = 3"
    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    assert clinic.execute(query).fetchone() == (None, None, None)


def test_a_plan_says_that_nobody_can_be_found_by_a_cipher(clinic, now):
    mark = identifiers.keep(identifiers.email("mary3@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Mary", received_at=now, by="lena", now=now
    )

    said = [
        text for text in plan.summary["exceptions"] if "application encrypted" in text
    ]

    assert len(said) == 1
    assert said[0].startswith("clinic.users: ")


@pytest.mark.parametrize(
    ("name", "kind", "values", "is_cipher"),
    [
        ("phone_ciphertext", "TextField", [], True),
        ("ssn_bidx", "CharField", [], True),
        ("encrypted_birth_date_iv", "CharField", [], True),
        ("address", "TextField", ["eyJpdiI6" + "x" * 60], True),
        ("name", "TextField", ['{"p":"n7J0/w==","h":{"iv":"x","at":"y"}}'], True),
        ("is_encrypted", "BooleanField", ["True"], False),
        ("enc_number", "TextField", ["E-17"], False),
        ("iv", "TextField", ["12"], False),
        ("encrypted_password", "TextField", ["$2a$12$xyz"], False),
        ("email", "TextField", ["mary@example.com"], False),
    ],
)
def test_ciphers_are_known_by_their_names_and_forms(name, kind, values, is_cipher):
    said = ciphers.propose(LiveColumn(name, kind, {"null": True}), values)

    assert (said is not None) == is_cipher
