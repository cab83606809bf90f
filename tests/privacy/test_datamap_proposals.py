"""What a column holds is proposed from its values, whatever it is called."""

import pytest

from privacy.datamap import proposals
from privacy.datamap.schema import LiveColumn
from privacy.datamap.verdicts import Around

PEOPLE, THINGS = Around(of_people=True), Around(of_things=True)
WORDS = [("red", "blue", "green")[n % 3] for n in range(90)]
CALLS = [f"+1202555{n:04}" for n in range(1000, 1090)]
AREAS = ("202", "212", "312", "404", "512", "617", "713", "808")
CARDS = ["4111111111111111", "5500005555555559", "378282246310005"]


def said(values, kind="TextField", *, around=PEOPLE, name="misc", **options):
    live = LiveColumn(name, kind, {"null": True, **options})
    return proposals.propose(live, values, around).code


@pytest.mark.parametrize("around", [PEOPLE, THINGS], ids=["people", "things"])
@pytest.mark.parametrize(
    ("values", "code"),
    [
        (CALLS, "phone"),
        ([*CALLS[:60], *WORDS[:30]], "phone"),
        ([*CALLS[:40], *WORDS[:50]], "text"),
        ([*CALLS[:9], *WORDS], "text"),
        ([*CALLS[:1], *WORDS], "text"),
        ([*[n.replace("+1202555", "202-555-") for n in CALLS[:9]], *WORDS], "text"),
        ([*CARDS, *WORDS], "text"),
        ([f"tel:{CALLS[3]};ext=4", *WORDS], "text"),
        (["+12025551001,+12025551002", *WORDS], "text"),
        (["iban=DE89370400440532013000", *WORDS], "text"),
        ([n.lstrip("+") for n in CALLS], "phone"),
    ],
)
def test_numbers_of_people_are_seen_among_other_values(values, code, around):
    assert said(values, around=around) == code


def test_numbers_in_an_array_are_seen():
    values = [f"{{{call},{word}}}" for call, word in zip(CALLS, WORDS, strict=True)]

    assert said(values, "OtherField", element="TextField") == "text"


@pytest.mark.parametrize(
    "values",
    [
        [n.lstrip("+") for n in CALLS],
        [f"4930{n}" for n in range(23125000, 23125090)],
        [f"{n.lstrip('+')}.00" for n in CALLS],
        [f"{area}555{n}" for n in range(1000, 1020) for area in AREAS],
    ],
)
@pytest.mark.parametrize("kind", ["BigIntegerField", "DecimalField", "FloatField"])
def test_numbers_that_are_stored_as_numbers_are_seen(values, kind):
    assert said(values, kind) == "phone"


def test_a_key_is_no_number_to_call():
    key = Around(of_people=True, role="Tells the rows of the table apart")

    assert said([n.lstrip("+") for n in CALLS], "BigIntegerField", around=key) == ""


@pytest.mark.parametrize(
    "values",
    [
        [str(n) for n in range(2025550000, 2025550090)],  # counted, in one area
        [str(1_700_000_000 + 86_400 * n) for n in range(90)],  # Unix seconds
        [
            str(1_700_000_000_000 + 86_400_123 * n) for n in range(90)
        ],  # and their 1000th
        [str(20_260_101 + n) for n in range(28)],  # days
        [str(202_601_011_200 + 100 * n) for n in range(28)],
        [str(10_000_012_345 + n) for n in range(90)],
        [str(1_234_567_890_123_456_789 + 10**12 * n) for n in range(90)],  # snowflakes
        [str(12 * n * n) for n in range(1000, 1090)],
    ],
)
@pytest.mark.parametrize("kind", ["BigIntegerField", "TextField", "DecimalField"])
def test_other_numbers_are_nobodys(values, kind):
    assert said(values, kind) == ""


@pytest.mark.parametrize(
    "values",
    [
        [f"2026-{n:05}" for n in range(90)],
        [f"SKU-{n:08}" for n in range(2025550000, 2025550090)],
        [f"6ba7b810-9dad-11d1-80b4-4000000{n}" for n in range(10_000, 10_090)],
        [f"/files/2026/01/IMG_20260115_{n}.jpg" for n in range(123400, 123490)],
        [f"https://shop.example/p/400638133{n}" for n in range(3900, 3990)],
        [f"v1.2.{n}.4" for n in range(90)],
        [str(4_006_381_000_000 + 7 * n) for n in range(90)],  # what is on a package
        [f"41111111111{n:05}" for n in range(10_000, 10_090)],  # one in ten is a card
    ],
)  # fmt: skip
def test_codes_that_look_like_numbers_are_nobodys(values):
    assert said(values, around=THINGS) == ""


BORN = [(f"{1950 + n // 2}", f"{1 + n % 12:02}", f"{1 + n % 28:02}") for n in range(90)]


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("{2}.{1}.{0}", "TextField"),
        ("{1}/{2}/{0}", "CharField"),
        ("{0}-{1}-{2}", "TextField"),
        ("{0}-{1}-{2}", "JSONPath"),
        ("{0}-{1}-{2}", "DateField"),
        ("{0}-{1}-{2} 00:00:00+00", "DateTimeField"),
    ],
)
def test_days_as_old_as_people_are_dates_of_birth(form, kind):
    values = [form.format(*day) for day in BORN]

    assert said(values, kind) == "birth_date"
    assert said(values, kind, around=THINGS) == ""


@pytest.mark.parametrize(
    "values",
    [
        [f"{2001 + n % 12}-05-17" for n in range(90)],  # near together
        [f"{1990 + n % 40}-05-17" for n in range(90)],  # some are to come
        [f"{1950 + n % 50}-05-17 13:45:{n % 60:02}" for n in range(90)],  # at a time
        ["1980-05-17", "1951-01-02"],
    ],
)
@pytest.mark.parametrize("kind", ["DateTimeField", "TextField"])
def test_other_days_are_nobodys(values, kind):
    assert said(values, kind) == ""


@pytest.mark.parametrize(
    ("values", "kind", "more"),
    [
        (["52.52001,13.40501", "48.13743, 11.57549"] * 5, "TextField", {}),
        (["(13.4,52.5)"] * 5, "OtherField", {"type": "point"}),
        (["00"] * 5, "BinaryField", {"type": "point"}),
    ],
)
def test_pairs_and_points_are_coordinates(values, kind, more):
    assert said(values, kind, **more) == "coordinates"


SPOKEN = [
    "Please call Anna Weber back",
    "Peter Meier wants a copy",
    "ok, thanks to all",
]
WHERE = [
    "send it to 12 Elm Street, please",
    "moved to Lindenweg 4 in May",
    "no news yet",
]


@pytest.mark.parametrize(
    ("values", "is_emptied", "what"),
    [
        (SPOKEN, True, "a person's name"),
        (WHERE, True, "a postal address"),
        (["mail ada@example.com please", "call me on Monday Morning"] * 3, False, ""),
        (['{"said": "' + text + '"}' for text in SPOKEN], False, ""),
        (["The Garden is closed", "Rose Garden only", "see you in Town"], False, ""),
    ],
)
def test_texts_with_names_or_streets_are_emptied_not_redacted(values, is_emptied, what):
    live = LiveColumn("comment", "TextField", {"null": True})

    proposal = proposals.propose(live, values, PEOPLE)

    assert proposal.code == "text"
    assert ("redact" not in proposal.meaning.endings) == is_emptied
    assert what in proposal.reason
