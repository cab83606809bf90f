"""The pack for counsel: complete, readable, and nothing in it can be changed."""

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as conf
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from consent import chunks, evidence, keeping, ledger, listings, review, transfer
from consent.check import NotYet
from consent.evidence import paper, records, unclear
from consent.models import Event, InboundMessage, Program, ProgramText
from privacy import identifiers
from privacy.identifiers import NotAnIdentifier
from privacy.models import AuditEvent, Disclosure
from privacy.refusals import ReasonNeeded
from tests.consent.factories import (
    ACME,
    ADA,
    ProgramFactory,
    contracted,
    later,
    sent,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]
TOOL = Path(__file__).resolve().parents[2] / "tools" / "verify_audit.py"
WORDING = "By ticking I agree to about 4 texts a month from Acme. Reply STOP to stop."
REASON = "Letter of 3 March from counsel"
PATH = "/admin/consent/standing/prove/"


@pytest.fixture
def history(now):
    """Ada opted in on a form, and stopped by text."""
    ProgramFactory()
    shown = {"form": "checkout", "wording": WORDING, "certificate": "abc123"}
    told("opt_in", now, organization=ACME, route="web", evidence=shown)
    sent("Stop, please", later(now, days=1))


@pytest.fixture
def pack(history, now, tmp_path):
    content = evidence.pack(
        mark=identifiers.phone(ADA), reason=REASON, by="lena", now=later(now, days=2)
    )
    path = tmp_path / "pack.zip"
    path.write_bytes(content)
    return path


def files_of(path):
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def rewritten(path, change):
    files = files_of(path)
    change(files)
    with zipfile.ZipFile(path, "w") as book:
        for name, content in files.items():
            book.writestr(name, content)


