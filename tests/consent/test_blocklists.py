"""A carrier's block list against the ledger, in both directions."""

import io
import json
from unittest.mock import Mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from consent import blocklists, check, drops, transfer, uploads
from consent.models import (
    Blocked,
    BlockList,
    Event,
    Import,
    ListUpload,
    Standing,
)
from privacy import apikeys, identifiers
from privacy.models import Disclosure
from privacy.providers import gate
from privacy.refusals import Refusal
from tests.consent.factories import ACME, ADA, contracted, later, told

pytestmark = pytest.mark.django_db
BEA, CAL, DEE = "+12025550118", "+12025550119", "+12025550120"


@pytest.fixture
def take(tmp_path, now):
    def run(text, at=None, carrier="twilio", **options):
        path = tmp_path / "list.csv"
        path.write_text(text)
        return blocklists.take(
            carrier=carrier,
            path=path,
            results=tmp_path / "results.csv",
            options=transfer.Options(**({"kind": "opt_out"} | options)),
            by="pia",
            clock=lambda: at or now,
        )

    return run


def reason(number, now):
    mark = identifiers.phone(number)
    return check.may_contact(mark, channel="sms", now=now).reason


def counts(found):
    return found.listed, found.recorded, found.missing, found.consented


def test_both_directions_at_once(take, now):
    told("opt_out", later(now, days=-9))  # known to both
    told("opt_out", later(now, days=-8), number=CAL)  # to us alone
    told("opt_in", later(now, days=-7), number=DEE)  # consented after their block

    found = take(f"phone,date\n{ADA},2026-03-01\n{BEA},2026-03-01\n{DEE},2026-03-01\n")

    assert counts(found) == (3, 2, 1, 1)
    assert reason(BEA, now) == "opted_out"
    event = Event.objects.get(identifier__digest__in=digests(BEA))
    assert (event.route, event.evidence["carrier"]) == ("twilio", "twilio")
    assert reason(DEE, now) == "opted_in"
    (missing,) = blocklists.missing(found, most=9)
    (consented,) = blocklists.consented(found, most=9)
    assert "twilio does not block it" in missing.why_missing("twilio")
    assert "Only a START by text" in consented.why_blocked("twilio")


def digests(number):
    return identifiers.digests(identifiers.phone(number))


def test_the_same_undated_list_each_day_is_news_once(take, now):
    first = take(f"{ADA}\n{BEA}\n")
    tomorrow = later(now, days=1)
    told("opt_in", tomorrow, number=BEA)

    second = take(f"{ADA}\n{BEA}\n\n", at=later(now, days=2))

    assert (first.recorded, second.recorded) == (2, 0)
    assert reason(BEA, later(now, days=3)) == "opted_in"
    assert counts(second) == (2, 0, 0, 1)


def test_who_left_the_list_and_comes_back_is_news_again(take, now):
    take(f"{ADA}\n{BEA}\n")
    told("opt_in", later(now, days=1))
    left = take(f"{BEA}\n", at=later(now, days=2))
    back = take(f"{BEA}\n{ADA}\n", at=later(now, days=3))

    assert (left.recorded, back.recorded) == (0, 1)
    assert reason(ADA, later(now, days=4)) == "opted_out"


def test_who_left_the_list_while_we_still_stop_is_shown_with_the_reason(take, now):
    take(f"{ADA}\n{BEA}\n")

    found = take(f"{BEA}\n", at=later(now, days=2))

    (missing,) = blocklists.missing(found, most=9)
    assert "may have sent START" in missing.why_missing("twilio")


def test_a_sender_of_its_own_is_compared_by_itself(take, now):
    told("opt_out", later(now, days=-9), organization=ACME)
    told("opt_out", later(now, days=-9), number=BEA, organization="org_beta")

    found = take(f"{CAL}\n", organization=ACME)

    assert [each.organization for each in blocklists.missing(found, most=9)] == [ACME]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"carrier": "pigeon"}, blocklists.UnknownCarrier),
        ({"kind": "opt_in"}, blocklists.OnlyOptOuts),
        ({"text": "a,b\n1,2\n"}, Refusal),
    ],
)
def test_what_is_no_block_list_changes_nothing(take, changed, refusal):
    with pytest.raises(refusal):
        take(**({"text": f"{ADA}\n"} | changed))
    assert not BlockList.objects.exists()
    assert not Blocked.objects.exists()


# --- to the carrier ----------------------------------------------------------------
def ready(now, purposes=("compliance",)):
    contracted("Twilio", now, *purposes)


