"""The search for what is left: a hundred people in one reading, against one person.

They all have their mail at one provider, as most people do, and half of the texts that
hold an address name somebody else at the same one.
"""

import resource
from collections.abc import Iterator

from privacy.identifiers import Mark
from privacy.models import Store
from privacy.residue import Pass, reading
from privacy.residue.matching import Matcher
from tests.benchmarks import ground, messaging
from tests.benchmarks.ground import Result

MANY = 100
DEAREST = 3.0  # times one person's reading that a hundred people's may take
FIRST, APART = 2005, 12  # contacts with a number in its plain form


def run(rows: int, rounds: int) -> Iterator[Result]:
    """`rows` messages, and their contacts."""
    with ground.town("bench_proof") as direct:
        direct.execute(messaging.script(rows // 10))
        store = Store.objects.get(name="bench_proof")
        pairs = [
            (
                ground.timed(lambda: search(store, 1)),
                ground.timed(lambda: search(store, MANY)),
            )
            for _ in range(rounds)
        ]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    yield ground.result(
        f"proof for {MANY}, against one",
        rows,
        pairs,
        1 / DEAREST,
        remark=f"{memory} MB at most",
    )


def search(store: Store, people: int) -> None:
    """By number, address, and the last digits beside the name."""
    known = [FIRST + APART * n for n in range(people)]
    numbers = [Mark("phone", f"+1555{n:07}") for n in known]
    addresses = [Mark("email", f"ada.sample.c{n}@example.com") for n in known]
    hints = {mark.value[-4:]: {"ada", "sample"} for mark in numbers}
    seen = Pass()
    reading.read_store(store, Matcher([*numbers, *addresses], hints), seen)
    if missed := [mark for mark in numbers if mark not in seen.hits]:
        raise SystemExit(f"The search missed {len(missed)} of {people}.")
