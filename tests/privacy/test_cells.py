"""What a published table hides can't be computed from what it shows."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.anonymity import cells
from privacy.anonymity.cells import TOTAL


def hidden(shown):
    return {place for place, count in shown.items() if count is None}


def rank(rows):
    """By elimination, in fractions."""
    rows, count = [[Fraction(n) for n in row] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((r for r in rows[count:] if r[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(count, pivot)
        for other in rows[count + 1 :]:
            factor = other[column] / pivot[column]
            other[:] = [a - factor * b for a, b in zip(other, pivot, strict=True)]
        count += 1
    return count


def computable(shown):
    """Hidden cells that the sums of the table leave one value: algebra, not graphs."""
    places = sorted(hidden(shown))
    sums = []
    for side in (0, 1):
        for name in {place[side] for place in shown}:
            weights = {p: -1 if p[1 - side] == TOTAL else 1 for p in shown}
            sums.append([weights[p] if p[side] == name else 0 for p in places])
    return [
        place
        for number, place in enumerate(places)
        if rank(sums) == rank([*sums, [int(i == number) for i in range(len(places))]])
    ]


def test_61_a_small_cell_is_hidden_with_another_one_and_zero_is_shown():
    shown = cells.published(
        {
            ("US-CO", "opt out"): 3,
            ("US-CO", "delete"): 40,
            ("US-CT", "opt out"): 0,
            ("US-CT", "delete"): 51,
            ("US-OR", "opt out"): 25,
            ("US-OR", "delete"): 30,
        }
    )

    assert shown["US-CO", "opt out"] is None
    assert shown["US-CT", "opt out"] == 0
    assert shown[TOTAL, TOTAL] == 149
    assert len(hidden(shown)) == 4  # a rectangle: two in each row and column of it
    assert computable(shown) == []


def test_a_lonely_cell_takes_its_totals_with_it():
    assert set(cells.published({("US-CO", "delete"): 3}).values()) == {None}
    assert cells.published({}) == {}


def test_two_small_ones_alone_do_not_give_each_other_away():
    """Their total would say that two of them make two: one and one."""
    shown = cells.published(
        {("A", "x"): 1, ("A", "y"): 1, ("B", "x"): 90, ("B", "y"): 80}
    )

    assert shown["A", TOTAL] is None


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ABCD"), st.sampled_from("wxyz")),
        st.one_of(st.integers(0, 15), st.integers(0, 300)),
        min_size=1,
    )
)
def test_nothing_that_is_hidden_can_be_computed(counts):
    shown = cells.published(counts)

    assert computable(shown) == []
    assert all(n is None or n == 0 or n > 10 for n in shown.values())
    assert all(shown[p] in (None, n) for p, n in counts.items())


@pytest.mark.parametrize(
    ("count", "is_shown"), [(0, True), (1, False), (10, False), (11, True)]
)
def test_from_eleven_on_a_count_is_shown(count, is_shown):
    counts = {("A", "x"): count, ("A", "y"): 500, ("B", "x"): 500, ("B", "y"): 500}

    assert (cells.published(counts)["A", "x"] == count) is is_shown
