"""What a column's name says, by the words of the `lexicon`.

Names are split (`splitting`) and compared with the phrases of `privacy/rules/words`;
what a phrase means, and what follows from it, is in `meanings.yaml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from privacy.datamap.lexicon import SUFFIXES, Meaning, lexicon, meanings
from privacy.datamap.splitting import singular, tokens

LONGEST = 5  # words of a phrase
# A word may stand at the end of a longer one ("kundenname") when it is long enough not
# to end other words by chance ("capacity"); shorter ones that are safe are listed.
COMPOUND, SHORT_COMPOUNDS = 5, {"name", "mail", "naam", "adres"}
CONTACTS = ("email", "phone", "address", "card", "bank")
# Text in a column that is called just so is what somebody signs in with.
ALONE = {
    "user", "usr", "benutzer", "utilisateur", "usuario", "utente", "gebruiker",
    "uzytkownik", "anvandare", "bruger",
}  # fmt: skip
NUMBERED = {"num", "id"}  # no other thing than the number that a state gives
WEAK = ("name", "username", "job", "family", "place", "location")


@dataclass(frozen=True)
class Named:
    """A meaning found in a name, the words that gave it, and whose value it is."""

    meaning: Meaning
    words: str
    of_person: bool = False
    of_thing: bool = False
    is_bare: bool = False
    whole: bool = False  # nothing else is in the name


def named(name: str) -> Named | None:
    """What the name says by its longest phrase; of two equally long ones, by the
    last."""
    parts = tokens(name)
    if len(parts) == 1 and parts[0] in ALONE:
        meaning = meanings()["username"]
        return Named(meaning, parts[0], is_bare=True, whole=True)
    found = [
        (joined, start, end)
        for start, end in _spans(len(parts))
        if (joined := "".join(parts[start:end])) in lexicon().meanings
        if not (joined == "by" and start and parts[start - 1].endswith("ed"))
    ]
    if not found:
        return _compound(parts) or _plural(parts)
    joined, start, end = _chosen(found)
    return _judged(joined, parts[start:end], parts[:start] + parts[end:])


def _plural(parts: list[str]) -> Named | None:
    """`filenames`, where only the singular is known."""
    last = singular(parts[-1]) if parts else ""
    if last not in lexicon().meanings or last == parts[-1]:
        return None
    return named("_".join([*parts[:-1], last]))


def after(name: str, found: Named) -> str:
    """What the name says after the words that were found, if it ends differently: for
    `caller_id_name`, the name."""
    said = found.words.split()
    parts = tokens(name)
    for start in range(len(parts) - len(said)):
        if parts[start : start + len(said)] == said:
            return "_".join(parts[start + len(said) :])
    return ""


def _chosen(found: list[tuple[str, int, int]]) -> tuple[str, int, int]:
    """The longest phrase; but `contact_person_tel` is a number, however long the other
    words are."""
    best = max(found, key=lambda each: (len(each[0]), each[1]))
    if lexicon().meanings[best[0]] not in WEAK:
        return best
    beside = [
        each
        for each in found
        if lexicon().meanings[each[0]] not in WEAK
        and (each[2] <= best[1] or each[1] >= best[2])
    ]
    return max(beside, key=lambda each: (len(each[0]), each[1]), default=best)


def _spans(count: int) -> Iterator[tuple[int, int]]:
    for start in range(count):
        for end in range(start + 1, min(count, start + LONGEST) + 1):
            yield start, end


def _judged(joined: str, words: list[str], rest: list[str]) -> Named | None:
    """Words beside it may change its meaning, or say whose it is."""
    known = lexicon()
    if known.meanings[joined] == "government_id":
        rest = [word for word in rest if word not in NUMBERED]
    if any(word in known.turn for word in rest):
        return None
    return Named(
        meanings()[known.meanings[joined]],
        " ".join(words),
        of_person=any(word in known.people for word in rest),
        of_thing=any(word in known.things - known.people for word in rest),
        is_bare=joined in known.bare,
        whole=not rest,
    )


def _compound(parts: list[str]) -> Named | None:
    """One long word that ends, or begins, with a known one."""
    for index, part in enumerate(parts):
        if part in lexicon().turn:
            continue
        others = parts[:index] + parts[index + 1 :]
        for at in range(3, len(part) - 2):
            if _can_end(part[at:]):
                return _judged(part[at:], [part], [*others, *_links(part[:at])])
        for at in range(len(part) - 2, COMPOUND - 1, -1):
            if part[:at] in lexicon().meanings:
                return _judged(part[:at], [part], [*others, part[at:]])
    return None


def _can_end(word: str) -> bool:
    return word in lexicon().meanings and (
        len(word) >= COMPOUND or word in SHORT_COMPOUNDS
    )


def _links(prefix: str) -> list[str]:
    """German joins words with -s- or -n-."""
    return [prefix, prefix.removesuffix("s"), prefix.removesuffix("n")]


def is_about_people(table: str) -> bool:
    return _mentions(table, lexicon().people) and not _ends_with_thing(table)


def is_belonging(table: str) -> bool:
    """What people have: a pet, a vehicle, a policy."""
    return _mentions(table.rpartition(".")[2], lexicon().belongings)


def is_contact(table: str) -> bool:
    """`customer_addresses` and `PhoneNumber` are how people are reached or pay."""
    parts = tokens(table)
    for last in dict.fromkeys([singular(parts[-1]), parts[-1], parts[-1][:-2]]):
        own = [*parts[:-1], last]
        found = named("_".join(own))
        if found and found.meaning.code in CONTACTS:
            said = found.words.replace(" ", "")
            return found.of_person or "".join(own).endswith(said)
    return False


def is_of_persons(table: str) -> bool:
    """Its last word says so: `auth_user`, but not `account_move`."""
    last = [part for part in tokens(table) if part not in SUFFIXES][-1:]
    said = {word for part in last for word in (part, singular(part))}
    return bool(said & lexicon().people) and not said & {"account", "tenant"}


def is_account(table: str) -> bool:
    """It may just as well be a company's."""
    return singular(tokens(table)[-1]) == "account"


