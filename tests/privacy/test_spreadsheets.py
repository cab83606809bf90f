"""Lists that people open in a spreadsheet: nothing in them runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import spreadsheets


@given(st.text())
def test_no_cell_is_a_formula(text):
    shown = spreadsheets.cell(text)

    if not spreadsheets.PHONE.fullmatch(text):
        assert not shown.lstrip().startswith(spreadsheets.FORMULA) or shown[0] == "'"
    assert shown.removeprefix("'") == text.removeprefix("'")


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        " =1",
        "\uff1d1",
        "\ufeff=1",
        "@SUM(A1)",
        "\t=1",
        "\x0c=1",
        " " * 50 + "=1",
    ],
)
def test_formulas_in_disguise_are_quoted(text):
    assert spreadsheets.cell(text) == f"'{text}"


def test_a_phone_number_stays_one_and_a_sum_does_not():
    assert spreadsheets.cell("+12025550143") == "+12025550143"
    assert spreadsheets.cell("+12025550143+1") == "'+12025550143+1"
    assert spreadsheets.cell("+1+cmd|' /C calc'!A0").startswith("'+")
