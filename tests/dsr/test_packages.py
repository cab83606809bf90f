"""The person's copy: whole, readable, signed, without others and without secrets."""

import base64
import csv
import datetime as dt
import io
import json
import re
from decimal import Decimal
from html import unescape

import pytest
import pyzipper
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from django.core import mail
from django.db import IntegrityError

from dsr import identity, intake, links, packages, requests, translations
from dsr.identity import reaching, rules, sending
from dsr.models import IdentityDecision, Package, PackagePart, Proof, Translation
from dsr.packages import handing, sealed
from dsr.packages.handing import CodeNeeded, TakenTooOften
from privacy import disclosure, identifiers
from privacy.models import AuditEvent, Category, Column, Provider, Purpose
from tests.dsr.factories import (
    ADA,
    ADAS_MAIL,
    LENA,
    MAX,
    NOW,
    RECEIVED,
    answered,
    asked,
    clock,
    opened,
    vouched,
)

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(minutes=1)


@pytest.fixture
def copy(town):
    """Ada's request for access, answered."""
    marks = [identifiers.phone(ADA), identifiers.email(ADAS_MAIL)]
    ticket = answered("access", regime="EU-GDPR", marks=marks)
    identity.decide(
        ticket=ticket, accepted=True, is_vouched=True, reason="Seen in the shop",
        by=LENA, now=NOW,
    )  # fmt: skip
    return ticket


# --- what is in it --------------------------------------------------------------------
def test_every_file_is_in_the_signed_manifest(copy):
    archive = opened(copy)

    manifest = json.loads(archive.read("manifest.json"))
    public = serialization.load_pem_public_key(archive.read("manifest.pem"))
    public.verify(
        base64.b64decode(archive.read("manifest.sig")), archive.read("manifest.json")
    )
    named = {file["name"] for file in manifest["files"]}
    rest = {"manifest.json", "manifest.sig", "manifest.pem"}
    assert named | rest == set(archive.namelist())
    for file in manifest["files"]:
        assert len(archive.read(file["name"])) == file["bytes"]
    assert archive.testzip() is None


def test_json_csv_page_and_paper_have_the_same_rows(copy):
    archive = opened(copy)

    tables = json.loads(archive.read("data.json"))["tables"]
    rows = json.loads(archive.read("manifest.json"))["rows"]
    for name, found in tables.items():
        read = list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode())))
        assert len(read) == len(found) == rows[name]
    page = archive.read("index.html").decode()
    assert "Your quote is ready" in page
    assert archive.read("copy.pdf").startswith(b"%PDF")


def annexes(town, **declared):
    Purpose.objects.update(**declared)
    archive = opened(answered("access", regime="EU-GDPR"))
    said = json.loads(archive.read("annex.json"))["automated_decisions"]
    return said, archive.read("index.html").decode()


def test_no_machine_decides_only_where_somebody_declared_that(town):
    said, page = annexes(town)
    assert said is None
    assert "a machine" not in page


def test_the_copy_says_that_no_machine_decides_alone(town):
    said, page = annexes(town, decides_alone=False)
    assert said == []
    assert "is taken by a machine alone" in page


def test_the_copy_explains_what_a_machine_decides_alone(town):
    said, page = annexes(town, decides_alone=True, logic="Numbers that bounce are cut.")
    assert said[0]["logic"] == "Numbers that bounce are cut."
    assert "Numbers that bounce are cut." in page
    assert "is taken by a machine alone" not in page


def test_a_decision_has_its_logic():
    with pytest.raises(IntegrityError, match="decision_has_its_logic"):
        Purpose.objects.update(decides_alone=True)


