"""The page of edge cases names all of them, and tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "edge-cases.md").read_text()
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
HELD, OPEN = PAGE.split("## Not held, or in part")


@cache
def names_in(file):
    tree = ast.parse((TESTS / file).read_text())
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_every_case_stands_on_the_page_once():
    numbers = [int(number) for number, *_ in ROW.findall(PAGE)]

    assert sorted(numbers) == list(range(1, 81))


def test_what_is_held_names_its_test():
    assert [n for n, _, last in ROW.findall(HELD) if not NAMED.search(last)] == []


def test_every_test_that_is_named_exists():
    named = NAMED.findall(PAGE)

    assert len(named) > 65
    assert [f"{f}::{name}" for f, name in named if name not in names_in(f)] == []
