"""Lists in the shapes that others write, and in those that nobody should."""

import datetime as dt
import gzip
import io
import json
import zipfile
from itertools import count
from types import MappingProxyType

import pytest

from consent.transfer import columns, files, importing, opening, reading
from consent.transfer.columns import NoColumn, TwoColumns, UnknownColumn
from consent.transfer.importing import columns_of
from consent.transfer.options import Options
from consent.transfer.reading import Ours, Ready, read

NOW = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
ADA, BEA = "+12025550117", "+12025550118"
AWS = {
    "OptOutListName": "Default",
    "OptedOutNumbers": [
        {
            "OptedOutNumber": ADA,
            "OptedOutTimestamp": 1772359200.5,
            "EndUserOptedOut": True,
        },
        {
            "OptedOutNumber": BEA,
            "OptedOutTimestamp": "2026-03-01T11:00:00+01:00",
            "EndUserOptedOut": False,
        },
    ],
}
TELNYX = {
    "data": [
        {
            "from": "+12025550100",
            "to": ADA,
            "messaging_profile_id": "x",
            "keyword": "STOP",
            "created_at": "2026-03-01 10:00:00.5+00:00",
        },
        {
            "from": "+12025550199",
            "to": BEA,
            "messaging_profile_id": None,
            "keyword": None,
            "created_at": "2026-03-01 10:00:00.5+00:00",
        },
    ],
    "meta": {"total_pages": 1, "total_results": 2},
}


@pytest.fixture
def told(tmp_path):
    """What is read of a file: of each row the number, kind, sender and time, or why
    nothing."""

    def run(content, senders=MappingProxyType({}), **options):
        path = tmp_path / "list"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        chosen = Options(
            **({"kind": "opt_out", "wording": "Yes", "page": "w"} | options)
        )
        known = columns_of(path, chosen.columns)
        return [
            read(number, row, known, chosen, NOW, Ours(senders, [], []))
            for number, row in importing.data(path, known)
        ]

    return run


def values(rows):
    return [each.value if isinstance(each, Ready) else each for each in rows]


def zipped(packing=zipfile.ZIP_STORED, **members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", packing) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return held.getvalue()


def changed(archive, *, local, central, value):
    """One byte of the only member's two headers (APPNOTE.TXT 4.3.7, 4.3.12)."""
    found = bytearray(archive)
    found[local] = value
    found[archive.index(b"PK\x01\x02") + central] = value
    return bytes(found)


LIST = f"Téléphone;Nom\r\n{ADA};Zoë\r\n{BEA};\r\n"


@pytest.mark.parametrize(
    "content",
    [
        LIST.encode("utf-8-sig"),
        LIST.encode("utf-16"),
        LIST.encode("utf-16-be"),
        LIST.replace("é", "e").encode("utf-16-le"),
        LIST.encode("utf-32"),
        LIST.encode("cp1252"),
        gzip.compress(LIST.encode()),
        zipped(list=LIST),
        ("sep=;\r\n" + LIST).encode(),
        ("\n\nAbmeldungen vom 1.3.2026\n\n" + LIST).encode(),
        LIST.replace("\r\n", "\r").encode(),
        LIST.replace(";", "\t").encode("utf-16"),
        LIST.replace(";", "|").encode(),
        LIST.replace("Téléphone", '"Téléphone; mobile"').replace(
            "Nom", "Rufnummer"
        ).replace(f"{ADA};Zoë", f"x;{ADA}").replace(f"{BEA};", f";{BEA}").encode(),
    ],
    ids=count(),
)  # fmt: skip
def test_packed_marked_titled_and_in_any_encoding(told, content):
    assert values(told(content)) == [ADA, BEA]


def test_names_in_the_encoding_of_windows_stay_readable(tmp_path):
    (tmp_path / "l").write_bytes(b"phone,name\n" + f"{ADA},Zo".encode() + b"\xeb\n")

    assert [row for _, row in files.rows(tmp_path / "l")][1] == [ADA, "Zoë"]


@pytest.mark.parametrize(
    "head",
    [
        "Rufnummer", "Teléfono", "Numéro de téléphone", "TELEFOONNUMMER", "Número",
        "Номер телефона", "手机号", "電話番号", "contact_id", "Cellulare",
    ],
)  # fmt: skip
def test_headers_in_other_languages(told, head):
    assert values(told(f"{head},x\n{ADA},1\n")) == [ADA]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.20255E+10", "a spreadsheet rounded the number; save the column as text"),
        ("1,20255E+10", "a spreadsheet rounded the number; save the column as text"),
        ("12025550117.0", ADA),
        ("2025550117.0", ADA),
        ("'+12025550117", ADA),
        ("1 (202) 555-0117", ADA),
        ("001 202 555 0117", "no phone number or e-mail address"),
        ("5550117", "no phone number or e-mail address"),
        ("+1202555011", "no phone number or e-mail address"),
        ("+12025550117 / +12025550118", "no phone number or e-mail address"),
        ("\x00", "no phone number or e-mail address"),
    ],
)  # fmt: skip
def test_numbers_as_people_and_spreadsheets_write_them(told, text, value):
    assert values(told(f'phone;x\n"{text}";\n')) == [value]