def test_the_annex_comes_from_the_records(town):
    carrier = Provider.objects.create(name="Example Carrier", way="task", owner="pia")
    carrier.transfers.create(country="IN", safeguard="scc", document="SCC-4")
    carrier.transfers.create(country="US")
    archive = opened(answered("access", regime="EU-GDPR"))

    annex = json.loads(archive.read("annex.json"))
    assert {"Provide and secure the service"} <= {p["title"] for p in annex["purposes"]}
    assert all(p["lawful_basis"] for p in annex["purposes"])
    assert annex["categories"]
    assert annex["recipients"] == ["Example Carrier"]
    assert annex["transfers"] == [
        {"recipient": "Example Carrier", "country": "IN", "safeguard": "scc"}
    ]
    assert (
        "Example Carrier (IN): standard contractual clauses"
        in archive.read("index.html").decode()
    )
    assert annex["sources"]
    assert "GDPR Art. 6(1)(b)" in archive.read("index.html").decode()


def test_what_is_of_others_is_replaced_and_each_place_is_listed(town):
    town.execute(
        "UPDATE person SET note = 'Ask Ben, 202-555-0117 or ben.sample@example.org'"
        " WHERE name = 'Ada Sample'"
    )
    archive = opened(answered("access", regime="EU-GDPR"))

    texts = [n for n in archive.namelist() if n.endswith((".csv", ".html", ".json"))]
    texts.remove("manifest.json")  # digests
    everything = b"".join(archive.read(name) for name in texts).decode()
    assert "0117" not in everything
    assert "ben.sample" not in everything
    text = archive.read("redactions.csv").decode()
    listed = list(csv.DictReader(io.StringIO(text)))
    (note,) = [line for line in listed if line["field"] == "note"]
    assert note["times"] == "2"
    assert note["reason"]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Ben Sample came along", f"{disclosure.OTHERS} came along"),
        ("as Sample, Ben said", f"as {disclosure.OTHERS} said"),
        ("I am Ada Sample", "I am Ada Sample"),
        ("Yusuf Odé is not in this talk", "Yusuf Odé is not in this talk"),
        ("Benny Samples and Ben", "Benny Samples and Ben"),
    ],
)  # fmt: skip
def test_the_name_of_whom_they_talk_with_is_replaced_in_texts(town, said, shown):
    """Who that is says the number on the other side."""
    town.execute(
        "INSERT INTO message (person_id, from_number, to_number, body, sent_at)"
        " SELECT id, phone, '+12025550117', %s, '2026-11-01' FROM person"
        " WHERE name = 'Ada Sample'",
        [said],
    )
    archive = opened(answered("access", regime="EU-GDPR"))

    rows = json.loads(archive.read("data.json"))["tables"]["town.message"]
    assert shown in [row["body"] for row in rows]


def test_a_number_of_others_is_replaced_as_a_whole_number_too(town):
    extra = {"ip": "203.0.113.7", "sister": 12025550188, "me": 12025550143, "order": 77}
    extra |= {"+12025550188": "Sunday", "+12025550117": "Monday", ADA: "Friday"}
    town.execute(
        "UPDATE person SET extra = %s WHERE extra ? 'utm'", [json.dumps(extra)]
    )
    archive = opened(answered("access", regime="EU-GDPR"))

    rows = json.loads(archive.read("data.json"))["tables"]["town.person"]
    (shown,) = [row["extra"] for row in rows if row["extra"]]
    assert shown["sister"] == disclosure.OTHERS
    assert (shown["me"], shown["order"], shown[ADA]) == (12025550143, 77, "Friday")
    assert {"Sunday", "Monday"} <= set(shown.values())
    assert not {"+12025550188", "+12025550117"} & shown.keys()


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (12025550188, disclosure.OTHERS),
        (Decimal(12025550188), disclosure.OTHERS),
        (12025550143, 12025550143),
    ],
)
def test_so_is_one_in_a_column_of_whole_numbers(number, shown):
    called = Column(name="called", identifier="phone", whose=Column.Whose.OTHER)

    assert disclosure._plain(number, called, re.compile("12025550143")) == shown


