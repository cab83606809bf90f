"""Generated schemas, data and maps: what Hypothesis tries the engine on."""

from dataclasses import dataclass, field
from typing import Any

import yaml
from hypothesis import strategies as st

PEOPLE = 5
PHONES = [f"+1202555010{n}" for n in range(PEOPLE)]
NATIONAL = [f"(202) 555-010{n}" for n in range(PEOPLE)]
ENDINGS = ("delete", "deidentify", "keep")
OLD, NEW = "2020-05-01T00:00:00Z", "2026-11-01T00:00:00Z"


@dataclass
class Child:
    """A table whose rows refer to the person, or to another child."""

    name: str
    parent: str
    required: bool
    ending: str
    rows: list[tuple[int | None, int | None, bool]] = field(default_factory=list)
    """For each row: index of its parent, index of the person it mentions, is it old."""


@dataclass
class World:
    children: list[Child]
    person: int
    held: int | None

    @property
    def script(self) -> str:
        parts = [
            "DROP SCHEMA public CASCADE; CREATE SCHEMA public;",
            "CREATE TABLE person (id int PRIMARY KEY, phone text, name text);",
            *(
                f"INSERT INTO person VALUES ({n}, '{phone}', 'Person {n}');"
                for n, phone in enumerate(PHONES)
            ),
        ]
        for child in self.children:
            null = "NOT NULL" if child.required else ""
            parts.append(
                f"CREATE TABLE {child.name} (id int PRIMARY KEY,"
                f" up int {null} REFERENCES {child.parent}, body text,"
                " at timestamptz NOT NULL);"
            )
            parts += [
                f"INSERT INTO {child.name} VALUES ({n}, {_sql(up)},"
                f" '{_body(said)}', '{OLD if old else NEW}');"
                for n, (up, said, old) in enumerate(child.rows)
            ]
        return "\n".join(parts)

    @property
    def map(self) -> str:
        text = {"category": "voluntary", "source": "direct", "purposes": ["provide"]}
        tables: dict[str, Any] = {
            "person": {
                "about": "person",
                "erasure": "deidentify",
                "columns": {
                    "id": {"not_personal": "A key"},
                    "phone": {**text, "identifier": "phone", "treatment": "pseudonym"},
                    "name": {**text, "identifier": "name", "treatment": "nullify"},
                },
            }
        }
        for child in self.children:
            tables[child.name] = {
                "about": "linked",
                "start": "at",
                "erasure": child.ending,
                "ground": "Kept by law" if child.ending == "keep" else "",
                "links": [
                    {"column": "up", "to": f"{child.parent}.id", "role": "subject"}
                ],
                "columns": {
                    "id": {"not_personal": "A key"},
                    "up": {"not_personal": "A key"},
                    "body": {**text, "free_text": True, "treatment": "redact"},
                    "at": {"not_personal": "A date"},
                },
            }
        return yaml.safe_dump({"store": "world", "tables": tables}, sort_keys=False)

    def owner(self, child: Child, row: int) -> int | None:
        """Whose row it is: followed by hand, one reference after the other."""
        up = child.rows[row][0]
        if up is None or child.parent == "person":
            return up
        above = next(each for each in self.children if each.name == child.parent)
        return self.owner(above, up)

    def rows_of(self, person: int) -> set[tuple[str, int]]:
        own = {("person", person)}
        for child in self.children:
            own |= {
                (child.name, n)
                for n in range(len(child.rows))
                if self.owner(child, n) == person
            }
        return own

    def more_rows(self) -> list[str]:
        """Statements that add a row of the person, or one that mentions them."""
        mine = self.rows_of(self.person)
        some = [(c, n, None) for c in self.children for t, n in mine if t == c.parent]
        some += [(c, None, self.person) for c in self.children if not c.required]
        return [
            f"INSERT INTO {child.name} VALUES (900, {_sql(up)}, '{_body(said)}',"
            f" '{NEW}')"
            for child, up, said in some
        ]


def _sql(value: int | None) -> str:
    return "NULL" if value is None else str(value)


def _body(said: int | None) -> str:
    return "hello" if said is None else f"call {NATIONAL[said]} please"


@st.composite
def worlds(draw: Any) -> World:
    children: list[Child] = []
    for number in range(draw(st.integers(1, 4))):
        parent = draw(st.sampled_from(["person", *(c.name for c in children)]))
        above = next((c for c in children if c.name == parent), None)
        many = PEOPLE if above is None else len(above.rows)
        required = draw(st.booleans()) and many > 0
        parents = st.integers(0, many - 1) if many else st.none()
        refers = parents if required else st.none() | parents
        row = st.tuples(refers, st.none() | st.integers(0, PEOPLE - 1), st.booleans())
        rows = draw(st.lists(row, max_size=8))
        ending = draw(st.sampled_from(ENDINGS))
        children.append(Child(f"t{number}", parent, required, ending, rows))
    held = draw(st.none() | st.integers(0, PEOPLE - 1))
    return World(children, draw(st.integers(0, PEOPLE - 1)), held)
