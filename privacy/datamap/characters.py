"""What a table is about: a person, a person through links, or a thing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from privacy.datamap import belongings, called, kinship, owning, proposals, words
from privacy.datamap.sampling import Values, paths
from privacy.datamap.schema import LiveColumn, LiveTable
from privacy.datamap.verdicts import Around, type_of
from privacy.models import Table

GIVEN_UP = (
    r"(valid|effective|active|used)?_?(to|until|thru|through)(_?(date|day|at))?$"
    r"|^(end|ended|closed|released|ported_?out|given_?up|deactivated|gueltig_?bis|bis)"
    r"(_?(date|day|at|on))?$"
)
NUMBERS = {"line", "msisdn", "medium", "number", "channel", "subscription"}
# Any of these in a table, and its rows know a person by themselves.
MARKS = {"email", "phone", "contact"}
PERSONAL = MARKS | {"name", "birth_date", "government_id", "username", "credential"}
PAYING = {"card", "bank", "card_last4"}
SAID = {"text", "message", "document"}
WHO = PERSONAL - MARKS - {"credential"}
ADDRESS = {"address", "postcode", "place"}


@dataclass
class Character:
    """`about` as the map has it; `subjects` are the tables whose rows own rows here."""

    about: str
    around: Around
    subjects: set[str] = field(default_factory=set)
    owners: list[owning.Owner] = field(default_factory=list)
    threads: list[owning.Owner] = field(default_factory=list)  # what it answers to
    # Own columns of references that only values tell: the row may be somebody else's.
    beside: list[list[str]] = field(default_factory=list)
    is_referred_to: bool = False
    is_contact: bool = False  # each row is a number or an address, and says whose
    # Own columns, target, its columns: the row there is the same person's, or may be.
    backs: list[tuple[list[str], str, list[str], bool]] = field(default_factory=list)

    def role_of(self, own: list[str], target: str) -> bool:
        """Whether a row is about the same person as the row that it refers to."""
        return (own, target) in self.owners


def of(tables: Sequence[LiveTable], samples: dict[str, Values]) -> dict[str, Character]:
    """Maps the full name of each table to its character."""
    codes = {t.full_name: _codes(t, samples[t.full_name]) for t in tables}
    contacts = _contacts(tables, codes)
    contacts |= {t.full_name for t in tables if t.attributes}
    known = {t.full_name for t in tables
             if t.described or _is_person(t, codes[t.full_name])}  # fmt: skip
    held = belongings.infer(tables, samples, known)
    had = set(pairs := belongings.pairs(held))
    groups = kinship.groups(tables, samples, known) - had
    marked = {name for name, said in codes.items() if said & MARKS}
    wholes = kinship.wholes(tables, marked - known, known)
    known -= (kinship.dependent(tables, known, wholes | had) - contacts) | groups
    people = known - contacts
    people |= kinship.selves(tables, people) - groups - contacts
    roots = (wholes - groups) | (had - people)
    served = kinship.served(tables, people)
    linked, files = owning.reached(tables, people, marked, groups, roots, served)
    referred = {target for t in tables for _, target, _ in t.references}
    made = {}
    for table in tables:
        name = table.full_name
        made[name] = Character(
            about=_about(name, known, linked, codes[name]),
            around=_around(table, codes[name], known | people, linked, groups),
            owners=owning.owners(
                table, people, linked, name in marked, files, served, pairs
            ),
            beside=table.beside,
            is_referred_to=name in referred,
            is_contact=name in contacts,
        )
    beside = _beside(codes, people | linked)
    for table in tables:
        mine = made[table.full_name]
        mine.owners = [] if table.full_name in groups else mine.owners
        mine.threads = owning.threads(table, mine.owners, people, linked)
        mine.backs = list(_backs(table, mine, people, beside, contacts, files))
        mine.backs += _belonging(table, held, people)
    return made


def _beside(codes: dict[str, set[str]], known: set[str]) -> set[str]:
    """Tables of something that is somebody's, without saying whose."""
    personal = PERSONAL | PAYING | {"address", "postcode"}
    return {name for name, said in codes.items() if said & personal} - known


def _contacts(tables: Sequence[LiveTable], codes: dict[str, set[str]]) -> set[str]:
    """Tables of addresses or numbers whose owner is named in other tables."""
    referred = {target for t in tables for _, target, _ in t.references}
    return {
        t.full_name
        for t in tables
        if words.is_contact(t.name) or _is_number(t, codes[t.full_name])
        if not codes[t.full_name] & (WHO | SAID)
        if t.references or t.full_name in referred
    }