def test_a_date_is_nobodys_number(town):
    days = "2026-12-03; 2026-12-03 09:30; 03.12.2026; 12/3/2026; 12/31/2026 9:30"
    numbers = "2026-13-03; 2026-12-03 202-555-0117; 20-26-12-03"
    town.execute(
        "UPDATE person SET note = %s WHERE name = 'Ada Sample'",
        [f"{days} or {numbers}"],
    )
    archive = opened(answered("access", regime="EU-GDPR"))

    rows = json.loads(archive.read("data.json"))["tables"]["town.person"]
    (note,) = [row["note"] for row in rows if row["note"]]
    assert note.startswith(f"{days} or [another person's")
    assert "2026-13-03" not in note
    assert "0117" not in note
    assert "20-26-12-03" not in note


def test_both_sides_of_a_conversation_are_safe(copy):
    """She gets what she wrote and received; the other side's number is not shown."""
    page = opened(copy).read("index.html").decode()

    assert "Your quote is ready" in page
    assert "my number is 202-555-0143" in page
    assert "+12025550100" not in page


@pytest.mark.parametrize("language", ["es", "fr", "de"])
def test_its_annex_is_in_the_language_of_the_person(town, language):
    for text in translations.missing()[language]:  # titles of this test's own tables
        Translation.objects.create(language=language, original=text, text="—")
    ticket = vouched(asked("access", regime="EU-GDPR"))
    links.make(ticket=ticket, language=language, now=NOW)
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    requests.approve(ticket=ticket, by=MAX, now=NOW)
    requests.fulfil(ticket=ticket, clock=clock)

    page = opened(ticket).read("index.html").decode()
    said = {each.title for each in (*Purpose.objects.all(), *Category.objects.all())}
    texts = set(re.findall(r"(?s)<li>(.*?)</li>|<small>(.*?)</small>", page))
    english = [t for t in texts for each in said if each in unescape("".join(t))]
    assert len(texts) > 15
    assert english == []
    assert "GDPR Art." not in page


@pytest.mark.parametrize(
    ("language", "title"), [("de", "Ihre Daten"), ("fr", "Vos données")]
)
def test_it_speaks_the_language_of_the_person(town, language, title):
    ticket = vouched(asked("access", regime="EU-GDPR"))
    links.make(ticket=ticket, language=language, now=NOW)
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    requests.approve(ticket=ticket, by=MAX, now=NOW)
    requests.fulfil(ticket=ticket, clock=clock)

    page = opened(ticket).read("index.html").decode()
    assert f'lang="{language}"' in page
    assert title in page


def test_names_are_no_commands_of_the_paper(town):
    town.execute(
        "UPDATE person SET note = '#panic() $ \\ *bold* <script>alert(1)</script>'"
        " WHERE name = 'Ada Sample'"
    )
    archive = opened(answered("access", regime="EU-GDPR"))

    assert archive.read("copy.pdf").startswith(b"%PDF")
    assert "<script>alert" not in archive.read("index.html").decode()


# --- how it is kept -------------------------------------------------------------------
def test_it_is_sealed_in_pieces_that_fit_only_their_place(copy, monkeypatch):
    package = Package.objects.get()
    row = PackagePart.objects.get()
    assert not bytes(row.content).startswith(b"PK")

    row.number = 1
    row.save()
    Package.objects.update(size=sealed.PIECE + 5)
    package.refresh_from_db()
    reader = sealed.Reader(package)
    reader.seek(sealed.PIECE)
    with pytest.raises(InvalidTag):
        reader.read(1)


def test_pieces_come_back_as_they_were_written(copy, monkeypatch):
    monkeypatch.setattr(sealed, "PIECE", 10)
    package = Package.objects.get()
    package.parts.all().delete()
    text = b"0123456789abcdefghij-end"
    with sealed.Writer(package) as file:
        for start in range(0, len(text), 7):
            file.write(text[start : start + 7])

    reader = sealed.Reader(Package.objects.get())
    assert package.parts.count() == 3
    assert io.BufferedReader(reader).read() == text
    reader.seek(-4, io.SEEK_END)
    assert reader.read(10) == b"-end"
    reader.seek(9)
    assert reader.read(2) == b"9"  # up to the end of a piece
    assert reader.read(2) == b"ab"