def verify(path, *options):
    """As on a machine that has Python and nothing of ours (-I, -S)."""
    return subprocess.run(
        [sys.executable, "-I", "-S", TOOL, path, *options],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_pack_verifies_offline_also_against_the_whole_trail(pack, tmp_path):
    trail, key = tmp_path / "trail.jsonl", tmp_path / "key.pem"
    call_command("audit", "export", str(trail))
    key.write_bytes(files_of(pack)["manifest.pem"])

    found = verify(pack, "--trail", trail, "--key", key)

    assert found.returncode == 0, found.stderr
    assert "2 events and 3 rows" in found.stdout


def test_the_machine_reads_who_what_when_and_the_wording_shown(pack):
    said = json.loads(files_of(pack)["evidence.json"])

    assert said["person"]["value"] == ADA
    stopped, joined = said["events"]
    assert stopped["words"] == "Stop, please"
    assert stopped["program"]["texts_today"]["opt_out"].startswith("Acme:")
    assert stopped["replied_by"] == "portal"
    assert stopped["reply"].startswith("Acme:")
    assert joined["sealed"]["evidence"]["wording"] == WORDING
    assert [answer["marketing"] for answer in said["answers"]] == [False] * 3
    record = next(r for r in said["records"] if r["dpv:hasNotice"])
    assert record["dpv:hasDataSubject"] == {"@id": f"tel:{ADA}"}
    assert [event["status"] for event in record["events"]] == [
        "dpv:ConsentGiven",
        "dpv:ConsentWithdrawn",
    ]


def test_it_shows_the_texts_of_then_and_not_those_of_today(now):
    program = ProgramFactory()
    first = ProgramText.objects.get()
    told("opt_in", timezone.now(), organization=ACME, program=program)
    program.opt_in_text = program.opt_in_text.replace("Acme", "Bolt")
    program.save()
    told("opt_in", timezone.now(), organization=ACME, program=program)
    told("opt_out", now, organization=ACME, program=program)  # before any were kept

    made = evidence.pack(
        mark=identifiers.phone(ADA), reason=REASON, by="lena", now=timezone.now()
    )

    with zipfile.ZipFile(io.BytesIO(made)) as book:
        last, middle, before = json.loads(book.read("evidence.json"))["events"]
    assert last["program"]["texts_then"]["opt_in"].startswith("Bolt")
    assert middle["program"]["texts_then"]["opt_in"] == first.opt_in_text
    assert before["program"]["texts_then"] == {}


def test_texts_of_programs_are_kept_whoever_changes_them_and_never_changed():
    program = ProgramFactory()
    Program.objects.update(help_text="Acme: mail help@example.com.")
    Program.objects.update(monthly_cap=3)  # no text

    assert [row.help_text for row in ProgramText.objects.all()] == [
        "Acme: mail help@example.com.",
        program.help_text,
    ]
    for change in (
        lambda rows: rows.update(help_text="x"),
        lambda rows: rows._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="append"), transaction.atomic():
            change(ProgramText.objects.all())
    program.delete()
    assert ProgramText.objects.count() == 2


def test_unclear_messages_are_in_it_with_what_was_decided(now, tmp_path):
    """Also where there is nothing else."""
    sent("Don't stop, I love these", now)
    review.set_aside(row=InboundMessage.objects.get(), by="sam", now=later(now, days=1))
    facts = {"mark": identifiers.phone(ADA), "reason": REASON, "by": "lena"}
    assert evidence.pack(now=later(now, days=1), **facts)
    sent("Don't stop, I love these", later(now, days=2))
    sent("Don't stop, I love these", later(now, days=3))
    last = InboundMessage.objects.order_by("received_at").last()
    stop = review.heed(row=last, by="sam", now=later(now, days=4))

    path = tmp_path / "pack.zip"
    path.write_bytes(evidence.pack(now=later(now, days=5), **facts))

    read, settled, aside = json.loads(files_of(path)["evidence.json"])["unclear"]
    assert read["event"] == stop.pk
    assert unclear.SETTLED in settled["sentence"]
    assert "sam read it on 25 November 2026, 09:00 UTC" in aside["sentence"]
    assert "“Don't stop, I love these” Marketing was held." in aside["sentence"]
    assert b"message.set_aside" in files_of(path)["trail.jsonl"]
    assert verify(path).returncode == 0


@pytest.fixture
def complete(now, settings):
    """A consent to ourselves, of which every field is known."""
    keeping.load()
    settings.CONTROLLER_NAME, settings.STORED_IN = "Acme Inc.", ["US"]
    settings.CONTROLLER_ADDRESS = "1 Example Street, Springfield"
    settings.DEFAULT_FROM_EMAIL = "privacy@example.com"
    program = ProgramFactory(organization="", consent_months=6)
    contracted("Analysts", now)
    shown = {"page": "/privacy/preferences?lang=en", "wording": WORDING}
    told("opt_in", now, route="web", program=program, evidence=shown)


def recorded(now):
    mark = identifiers.phone(ADA)
    return records.of(mark, list(ledger.told_by(mark)), now=now)[0]


def test_a_record_with_every_mandatory_field_conforms(complete, now):
    record = recorded(now)

    assert record["dct:conformsTo"] == "ISO/IEC TS 27560:2023"
    assert "lacks" not in record
    assert record["dpv:hasDataController"] == {
        "@id": conf.PUBLIC_URL,
        "@type": "dpv:DataController",
        "dpv:hasName": "Acme Inc.",
        "dpv:hasAddress": "1 Example Street, Springfield",
        "dpv:hasContact": "privacy@example.com",
    }
    assert {name: record[name] for name in records.OURS} == {
        "schema_version": "1",
        "language": "en",
        "storage_locations": ["US"],
        "retention_period": "P60M",
        "jurisdiction": ["US"],
        "recipients": ["Analysts"],
        "withdrawal_method": [
            "Reply STOP to +12025550100",
            f"{conf.PUBLIC_URL}/privacy/preferences",
        ],
    }
    assert record["events"][0]["validity"] == "P6M"


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("controller_name", "CONTROLLER_NAME"),
        ("controller_address", "CONTROLLER_ADDRESS"),
        ("controller_contact", "DEFAULT_FROM_EMAIL"),
        ("storage_locations", "STORED_IN"),
        ("jurisdiction", "HOME_COUNTRIES"),
    ],
)
def test_a_record_says_which_field_it_lacks_and_claims_nothing(
    complete, now, settings, name, setting
):
    setattr(settings, setting, type(getattr(settings, setting))())

    record = recorded(now)

    assert record["lacks"] == [name]
    assert "dct:conformsTo" not in record


