"""Lists in and out: each row's result, resumed, repeated, and cleaned."""

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent import check, listings, preview, standings, transfer, uploads
from consent.models import Event, Import, Standing
from consent.sql import imports
from consent.transfer import (
    cells,
    columns,
    exporting,
    importing,
    reading,
    scrubbing,
)
from privacy import audit, identifiers, objections
from privacy.models import AuditEvent, Disclosure, Identifier
from privacy.refusals import Refusal
from tests.consent.factories import (
    ACME,
    ADA,
    ProgramFactory,
    contracted,
    later,
    told,
)

pytestmark = pytest.mark.django_db
PROOF = {"wording": "Yes, text me offers.", "page": "sign-up"}
BEA, CAL = "+12025550118", "+12025550119"


@pytest.fixture
def take(tmp_path, now):
    """Import a text: the import's row, and what became of each row of the text."""

    def run(text, *, name="list.csv", results="results.csv", **options):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        row = transfer.take_in(
            path=path,
            results=tmp_path / results,
            options=transfer.Options(**({"kind": "opt_out"} | PROOF | options)),
            by="pia",
            clock=lambda: now,
        )
        return row, said_of(tmp_path / results)

    return run


def said_of(path):
    rows = csv.DictReader(path.read_text().splitlines())
    return [(int(each["row"]), each["result"], each["reason"]) for each in rows]


def asked(number, now, **changed):
    mark = identifiers.understand(number)
    channel = "email" if "@" in number else "sms"
    return check.may_contact(mark, channel=channel, now=now, **changed)


# --- import -------------------------------------------------------------------
def test_each_row_is_recorded_or_says_why_not(take, now):
    text = (
        "Phone Number,Opted Out At,Note\n"
        f"(202) 555-0117,2026-03-01T10:00:00-05:00,x\n"
        f"{BEA},2026-03-02,\n"
        "letters,2026-03-02,\n"
        f"{CAL},yesterday,\n"
        "\n"
        f"{BEA},2026-03-02,again\n"
        f"{CAL},2027-01-01,\n"
        f"{CAL},1066-10-14,\n"
    )

    row, said = take(text)

    assert said == [
        (1, "recorded", ""),
        (2, "recorded", ""),
        (3, "refused", "no phone number or e-mail address"),
        (4, "refused", "the date cannot be read"),
        (5, "refused", "no phone number or e-mail address"),
        (6, "known", ""),
        (7, "refused", "the date is in the future"),
        (8, "refused", "the date is before 20 December 1991"),
    ]
    assert (row.rows, row.recorded, row.known, row.refused) == (8, 2, 1, 5)
    event = asked(ADA, now).decided_by
    assert event.occurred_at == dt.datetime(2026, 3, 1, 15, tzinfo=dt.UTC)
    assert (event.route, event.source, event.recorded_by) == (
        "import",
        "providers",
        "pia",
    )
    assert event.evidence == {"import": str(row.pk), "line": "1"}
    assert set(event.covers) == {"sms", "mms", "voice"}


def test_what_is_imported_is_as_if_it_had_been_told(take, now):
    """The same rows, digests, standings and hints as one by one."""
    take(f"phone\n{ADA}\n")
    imported = Identifier.objects.get()

    assert identifiers.find(identifiers.phone(ADA)) == imported
    assert identifiers.value(imported).value == ADA
    assert imported.hint == identifiers.hint(identifiers.phone(ADA))
    event = told("opt_out", later(now, days=1), number=BEA)
    assert event.sequence == 2
    before = standing_rows()
    standings.rebuild(by="pia", now=now)
    assert standing_rows() == before
    assert audit.verify()


def standing_rows():
    fields = ("identifier", "channel", "organization", "state", "since", "renewed_at")
    return sorted(Standing.objects.values_list(*fields, "event"))


def test_the_same_file_twice_changes_nothing(take):
    text = f"phone,date\n{ADA},2026-03-01\n{BEA},\n"
    take(text)

    again, said = take(text)

    assert (again.recorded, again.known) == (0, 2)
    assert [result for _, result, _ in said] == ["known", "known"]
    assert (Event.objects.count(), Import.objects.count()) == (2, 2)


