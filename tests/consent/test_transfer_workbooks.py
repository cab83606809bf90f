"""Lists as spreadsheets, as people send them all day: read as if they were CSV."""

import datetime as dt
import io
import re
import zipfile

import openpyxl
import pytest

from consent import transfer
from consent.models import Event
from consent.transfer import files, importing, opening, workbooks
from consent.transfer.results import Results
from privacy import identifiers

ADA, BEA = "+12025550117", "+12025550118"
HEAD = ("Phone", "Status", "Date")
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def naive(text):
    """A spreadsheet's own time has no zone."""
    return dt.datetime.fromisoformat(text)


def book_of(*rows, **sheets):
    """As bytes. The first sheet has the rows; others by name."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, others in sheets.items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(row)
    return saved(book)


def saved(book):
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def with_part(content, name, change):
    """One part of the package, changed as bytes."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            text = old.read(part)
            new.writestr(part, change(text) if part == name else text)
    return held.getvalue()


def with_rows(rows):
    """A sheet of rows as they stand in the file, however wrong."""
    sheet = f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'
    name = "xl/worksheets/sheet1.xml"
    return with_part(book_of(HEAD), name, lambda _: sheet.encode())


SHARED = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.'
    b'openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)


def with_shared(texts, rows="<row/>"):
    """Texts of their own part, as Excel writes them."""
    held = io.BytesIO(
        with_part(
            with_rows(rows),
            "[Content_Types].xml",
            lambda types: types.replace(b"</Types>", SHARED),
        )
    )
    with zipfile.ZipFile(held, "a") as book:
        book.writestr("xl/sharedStrings.xml", texts)
    return held.getvalue()


@pytest.fixture
def read(tmp_path):
    def run(content):
        path = tmp_path / "list.xlsx"
        path.write_bytes(content)
        return [row for _, row in files.rows(path)]

    return run


@pytest.fixture
def take(tmp_path, now):
    """Import it: what became of each row."""

    def run(content, **options):
        path, told = tmp_path / "list.xlsx", tmp_path / "told.csv"
        path.write_bytes(content)
        transfer.take_in(
            path=path,
            results=Results(told),
            options=transfer.Options(**options),
            by="sam",
            clock=lambda: now,
        )
        return told.read_text().splitlines()[1:]

    return run


# --- cells ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2025550117, "2025550117"),
        (2025550117.0, "2025550117"),
        ("+1 (202) 555-0117", "+1 (202) 555-0117"),
        ("007", "007"),
        (0.5, "0.5"),
        (1.2e20, "1.2e+20"),
        (True, "true"),
        (naive("2026-03-01T10:30"), "2026-03-01T10:30:00"),
        (dt.date(2026, 3, 1), "2026-03-01T00:00:00"),
        ("Zoë\n", "Zoë\n"),
        ("=1+1", ""),  # a formula that nobody has worked out yet
    ],
)
def test_a_cell_reads_as_it_is_shown(read, value, text):
    assert read(book_of(("x", value, "y"))) == [["x", text, "y"]]


def test_a_number_that_is_written_by_powers_of_ten_keeps_its_digits(read):
    (row,) = read(with_rows('<row r="1"><c r="A1"><v>2.025550117E9</v></c></row>'))

    assert row == ["2025550117"]


def test_texts_are_read_from_where_excel_keeps_them(read):
    texts = f"""<sst xmlns="{NAMESPACE}"><si><t>Phone</t></si><si><r><t>+1 202 </t></r>
        <r><t>555 0117</t></r></si></sst>"""
    rows = '<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row>'

    assert read(with_shared(texts, rows)) == [["Phone"], ["+1 202 555 0117"]]


def test_rows_and_cells_that_the_file_leaves_out_are_blank(read):
    rows = (
        '<row r="2"><c r="C2"><v>1</v></c></row><row r="4"><c r="A4"><v>2</v></c></row>'
    )

    assert read(with_rows(rows)) == [[], ["", "", "1"], [], ["2"]]


def test_blank_rows_at_the_end_are_none(read):
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c s="0"/></row>'

    assert read(with_rows(rows)) == [["1"]]


