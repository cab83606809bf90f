"""Codes that spell out the name beside them: `BRANDTHEIK`, `MND-10417-BRANDT`, a file
named after somebody."""

import re
from collections.abc import Mapping

from privacy.datamap.lexicon import plain
from privacy.datamap.sampling import Sample, Values

MOST = 0.5  # of the rows in which both stand
FEWEST = 3  # such codes
SHORTEST = 4  # letters of a word
WORD = re.compile(r"[^\W\d_]+")


def out(values: Values, column: str, names: list[str]) -> int:
    """In how many rows the column contains a word of a name; 0 if that may be
    coincidence."""
    if not isinstance(values, Sample):
        return 0
    rows = [line for line in values.lines if column in line]
    said = [(line[column], _words(line, names)) for line in rows]
    asked = [(plain(text), words) for text, words in said if words]
    spelt = [text for text, words in asked if any(word in text for word in words)]
    is_various = len(set(spelt)) >= FEWEST  # a word of a list is no code of anybody
    return len(spelt) if is_various and len(spelt) >= MOST * len(asked) else 0


def _words(line: Mapping[str, str], names: list[str]) -> set[str]:
    texts = [line[name] for name in names if name in line]
    said = {plain(word) for text in texts for word in WORD.findall(text)}
    return {word for word in said if len(word) >= SHORTEST}