def test_making_it_again_gives_the_first(copy):
    first = Package.objects.get()

    assert packages.make(ticket=copy, now=LATER) == first
    assert PackagePart.objects.count() == 1


def test_its_bytes_go_after_thirty_days(copy):
    end = NOW + dt.timedelta(days=31)

    assert packages.expire(now=end) == 1
    assert packages.expire(now=end) == 0
    assert not PackagePart.objects.exists()
    with pytest.raises(packages.NoPackage):
        b"".join(packages.stream(ticket=copy, by=LENA, now=NOW))


# --- how the person takes it ----------------------------------------------------------
def confirmed(ticket, now=NOW):
    row = ticket.identifiers.get(kind="email")
    proof = handing.ask(ticket=ticket, identifier_id=row.pk, method="mail", now=now)
    code = Proof.objects.get(pk=proof.pk).code.open()
    identity.confirm(ticket=ticket, proof_id=proof.pk, code=code, now=now)


def test_the_link_alone_opens_nothing(copy):
    with pytest.raises(CodeNeeded):
        handing.take(ticket=copy, now=NOW)
    with pytest.raises(CodeNeeded):
        handing.password(copy, now=NOW)


def test_after_a_code_the_file_opens_with_its_password_only(copy):
    confirmed(copy)

    content = b"".join(handing.take(ticket=copy, now=LATER))
    archive = pyzipper.AESZipFile(io.BytesIO(content))
    with pytest.raises(RuntimeError):
        archive.read("data.json")
    archive.setpassword(handing.password(copy, now=LATER).encode())
    assert json.loads(archive.read("data.json"))["request"] == copy.reference
    assert b"Ada Sample" not in content  # three letters stand in any noise by chance
    assert AuditEvent.objects.filter(action="package.downloaded").count() == 1


def test_a_code_is_good_for_half_an_hour(copy):
    confirmed(copy)
    late = NOW + dt.timedelta(minutes=rules.limit("download_minutes"))

    with pytest.raises(CodeNeeded):
        handing.take(ticket=copy, now=late)


def test_downloads_are_counted_and_end(copy):
    confirmed(copy)
    for _ in range(rules.limit("downloads")):
        handing.take(ticket=copy, now=LATER)

    with pytest.raises(TakenTooOften):
        handing.take(ticket=copy, now=LATER)
    assert Package.objects.get().downloads == rules.limit("downloads")


def test_a_proof_of_before_is_no_code_for_the_copy(town):
    ticket = answered("access", regime="EU-GDPR", marks=[identifiers.email(ADAS_MAIL)])
    IdentityDecision.objects.all().delete()
    row = ticket.identifiers.get()
    proof = identity.ask(ticket=ticket, identifier_id=row.pk, method="mail", now=NOW)
    code = Proof.objects.get(pk=proof.pk).code.open()
    identity.confirm(ticket=ticket, proof_id=proof.pk, code=code, now=NOW)
    sending.check_confirmed(now=NOW)

    with pytest.raises(CodeNeeded):
        handing.take(ticket=ticket, now=LATER)
    assert identity.proved(ticket) == [row]


def test_a_code_goes_only_to_what_was_proved(town):
    ticket = answered("access", regime="EU-GDPR", marks=[identifiers.email(ADAS_MAIL)])
    IdentityDecision.objects.all().delete()
    row = ticket.identifiers.get()

    with pytest.raises(identity.NoSuchProof):
        handing.ask(ticket=ticket, identifier_id=row.pk, method="mail", now=NOW)


