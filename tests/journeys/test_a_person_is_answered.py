"""Ada wants to be forgotten, Emil wants his copy: from the request to the proof."""

import base64
import csv
import datetime as dt
import email
import email.policy
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.db import connection
from django.utils import timezone

from consent.models import Event
from dsr.models import Ticket
from privacy import signing
from privacy.models import AuditEvent, Certificate, Store, Table
from privacy.sample.cast import BEN, DORA, EMIL
from tests.journeys.conftest import command, eventually, texts_of

pytestmark = pytest.mark.django_db(transaction=True)
TICKETS = "/admin/dsr/ticket/"
ADDRESS = "ada.writes@example.com"
REQUEST = {
    "rights": ["erasure"],
    "regime": "EU-GDPR",
    "phone": "(202) 555-0143",
    "name": "Ada Sample",
    "reply_to": ADDRESS,
    "received_at": f"{timezone.now() - dt.timedelta(hours=1):%Y-%m-%d %H:%M}",
    "source": "post",
    "known_by": "The signature is that of the contract",
    "words": "Please delete everything you have of me.",
}


def names_ada(text: str) -> bool:
    """Her number in any notation, her address, her name."""
    digits = re.sub(r"[^0-9]", "", text)
    return "2025550143" in digits or bool(re.search(r"(?i)ada[. ]sample", text))


def opened(lena, **changes):
    """The path of a request that legal entered."""
    lena.get(TICKETS + "receive/")
    answer = lena.submit(TICKETS + "receive/", **REQUEST | changes)
    assert re.fullmatch(TICKETS + r"\d+/change/", answer.path), answer.page
    return answer.path.removesuffix("change/")


def answered(reader, ticket):
    """Waits for the workers."""
    return eventually(lambda: "Status: Answered" in reader.get(ticket + "change/").page)


# --- erasure --------------------------------------------------------------------
def test_an_erasure_is_planned_approved_by_another_carried_out_and_proved(
    sample, two_workers, sign_in, tmp_path
):
    others = ("SELECT count(*) FROM leads WHERE phone = %s", [BEN.phone])
    amounts = "SELECT sum(amount) FROM transactions"
    before = (sample.execute(*others).fetchone(), sample.execute(amounts).fetchone())
    assert any(names_ada(text) for *_, text in texts_of(sample))
    lena, max_ = sign_in("lena.legal"), sign_in("max.legal")
    ticket = opened(lena)

    shown = lena.submit(ticket + "plan/").page
    assert "Nothing has changed yet" in shown
    for words in ("Text messages", "Mentions of the person removed", "16 CFR 310.5"):
        assert words in shown
    assert not names_ada(shown)
    refused = lena.submit(ticket + "approve/").page
    assert "Somebody else must approve it" in refused
    assert "a worker will carry it out" in max_.submit(ticket + "approve/").page

    assert answered(lena, ticket), lena.get(ticket + "change/").page
    assert [place for *place, text in texts_of(sample) if names_ada(text)] == []
    after = (sample.execute(*others).fetchone(), sample.execute(amounts).fetchone())
    assert after == before
    assert left_in_the_portal() == []
    the_certificate_holds(tmp_path)
    the_reply_went_out()