def is_about_things(table: str) -> bool:
    return _mentions(table, lexicon().things) and not is_about_people(table)


def is_actor(column: str) -> bool:
    """Somebody who acts on the row and whom it is not about: assigned_to."""
    parts = tokens(column)
    return any(
        "".join(parts[start:end]) in lexicon().actors
        for start, end in _spans(len(parts))
    )


def is_of_other(name: str) -> bool:
    """Somebody whom the person named: emergency contact, next of kin, friend."""
    parts = [singular(part) for part in tokens(name)]
    parts += [part[:at] for part in parts for at in _joints(part)]
    return any(
        "".join(parts[start:end]) in lexicon().others
        for start, end in _spans(len(parts))
    )


def _joints(part: str) -> Iterator[int]:
    """Where a known word may begin inside a long one: `notfall|tel`."""
    for at in range(COMPOUND, len(part) - 1):
        if part[at:] in lexicon().meanings:
            yield at


def is_past(column: str) -> bool:
    """`modified_user_id`, `created_by`: somebody did something to the row, no more."""
    return any(part.endswith("ed") for part in tokens(column))


def is_user(column: str) -> bool:
    """Somebody signed in, who may act for others."""
    return bool(set(tokens(column)) & lexicon().users)


def sides(column: str) -> frozenset[str]:
    """The words that say which end of a call, a message or a payment it is."""
    return frozenset(set(tokens(column)) & lexicon().sides)


def is_version(column: str) -> bool:
    """`old_value` and `new_value`: a value, past or present, of another table."""
    return bool(set(tokens(column)) & lexicon().versions)


def is_merged(column: str) -> bool:
    """`merged_into_id`, `duplicate_of`: the other row is about the same."""
    return bool({singular(part) for part in tokens(column)} & lexicon().merged)


def is_salutation(text: str) -> bool:
    """Mr., Frau Dr., Sra."""
    parts = tokens(text)
    return 0 < len(parts) < 4 and set(parts) <= lexicon().salutations


def is_thing(table: str) -> bool:
    """Its last word names a thing, and no other word a person."""
    return singular(tokens(table)[-1]) in lexicon().things and is_about_things(table)


def _ends_with_thing(table: str) -> bool:
    """`user_roles` are roles; a plural counts as its singular."""
    parts = tokens(table)
    return len(parts) > 1 and singular(parts[-1]) in lexicon().things


def _mentions(name: str, group: set[str]) -> bool:
    parts = tokens(name)
    return any(part in group or singular(part) in group for part in parts)