def test_a_dated_fact_is_known_from_another_file_and_an_undated_one_is_new(take):
    take(f"phone,date\n{ADA},2026-03-01\n{BEA},\n")

    row, _ = take("msisdn,date\n12025550117,2026-03-01T00:00:00Z\n12025550118,\n")

    assert (row.recorded, row.known) == (1, 1)


def test_an_older_fact_does_not_undo_a_later_word(take, now):
    told("opt_out", later(now, days=-10))

    take(f"phone,date\n{ADA},2026-01-01\n", kind="opt_in")

    assert asked(ADA, now).reason == "opted_out"


HEAD_OF_PROOF = "phone,date,wording,page\n"
AGAIN = f"{ADA},2026-11-20,Yes text me again,sign-up\n"


def test_a_list_lifts_a_stop_only_with_the_words_of_its_own_row(take, now):
    """Words that are said for the whole list, and a date that may be that of the last
    change, are what brings people back who said stop."""
    told("opt_out", later(now, days=-10))
    text = f"phone,date\n{ADA},2026-11-20\n{BEA},2026-11-20\n"

    _, said = take(text, kind="opt_in")

    assert said == [(1, "recorded", reading.STOPPED), (2, "recorded", "")]
    assert asked(ADA, now).reason == "opted_out"
    assert asked(BEA, now).reason == "opted_in"
    assert [kind for _, kind, _ in take(text, kind="opt_in")[1]] == ["known", "known"]
    assert take(f"{HEAD_OF_PROOF}{AGAIN}", kind="opt_in")[0].recorded == 1
    assert asked(ADA, now).reason == "opted_in"


@pytest.mark.parametrize("stop", [f"{ADA},2026-11-01,stop\n", ""])
def test_the_preview_says_the_same_before_the_run(now, stop):
    if not stop:
        told("opt_out", later(now, days=-10))
    text = f"phone,date,status\n{stop}{ADA},2026-11-20,in\n{BEA},2026-11-20,in\n"
    options = transfer.Options(wording="Yes text me", page="sign-up")

    row = uploads.keep(content=text.encode(), options=options, by="sam", now=now)
    found = preview.understand(row=row, now=now)

    ada, bea = found.lines[-2:]
    assert ada.kind == "Said to have opted in, without proof"
    assert ada.problem == reading.STOPPED
    assert (bea.kind, bea.problem) == ("Opted in", "")
    assert (reading.STOPPED, 1) in found.counts


@pytest.mark.parametrize("wording", ["", "Yes text me again"])
def test_half_of_the_proof_in_its_row_lifts_no_stop(take, now, wording):
    told("opt_out", later(now, days=-10))
    page = "" if wording else "sign-up"

    take(f"{HEAD_OF_PROOF}{ADA},2026-11-20,{wording},{page}\n", kind="opt_in")

    assert asked(ADA, now).reason == "opted_out"


@pytest.mark.parametrize("chunk", [1, 10])
def test_nor_one_that_stands_above_it_in_the_file(take, now, monkeypatch, chunk):
    monkeypatch.setattr(importing, "CHUNK", chunk)

    _, said = take(
        f"phone,date,status\n{ADA},2026-11-01,stop\n{ADA},2026-11-20,subscribed\n"
    )

    assert said[1] == (2, "recorded", reading.STOPPED)
    assert asked(ADA, now).reason == "opted_out"


def test_another_senders_stop_or_channels_is_none_of_its_business(take, now):
    told("opt_out", later(now, days=-10), organization="org_other")

    take(f"phone,date\n{ADA},2026-11-20\n", kind="opt_in", organization=ACME)

    assert asked(ADA, now, organization=ACME).reason == "opted_in"


def test_what_was_known_before_a_stop_becomes_no_claim(take, now):
    text = f"phone,date\n{ADA},2026-11-01\n"
    take(text, kind="opt_in")
    told("opt_out", later(now, days=-10))

    assert take(text, kind="opt_in")[1] == [(1, "known", "")]
    assert not Event.objects.filter(kind="claim").exists()


def test_an_undated_opt_in_is_refused_for_it_could_undo_a_stop(take):
    _, said = take(f"phone\n{ADA}\n", kind="opt_in")

    assert said == [(1, "refused", "an opt-in needs its date")]
    assert not Event.objects.exists()


