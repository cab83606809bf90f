"""Lists that are handed over: shown, taken in by a worker, told row by row."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from consent import check, tasks, transfer, uploads
from consent.models import Event, Import, Listing, ListResult, ListUpload
from privacy import apikeys, identifiers
from privacy.models import AuditEvent
from tests.consent.factories import ADA, later, told

pytestmark = pytest.mark.django_db
BEA = "+12025550118"
LIST = (
    f"Rufnummer,Status,Datum\n{ADA},stop,1.3.2026\n{BEA},huh,1.3.2026\nnobody,stop,\n"
)
HERE = "/admin/consent/listupload/"


def upload(client, text=LIST, **said):
    file = SimpleUploadedFile("list.csv", text.encode())
    facts = {"file": file, "channel": "sms", "timezone": "UTC"} | said
    return client.post(f"{HERE}upload/", facts)


def keep(now, text=LIST, **options):
    return uploads.keep(
        content=text.encode(), options=transfer.Options(**options), by="sam", now=now
    )


def run(now):
    return uploads.run(clock=lambda: now)


def told_of(row):
    return "".join(uploads.results(row)).splitlines()


def test_staff_see_how_it_is_understood_before_anything_is_recorded(support):
    page = support.get(upload(support).url)

    assert ADA not in page.text
    assert "Rufnummer" in page.text
    assert "neither an opt-out nor an opt-in" in page.text
    assert "1 March 2026, 00:00 UTC" in page.text
    assert "Text message" in page.text
    assert not Event.objects.exists()


def test_staff_hand_over_the_spreadsheet_that_they_were_sent(now, support):
    book = openpyxl.Workbook()
    book.active.append(["Phone", "Status"])
    book.active.append([2025550117, "stop"])
    held = io.BytesIO()
    book.save(held)
    file = SimpleUploadedFile("list.xlsx", held.getvalue())
    facts = {"file": file, "channel": "sms", "timezone": "UTC"}
    preview = support.post(f"{HERE}upload/", facts)

    assert "Opted out" in support.get(preview.url).text
    row = ListUpload.objects.get()
    uploads.start(row=row, by="sam", now=now)
    run(now)

    assert told_of(row) == ["row,result,reason", "1,recorded,"]


def test_what_was_said_with_a_list_is_read_in_the_words_of_the_form(now, superuser):
    row = keep(now, kind="opt_out", day_first=True)
    page = superuser.get(f"{HERE}{row.pk}/change/").text

    assert "People on the list: opted out" in page
    assert "Channel: Text message" in page
    assert "1/3/2026 means 1 March: yes" in page


def test_numbers_that_must_not_be_called_go_onto_their_list(support):
    """From the form, over the preview, by a worker; nothing was said by anybody."""
    file = SimpleUploadedFile("202.txt", b"202,5550117\n202,5550118\n")
    facts = {"file": file, "listing": "state", "channel": "sms", "timezone": "UTC"}
    preview = support.post(f"{HERE}upload/", facts)

    assert "A state&#x27;s do-not-call list" in support.get(preview.url).text
    support.post(preview.url)
    run(dt.datetime.now(dt.UTC))

    assert Listing.objects.filter(list="state").count() == 2
    assert not Event.objects.exists()


def test_a_yes_has_a_worker_take_it_in_and_each_row_is_told(support):
    preview = upload(support).url
    row = ListUpload.objects.get()
    assert ADA.encode() not in bytes(row.content), "it is sealed"

    support.post(preview)
    tasks.take_lists()

    shown = support.get(f"{HERE}{row.pk}/change/").text
    told_ = support.get(f"{HERE}{row.pk}/results/").getvalue().decode().splitlines()
    row.refresh_from_db()
    assert (row.state, row.content) == ("done", None)
    assert "3 rows: 1 recorded, 0 known already, 2 refused" in shown
    assert told_[:2] == ["row,result,reason", "1,recorded,"]
    assert len(told_) == 4
    assert Event.objects.get().recorded_by == "sam"
    actions = AuditEvent.objects.filter(subject=f"listupload:{row.pk}")
    assert [each.action for each in actions.order_by("sequence")] == [
        "list.uploaded",
        "list.started",
        "list.done",
    ]


def test_the_same_list_again_changes_nothing(now):
    for _ in range(2):
        uploads.start(row=keep(now), by="sam", now=now)
        assert run(now) == 1

    assert Event.objects.count() == 1
    assert "1,known," in told_of(ListUpload.objects.first())


def test_a_worker_that_died_is_followed_by_another_who_goes_on(now, monkeypatch):
    """Killed in its second chunk: no row is told twice, and none is left out."""
    monkeypatch.setattr("consent.transfer.importing.CHUNK", 2)
    lines = "".join(f"+1202555{n:04},2026-03-01\n" for n in range(100, 105))
    row = keep(now, f"phone,date\n{lines}", kind="opt_out")
    uploads.start(row=row, by="sam", now=now)
    real = uploads.StoredResults.write

    def dies(self, rows):
        if Import.objects.filter(rows=2).exists():
            raise KeyboardInterrupt
        real(self, rows)

    monkeypatch.setattr(uploads.StoredResults, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        run(now)
    monkeypatch.setattr(uploads.StoredResults, "write", real)
    assert run(now) == 0, "it is still leased"

    assert run(later(now, minutes=6)) == 1

    rows = [line.split(",")[:2] for line in told_of(row)[1:]]
    assert rows == [[str(n), "recorded"] for n in range(1, 6)]
    assert (Import.objects.get().rows, Event.objects.count()) == (5, 5)


def test_a_list_that_breaks_the_reading_is_stopped_without_its_words(now, monkeypatch):
    """Or each worker in turn would fail at it, for ever."""

    def breaks(*_):
        raise ValueError(f"what is {ADA}")

    row = keep(now)
    uploads.start(row=row, by="sam", now=now)
    monkeypatch.setattr("consent.transfer.importing.read", breaks)

    assert run(now) == 0

    row.refresh_from_db()
    assert (row.state, row.content) == ("stopped", None)
    assert "ValueError" in row.problem
    assert ADA not in row.problem


@pytest.mark.parametrize(
    ("text", "options", "refusal"),
    [
        ("", {}, uploads.NoRows),
        ("a,b\n1,2\n", {}, Exception),
        (LIST, {"timezone": "Mars/Base"}, uploads.UnknownZone),
        (LIST, {"columns": "telly=1"}, Exception),
        ("PK\x03\x04" + "x" * 50, {}, Exception),
    ],
)
def test_what_is_not_understood_is_refused_and_not_kept(now, text, options, refusal):
    with pytest.raises(refusal):
        keep(now, text, **options)
    assert not ListUpload.objects.exists()


def test_a_list_that_is_too_large_is_refused(support, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 10)

    assert "larger than 20 MB" in upload(support).text
    assert not ListUpload.objects.exists()


def test_what_nobody_says_yes_to_is_destroyed(now):
    row, other = keep(now), keep(now)
    uploads.set_aside(row=other, by="sam", now=now)
    with pytest.raises(uploads.NotWaiting):
        uploads.start(row=other, by="sam", now=now)

    run(later(now, days=8))

    row.refresh_from_db()
    assert (row.state, row.content) == ("set_aside", None)
    assert not Event.objects.exists()


def test_content_and_state_fit_in_the_database(now):
    row = keep(now)
    with pytest.raises(IntegrityError, match="while_needed"), transaction.atomic():
        ListUpload.objects.filter(pk=row.pk).update(state="done")


def test_nobody_uploads_without_signing_in(support):
    support.logout()
    assert upload(support).status_code == 302, "to the door"


def test_a_partner_hands_over_a_list_and_asks_for_its_own(now):
    key = apikeys.create(name="crm", scopes=["consent:write"], by="sam", now=now)
    other = apikeys.create(name="else", scopes=["consent:write"], by="sam", now=now)
    mine, theirs = ({"authorization": f"Bearer {k}"} for k in (key, other))
    client, path = Client(), "/api/v1/consent/lists"

    answer = client.post(path, LIST, content_type="text/csv", headers=mine)
    tasks.take_lists()

    assert answer.status_code == 202
    here = f"{path}/{answer.json()['id']}"
    assert client.get(here, headers=mine).json()["recorded"] == 1
    assert (
        "1,recorded," in client.get(f"{here}/results", headers=mine).getvalue().decode()
    )
    assert client.get(here, headers=theirs).status_code == 404
    assert check.is_stopped(identifiers.understand(ADA), "")


@pytest.mark.parametrize(
    ("body", "query"), [("", ""), ("a,b\n", ""), (LIST, "?channel=pigeon")]
)
def test_a_partner_is_told_what_is_wrong(now, body, query):
    key = apikeys.create(name="crm", scopes=["consent:write"], by="sam", now=now)

    answer = Client().post(
        f"/api/v1/consent/lists{query}",
        body,
        content_type="text/csv",
        headers={"authorization": f"Bearer {key}"},
    )

    assert answer.status_code in (400, 422)
    assert not ListResult.objects.exists()


# --- a list that is cleaned at once -------------------------------------------------
def test_a_list_is_cleaned_on_a_page_and_nothing_of_it_is_kept(support, now):
    told("opt_in", now)
    content = f"phone\n{ADA}\n+12025550119\n".encode()
    asked = {"channel": "sms", "purpose": "marketing"}

    def cleaned(**changed):
        whole = asked | {"file": SimpleUploadedFile("list.csv", content)} | changed
        return support.post("/admin/consent/listupload/clean/", whole)

    with zipfile.ZipFile(io.BytesIO(cleaned().content)) as found:
        assert found.read("clean.csv").decode() == f"phone\n{ADA}\n"
        assert b"2,no_consent_on_record" in found.read("removed.csv")
    assert not ListUpload.objects.exists()
    assert "This field is required" in cleaned(purpose="").content.decode()
    empty = cleaned(file=SimpleUploadedFile("list.csv", b" "))
    assert "The file is empty." in empty.content.decode()