def test_a_number_with_its_country_or_area_in_another_column(told):
    assert values(told("Area Code,Number\n202,5550117\n")) == [ADA]
    assert values(told("202,5550117\n202,555-0118\n")) == [ADA, BEA]
    text = "phone,country code\n07700900123,44\n202 555 0117,+1\n+442079460000,1\n"
    assert values(told(text)) == ["+447700900123", ADA, "+442079460000"]


def test_a_number_amid_a_row_without_header(told):
    assert values(told(f"17,Ada,{ADA}\n18,Bea,{BEA}\n")) == [ADA, BEA]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"columns": "phone=2,occurred_at=3"}, f"x,{ADA},2026-03-01\n"),
        ({"columns": "phone=b, occurred_at=C"}, f"a,B,c\nx,{ADA},2026-03-01\n"),
        ({"columns": "phone=2,occurred_at=3"}, f"a,b,c\nx,{ADA},2026-03-01\n"),
    ],
)
def test_columns_as_somebody_declares_them(told, options, text):
    (row,) = told(text, **options)

    assert (row.value, row.occurred_at) == (ADA, dt.datetime(2026, 3, 1, tzinfo=dt.UTC))


@pytest.mark.parametrize("columns", ["phone", "phone=9", "phone=z", "colour=1", "=1"])
def test_a_declared_column_that_is_not_there_is_refused(told, columns):
    with pytest.raises(UnknownColumn, match="The file must have each"):
        told(f"a,b\n1,{ADA}\n", columns=columns)


# --- when -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "options", "moment"),
    [
        ("Sun, 01 Mar 2026 10:00:00 +0000", {}, "2026-03-01T10:00"),
        ("01 Mar 2026 05:00:00 EST", {}, "2026-03-01T10:00"),
        ("01.03.2026 10:00", {}, "2026-03-01T10:00"),
        ("2026/3/1", {}, "2026-03-01T00:00"),
        ("20260301", {}, "2026-03-01T00:00"),
        ("13/3/2026", {"day_first": True}, "2026-03-13T00:00"),
        ("1/3/2026 4:05 p.m.", {"day_first": True}, "2026-03-01T16:05"),
        ("2026-03-01 05:00", {"timezone": "America/New_York"}, "2026-03-01T10:00"),
        ("3/1/2026 5:00 AM", {"timezone": "America/New_York"}, "2026-03-01T10:00"),
        ("2026-03-01T10:00Z", {"timezone": "America/New_York"}, "2026-03-01T10:00"),
        ("1772359200", {"timezone": "America/New_York"}, "2026-03-01T10:00"),
        ("13/3/2026", {}, None),
        ("3/1/26", {}, None),
        ("46082.5", {}, None),
        ("31.02.2026", {}, None),
        ("\u0663/\u0661/2026", {}, None),
        ("9999999999999", {}, None),
    ],
)
def test_dates(told, text, options, moment):
    (row,) = told(f"phone;when;date\n{ADA};;{text}\n", **options)

    if moment is None:
        assert row in ("the date cannot be read", "the date is in the future")
    else:
        assert row.occurred_at == dt.datetime.fromisoformat(f"{moment}+00:00")


# --- the carriers' own forms -------------------------------------------------------
@pytest.mark.parametrize("indent", [None, 4])
def test_the_opt_out_list_of_aws(told, indent):
    rows = told(json.dumps(AWS, indent=indent), kind="")

    assert values(rows) == [ADA, BEA]
    assert {row.event for row in rows} == {"opt_out"}
    assert [row.occurred_at.hour for row in rows] == [10, 10]


def test_pages_saved_one_after_another_are_one_list(told):
    page = json.dumps(AWS)

    assert values(told(f"{page}\n{page}", kind="")) == [ADA, BEA, ADA, BEA]


