"""Generated webs of tables: composite keys, self references, circles, references by a
type column. Who is reached is followed here by hand, one row after the other."""

from dataclasses import dataclass
from typing import Any

import yaml
from hypothesis import strategies as st

from tests.privacy.schemas import ENDINGS, NATIONAL, PEOPLE, PHONES

TEXT = {"category": "voluntary", "source": "direct", "purposes": ["provide"]}
KEY = {"not_personal": "A key"}


@dataclass
class Line:
    """A row: whose it says it is, by which way, what it hangs on, whom it mentions."""

    person: int | None
    by_type: bool
    up: int | None
    says: int | None


@dataclass
class Part:
    name: str
    target: str  # what `up` refers to: any table, also itself
    ending: str
    lines: list[Line]


@dataclass
class Web:
    parts: list[Part]
    person: int

    @property
    def script(self) -> str:
        said = [
            "DROP SCHEMA public CASCADE; CREATE SCHEMA public;",
            "CREATE TABLE person (id int PRIMARY KEY, phone text);",
            *(f"INSERT INTO person VALUES ({n}, '{p}');" for n, p in enumerate(PHONES)),
        ]
        for part in self.parts:
            said.append(
                f"CREATE TABLE {part.name} (a int, b text,"
                " person int REFERENCES person, up_a int, up_b text,"
                " kind text, ref text, body text,"
                " PRIMARY KEY (a, b));"
            )
            said += [
                f"INSERT INTO {part.name} VALUES ({_row(n, line)});"
                for n, line in enumerate(part.lines)
            ]
        said += [
            f"ALTER TABLE {part.name} ADD FOREIGN KEY (up_a, up_b)"
            f" REFERENCES {part.target};"
            for part in self.parts
        ]
        return "\n".join(said)

    @property
    def map(self) -> str:
        phone = {**TEXT, "identifier": "phone", "treatment": "pseudonym"}
        tables: dict[str, Any] = {
            "person": {
                "about": "person",
                "erasure": "deidentify",
                "columns": {"id": KEY, "phone": phone},
            }
        }
        for part in self.parts:
            keys = dict.fromkeys(
                ("a", "b", "person", "up_a", "up_b", "kind", "ref"), KEY
            )
            body = {**TEXT, "free_text": True, "treatment": "redact"}
            tables[part.name] = {
                "about": "linked",
                "erasure": part.ending,
                "ground": "Kept by law" if part.ending == "keep" else "",
                "links": _links(part),
                "columns": {**keys, "body": body},
            }
        return yaml.safe_dump({"store": "world", "tables": tables}, sort_keys=False)

    def own(self) -> set[tuple[str, Any]]:
        """Every row that is the person's: it says so, or names nobody and hangs on one
        that is."""
        found: set[tuple[str, Any]] = {("person", self.person)}
        while True:
            more = {
                (part.name, n)
                for part in self.parts
                for n, line in enumerate(part.lines)
                if line.person == self.person
                or (line.person is None and (part.target, line.up) in found)
            }
            if more <= found:
                return found
            found |= more

    def of_others(self) -> set[tuple[str, Any]]:
        """Other people's rows that hang on one of the person's, or speak of them."""
        own = self.own()
        return {
            (part.name, n)
            for part in self.parts
            for n, line in enumerate(part.lines)
            if line.says == self.person or (part.target, line.up) in own
        } - own

    def speaks_of(self, place: tuple[str, Any]) -> bool:
        lines = {part.name: part.lines for part in self.parts}
        return lines[place[0]][place[1]].says == self.person


def _links(part: Part) -> list[dict[str, Any]]:
    return [
        {"column": "person", "to": "person.id", "role": "subject"},
        {"column": "up_a,up_b", "to": f"{part.target}.a,b", "role": "subject"},
        {"column": "ref", "to": "person.id", "role": "subject",
         "when": {"kind": "person"}},
    ]  # fmt: skip


def _row(number: int, line: Line) -> str:
    """One who is not named by type still has a number there, of some other kind."""
    declared = "NULL" if line.person is None or line.by_type else line.person
    is_typed = line.by_type and line.person is not None
    kind, ref = ("person", line.person) if is_typed else ("shop", number % PEOPLE)
    up = "NULL, NULL" if line.up is None else f"{line.up}, 'k{line.up}'"
    body = "NULL" if line.says is None else f"'call {NATIONAL[line.says]}'"
    return f"{number}, 'k{number}', {declared}, {up}, '{kind}', '{ref}', {body}"


@st.composite
def webs(draw: Any) -> Web:
    names = [f"t{n}" for n in range(draw(st.integers(1, 4)))]
    sizes = {name: draw(st.integers(1, 5)) for name in names}
    parts = []
    for name in names:
        target = draw(st.sampled_from(names))
        line = st.builds(
            Line,
            st.none() | st.integers(0, PEOPLE - 1),
            st.booleans(),
            st.none() | st.integers(0, sizes[target] - 1),
            st.none() | st.integers(0, PEOPLE - 1),
        )
        lines = draw(st.lists(line, min_size=sizes[name], max_size=sizes[name]))
        parts.append(Part(name, target, draw(st.sampled_from(ENDINGS)), lines))
    return Web(parts, draw(st.integers(0, PEOPLE - 1)))