def test_a_start_has_the_answer_as_its_notice(now):
    """As it read then, in the language of the program."""
    keeping.load()
    program = ProgramFactory()
    shown = program.opt_in_text
    sent("START", now)
    type(program).objects.update(opt_in_text="Acme: other words.")

    record = recorded(now)

    assert (record["dpv:hasNotice"], record["language"]) == ([shown], "en")
    assert not {"notice", "language"} & set(record["lacks"])
    assert record["events"][0]["validity"] == "until withdrawn"


def test_a_start_that_nobody_answers_lacks_its_notice(now):
    keeping.load()
    ProgramFactory()
    sent("START", now, answerable=False)

    assert {"notice", "language", "controller_address"} <= set(recorded(now)["lacks"])


def test_a_start_to_another_sender_can_conform(complete, now):
    ProgramFactory(address="2 Example Street, Springfield", numbers=["+12025550101"])
    sent("START", now, recipient="+12025550101")

    mark = identifiers.phone(ADA)
    found = records.of(mark, list(ledger.told_by(mark)), now=now)
    whose = [record["dpv:hasDataController"]["@id"] for record in found]
    assert ACME in whose
    assert [record["lacks"] for record in found if "lacks" in record] == []


def test_a_record_says_when_consent_ended_without_a_word_of_the_person(now):
    """A machine that reads the last status must not take ended consent for given."""
    ProgramFactory()
    told("opt_in", now, organization=ACME)
    told("expiry", later(now, days=1), organization=ACME, route="expiry")
    told("reassignment", later(now, days=2), organization=ACME, route="import")
    end = later(now, days=3)
    made = evidence.pack(mark=identifiers.phone(ADA), reason=REASON, by="lena", now=end)
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        records = json.loads(book.read("evidence.json"))["records"]
    record = next(r for r in records if r["dct:identifier"].endswith("-sms"))
    assert [event["status"] for event in record["events"]] == [
        "dpv:ConsentGiven",
        "dpv:ConsentExpired",
        "dpv:ConsentInvalidated",
    ]


def test_a_record_names_the_purpose_of_the_programs_that_were_spoken_to(now):
    service = ProgramFactory(purpose="service")
    told("opt_in", now, organization=ACME, program=service)
    mark = identifiers.phone(ADA)

    def purpose():
        (record, *_) = records.of(mark, list(ledger.told_by(mark)), now=now)
        return record["dpv:hasProcess"]["dpv:hasPurpose"]

    assert purpose() == "dpv:ServiceProvision"
    told("opt_out", now, organization=ACME, program=ProgramFactory())
    assert purpose() == ["dpv:DirectMarketing", "dpv:ServiceProvision"]


def test_the_reader_gets_a_paper(pack):
    assert files_of(pack)["evidence.pdf"].startswith(b"%PDF-")


def test_the_paper_says_it_in_words_and_to_the_second(history, now, monkeypatch):
    told_to = []
    typeset = paper.typst.compile

    def compiled(template, *, format, sys_inputs):
        told_to.append(json.loads(sys_inputs["document"]))
        return typeset(template, format=format, sys_inputs=sys_inputs)

    monkeypatch.setattr(paper.typst, "compile", compiled)
    end = later(now, days=2)
    evidence.pack(mark=identifiers.phone(ADA), reason=REASON, by="lena", now=end)

    (said,) = told_to
    ways = [answer.partition(":")[0] for answer in said["answers"]]
    assert ways == ["Text message", "Picture or RCS message", "Call"]
    stopped = said["events"][0]
    lines = dict(stopped["lines"])
    assert "In time. We knew on" in stopped["sentence"]
    assert lines["It decides"] == "Text message, Picture or RCS message, Call"
    assert lines["Source"] == "Directly from the person"
    assert lines["Program"].startswith("Program ")
    assert re.search(r"\d\d:\d\d:\d\d UTC", lines["It happened"])


def test_that_it_was_made_is_in_the_trail_and_the_pack(pack):
    row = AuditEvent.objects.get(action="evidence.packed")

    assert row.by == "lena"
    assert REASON in row.payload
    assert row.hash in files_of(pack)["trail.jsonl"].decode()


def answers_of(now, at=None):
    mark = identifiers.phone(ADA)
    made = evidence.pack(mark=mark, reason=REASON, by="lena", now=now, at=at)
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        said = json.loads(book.read("evidence.json"))
    return said["as_of"], {a["channel"]: a["marketing"] for a in said["answers"]}