def test_the_opt_outs_of_telnyx_end_that_sender_or_if_nobody_knows_it_all(told):
    known = {"+12025550100": "org_acme"}

    rows = told(json.dumps(TELNYX), senders=known)

    assert [(row.value, row.organization) for row in rows] == [
        (ADA, "org_acme"),
        (BEA, ""),
    ]


def test_of_a_log_of_messages_only_those_refused_for_an_opt_out_count(told):
    text = (
        "From,To,Status,Direction,SentDate,ErrorCode\n"
        f"+12025550100,{ADA},undelivered,outbound-api,2026-03-01T10:00:00Z,21610\n"
        f"+12025550100,{BEA},delivered,outbound-api,2026-03-01T10:00:00Z,\n"
        f"+12025550100,{BEA},undelivered,outbound-api,2026-03-01T10:00:00Z,30003\n"
        f"{BEA},+12025550100,received,inbound,2026-03-01T10:00:00Z,\n"
    )
    why = "the carrier's refusal was not because of an opt-out"

    assert values(told(text)) == [
        ADA,
        why,
        why,
        "an incoming message: its recipient is one of our numbers",
    ]


def test_a_message_search_of_bandwidth_by_its_own_code(told):
    sent = {"messageId": "1", "accountId": "12345", "sourceTn": "+12025550100",
            "messageStatus": "FAILED", "messageDirection": "OUTBOUND",
            "receiveTime": "2026-03-01T10:00:00.000Z"}  # fmt: skip
    messages = [
        sent | {"destinationTn": ADA, "errorCode": 4775},
        sent | {"destinationTn": BEA, "errorCode": 4720},
        sent | {"destinationTn": BEA, "errorCode": 4775, "messageDirection": "INBOUND"},
    ]
    page = {"totalCount": 3, "pageInfo": {}, "messages": messages}

    first, *others = told(json.dumps(page), senders={"+12025550100": "org_acme"})

    assert (first.value, first.event, first.organization) == (
        ADA,
        "opt_out",
        "org_acme",
    )
    assert first.occurred_at.isoformat() == "2026-03-01T10:00:00+00:00"
    assert others == [
        "the carrier's refusal was not because of an opt-out",
        "an incoming message: its recipient is one of our numbers",
    ]


def test_the_day_files_of_twilio_are_packed_json_by_lines(told):
    lines = [
        {"to": ADA, "from": "+12025550100", "error_code": 21610, "direction": "api",
         "date_sent": "2026-03-01T10:00:00Z", "body": "[{", "media": [{"a": 1}]},
        {"to": BEA, "error_code": None, "direction": "api"},
    ]  # fmt: skip
    text = "\n".join(map(json.dumps, lines))

    rows = told(gzip.compress(text.encode()))

    assert values(rows)[0] == ADA
    assert rows[1].startswith("the carrier's refusal was not")


def test_an_opt_in_to_a_sender_that_nobody_knows_is_refused(told):
    items = [{"contact_id": ADA, "sender_id": "MG1", "status": "opt-in",
              "date_of_consent": "2026-03-01T10:00:00Z"}]  # fmt: skip

    assert told(json.dumps(items)) == ["an opt-in to a sender that has no program"]
    (row,) = told(json.dumps(items), senders={"MG1": "org_acme"})
    assert (row.event, row.organization) == ("opt_in", "org_acme")


def test_a_delivery_receipt_of_vonage_by_its_own_code(told):
    text = f"msisdn,err-code,message-timestamp\n{ADA},9,\n{BEA},1,\n"

    assert values(told(text))[0] == ADA
    assert values(told(text.replace("err-code", "error_code")))[0].startswith(
        "the carrier's refusal was not"
    )


def test_the_messages_of_plivo_by_its_own_code(told):
    """200 is an opt-out beside Plivo's own columns, and a success elsewhere."""
    sent = {"from_number": "+12025550100", "message_direction": "outbound",
            "message_time": "2026-03-01 10:00:00", "message_uuid": "1"}  # fmt: skip
    messages = [
        sent | {"to_number": ADA[1:], "error_code": "200"},
        sent | {"to_number": BEA[1:], "error_code": "000"},
        sent | {"to_number": BEA, "error_code": "200", "message_direction": "inbound"},
    ]

    first, *others = told(json.dumps({"api_id": "1", "meta": {}, "objects": messages}))

    assert (first.value, first.event) == (ADA, "opt_out")
    assert first.occurred_at.isoformat() == "2026-03-01T10:00:00+00:00"
    assert [each[:8] for each in others] == ["the carr", "an incom"]
    assert values(told(f"to,error_code\n{ADA},200\n"))[0].startswith(
        "the carrier's refusal was not"
    )