# --- a list ---------------------------------------------------------------------
@pytest.mark.django_db
def test_a_spreadsheet_has_a_result_for_each_row(take):
    said = take(
        book_of(
            ("Opt-outs of March",),
            HEAD,
            (12025550117, "stop", naive("2026-03-01T10:00")),
            (2025550118.0, "Unsubscribed", "3/2/2026"),
            ("nobody", "stop", None),
            (1.2e20, "stop", None),
            (2025550119, "huh", None),
        ),
        timezone="America/New_York",
    )

    assert said == [
        "1,recorded,",
        "2,recorded,",
        "3,refused,no phone number or e-mail address",
        "4,refused,a spreadsheet rounded the number; save the column as text",
        "5,refused,neither an opt-out nor an opt-in",
    ]
    event = Event.objects.get(identifier=identifiers.find(identifiers.phone(ADA)))
    assert event.occurred_at == dt.datetime(2026, 3, 1, 15, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_an_import_of_a_spreadsheet_that_died_goes_on(take, monkeypatch):
    rows = [(2025550100 + n, "stop", None) for n in range(30)]
    content = book_of(HEAD, *rows)
    monkeypatch.setattr(importing, "CHUNK", 10)
    count, real = iter(range(9)), importing._take_chunk

    def dies(*given, **more):
        if next(count) == 2:
            raise KeyboardInterrupt
        real(*given, **more)

    monkeypatch.setattr(importing, "_take_chunk", dies)
    with pytest.raises(KeyboardInterrupt):
        take(content)
    said = take(content)

    assert [line.split(",")[1] for line in said] == ["recorded"] * 30


@pytest.mark.django_db
def test_what_is_cleaned_of_a_spreadsheet_is_csv(tmp_path, now):
    source, target = tmp_path / "in.xlsx", tmp_path / "out.csv"
    source.write_bytes(book_of(("Phone", "Name"), (2025550117, "Zoë, A.")))

    transfer.scrub(
        source=source,
        target=target,
        channel="sms",
        purpose="service",
        by="sam",
        now=now,
    )

    assert target.read_text() == 'Phone,Name\n2025550117,"Zoë, A."\n'


# --- sheets ---------------------------------------------------------------------
def test_of_two_sheets_with_rows_nobody_guesses(read):
    with pytest.raises(workbooks.ManySheets):
        read(book_of(HEAD, more=[(1,)]))


def test_a_sheet_that_is_hidden_or_blank_is_not_asked_but_hidden_rows_are(read):
    book = openpyxl.Workbook()
    book.active.append([2025550117])
    book.active.row_dimensions[1].hidden = True
    book.create_sheet("blank")
    book.create_sheet("chosen from").append(["Yes", "No"])
    book["chosen from"].sheet_state = "hidden"

    assert read(saved(book)) == [["2025550117"]]


def test_a_spreadsheet_without_rows_says_so(read):
    with pytest.raises(workbooks.NoSheet):
        read(book_of())


def test_what_a_sheet_says_of_its_own_size_is_not_asked(read):
    rows = [[str(n), "x"] for n in range(5)]
    content = with_part(
        book_of(*rows),
        "xl/worksheets/sheet1.xml",
        lambda text: re.sub(rb'ref="A1:B5"', b'ref="A1"', text),
    )

    assert read(content) == rows


# --- what is none, or too much ---------------------------------------------------
def part(name, text):
    return lambda: with_part(book_of(HEAD), name, lambda _: text)


LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY b "'
    + b"x" * 5000
    + b'"><!ENTITY c "'
    + (b"&b;" * 5000)
    + f'">]><sst xmlns="{NAMESPACE}"><si><t>&c;</t></si></sst>'.encode()
)


@pytest.mark.parametrize(
    "made",
    [
        part("xl/workbook.xml", b"<workbook"),
        part("[Content_Types].xml", b"<Types/>"),
        part("xl/styles.xml", b"\xff"),
        lambda: with_shared(b"<sst"),
        lambda: with_shared(LAUGHS),
        part("xl/worksheets/sheet1.xml", b"<worksheet"),
        lambda: with_rows('<row r="x"><c r="A1"><v>1</v></c></row>'),
        lambda: with_rows('<row><c r="ZZZZZ1"><v>1</v></c></row>'),
        lambda: with_rows('<row><c t="s"><v>999999</v></c></row>'),
        lambda: book_of(HEAD)[:-40],
    ],
)
def test_a_broken_spreadsheet_is_refused_in_words(read, made):
    with pytest.raises(opening.Unreadable, match="can't be read as a spreadsheet"):
        read(made())


def test_a_locked_part_is_refused(read):
    content = bytearray(book_of(HEAD))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1

    with pytest.raises(opening.Locked):
        read(bytes(content))


@pytest.mark.parametrize(
    "rows",
    [
        "<row><c><v>1</v></c></row>" * 40,
        "<row>" + "<c><v>1</v></c>" * 20_000 + "</row>",
        "<row><c><v>" + "1" * 200_000 + "</v></c></row>",
    ],
    ids=["many rows", "a long row", "a long cell"],
)
def test_what_would_not_fit_in_memory_is_read_no_further(read, monkeypatch, rows):
    monkeypatch.setattr(workbooks, "SMALL", 100)
    monkeypatch.setattr(workbooks, "LONGEST", 100_000)
    monkeypatch.setattr(workbooks, "MOST_ROWS", 10)

    with pytest.raises(workbooks.TooMuchInASheet):
        read(with_rows(rows))


def test_a_part_that_says_it_is_larger_than_any_sheet_is_not_unpacked(
    read, monkeypatch
):
    monkeypatch.setattr(workbooks, "LARGEST", 100)

    with pytest.raises(workbooks.TooMuchInASheet):
        read(book_of(HEAD))


def test_a_sheet_has_no_more_columns_than_a_list(read):
    (row,) = read(
        with_rows('<row><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>')
    )

    assert row == ["1"]


def test_a_spreadsheet_that_was_packed_is_to_be_unpacked(tmp_path):
    path = tmp_path / "list.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("list.xlsx", book_of(HEAD))

    with pytest.raises(opening.PackedTwice):
        list(files.rows(path))


def test_other_spreadsheets_are_named(tmp_path):
    path = tmp_path / "list.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")

    with pytest.raises(opening.ASpreadsheet, match=r"save it as \.xlsx"):
        list(files.rows(path))


def test_columns_of_a_spreadsheet_are_found_by_name(tmp_path):
    path = tmp_path / "list.xlsx"
    path.write_bytes(book_of(("E-mail", "Téléphone"), ("ada@example.com", 2025550117)))

    assert importing.columns_of(path).places == {"phone": 1, "email": 0}