def test_its_answer_is_that_of_the_check_lists_included(now):
    ProgramFactory()
    told("opt_in", now, organization=ACME)
    told("opt_in", now)
    assert answers_of(now)[1]["sms"] is True

    asked = later(now, days=1)
    listings.request(
        mark=identifiers.phone(ADA),
        source="a call",
        asked_at=asked,
        by="sam",
        now=asked,
    )

    assert answers_of(later(now, days=2))[1]["sms"] is False


def test_a_request_to_be_left_alone_is_proved_without_any_event(now, tmp_path):
    """By letter: nobody told the ledger anything."""
    mark = identifiers.phone(ADA)
    listings.request(mark=mark, source="a letter", asked_at=now, by="sam", now=now)

    path = tmp_path / "pack.zip"
    end = later(now, days=2)
    path.write_bytes(evidence.pack(mark=mark, reason=REASON, by="lena", now=end))

    (listed,) = json.loads(files_of(path)["evidence.json"])["lists"]
    assert (listed["list"], listed["source"]) == ("requested", "a letter")
    assert (listed["since"], listed["recorded_by"]) == (now.isoformat(), "sam")
    assert b"listing.put" in files_of(path)["trail.jsonl"]
    assert verify(path).returncode == 0


def test_it_answers_as_of_an_instant(now):
    told("opt_in", now)
    told("opt_out", later(now, days=2))
    then, end = later(now, days=1), later(now, days=3)

    assert answers_of(end)[1]["sms"] is False
    assert answers_of(end, then) == (
        then.isoformat(), {"sms": True, "mms": True, "voice": False},
    )  # fmt: skip
    with pytest.raises(NotYet):
        answers_of(end, later(now, days=4))


# --- tampering ----------------------------------------------------------------
def change_a_fact(files):
    files["evidence.json"] = files["evidence.json"].replace(b"opt_out", b"opt_in")


def change_the_paper(files):
    files["evidence.pdf"] += b" "


def leave_out_a_file(files):
    del files["trail.jsonl"]


def slip_in_a_file(files):
    files["other.pdf"] = b"%PDF-1.7"


def change_the_manifest(files):
    files["manifest.json"] = files["manifest.json"].replace(b"version", b"Version")


def spoil_the_signature(files):
    files["manifest.sig"] = files["manifest.sig"][::-1]


def flip_a_bit_that_base64_does_not_read(files):
    """The last character before the padding has four of them."""
    *head, last = files["manifest.sig"].rstrip(b"=")
    files["manifest.sig"] = bytes([*head, last ^ 1]) + b"=="


def change_what_stands_around_the_key(files):
    files["manifest.pem"] = files["manifest.pem"].replace(b"PUBLIC", b"public")


def spoil_the_manifest(files):
    files["manifest.json"] = b"{"


@pytest.mark.parametrize(
    "change",
    [
        change_a_fact,
        change_the_paper,
        leave_out_a_file,
        slip_in_a_file,
        change_the_manifest,
        spoil_the_signature,
        flip_a_bit_that_base64_does_not_read,
        change_what_stands_around_the_key,
        spoil_the_manifest,
    ],
)
def test_whatever_was_changed_is_found(pack, change):
    rewritten(pack, change)

    found = verify(pack)

    assert found.returncode == 1
    assert found.stderr
    assert "Traceback" not in found.stderr


def test_a_pack_signed_by_somebody_else_is_found_by_the_key(pack, tmp_path):
    other = Ed25519PrivateKey.generate().public_key()
    key = tmp_path / "key.pem"
    key.write_bytes(
        other.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )

    assert verify(pack, "--key", key).returncode == 1