def test_the_lists_of_sinch_by_what_they_are_lists_of(told):
    """As its Conversation API lists identities, and as its batches write consents."""
    listed = {"identities": [{"identity": ADA[1:]}], "next_page_token": ""}
    batch = {
        "app_id": "1",
        "consent_records": [
            {"identification": ADA, "consent_type": "OPT_OUT_ALL"},
            {"identification": BEA, "consent_type": "OPT_OUT_MARKETING"},
        ],
    }

    assert values(told(json.dumps(listed))) == [ADA]
    rows = told(json.dumps(batch), kind="")
    assert [(row.value, row.event) for row in rows] == [
        (ADA, "opt_out"),
        (BEA, "opt_out"),
    ]


def test_the_contacts_of_bird_by_their_subscription(told):
    text = (
        "Email,Phone,subscribedEmail,subscribedSms\n"
        f"ada@example.com,{ADA},TRUE,FALSE\n,{BEA},,TRUE\n,{BEA},FALSE,\n"
    )

    first, second, third = told(text, kind="")

    assert (first.value, first.event) == (ADA, "opt_out")
    assert (second, third) == (
        "an opt-in needs its date",
        "neither an opt-out nor an opt-in",
    )
    mail = {"columns": "email=Email,phone=Phone,kind=subscribedEmail"}
    assert told(text, kind="", channel="email", **mail)[0] == "an opt-in needs its date"


# --- what nobody should write ---------------------------------------------------------
def test_a_line_without_end_is_one_refused_row_in_bounded_memory(told, monkeypatch):
    monkeypatch.setattr(opening, "LONGEST", 100)
    text = f"phone,note\n{ADA},\n{BEA},{'x' * 1000}\n{ADA},\n"

    assert values(told(text)) == [ADA, "no phone number or e-mail address", ADA]


def test_a_quote_that_nothing_closes_swallows_no_row(told):
    text = "phone,note\n" + f'{ADA},"\n' + f"{BEA},\n" * 100

    assert values(told(text)) == [ADA, *[BEA] * 100]


def test_a_quoted_cell_may_go_over_lines(told):
    text = f'note,phone\n"a\nb ""c""\n",{ADA}\n"d,{BEA}",{BEA}\n'

    assert values(told(text)) == [ADA, BEA]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", NoColumn),
        (b"\x00" * 64, NoColumn),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", NoColumn),
        (b'{"OptedOutNumbers": []}', NoColumn),
        (b'[{"phone": ', opening.Unreadable),
        (b"[" * 100_000, opening.Unreadable),
        (b'[{"a": ' * 3000, opening.Unreadable),
        (gzip.compress(LIST.encode())[:-20], opening.Unreadable),
        (b"\x1f\x8bxx", opening.Unreadable),
        (b"PK\x03\x04xx", opening.Unreadable),
        (b"\xd0\xcf\x11\xe0", opening.ASpreadsheet),
        (zipped(**{"[Content_Types].xml": "", "xl": ""}), opening.Unreadable),
        (zipped(a=LIST, b=LIST), opening.ManyFiles),
        (changed(zipped(a=LIST), local=6, central=8, value=1), opening.Locked),
        (changed(zipped(a=LIST), local=8, central=10, value=9), opening.Unreadable),
        (changed(zipped(a=LIST), local=8, central=10, value=14), opening.Unreadable),
        (f"a,b\n{ADA} {BEA}\n".encode(), NoColumn),
        (f"phone,name,Phone\n{ADA},x,{BEA}\n".encode(), TwoColumns),
        (f"phone,status,Status\n{ADA},STOP,START\n".encode(), TwoColumns),
    ],
    ids=count(),  # packed files hold the time, so they would have another name each run
)
def test_what_is_no_list_is_refused_in_words(told, content, refusal):
    with pytest.raises(refusal) as caught:
        told(content)
    assert str(caught.value).endswith(".")


def test_an_archive_of_very_many_names_is_refused_before_they_are_read(
    told, monkeypatch
):
    many = zipped(**{f"{n:0250}": "" for n in range(4000)})

    def read(archive):
        raise AssertionError("The names are read.")

    monkeypatch.setattr(zipfile.ZipFile, "_RealGetContents", read)
    with pytest.raises(opening.ManyFiles):
        told(many)