def left_in_the_portal():
    """Places in the portal's own tables where she can still be read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [table for (table,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows = [row for (row,) in cursor.fetchall()]
            found += [table for row in rows if readable(row)]
    return found


def readable(row: str) -> bool:
    """Not in what is sealed, which is bytes and shown in hexadecimal."""
    plain = re.sub(r"\\x[0-9a-f]+", "", row)
    return bool(re.search(r"(?i)\+?1?.?202.{0,2}555.?0143|ada[. ]sample", plain))


def the_certificate_holds(tmp_path: Path):
    """It has no personal data, its signature and its place in the trail are right."""
    proof = Certificate.objects.get()
    assert not names_ada(proof.document)
    assert ADDRESS not in proof.document
    public = serialization.load_pem_public_key(
        signing.public_key(proof.key_id).encode()
    )
    public.verify(base64.b64decode(proof.signature), proof.document.encode())
    said = json.loads(proof.document)
    assert said["residue"]["left"] == 0
    assert (said["planned_by"], said["approved_by"]) == ("lena.legal", "max.legal")
    trail = tmp_path / "trail.jsonl"
    assert command("audit", "verify", "--export", str(trail))["whole"]
    assert not names_ada(trail.read_text())
    verifier = settings.BASE_DIR / "tools" / "verify_audit.py"
    checked = subprocess.run(
        [sys.executable, verifier, trail, "--head", said["trail"]["hash"]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def the_reply_went_out():
    """Workers wrote a receipt and the answer, once each: to where the person wrote
    from, and to nobody else."""
    files = (settings.DATA_DIR / "outbox").glob("*")
    letters = [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)
    ]
    assert [letter["To"] for letter in letters] == [ADDRESS] * 2
    receipt, text = (letter.get_content() for letter in letters)
    assert "/privacy/request/" in receipt
    assert Ticket.objects.get().reference in letters[1]["Subject"]
    assert numbers_after("- Text messages: ", text) == changed("Text messages")
    assert "found no remaining copy" in text
    assert not names_ada(text)


def numbers_after(words, text):
    return [int(n) for n in re.findall(rf"(?m)^{words}(\d+) record", text)]


def changed(title):
    """By the certificate: rows that went, and rows out of which something was taken."""
    said = json.loads(Certificate.objects.get().document)["tables"]
    names = [str(table) for table in Table.objects.filter(title=title)]
    mine = [each for each in said if each["table"] in names and each["ended"]]
    gone = [e["ended"] for e in mine if e["action"] in ("delete", "deidentify")]
    taken_out = [e["ended"] for e in mine if e["action"] == "redact"]
    assert gone
    return [sum(some) for some in (gone, taken_out) if some]


# --- access ---------------------------------------------------------------------
BY_LEAD = (
    "conversations", "sms_events", "call_events", "consent_events", "transactions",
    "web_events", "support_tickets", "survey_answers", "lead_tags",
    "lead_status_changes",
)  # fmt: skip


RELEASED = "SELECT max(phone_released_at) FROM leads WHERE phone = %s"


def known_of_emil(sample):
    """Table to the keys of his rows, by hand: of his number since it is his."""
    lead = "(SELECT id FROM leads WHERE phone = %s AND phone_released_at IS NULL)"
    found = {"leads": f"SELECT id::text FROM leads WHERE id IN {lead}"}
    for table in BY_LEAD:
        key = "lead_id" if table == "lead_tags" else "id"
        found[table] = f"SELECT {key}::text FROM {table} WHERE lead_id IN {lead}"
    rows = {
        table: sorted(key for (key,) in sample.execute(query, [EMIL.phone]))
        for table, query in found.items()
    }
    return {f"sample.{table}": keys for table, keys in rows.items() if keys}


def test_a_copy_has_exactly_the_rows_that_hand_written_sql_finds(
    sample, two_workers, sign_in
):
    expected = known_of_emil(sample)
    lena, max_ = sign_in("lena.legal"), sign_in("max.legal")
    ticket = opened(lena, rights=["access"], phone=EMIL.phone, name="", words="")
    lena.submit(ticket + "plan/")
    max_.submit(ticket + "approve/")
    assert answered(lena, ticket), lena.get(ticket + "change/").page

    taken = lena.get(ticket + "download/")

    assert taken.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(taken.body))
    tables = json.loads(archive.read("data.json"))["tables"]
    keys = {
        name: sorted(str(row.get("id", row.get("lead_id"))) for row in rows)
        for name, rows in tables.items()
    }
    told = Event.objects.filter(identifier__in=Ticket.objects.get().identifiers.all())
    since = sample.execute(RELEASED, [EMIL.phone]).fetchone()[0]
    his = [each.occurred_at for each in told if each.occurred_at > since]
    assert [row["at"] for row in tables["consent"]] == [at.isoformat() for at in his]
    assert 0 < len(his) < told.count()  # the first owner's is not his
    assert {name: keys[name] for name in keys if name != "consent"} == expected
    for name, rows in tables.items():
        text = archive.read(f"{name}.csv").decode()
        assert len(list(csv.DictReader(io.StringIO(text)))) == len(rows)
    readable = [name for name in archive.namelist() if not name.endswith(".pdf")]
    everything = b"".join(archive.read(name) for name in readable).decode()
    assert "I am moving abroad" not in everything
    assert DORA.email not in everything
    page = archive.read("index.html").decode()
    assert EMIL.email in page
    assert "When do you open on Saturday?" in page
    assert AuditEvent.objects.filter(action="package.taken", by="lena.legal").exists()


def test_a_store_that_is_down_is_said_and_the_request_waits(sample, sign_in):
    lena = sign_in("lena.legal")
    ticket = opened(lena)
    store = Store.objects.get(name="sample")
    store.address = "postgres://nobody@127.0.0.1:9/nothing"
    store.save(update_fields=["address"])

    said = lena.submit(ticket + "plan/").page

    assert "sample" in said
    assert "does not answer" in said
    assert "Status: Received" in said
    assert Ticket.objects.get().plan is None