def test_the_file_for_the_carrier_goes_through_the_gate(take, now, tmp_path):
    told("opt_out", later(now, days=-9))
    erased = told("opt_out", later(now, days=-9), number=CAL).identifier
    identifiers.forget(identifier=erased, by="pia", now=now)
    found, target = take(f"{BEA}\n"), tmp_path / "out.csv"
    facts = {"found": found, "target": target, "by": "pia", "now": now}

    with pytest.raises(gate.Refused):
        blocklists.push(**facts, ground=transfer.Ground("Twilio"), reason="To block")
    assert not target.exists()
    ready(now)
    written = blocklists.push(
        **facts, ground=transfer.Ground("Twilio"), reason="To block"
    )

    assert written == 1 == Disclosure.objects.get().people
    assert target.read_text().splitlines()[1].startswith(f"{ADA},,2026-")


# --- by schedule, command, page and API ------------------------------------------
def test_a_file_put_into_the_folder_is_taken_once(tmp_path, settings, now):
    settings.BLOCK_LISTS = str(tmp_path)
    (tmp_path / "telnyx").mkdir()
    (tmp_path / "telnyx" / "a.csv").write_text(f"phone\n{ADA}\n")
    (tmp_path / "telnyx" / "b.csv").write_text("name\nAda\n")

    taken = [drops.sweep(clock=lambda: now) for _ in range(2)]

    assert taken == [1, 0]
    assert BlockList.objects.get().carrier == "telnyx"
    names = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.csv")}
    assert {"telnyx/done/a.csv", "telnyx/refused/b.csv"} <= names
    settings.BLOCK_LISTS = ""
    assert drops.sweep(clock=lambda: now) == 0


def test_the_command_and_the_api_say_the_same(tmp_path, now):
    told("opt_out", later(now, days=-9))
    path, out = tmp_path / "list.csv", io.StringIO()
    path.write_text(f"{BEA}\n")
    call_command("consent", "blocklist", "twilio", str(path), "--json", stdout=out)
    key = apikeys.create(name="k", scopes=["consent:check"], by="sam", now=now)
    headers = {"authorization": f"Bearer {key}"}

    said = json.loads(out.getvalue())
    got = Client().get("/api/v1/consent/blocklists/twilio", headers=headers)

    assert (said["listed"], said["recorded"], said["missing"]) == (1, 1, 1)
    assert got.json()["differences"][0]["why"] == said["differences"][0]["why"]
    assert "0117" not in out.getvalue()
    missing = Client().get("/api/v1/consent/blocklists/plivo", headers=headers)
    assert missing.status_code == 404
    with pytest.raises(CommandError, match="No block list of plivo"):
        call_command("consent", "blocklist", "plivo")


def test_staff_compare_look_and_write_the_file(admin_client, now):
    told("opt_out", later(now, days=-9))
    ready(now)
    file = SimpleUploadedFile("list.csv", f"phone\n{BEA}\n".encode())
    place = "/admin/consent/blocklist/"

    done = admin_client.post(f"{place}compare/", {"carrier": "twilio", "file": file})
    assert not BlockList.objects.exists()  # a worker's part
    assert uploads.run(clock=lambda: now) == 1
    upload = ListUpload.objects.get()
    seen = admin_client.get(f"/admin/consent/listupload/{upload.pk}/comparison/")
    key = BlockList.objects.get().pk
    page = admin_client.get(f"{place}{key}/differences/").content.decode()
    given = admin_client.post(
        f"{place}{key}/push/", {"recipient": "Twilio", "reason": "To block it"}
    )

    assert done.url == f"/admin/consent/listupload/{upload.pk}/change/"
    assert seen.url == f"{place}{key}/differences/"
    assert (upload.state, upload.carrier, upload.content) == ("done", "twilio", None)
    assert "twilio does not block it" in page
    assert ADA not in page
    assert ADA in given.getvalue().decode()
    assert Standing.objects.filter(channel="sms", state="opt_out").count() == 2


def test_a_worker_that_died_before_comparing_leaves_only_that(now, monkeypatch):
    told("opt_out", later(now, days=-9))
    row = uploads.keep(
        content=f"phone\n{BEA}\n".encode(),
        options=transfer.Options(kind="opt_out"),
        carrier="twilio",
        by="pia",
        now=now,
    )
    uploads.start(row=row, by="pia", now=now)
    with monkeypatch.context() as patch:
        patch.setattr(blocklists, "compare", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            uploads.run(clock=lambda: now)

    assert uploads.run(clock=lambda: later(now, hours=1)) == 1

    assert counts(BlockList.objects.get()) == (1, 1, 1, 0)
    assert Import.objects.count() == 1


def test_a_page_says_what_is_wrong_with_a_file(admin_client):
    file = SimpleUploadedFile("list.csv", b"name\nAda\n")
    place = "/admin/consent/blocklist/compare/"

    page = admin_client.post(place, {"carrier": "twilio", "file": file})

    assert "recognises as phone numbers" in page.content.decode()


def test_a_stranger_may_not(stranger):
    assert stranger.get("/admin/consent/blocklist/compare/").status_code == 403
