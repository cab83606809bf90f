"""Codes of a person are taken out of texts and documents, in every kind of store."""

import json

import pytest
from django.db import connections

from privacy import changes, stores
from privacy.datamap import Map, discovery
from tests import engines

pytestmark = pytest.mark.django_db
ADDRESS = "2001:db8"  # others look like a number, too
TEXTS = {
    "IBAN DE89370400440532013000, thanks": "IBAN [redacted], thanks",
    "to GB29 NWBK 6016 1331 9268 19.": "to [redacted].",
    "SSN 123-45-6789 here": "SSN [redacted] here",
    "from 203.0.113.7, port 80": "from [redacted], port 80",
    "at http://203.0.113.7/a": "at http://[redacted]/a",
    "from 2001:db8::1f today": "from [redacted] today",
    "2001:db8:0:0:0:0:2:1": "[redacted]",
    "Chrome/91.0.4.12 and v1.2.3.4": "Chrome/91.0.4.12 and v1.2.3.4",
    "version 1.2.3.4 at 12:30:45": "version 1.2.3.4 at 12:30:45",
    "std::map, 10:15:20.5, 1.2.3.4.5": "std::map, 10:15:20.5, 1.2.3.4.5",
    "AB12 this is said with some care": "AB12 this is said with some care",
    "paid on 2026-11-28, thanks": "paid on 2026-11-28, thanks",
}


@pytest.fixture(params=engines.ENGINES)
def notes(request, database, now):
    made = database(request.param)
    kind = "jsonb" if made.engine == "postgresql" else "json"
    made.run(f"CREATE TABLE note (id int PRIMARY KEY, said text, doc {kind})")
    for number, text in enumerate(TEXTS):
        values = number, text, json.dumps({"said": text, "n": 1})
        made.rows("INSERT INTO note VALUES (%s, %s, %s) RETURNING id", *values)
    made.direct.commit()
    store = stores.connect(name="notes", url=made.url, by="pia", now=now)
    discovery.discover(store=store, by="pia", now=now)
    yield made, Map(store)
    connections[store.alias].close()


def redacted(mapped, name):
    table = mapped.tables["note"]
    column = mapped.column(table, name)
    column.treatment = {"strategy": "redact"}
    raw = mapped.rows(table).filter(changes.still_raw([column]))
    return [raw.update(**changes.assignments([column])) for _ in range(2)]


@pytest.mark.parametrize("name", ["said", "doc"])
def test_accounts_numbers_of_the_state_and_addresses_of_machines_go(notes, name):
    made, mapped = notes

    first, again = redacted(mapped, name)

    left = [said for (said,) in made.rows(f"SELECT {name} FROM note ORDER BY id")]
    if name == "doc":
        left = [json.loads(d) if isinstance(d, str) else d for d in left]
        assert {document["n"] for document in left} == {1}
        left = [document["said"] for document in left]
    by_path = name == "doc"  # what an IP address in a document becomes, its path says
    expected = [
        said if by_path and ADDRESS in said else gone for said, gone in TEXTS.items()
    ]
    assert left == expected
    assert (first, again) == (5 if by_path else 7, 0)
