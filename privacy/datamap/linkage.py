"""References as links of the map: they say whose a table's rows are."""

from collections.abc import Mapping, Sequence

from privacy.datamap import words
from privacy.datamap.characters import Character
from privacy.datamap.references import Inferred
from privacy.datamap.schema import LiveTable
from privacy.models import Link, Table

SHARED = "Rows of {table} refer to it; look whether several people share a row"
MEANT = "The word beside it names {table}, and the values that were read stand there"
SAME = (
    "Rows of {table} refer to it and are about the same person; what others share stays"
)


def write(
    tables: Mapping[str, Table],
    reals: Sequence[LiveTable],
    guesses: Sequence[Inferred],
    found: Mapping[str, Character],
) -> None:
    declared(tables, reals, found)
    guessed(tables, guesses, found)
    meant(tables, reals, found)
    shared(tables, reals, found)


def declared(
    tables: Mapping[str, Table],
    reals: Sequence[LiveTable],
    found: Mapping[str, Character],
) -> None:
    """Foreign keys, and references that values prove. Roles given by staff stay."""
    for real in reals:
        for own, target, theirs in real.references:
            if target in tables:
                mine = found[real.full_name]
                Link.objects.get_or_create(
                    table=tables[real.full_name],
                    columns=own,
                    target=tables[target],
                    target_columns=theirs,
                    when={},
                    defaults={
                        "role": _role(mine, own, target, found[target]),
                        "is_constraint": True,
                    },
                )


def meant(
    tables: Mapping[str, Table],
    reals: Sequence[LiveTable],
    found: Mapping[str, Character],
) -> None:
    """References to one table or another depending on the row."""
    for real in reals:
        for own, target, theirs, when in real.meant:
            mine = found[real.full_name]
            Link.objects.get_or_create(
                table=tables[real.full_name],
                columns=own,
                target=tables[target],
                target_columns=theirs,
                when=when,
                defaults={
                    "role": _role(mine, own, target, found[target]),
                    "reason": MEANT.format(table=target),
                },
            )


def guessed(
    tables: Mapping[str, Table],
    guesses: Sequence[Inferred],
    found: Mapping[str, Character],
) -> None:
    """References that no constraint declares, each with the reason; uncertain ones
    wait."""
    for guess in guesses:
        name, target = guess.table.full_name, guess.target.full_name
        place = {
            "table": tables[name],
            "columns": guess.own,
            "target": tables[target],
        }
        if guess.is_sure:
            Link.objects.filter(**place, reason="", is_constraint=True).update(
                reason=guess.reason, is_constraint=False
            )
            continue
        may_own = _may_own(found[name], found[target])
        if not Link.objects.filter(**place, when={}).exists():
            Link.objects.create(
                **place,
                target_columns=guess.theirs,
                role=Link.Role.SUBJECT if may_own else Link.Role.CONTEXT,
                state=Link.State.PROPOSED,
                reason=guess.reason,
            )


def _may_own(mine: Character, target: Character) -> bool:
    if mine.about == Table.About.PERSON:
        return False
    if target.about == Table.About.PERSON:
        return True
    return target.around.of_people and not mine.owners


def shared(
    tables: Mapping[str, Table],
    reals: Sequence[LiveTable],
    found: Mapping[str, Character],
) -> None:
    """A person's row may refer to a row of its own, such as an address, and another
    person's row may refer to the same one. Where that is uncertain, people decide."""
    for real in reals:
        for own, target, theirs, is_sure in found[real.full_name].backs:
            Link.objects.get_or_create(
                table=tables[target],
                columns=theirs,
                target=tables[real.full_name],
                target_columns=own,
                when={},
                defaults={
                    "role": Link.Role.SUBJECT,
                    "state": Link.State.ACCEPTED if is_sure else Link.State.PROPOSED,
                    "reason": (SAME if is_sure else SHARED).format(
                        table=real.full_name
                    ),
                },
            )


def _role(mine: Character, own: list[str], target: str, theirs: Character) -> str:
    """Anyone else whom a row names is a person who had to do with it."""
    if mine.role_of(own, target):
        return Link.Role.SUBJECT
    if (own, target) in mine.threads or own in mine.beside:
        return Link.Role.PARTY
    is_person = theirs.around.is_person and not theirs.is_contact
    return Link.Role.ACTOR if is_person else Link.Role.CONTEXT


def has_other_owner(table: Table, own: str) -> bool:
    """Whether it is known without that column whose the rows are. Then the column names
    somebody who acts on them, or another thing."""
    marks = table.columns.filter(identifier__in=("email", "phone", "contact")).exists()
    owners = table.links.filter(role=Link.Role.SUBJECT).exclude(columns=[own])
    return words.is_actor(own) and (marks or owners.exists())
