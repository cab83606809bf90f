"""The search for what is left: a hundred people in one reading, against one person."""

import resource
from collections.abc import Iterator

from privacy.identifiers import Mark
from privacy.models import Store
from privacy.residue import Pass, reading
from privacy.residue.matching import Matcher
from tests.benchmarks import ground, sweeps
from tests.benchmarks.ground import Result

MANY = 100
DEAREST = 3.0  # times one person's reading that a hundred people's may take


def run(rows: int, rounds: int) -> Iterator[Result]:
    with ground.town("bench_proof") as direct:
        direct.execute(sweeps.MESSAGES.format(rows=rows).replace("%%", "%"))
        store = Store.objects.get(name="bench_proof")
        pairs = [
            (
                ground.timed(lambda: search(store, rows, 1)),
                ground.timed(lambda: search(store, rows, MANY)),
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


def search(store: Store, rows: int, people: int) -> None:
    """Each person has a number that some message went to, and an address."""
    numbers = [n * (rows // people) + 1 for n in range(people)]
    marks = [Mark("phone", f"+1555{n:07}") for n in numbers]
    marks += [Mark("email", f"ada{n}@example.com") for n in numbers]
    seen = Pass()
    reading.read_store(store, Matcher(marks, {"0143": {"ada"}}), seen)
    found = {hit.column for hits in seen.hits.values() for hit in hits}
    if found != {"to_number"} or len(seen.hits) != people:
        raise SystemExit(f"The search missed somebody: {len(seen.hits)} of {people}.")
