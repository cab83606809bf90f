"""What a store's refusal means, of whichever engine, and never in the store's words."""

import sqlite3

import pytest
from django.db.utils import DataError, IntegrityError, OperationalError

from privacy import faults
from privacy.faults import Kind


class Refused(Exception):
    """As a driver's error: it quotes what it was given."""

    def __init__(self, *arguments, sqlstate=None):
        super().__init__(*arguments)
        self.sqlstate = sqlstate


def raised(kind, cause):
    try:
        raise kind("Key (email)=(ada@example.com) already exists") from cause
    except kind as error:
        return error


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("08006", Kind.WAIT), ("57P01", Kind.WAIT), ("53100", Kind.WAIT),
        ("40P01", Kind.BUSY), ("40001", Kind.BUSY), ("55P03", Kind.BUSY),
        ("57014", Kind.BUSY), ("22001", Kind.ROW), ("22P02", Kind.ROW),
        ("23503", Kind.ROW), ("P0001", Kind.ROW), ("42703", Kind.TABLE),
        ("42501", Kind.TABLE), ("XX000", Kind.TABLE),
    ],
)  # fmt: skip
def test_states_of_postgresql(state, kind):
    fault = faults.read(raised(DataError, Refused("ada@example.com", sqlstate=state)))

    assert fault.kind is kind
    assert "ada" not in fault.sentence
    assert fault.sentence.endswith(".")


@pytest.mark.parametrize(
    ("number", "kind"),
    [(2006, Kind.WAIT), (1205, Kind.BUSY), (1213, Kind.BUSY), (1451, Kind.ROW),
     (1406, Kind.ROW), (1054, Kind.TABLE)],
)  # fmt: skip
def test_numbers_of_mysql(number, kind):
    error = raised(IntegrityError, Refused(number, "Duplicate entry 'ada@example.com'"))

    assert faults.read(error).kind is kind


def test_names_of_sqlite():
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE t (a text NOT NULL UNIQUE)")
    with pytest.raises(sqlite3.IntegrityError) as caught:
        database.execute("INSERT INTO t VALUES (NULL)")
    database.close()

    fault = faults.read(raised(IntegrityError, caught.value))

    assert (fault.kind, fault.sentence) == (
        Kind.ROW,
        "A column there must not be empty.",
    )


def test_an_operational_error_of_no_name_is_a_store_that_does_not_answer():
    assert faults.read(OperationalError("connection is bad")).kind is Kind.WAIT


def test_an_error_nobody_knows_is_said_by_its_kind_alone():
    fault = faults.read(raised(DataError, Refused("ada@example.com")))

    assert fault.sentence == "The store refused the statement (DataError)."


def test_only_what_is_gone_is_not_as_mapped():
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE t (a text)")
    database.execute("INSERT INTO t VALUES ('ada@example.com {')")
    said = {}
    for statement in ("SELECT a FROM u", "SELECT b FROM t", "SELECT json(a) FROM t"):
        with pytest.raises(sqlite3.OperationalError) as caught:
            database.execute(statement).fetchall()
        said[statement] = faults.read(raised(OperationalError, caught.value)).sentence

    assert list(said.values()) == [
        faults.NOT_AS_MAPPED, faults.NOT_AS_MAPPED, faults.NO_JSON.sentence,
    ]  # fmt: skip
    operator = raised(DataError, Refused("=", sqlstate="42883"))
    assert faults.read(operator).sentence != faults.NOT_AS_MAPPED


@pytest.mark.parametrize(
    ("number", "state", "sentence"),
    [
        (1062, "23000", "A value there must be unique."),
        (1451, "23000", "Other rows still refer to these."),
        (1139, "42000", "The pattern to look for is too large for the store."),
    ],
)
def test_a_number_of_mariadb_says_more_than_its_state(number, state, sentence):
    refused = raised(IntegrityError, Refused(number, "words", sqlstate=state))

    assert faults.read(refused).sentence == sentence