def test_the_page_asks_for_a_code_and_then_gives_the_file(client, copy, mailoutbox):
    now = dt.datetime.now(dt.UTC)
    Package.objects.update(expires_at=now + dt.timedelta(days=30))
    path = f"/privacy/request/{links.make(ticket=copy, language='en', now=now)}"
    row = copy.identifiers.get(kind="email")
    before = client.post(path, {"do": "take"}, follow=True)
    assert "First confirm with a new code" in before.content.decode()

    form = {"do": "copy", "identifier": row.pk, "method": "mail"}
    client.post(path, form)
    sending.send_waiting(now=dt.datetime.now(dt.UTC))
    code = re.search(r"code is (\d{6})", mail.outbox[-1].body)[1]
    proof = Proof.objects.latest("pk")
    client.post(path, {"do": "code", "proof": proof.pk, "code": code})
    page = client.get(path).content.decode()
    answer = client.post(path, {"do": "take"})

    content = b"".join(answer.streaming_content)
    word = re.search(r'class="address">([a-z2-9-]{24})<', page)[1]
    archive = pyzipper.AESZipFile(io.BytesIO(content))
    archive.setpassword(word.encode())
    assert answer["Content-Type"] == "application/zip"
    assert answer["Cache-Control"] == "no-store"
    assert archive.testzip() is None
    assert "Times downloaded: 1." in client.get(path).content.decode()


# --- a copy and an erasure in one request -------------------------------------------
def copied_and_erased(email):
    """Ada takes both; nobody here knows her number or address afterwards."""
    copy, erasing = intake.receive(
        rights=["access", "erasure"],
        regime="EU-GDPR",
        marks=[identifiers.phone(ADA), identifiers.email(ADAS_MAIL)],
        received_at=RECEIVED,
        source="form",
        by="person",
        now=NOW,
        email=email,
    )
    vouched(copy)
    for ticket in (copy, erasing):
        requests.plan(ticket=ticket, by=LENA, now=NOW)
        requests.approve(ticket=ticket, by=MAX, now=NOW)
        requests.fulfil(ticket=ticket, clock=clock)
    assert not copy.identifiers.filter(erased_at=None).exists()
    return copy


def test_the_code_for_a_copy_goes_to_the_very_address_they_wrote_from(town):
    ticket = copied_and_erased(ADAS_MAIL)
    row = ticket.identifiers.get(kind="email")

    handing.ask(ticket=ticket, identifier_id=row.pk, method="mail", now=NOW)
    sending.send_waiting(now=NOW)

    proof = Proof.objects.get(purpose="download")
    assert mail.outbox[-1].to == [ADAS_MAIL]
    code = re.search(r"code is (\d{6})", mail.outbox[-1].body)[1]
    identity.confirm(ticket=ticket, proof_id=proof.pk, code=code, now=NOW)
    sending.check_confirmed(now=NOW)
    assert b"".join(handing.take(ticket=ticket, now=LATER)).startswith(b"PK")


def test_it_goes_to_no_other_address_that_they_wrote_from(town):
    ticket = copied_and_erased("ada.elsewhere@example.net")
    before = len(mail.outbox)
    row = ticket.identifiers.get(kind="email")

    handing.ask(ticket=ticket, identifier_id=row.pk, method="mail", now=NOW)

    assert sending.send_waiting(now=NOW) == 0
    assert len(mail.outbox) == before


@pytest.mark.parametrize(
    ("email", "offered"),
    [
        (ADAS_MAIL, "Send a code to a•••@•••.com"),
        ("ada.elsewhere@example.net", "No code can reach you any more"),
    ],
)
def test_the_page_offers_what_still_reaches_them_or_says_so(
    town, client, email, offered
):
    ticket = copied_and_erased(email)
    now = dt.datetime.now(dt.UTC)
    Package.objects.update(expires_at=now + dt.timedelta(days=30))
    path = f"/privacy/request/{links.make(ticket=ticket, language='en', now=now)}"

    assert offered in client.get(path).content.decode()


def test_a_number_that_is_gone_is_known_by_its_text(town):
    ticket = copied_and_erased("ada.elsewhere@example.net")
    row = ticket.identifiers.get(kind="phone")

    assert reaching.methods(row, ticket) == ("text_in",)
    assert identifiers.keep(identifiers.phone(ADA), now=NOW).pk == row.pk
