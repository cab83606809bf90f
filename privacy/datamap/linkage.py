"""References as links of the map: whose rows the rows of a table are."""

from collections.abc import Mapping, Sequence

from privacy.datamap import words
from privacy.datamap.characters import Character
from privacy.datamap.references import Inferred
from privacy.datamap.schema import LiveTable
from privacy.models import Link, Table

SHARED = "Rows of {table} refer to it; look whether several people share a row"


def declared(
    tables: Mapping[str, Table],
    reals: Sequence[LiveTable],
    found: Mapping[str, Character],
) -> None:
    """Foreign keys, and references that values prove. Roles that staff gave stay."""
    for real in reals:
        for own, target, theirs in real.references:
            if target in tables:
                is_subject = found[real.full_name].role_of(own, target)
                Link.objects.get_or_create(
                    table=tables[real.full_name],
                    columns=own,
                    target=tables[target],
                    when={},
                    defaults={
                        "target_columns": theirs,
                        "role": _role(is_subject),
                        "is_constraint": True,
                    },
                )


def guessed(
    tables: Mapping[str, Table],
    guesses: Sequence[Inferred],
    found: Mapping[str, Character],
) -> None:
    """What no constraint declares says why it is believed; what is not sure waits."""
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
        is_subject = _may_own(found[name], found[target])
        Link.objects.get_or_create(
            **place,
            when={},
            defaults={
                "target_columns": guess.theirs,
                "role": _role(is_subject),
                "state": Link.State.PROPOSED,
                "reason": guess.reason,
            },
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
    """A person's row may refer to a row of its own, such as an address; but another
    person's row may refer to the same one. People decide."""
    for real in reals:
        if found[real.full_name].about != Table.About.PERSON:
            continue
        for own, target, theirs in real.references:
            if target in tables and found[target].is_beside_people:
                Link.objects.get_or_create(
                    table=tables[target],
                    columns=theirs,
                    target=tables[real.full_name],
                    when={},
                    defaults={
                        "target_columns": own,
                        "role": Link.Role.SUBJECT,
                        "state": Link.State.PROPOSED,
                        "reason": SHARED.format(table=real.full_name),
                    },
                )


def _role(is_subject: bool) -> str:
    return Link.Role.SUBJECT if is_subject else Link.Role.CONTEXT


def has_other_owner(table: Table, own: str) -> bool:
    """Is it known whose the rows are without that column? Then it names somebody who
    acts on them, or another thing."""
    marks = table.columns.filter(identifier__in=("email", "phone")).exists()
    owners = table.links.filter(role=Link.Role.SUBJECT).exclude(columns=[own])
    return words.is_actor(own) and (marks or owners.exists())