def _is_number(table: LiveTable, codes: set[str]) -> bool:
    """A phone line or subscriber's number whose row says whose it is, and mostly since
    when: `line(msisdn, party_id, valid_from)`."""
    if not codes & MARKS:
        return False
    if not table.references and words.is_about_people(table.name):
        return False  # nothing else says whose it is
    if words.singular(words.tokens(table.name)[-1]) in NUMBERS:
        return True
    dates = {c.name for c in table.columns if type_of(c) == "date"}
    alone = [set(some) - dates for some in table.unique]
    return any(len(some) == 1 and _says_mark(*some) for some in alone)


def _says_mark(name: str) -> bool:
    found = words.named(name)
    return found is not None and found.meaning.code in MARKS


def until(table: LiveTable) -> str:
    """The column that says when a number was given up."""
    dates = [c.name for c in table.columns if type_of(c) == "date"]
    return next((name for name in dates if re.search(GIVEN_UP, name, re.I)), "")


def _backs(
    table: LiveTable,
    mine: Character,
    people: set[str],
    beside: set[str],
    contacts: set[str],
    files: set[str],
) -> Iterator[tuple[list[str], str, list[str], bool]]:
    """References from a person's row to a row of its own, and whether that is certain.
    It is if no other table refers there, if it is their number, an address (which is
    checked again before anything happens to it), or a file that belongs to their row.
    About anything else people decide."""
    is_person = table.full_name in people
    alone = [own for own in [table.key, *table.unique] if own]
    for own, target, theirs in table.references:
        if target == table.full_name:
            if is_person and (own, target) in mine.owners:
                yield own, target, theirs, True
            continue
        is_sure = (
            (is_person and own in alone)
            or (table.full_name in contacts and mine.role_of(own, target))
            or (target in beside & contacts and (is_person or bool(mine.owners)))
            or (target in files and (is_person or bool(mine.owners))
                and owning.is_holding(table, own) and not mine.role_of(own, target))
        )  # fmt: skip
        if is_sure or (target in beside | files and is_person):
            yield own, target, theirs, is_sure


def _belonging(
    table: LiveTable, held: Sequence[belongings.Held], people: set[str]
) -> Iterator[tuple[list[str], str, list[str], bool]]:
    """From a pair to the thing that its person has."""
    for own, target, theirs in table.references:
        for each in held:
            is_this = each.pair == table.full_name and list(each.own) == own
            if is_this and target not in people:
                yield own, target, theirs, each.is_sure


def _codes(table: LiveTable, values: Values) -> set[str]:
    """First guess at the meanings of the columns and of the paths in their JSON."""
    around = Around(
        table.name,
        prefix=called.prefix(table),
        of_people=words.is_about_people(table.name),
        has_address=True,
    )
    found = set()
    for column in table.columns:
        if column.name not in table.tied:
            said = proposals.propose(column, values.get(column.name, []), around)
            is_list = "element" in column.options and not around.of_people
            is_known = said.confidence > 0.4 and not is_list  # who comes is in the list
            found.add(said.code if is_known else "")
        if column.kind == "JSONField":
            for path, texts in paths(values.get(column.name, [])).items():
                inner = LiveColumn(path[-1], "JSONPath", {"null": True})
                found.add(proposals.propose(inner, texts, around).code)
    return found


def _is_person(table: LiveTable, codes: set[str]) -> bool:
    """The table identifies people by itself, and is not a record that belongs to a
    person's row."""
    if words.is_contact(table.name) and codes & SAID:
        return False  # `emails` with their subjects are mails, and nobody's addresses
    if words.is_about_people(table.name):
        is_firm = words.is_account(table.name) and not codes & (PERSONAL - {"phone"})
        return bool(codes & PERSONAL) and not is_firm
    if "job" in codes and not codes & WHO:
        return False  # a company with a telephone
    return bool(codes & MARKS) and not words.is_about_things(table.name)


def _about(name: str, people: set[str], linked: set[str], codes: set[str]) -> str:
    if name in people:
        return Table.About.PERSON
    if codes & PERSONAL or (name in linked and codes - {""}):
        return Table.About.LINKED
    return Table.About.CONTEXT


def _around(
    table: LiveTable,
    codes: set[str],
    people: set[str],
    linked: set[str],
    groups: set[str],
) -> Around:
    name = table.full_name
    return Around(
        table.name,
        prefix=called.prefix(table),
        is_person=name in people,
        of_people=name not in groups
        and (
            name in people | linked
            or words.is_about_people(table.name)
            or bool(codes & MARKS and codes & WHO)
        ),
        of_things=name in groups or words.is_about_things(table.name),
        has_address=len(codes & (ADDRESS | {"latitude"})) > 1 or "postcode" in codes,
        knows_people=bool(codes & PERSONAL),
    )
