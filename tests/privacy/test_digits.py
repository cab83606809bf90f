"""Days, codes and amounts are told from telephone numbers."""

import pytest

from privacy import digits

CODES = [
    "20170215",
    "20230309 0900",
    "03.06.2021",
    "01.02.-05.02.2024",
    "2022-01-10 09:10:00.123456+00:00",
    "R21-00871",
    "KV-2023-118",
    "2021-00871",
    "Invoice no. 1000234567",
    "11111111-aaaa-4000-8000-000000000001",
    "att/2024/12/4412f31.png",
    "1.234.567,89 EUR",
    "52.5200066",
]
NUMBERS = [
    "0171 39200 14",
    "+1 (202) 555-0143",
    "202.555.0143",
    "2025550117",
    "+46701740612",
    "08-465 004 12",
    "01.99.00.41.27",
    "555-0143",
    "asa@example.se",
    "4111 1111 1111 1111",
]


@pytest.mark.parametrize("text", CODES)
def test_a_day_a_code_and_an_amount_are_nobodys_number(text):
    assert digits.without_numbers(f"See {text}, please", lambda _: "?") == (
        f"See {text}, please"
    )


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_taken_out_whatever_stands_beside_it(text):
    said = f"2024-03-05 20:15 {text}, R21-00871"

    assert digits.without_numbers(said, lambda _: "?") == (
        "2024-03-05 20:15 ?, R21-00871"
    )


def test_an_order_that_is_only_digits_is_a_code_unless_it_is_dialled():
    assert digits.is_code("1000234567")
    assert not digits.is_code("2025550117")
    assert not digits.is_code("01713920014")