def test_an_event_that_the_trail_did_not_seal_is_found(history, now, tmp_path):
    """Whoever rewrites the ledger and has it signed still meets the trail."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE consent_event DISABLE TRIGGER append_only")
        cursor.execute("UPDATE consent_event SET channel = 'web' WHERE kind = 'opt_in'")
        cursor.execute("ALTER TABLE consent_event ENABLE TRIGGER append_only")
    path = tmp_path / "pack.zip"
    path.write_bytes(
        evidence.pack(mark=identifiers.phone(ADA), reason=REASON, by="max", now=now)
    )

    found = verify(path)

    assert found.returncode == 1
    assert "not the one that the trail sealed" in found.stderr


# --- what came with a list --------------------------------------------------------
OTHERS = [f"+1202555{n:04}" for n in range(120, 126)]


@pytest.fixture
def imported(now, tmp_path):
    """Ada and six others opted in, by a list with the words that they were shown."""

    def take(name, numbers):
        path = tmp_path / name
        said = f"Sí, “texts” \\ 100 % {WORDING}"
        path.write_text("phone,opted in at\n" + "".join(
            f"{number},2026-03-01T10:00:00.5Z\n" for number in numbers
        ))  # fmt: skip
        transfer.take_in(
            path=path,
            results=tmp_path / f"{name}.results",
            options=transfer.Options(kind="opt_in", wording=said, page="sign-up"),
            by="pia",
            clock=lambda: now,
        )

    take("one.csv", [*OTHERS[:2], ADA, *OTHERS[2:]])
    take("two.csv", [OTHERS[0], "+12025550130"])


def packed_of(number, now, tmp_path):
    path = tmp_path / "listed.zip"
    mark = identifiers.phone(number)
    path.write_bytes(evidence.pack(mark=mark, reason=REASON, by="lena", now=now))
    return path


@pytest.mark.parametrize("number", [ADA, *OTHERS, "+12025550130"])
def test_an_event_of_a_list_leads_to_what_the_trail_sealed(
    imported, now, tmp_path, number
):
    pack = packed_of(number, now, tmp_path)
    said = json.loads(files_of(pack)["evidence.json"])

    found = verify(pack)

    assert found.returncode == 0, found.stderr
    assert "proves" not in found.stdout
    assert all(e["trail"] and e["path"] is not None for e in said["events"])
    assert [n for n in OTHERS if n != number and n in str(said)] == []


@pytest.mark.parametrize(
    "forged",
    [
        "UPDATE consent_event SET occurred_at = '2020-01-01' WHERE route = 'import'",
        """UPDATE consent_event SET evidence = evidence || '{"wording": "Forged"}'
        WHERE route = 'import'""",
        "UPDATE consent_event SET channel = 'voice' WHERE route = 'import'",
    ],
)
def test_whoever_changes_an_event_of_a_list_meets_the_trail(
    imported, now, tmp_path, forged
):
    behind_the_triggers(forged)

    found = verify(packed_of(ADA, now, tmp_path))

    assert found.returncode == 1
    assert "was changed: the list that the trail sealed differs" in found.stderr


def test_of_two_events_sealed_together_the_changed_one_alone_is_blamed(
    imported, now, tmp_path
):
    person = identifiers.find(identifiers.phone(ADA)).pk
    behind_the_triggers(
        f"UPDATE consent_event SET channel = 'voice' WHERE identifier_id = {person}"
    )
    number = Event.objects.get(identifier=person).sequence

    found = verify(packed_of(ADA, now, tmp_path))

    assert f"{number} was changed" in found.stderr
    assert verify(packed_of(OTHERS[1], now, tmp_path)).returncode == 0


@pytest.mark.parametrize(
    "spoiled",
    ["DELETE FROM consent_chunk", "UPDATE consent_chunk SET leaves = sha256('x')"],
)
def test_hashes_that_are_gone_or_not_those_of_the_trail_prove_nothing(
    imported, now, tmp_path, spoiled
):
    """The list is hashed again; then it is known only that one of it was changed."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consent_chunk DISABLE TRIGGER append_only")
        cursor.execute(spoiled)
        cursor.execute("ALTER TABLE consent_chunk ENABLE TRIGGER append_only")
    assert verify(packed_of(ADA, now, tmp_path)).returncode == 0

    behind_the_triggers("UPDATE consent_event SET channel = 'voice'")

    found = verify(packed_of(ADA, now, tmp_path))
    assert "not in the list that the trail sealed" in found.stderr


def test_an_event_that_hides_its_list_is_said_to_be_unproven(imported, now, tmp_path):
    behind_the_triggers("UPDATE consent_event SET evidence = evidence - 'import'")

    found = verify(packed_of(ADA, now, tmp_path))

    assert "no row of the trail proves 1 of the events" in found.stdout


def test_of_a_list_from_before_the_pack_says_that_nothing_proves_it(
    imported, now, tmp_path, monkeypatch
):
    monkeypatch.setattr(chunks, "_sealed", lambda row: {})

    found = verify(packed_of(ADA, now, tmp_path))

    assert found.returncode == 0
    assert "no row of the trail proves 1 of the events" in found.stdout