def test_kinds_channels_and_organizations_of_the_rows_themselves(take, now):
    text = (
        "number;status;channel;organization;timestamp\n"
        f"{ADA};opted-out;SMS;{ACME};2026-03-01\n"
        f"{BEA};Subscribed;voice;;2026-03-01\n"
        "ada@example.com;unsubscribed;email;;2026-03-01\n"
        f"{CAL};unsubscribed;email;;2026-03-01\n"
        f"{CAL};pigeon;sms;;2026-03-01\n"
        f"{CAL};stop;sms;{'x' * 65};2026-03-01\n"
    )

    _, said = take(text, kind="")

    assert [reason for _, _, reason in said] == [
        "",
        "",
        "",
        "no channel that fits the address",
        "neither an opt-out nor an opt-in",
        "the organization's id is too long",
    ]
    assert not asked(ADA, now, organization=ACME, purpose="service").allowed
    assert asked(ADA, now, organization="b", purpose="service").allowed
    mark = identifiers.phone(BEA)
    assert check.may_contact(mark, channel="voice", now=now).reason == "opted_in"
    assert asked("ada@example.com", now).reason == "opted_out"


def test_a_row_without_kind_needs_one(take):
    _, said = take(f"phone,kind\n{ADA},\n", kind="")

    assert said == [(1, "refused", "neither an opt-out nor an opt-in")]


@pytest.mark.parametrize("text", [f"phone,date\n{ADA},2026-01-01\n", f"{ADA}\n"])
def test_a_list_of_which_nobody_says_what_it_is_is_refused_at_once(take, text):
    with pytest.raises(columns.SaysNothing, match="--kind opt_out or --kind opt_in"):
        take(text, kind="")

    assert not Import.objects.exists()


@pytest.mark.parametrize(
    "head",
    [
        "phone", "Phone Number", "phone_number", "MSISDN", "Mobile", "cell phone", "To",
        "Number", "OptedOutNumber", "Recipient", "destination-number", "\ufeffphone",
        "id\tphone", "name;Telephone", '"Phone"',
    ],
)  # fmt: skip
def test_names_of_the_column_as_carriers_write_it(take, head):
    delimiter = next((d for d in "\t;" if d in head), "")
    line = f"7{delimiter}{ADA}" if delimiter else ADA

    assert take(f"{head}\n{line}\n")[0].recorded == 1


def test_a_bare_list_of_numbers_needs_no_header(take):
    row, said = take(f"{ADA}\r\n{BEA}\r\n")

    assert row.recorded == 2
    assert [number for number, _, _ in said] == [0, 1]


def test_odd_bytes_are_one_rows_problem(take):
    row, _ = take(b"phone,name\n" + ADA.encode() + b",Zo\xeb\n\xff,x\n")

    assert (row.recorded, row.refused) == (1, 1)


