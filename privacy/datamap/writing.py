"""Writes proposals as rows of the map: one for each column, and for each personal path
of its JSON."""

from collections.abc import Sequence
from dataclasses import replace

from privacy.datamap import endings, inside, proposals, sides, spelled, words
from privacy.datamap.histories import PAST
from privacy.datamap.lexicon import meanings
from privacy.datamap.sampling import EACH, Path, Values
from privacy.datamap.schema import LiveColumn, LiveTable
from privacy.datamap.verdicts import Around, Proposal, is_, not_, type_of
from privacy.models import Column, Table

# What redaction can take out of a document's text; other things go with the whole.
REDACTED = {"email", "phone", "card"}
TEXTS = ("CharField", "TextField")
IN_TEXT = {"null": True, "of_text": True}  # of a path in a document kept as text
SURE = 0.6  # that it is nobody's
DECIDE = 0.3  # confidence of what a person must look at
# Beside what a list holds, these say that they are the same person's.
MORE = {
    "other", "alt", "alternate", "alternative", "additional", "secondary", "extra",
    "all", "old", "previous", "former", "past", "known", "more", "own", "home", "work",
    "list", "number", "value",
}  # fmt: skip
UNMEANT = (
    "It refers to rows of the table named in {words} beside it, and there is no such "
    "table: link it by hand, or those rows are not found"
)


def columns(
    table: Table,
    real: LiveTable,
    around: Around,
    values: Values,
    *,
    is_owned: bool = False,
) -> None:
    """Writes a proposal for every column that the map does not have."""
    known = {column.name: column for column in table.columns.filter(path=[])}
    made: list[Column] = []
    for position, live in enumerate(real.columns):
        texts = values.get(live.name, [])
        if live.name in known:
            made += _new_paths(known[live.name], texts, around)
        else:
            said = proposals.propose(live, texts, _role(real, live, around))
            said = _unless_unmeant(real, live, said)
            said = _unless_version(real, live, said)
            column = _column(table, real, live, position, said)
            made += [column, *_paths(column, texts, around)]
    _spell_out(made, values)
    sides.tell_apart(made, values, is_owned=is_owned)
    Column.objects.bulk_create(made)


def _unless_unmeant(real: LiveTable, live: LiveColumn, said: Proposal) -> Proposal:
    """A word in the row says whose it is, and nobody could interpret it."""
    if said.meaning is not None or live.name not in real.unmeant:
        return said
    return not_(UNMEANT.format(words=", ".join(real.unmeant[live.name])), DECIDE)


def _unless_version(real: LiveTable, live: LiveColumn, said: Proposal) -> Proposal:
    """Beside a word that names a table, old and new values can be any of its
    columns."""
    versions = [c.name for c in real.columns if words.is_version(c.name)]
    is_past = bool(real.words) or not PAST.isdisjoint(words.tokens(real.name))
    is_kept = live.name in versions and len(versions) > 1 and is_past
    if said.meaning is not None or not is_kept or type_of(live) not in ("text", "json"):
        return said
    return is_("text", 0.7, "It keeps old or new values of other tables")


def _spell_out(made: Sequence[Column], values: Values) -> None:
    """A value that spells out a name is as personal as the name."""
    names = [c.name for c in made if c.identifier == "name" and not c.path]
    for column in made if names else ():
        if column.is_personal or column.path or column.kind not in TEXTS:
            continue
        if column.options.get("labels") or column.options.get("tied"):
            continue
        if many := spelled.out(values, column.name, names):
            column.not_personal = ""
            reason = f"It spells out the name beside it in {many} rows that were read"
            _say(column, is_("username", 0.7, reason))
            column.identifier = ""  # it is no name, and nobody is called so


def _role(real: LiveTable, live: LiveColumn, around: Around) -> Around:
    for own, target, theirs in real.references:
        if live.name in own and live.name in real.tied:
            role = f"Refers to {target}.{', '.join(theirs)}"
            other = ", to another row of its own table"
            return replace(around, role=role + other * (target == real.full_name))
    if live.name in real.key:
        return replace(around, role="Tells the rows of the table apart")
    return around


def _column(
    table: Table, real: LiveTable, live: LiveColumn, position: int, said: Proposal
) -> Column:
    column = Column(
        table=table,
        name=live.name,
        position=position,
        kind=live.kind,
        options=real.facts(live),
        state=Column.State.PROPOSED,
    )
    keys = {*real.key, *real.tied}
    _say(column, said, is_key=live.name in keys)
    return column