def behind_the_triggers(statement):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE consent_event DISABLE TRIGGER append_only")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE consent_event ENABLE TRIGGER append_only")


# --- bad questions --------------------------------------------------------------
def test_a_reason_is_needed(history, now):
    with pytest.raises(ReasonNeeded):
        evidence.pack(mark=identifiers.phone(ADA), reason=" ", by="lena", now=now)

    assert not AuditEvent.objects.filter(action="evidence.packed").exists()


def test_of_somebody_unknown_there_is_nothing_to_prove(db, now):
    with pytest.raises(evidence.NothingToProve):
        evidence.pack(mark=identifiers.phone(ADA), reason=REASON, by="lena", now=now)


# --- command and page -------------------------------------------------------------
def test_the_command_writes_a_pack_that_verifies(history, tmp_path, capsys):
    path = tmp_path / "pack.zip"

    call_command("consent", "evidence", "(202) 555-0117", "--out", str(path), "--json")

    assert json.loads(capsys.readouterr().out)["bytes"] == path.stat().st_size
    assert verify(path).returncode == 0


def test_a_folder_that_is_not_there_is_a_sentence(history, tmp_path):
    with pytest.raises(CommandError, match="can't be written"):
        call_command("consent", "evidence", ADA, "--out", str(tmp_path / "no" / "x"))


def test_what_is_no_number_is_a_sentence(db, tmp_path):
    with pytest.raises(CommandError, match=str(NotAnIdentifier())):
        call_command("consent", "evidence", "letters", "--out", str(tmp_path / "x"))


@pytest.fixture
def lena(client, django_user_model):
    user = django_user_model.objects.create_user("lena", is_staff=True)
    user.groups.add(Group.objects.get(name="Legal"))
    client.force_login(user)
    return client


def test_legal_gets_it_with_one_click_on_the_look_up_page(history, lena, tmp_path):
    page = lena.post("/admin/consent/standing/lookup/", {"address": ADA})
    assert PATH in page.content.decode()

    answer = lena.post(PATH, {"address": ADA, "reason": REASON})

    assert answer.headers["Content-Type"] == "application/zip"
    assert zipfile.is_zipfile(io.BytesIO(answer.content))
    assert "0117" not in str(answer.headers)


def test_it_is_offered_of_somebody_who_is_only_on_a_list(lena, now):
    mark = identifiers.phone(ADA)
    listings.request(mark=mark, source="a letter", asked_at=now, by="sam", now=now)

    page = lena.post("/admin/consent/standing/lookup/", {"address": ADA})

    assert PATH in page.content.decode()


def test_without_a_reason_or_a_history_the_page_says_why(history, lena):
    assert b"required" in lena.post(PATH, {"address": ADA}).content
    other = lena.post(PATH, {"address": "202 555 0199", "reason": REASON})
    assert "We have nothing on record for that number" in other.content.decode()


def test_to_somebody_outside_it_goes_by_the_disclosure_gate(history, lena, now):
    asked = {"address": ADA, "reason": REASON, "recipient": "Example Counsel LLP"}

    refused = lena.post(PATH, asked).content.decode()
    assert "no recipient of data has that name" in refused
    assert not AuditEvent.objects.filter(action="evidence.packed").exists()

    contracted("Example Counsel LLP", now, "legal")
    answer = lena.post(PATH, asked)

    assert zipfile.is_zipfile(io.BytesIO(answer.content))
    entry = Disclosure.objects.get()
    assert (entry.provider.name, entry.people) == ("Example Counsel LLP", 1)
    assert (entry.purpose_id, entry.reason) == ("legal", REASON)


def test_an_unknown_legal_process_is_no_ground(history, tmp_path):
    path = tmp_path / "pack.zip"

    with pytest.raises(CommandError, match="no legal process with that reference"):
        call_command(
            "consent", "evidence", ADA, "--out", str(path), "--process", "26-CV-1"
        )

    assert not path.exists()


def test_support_is_neither_offered_it_nor_given_it(history, support):
    page = support.post("/admin/consent/standing/lookup/", {"address": ADA})

    assert PATH not in page.content.decode()
    assert support.post(PATH, {"address": ADA, "reason": REASON}).status_code == 403