@pytest.mark.parametrize("text", ["", "name,city\nAda,Berlin\n", "\n\n"])
def test_a_file_without_addresses_is_refused(take, text):
    with pytest.raises(columns.NoColumn, match="name it phone or email"):
        take(text)
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00"),
        ("2026-03-01 10:00:00 UTC", "2026-03-01T10:00:00"),
        ("2026-03-01T10:00:00.123+02:00", "2026-03-01T08:00:00.123"),
        ("2026-03-01", "2026-03-01T00:00:00"),
        ("3/1/2026", "2026-03-01T00:00:00"),
        ("03/01/2026 02:05 PM", "2026-03-01T14:05:00"),
        ("3/1/2026 12:05:09 am", "2026-03-01T00:05:09"),
        ("1772359200", "2026-03-01T10:00:00"),
        ("1772359200000", "2026-03-01T10:00:00"),
        ("13/13/2026", None),
        ("soon", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_moments(text, moment):
    found = cells.moment(text)

    assert (found and found.replace(tzinfo=None).isoformat()[:23]) == (
        moment and dt.datetime.fromisoformat(moment).isoformat()[:23]
    )


def test_people_known_by_an_older_key_stay_the_same_people(take, settings, now):
    told("opt_in", later(now, days=-9))
    settings.IDENTIFIER_KEYS = [
        "k2:c2Vjb25kIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISE=",
        *settings.IDENTIFIER_KEYS,
    ]

    take(f"phone\n{ADA}\n{BEA}\n")

    assert Identifier.objects.count() == 2
    assert dict(Identifier.objects.values_list("key_id", "hint")).keys() == {"k1", "k2"}
    assert asked(ADA, now).reason == asked(BEA, now).reason == "opted_out"


# --- resumed ------------------------------------------------------------------
def test_an_import_that_died_goes_on_where_it_stopped(take, monkeypatch, tmp_path):
    monkeypatch.setattr(importing, "CHUNK", 2)
    text = "phone\n" + "".join(f"+1202555{n:04}\n" for n in range(100, 107))
    spread, calls = imports.spread, []

    def dies_in_the_third(lines, values):
        calls.append(1)
        if len(calls) == 3:
            list(lines)
            raise KeyboardInterrupt
        return spread(lines, values)

    monkeypatch.setattr(imports, "spread", dies_in_the_third)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        take(text)
    # the test's own transaction took the chunks back; as they were committed:
    Import.objects.all().delete()
    calls.clear()
    with pytest.raises(KeyboardInterrupt):
        take(text)
    (half,) = Import.objects.all()
    with (tmp_path / "results.csv").open("a") as file:
        file.write("5,recorded,")  # what was written of the chunk that died

    row, said = take(text)

    assert (half.rows, half.finished_at) == (4, None)
    assert (row.pk, row.rows, row.recorded) == (half.pk, 7, 7)
    assert said == [(n, "recorded", "") for n in range(1, 8)]
    assert Event.objects.count() == 7
    actions = AuditEvent.objects.filter(subject=f"import:{row.pk}")
    assert actions.filter(action="import.resumed").count() == 1


def test_two_at_once_do_not_take_the_same_rows(tmp_path, now, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 1)
    path = tmp_path / "list.csv"
    path.write_text(f"phone\n{ADA}\n{BEA}\n")

    def another_goes_on(row):
        Import.objects.update(rows=2, recorded=2)

    with pytest.raises(importing.UnderWay, match="importing this file now"):
        transfer.take_in(
            path=path,
            results=tmp_path / "results.csv",
            options=transfer.Options("opt_out"),
            by="pia",
            clock=lambda: now,
            progress=another_goes_on,
        )
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({}, "consent_import_one_unfinished_of_a_file"),
        ({"digest": "b", "rows": 1}, "consent_import_every_row_has_a_result"),
    ],
)
def test_the_database_keeps_imports_straight(now, changed, name):
    facts = {"digest": "a", "options": {}, "started_at": now, "started_by": "pia"}
    assert str(Import.objects.create(**facts)).startswith("Import ")

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Import.objects.create(**(facts | changed))


# --- scrub ----------------------------------------------------------------------
@pytest.fixture
def clean(tmp_path, now):
    def run(text, **terms):
        source, target = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_text(text)
        counts = transfer.scrub(
            source=source,
            target=target,
            removed=tmp_path / "removed.csv",
            **(
                {"channel": "sms", "purpose": "service", "by": "pia", "now": now}
                | terms
            ),
        )
        return dict(counts), target.read_text(), (tmp_path / "removed.csv").read_text()

    return run


def test_who_said_stop_is_taken_out_and_the_rest_is_as_it_was(clean, now):
    told("opt_out", now)
    told("opt_in", now, number=BEA)
    text = f'name,phone\n"Ada, S.",(202) 555-0117\nBea,{BEA}\nCal,{CAL}\nDee,x\n'

    counts, kept, removed = clean(text)

    assert kept == f"name,phone\nBea,{BEA}\nCal,{CAL}\n"
    assert removed == "row,reason\n1,opted_out\n4,not_an_address\n"
    assert counts == {
        "opted_out": 1,
        "opted_in": 1,
        "no_consent_needed": 1,
        "not_an_address": 1,
    }
    row = AuditEvent.objects.get(action="consent.scrubbed")
    assert "0117" not in row.payload
    assert Identifier.objects.count() == 2