def _is_of_other(column: Column) -> bool:
    """In a table of guardians or friends who are people themselves, the values are
    their own."""
    names, table = [column.full_name], column.table
    if table.about != Table.About.PERSON:
        names.append(table.name)
    return any(map(words.is_of_other, names))


def _is_several(column: Column) -> bool:
    return "element" in column.options or EACH in column.path


def _are_own(column: Column, code: str) -> bool:
    """`phones` and `other_emails` are the person's own. `contacts`, `invited_emails` or
    `copies[].email` may be anybody's, and identify nobody until somebody says so."""
    is_list = not column.path or column.path[0] == EACH
    steps = [column.name, *column.path] if is_list else column.path
    parts = [words.singular(p) for step in steps for p in words.tokens(step)]
    rest = [part for part in parts if part not in MORE]
    found = words.named("_".join(rest))
    return found is not None and found.whole and found.meaning.code == code


def _say(column: Column, said: Proposal, *, is_key: bool = False) -> None:
    """What a friend or next of kin is called is removed with the row, and identifies
    nobody."""
    column.not_personal = said.not_personal
    column.confidence, column.reason = said.confidence, said.reason
    if said.meaning is None:
        return
    column.category_id = said.meaning.category
    column.source_id = said.meaning.source
    column.purposes = list(said.meaning.purposes)
    if not _is_several(column) or _are_own(column, said.meaning.code):
        column.identifier = said.meaning.identifier
    if column.identifier == "file" and column.kind == "BinaryField":
        column.identifier = ""  # no name of a file, but the file itself
    if _is_of_other(column):
        column.whose = Column.Whose.OTHER
    column.free_text = said.is_free_text
    column.treatment, column.ground = endings.ending(
        column, said.meaning, is_key=is_key
    )
    if column.ground in (endings.NO_WAY, endings.SEALED):
        column.confidence = min(column.confidence, DECIDE)


# --- JSON ---------------------------------------------------------------------


def _paths(whole: Column, texts: Sequence[str], around: Around) -> list[Column]:
    """Paths that hold something personal, and what that means for the document."""
    if not inside.is_document(whole, texts):
        return []
    said = inside.judged(texts, around)
    personal = {path: p for path, p in said.items() if p.meaning is not None}
    if personal or whole.is_personal:
        sure = SURE if around.is_person else 0  # all else in a person's row goes
        facts = [list(path) for path in said
                 if path not in personal and said[path].confidence >= sure]  # fmt: skip
        whole.options = {**whole.options, "facts": facts}
    inside.remember(whole, said)
    if personal:
        _whole(whole, personal, len(said))
    elif said and not whole.is_personal:
        whole.reason = f"{whole.reason}; {len(said)} paths were read"
    return [_path(whole, p, s) for p, s in personal.items() if inside.has_name(p)]


def _new_paths(whole: Column, texts: Sequence[str], around: Around) -> list[Column]:
    """Of a document that the map has already: personal paths that it has not."""
    if not inside.is_document(whole, texts):
        return []
    fresh = inside.unknown(whole, whole.table.columns.all(), texts, around)
    inside.remember(whole, inside.judged(texts, around))
    whole.save(update_fields=["options"])
    return [_path(whole, p, s) for p, s in fresh.items() if inside.has_name(p)]


def _whole(column: Column, personal: dict[Path, Proposal], count: int) -> None:
    """The document is treated too: not every path can be named, and the next row may
    hold something that no sampled row did."""
    listed = [f"{'.'.join(p)} ({s.meaning.says})" for p, s in personal.items()
              if s.meaning]  # fmt: skip
    more = f" and {len(listed) - 6} more" if len(listed) > 6 else ""
    reason = f"Of {count} paths, these are personal: {'; '.join(listed[:6])}{more}"
    document = meanings()["document"]
    hidden = {s.code for p, s in personal.items() if not inside.has_name(p)} - REDACTED
    if hidden:
        document = replace(document, endings=("nullify", "constant"))
    _say(column, Proposal(document, "", 0.85, reason))


def _path(whole: Column, path: Path, said: Proposal) -> Column:
    column = Column(
        table=whole.table,
        name=whole.name,
        path=list(path),
        position=whole.position,
        kind="JSONPath",
        options={"null": True} if whole.kind == "JSONField" else IN_TEXT,
        state=Column.State.PROPOSED,
    )
    _say(column, said)
    return column