BLANK = f"phone\n{ADA}\n" + " " * 1_000_000


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(BLANK.encode()),
        zipped(zipfile.ZIP_DEFLATED, a=BLANK),
        zipped(zipfile.ZIP_BZIP2, a=BLANK),
    ],
    ids=["gzip", "zip", "bzip2 in a zip"],
)
def test_an_archive_that_holds_far_more_than_its_size_is_read_no_further(
    told, monkeypatch, content
):
    monkeypatch.setattr(opening, "SMALL", 100_000)

    with pytest.raises(opening.TooMuchInside):
        told(content)


def test_what_comes_out_counts_whatever_an_archive_declares(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "SMALL", 100_000)
    path = tmp_path / "list.gz"
    path.write_bytes(gzip.compress(BLANK.encode()))

    with opening.opened(path) as file, pytest.raises(opening.TooMuchInside):
        file.read()
    assert file.buffer.raw.count <= 300_000


def test_a_list_that_packs_well_is_read_to_its_end(told, monkeypatch):
    monkeypatch.setattr(opening, "SMALL", 0)
    rows = [f"+1202555{n:04},opt_out,2026-03-01T10:00:00Z" for n in range(100, 3000)]
    text = "\n".join(["phone,event,at", *rows])

    assert len(told(gzip.compress(text.encode()))) == len(rows)


def test_json_that_no_database_takes_is_read_all_the_same(told):
    """Half a character, a number of five thousand digits, one that was rounded."""
    odd = f'"brand": "a\\ud800", "id": {"9" * 5000}'
    file = f'[{{"phone": "{ADA}", {odd}}}, {{"phone": 1.20255E+10}}]'

    good, bad = told(file)

    assert (good.value, good.organization) == (ADA, "a?")
    assert "spreadsheet rounded" in bad


@pytest.mark.parametrize(
    ("head", "row", "event"),
    [
        ("Opt out", "Yes", "opt_out"),
        ("Opted out of SMS", "true", "opt_out"),
        ("et4ae5__HasOptedOutOfMobile__c", "1", "opt_out"),
        ("DNC", "x", "opt_out"),
        ("Opt out", "No", reading.NOT_OUT),
        ("Opt out", "", reading.NOT_OUT),
        ("Opt out", "perhaps", reading.NO_KIND),
        ("opt_out_time", "2026-03-01 10:00:00", "opt_out"),
        ("opt_out_time", "", reading.NOT_OUT),
        ("SMS Consent", "UNSUBSCRIBED", "opt_out"),
        ("SMS Marketing Status", "Unsubscribed", "opt_out"),
        ("status,Opt out", "active,yes", "opt_out"),
        ("status,Opt out", "subscribed,yes", "opt_out"),  # of two, the stop
        ("status,opt_out_time", "active,2026-03-01", "opt_out"),
        ("status,Opt out", "active,no", reading.NO_KIND),
    ],
)
def test_lists_of_other_systems_that_say_who_opted_out(told, head, row, event):
    (found,) = told(f"Phone,{head}\n{ADA},{row}\n", kind="")

    assert getattr(found, "event", found) == event


def test_who_opted_out_is_not_opted_in_with_the_rest_of_a_list(told):
    head = "Phone,opt_in_date,opt_out_date,Opted out\n"
    text = f"{head}{ADA},2026-01-01,2026-02-01,\n{BEA},2026-01-01,,\n"
    proof = {"wording": "I agree", "page": "https://example.com"}

    out, stayed = told(text, kind="opt_in", **proof)

    assert (out.event, out.occurred_at.month) == ("opt_out", 2)
    assert (stayed.event, stayed.occurred_at.month) == ("opt_in", 1)
    (said,) = told(f"{head}{ADA},2026-01-01,,yes\n", kind="opt_in", **proof)
    assert said.event == "opt_out"


def test_of_a_list_of_opt_outs_a_row_that_says_no_is_none(told):
    text = f"Phone,Opted out\n{ADA},no\n{BEA},yes\n"

    no, yes = told(text, kind="opt_out")

    assert (no, yes.event) == (reading.NOT_OUT, "opt_out")


def test_every_name_and_word_stands_as_it_is_compared():
    found = columns.words()
    texts = [
        *(name for each in found["columns"].values() for name in each),
        *(word for each in found["meanings"].values() for word in each),
        *(word for each in found["dealings"].values() for word in each),
        *found["says_yes"],
        *found["says_no"],
    ]

    assert [text for text in texts if columns.plain(text) != text] == []