def test_unless_told_otherwise_the_list_is_for_marketing(clean, now, tmp_path):
    """By the command, too: who did not consent, or asked not to be called, is out."""
    told("opt_in", now, number=BEA)
    told("opt_in", now, number=CAL)
    mark = identifiers.phone(CAL)
    listings.request(mark=mark, source="by phone", asked_at=now, by="sam", now=now)
    text = f"{ADA}\n{BEA}\n{CAL}\n"

    assert clean(text, purpose="marketing")[1] == f"{BEA}\n"
    source, out = tmp_path / "list.csv", tmp_path / "kept.csv"
    source.write_text(text)
    assert document("scrub", source, out, "--channel", "sms")["kept"] == 1
    assert out.read_text() == f"{BEA}\n"


@pytest.mark.parametrize(("minutes", "again"), [(5, 3), (61, 9)])
def test_a_stopped_scrub_goes_on_where_it_ended(
    clean, now, monkeypatch, tmp_path, minutes, again
):
    """What was half written is cut off. After an hour all is asked again."""
    told("opt_out", now)
    text = "phone\n" + "".join(f"+1202555{n:04}\n" for n in range(111, 120))
    whole = clean(text)
    monkeypatch.setattr(scrubbing, "CHUNK", 3)

    def stop(rows):
        if rows == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clean(text, progress=stop)
    with (tmp_path / "out.csv").open("a") as torn:
        torn.write("+120255")
    asked = []
    each = check.may_contact_each
    counted = lambda people, **terms: asked.extend(people) or each(people, **terms)  # noqa: E731
    monkeypatch.setattr(scrubbing.check, "may_contact_each", counted)

    assert clean(text, now=later(now, minutes=minutes)) == whole
    assert len(asked) == again
    assert not list(tmp_path.glob("*.progress*"))


def test_of_mail_addresses_and_of_one_sender(clean, now):
    told("opt_out", now, number="ada@example.com", channel="email", organization=ACME)
    text = f"phone,email\n{ADA},ada@example.com\n{ADA},\n"

    assert clean(text, channel="email")[0] == {"opted_out": 1, "not_an_address": 1}
    beta = clean(text, channel="email", organization="org_beta")[0]
    assert beta == {"no_consent_needed": 1, "not_an_address": 1}
    assert clean(text)[0] == {"no_consent_needed": 2}


def test_chunks_do_not_show(clean, now, monkeypatch):
    monkeypatch.setattr(scrubbing, "CHUNK", 3)
    told("opt_out", now)
    numbers = [f"+1202555{n:04}" for n in range(110, 120)]

    kept = clean("\n".join(numbers))[1].split()

    assert kept == [number for number in numbers if number != ADA]


def test_a_list_gives_the_erased_no_consent_and_takes_their_stop(take, now):
    """margince#2204: an old list brought somebody back."""
    who = told("opt_in", now).identifier
    identifiers.forget(identifier=who, by="pia", now=now)
    head = "phone,channel,kind,occurred_at\n"

    row, results = take(
        f"{head}{ADA},sms,opt_in,2025-01-01T00:00Z\n{ADA},sms,opt_out,\n"
    )

    assert (row.recorded, row.refused) == (1, 1)
    assert "That person was erased" in str(results)
    assert who.standing_set.filter(state="opt_in").count() == 0


# --- export -----------------------------------------------------------------------
@pytest.fixture
def twilio(now):
    """A recipient whose contract covers numbers and opt-outs."""
    return contracted("Twilio", now, "compliance", "provide")


def test_what_is_exported_can_be_imported_again(take, now, tmp_path, twilio):
    told("opt_out", now, organization=ACME)
    told("opt_out", now, number="=ada@example.com", channel="email")
    erased = told("opt_out", now, number=CAL).identifier
    identifiers.forget(identifier=erased, by="pia", now=now)
    target = tmp_path / "out.csv"

    written = transfer.export(
        target=target,
        ground=transfer.Ground("Twilio"),
        reason="Block list",
        by="pia",
        now=now,
    )

    text = target.read_text()
    assert written == 4
    assert f"{ADA},sms,{ACME},opt_out,2026-11-24T09:00:00+00:00" in text
    assert "'=ada@example.com,email" in text
    row, _ = take(text)
    assert row.refused == 0
    audited = AuditEvent.objects.get(action="consent.exported")
    told_of = json.loads(audited.payload)["details"]
    entry = Disclosure.objects.get()
    assert (entry.provider, entry.people) == (twilio, 4)
    assert (told_of["disclosure"], told_of["rows"]) == (entry.pk, 4)


def test_who_forbade_the_purpose_is_not_in_the_file(now, tmp_path, twilio):
    row = told("opt_in", now).identifier
    told("opt_in", now, number=CAL)
    objections.record(
        identifiers=[row], use="every", because="R-1", since=now, by="pia", now=now
    )

    def written(purpose):
        ground = transfer.Ground("Twilio", purpose)
        facts = {"target": tmp_path / "o", "ground": ground, "reason": "To route"}
        return transfer.export(**facts, state="opt_in", by="pia", now=now)

    assert 0 < written("provide") < written("compliance")  # a duty of law


def given_out(path, twilio, now, **which):
    """The addresses of the file that a recipient gets."""
    transfer.export(
        target=path,
        ground=transfer.Ground("Twilio"),
        reason="Block list",
        by="pia",
        now=now,
        channel="sms",
        **which,
    )
    return [line.partition(",")[0] for line in path.read_text().splitlines()[1:]]


@pytest.mark.parametrize("against", ["stop", "list", "reassigned", "time"])
def test_a_consent_that_the_check_does_not_believe_is_not_given_out(
    now, tmp_path, twilio, against
):
    ProgramFactory(consent_months=1 if against == "time" else None)
    told("opt_in", now, organization=ACME)
    then = later(now, days=40)
    told("opt_in", then, number=CAL, organization=ACME)
    mark = identifiers.phone(ADA)
    if against == "stop":
        told("opt_out", then)  # from every sender
    if against == "list":
        listings.request(mark=mark, source="x", asked_at=then, by="sam", now=then)
    if against == "reassigned":
        listings.reassign(mark=mark, since=then, source="x", by="sam", now=then)

    assert given_out(tmp_path / "o", twilio, then, state="opt_in") == [CAL]


def test_our_own_do_not_call_list_is_given_out_and_to_comply_alone(
    now, tmp_path, twilio
):
    request = {"source": "letter", "by": "sam", "now": now}
    for number, ago in ((ADA, 1), (CAL, 3000), ("ada@example.com", 1)):
        mark, asked = identifiers.understand(number), later(now, days=-ago)
        listings.request(mark=mark, asked_at=asked, **request)

    assert given_out(tmp_path / "o", twilio, now, state="requested") == [ADA]
    (line,) = (tmp_path / "o").read_text().splitlines()[1:]
    assert line.split(",")[1:4] == ["", "", "opt_out"]
    assert line.endswith(",marketing")
    with pytest.raises(transfer.OnlyToComply):
        transfer.export(
            target=tmp_path / "o", ground=transfer.Ground("Twilio", "provide"),
            reason="Block list", by="pia", now=now, state="requested",
        )  # fmt: skip


def test_opt_outs_of_a_sender_are_those_from_every_sender_too(now, tmp_path, twilio):
    told("opt_out", now)
    told("opt_out", now, number=BEA, organization=ACME)
    told("opt_out", now, number=CAL, organization="org_beta")

    assert given_out(tmp_path / "o", twilio, now, organization=ACME) == [ADA, BEA]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"recipient": " "}, "no recipient of data has that name"),
        ({"recipient": "A data broker"}, "no recipient of data has that name"),
        ({"purpose": "communicate"}, "so that they stop too"),
        ({"purpose": "legal"}, "does not cover this purpose"),
        ({"reason": "x"}, "Say in a few words why"),
        ({"target": "/nowhere/out.csv"}, "can't be written"),
    ],
)
def test_an_export_past_the_gate_is_none(now, tmp_path, twilio, changed, refusal):
    facts = {"target": tmp_path / "o", "recipient": "Twilio", "reason": "Block list"}
    facts |= changed
    ground = transfer.Ground(facts["recipient"], facts.get("purpose", "compliance"))

    with pytest.raises(Refusal, match=refusal):
        transfer.export(
            target=Path(facts["target"]),
            ground=ground,
            reason=facts["reason"],
            by="pia",
            now=now,
        )


def test_a_partner_fetches_page_by_page_each_through_the_gate(
    now, twilio, partner, monkeypatch
):
    monkeypatch.setattr(exporting, "CHUNK", 2)
    told("opt_out", now, organization=ACME)
    path, asked = "/api/v1/consent/exports", {"recipient": "Twilio", "reason": "Blocks"}
    scopes = ("consent:export",)

    first = partner(path, asked, scopes=scopes).json()
    second = partner(path, asked | {"after": first["after"]}, scopes=scopes).json()

    assert [len(first["rows"]), len(second["rows"]), second["after"]] == [2, 1, None]
    channels = {row["channel"] for row in first["rows"] + second["rows"]}
    assert channels == {"sms", "mms", "voice"}
    assert {row["address"] for row in first["rows"]} == {ADA}
    people = Disclosure.objects.order_by("pk").values_list("people", flat=True)
    assert list(people) == [2, 1]


@pytest.mark.parametrize(
    ("changed", "scopes", "status"),
    [
        ({}, ("consent:check",), 403),
        ({"recipient": "A broker"}, ("consent:export",), 400),
        ({"purpose": "communicate"}, ("consent:export",), 400),
        ({"reason": ""}, ("consent:export",), 400),
        ({"state": "x"}, ("consent:export",), 400),
        ({"state": "\ud800"}, ("consent:export",), 400),
        ({"after": -1}, ("consent:export",), 400),
    ],
)
def test_a_partner_past_the_gate_gets_nothing(
    now, twilio, partner, changed, scopes, status
):
    told("opt_out", now)
    asked = {"recipient": "Twilio", "reason": "Blocks"} | changed

    answer = partner("/api/v1/consent/exports", asked, scopes=scopes)

    assert answer.status_code == status
    assert ADA not in answer.content.decode()
    assert not Disclosure.objects.exists()


# --- the command ------------------------------------------------------------------
def document(*arguments):
    out = io.StringIO()
    call_command("consent", *map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_verbs(tmp_path, twilio):
    source, out = tmp_path / "list.csv", tmp_path / "out.csv"
    source.write_text(f"phone,date\n{ADA},2026-03-01\n{BEA},x\n")

    taken = document("import", source, "--kind", "opt_out")
    cleaned = document("scrub", source, out, "--channel", "sms", "--purpose", "service")
    given = document("export", out, "--to", "Twilio", "--reason", "Block list")

    results = tmp_path / "list.csv.results.csv"
    assert taken == {
        "import": Import.objects.get().pk,
        "rows": 2,
        "recorded": 1,
        "known": 0,
        "refused": 1,
        "results": str(results),
    }
    assert said_of(results)[1] == (2, "refused", "the date cannot be read")
    assert (cleaned["kept"], cleaned["removed"]) == (1, 1)
    assert given == {"rows": 3}


def test_the_command_writes_whom_to_ask_again_in_time(now, tmp_path):
    ProgramFactory(consent_months=6)
    contracted("Twilio", now)
    today, out = timezone.now(), tmp_path / "out.csv"
    soon = today - relativedelta(months=6) + dt.timedelta(days=20)
    for number, at in ((ADA, soon), (BEA, today), (CAL, soon)):
        told("opt_in", at, number=number, organization=ACME)
    told("opt_out", today, number=CAL)

    why = ("--to", "Twilio", "--reason", "Ask them again")
    call_command("consent", "export", str(out), *why, "--ends-within", "30")

    rows = csv.DictReader(out.read_text().splitlines())
    found = {(row["address"], row["channel"]) for row in rows}
    assert found == {(ADA, "sms"), (ADA, "mms")}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["import", "no such file", "--kind", "opt_out"],
            "There is no file of that name.",
        ),
        (["scrub", "no such file", "out.csv", "--channel", "sms"], "no file of that"),
        (["scrub", "a.csv", "a.csv", "--channel", "sms"], "name another file"),
        (["import", "a.csv", "--timezone", "Mars"], "America/New_York"),
        (["import", "a.csv", "--by", "max"], "consent.add_event is needed"),
        (["scrub", "a", "b", "--channel", "sms", "--by", "max"], "view_standing is"),
        (
            ["export", "a", "--to", "x", "--reason", "a good one", "--by", "max"],
            "privacy.reveal_identifier is needed",
        ),
    ],
)
def test_refusals_are_one_sentence(django_user_model, tmp_path, arguments, sentence):
    django_user_model.objects.create_user("max")

    with pytest.raises(CommandError, match=sentence):
        call_command("consent", *arguments)
    assert not Event.objects.exists()
