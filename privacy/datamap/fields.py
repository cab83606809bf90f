"""One field of a Fides dataset, as a column of the map or a path in its JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privacy import changes, strategies
from privacy.datamap import endings
from privacy.datamap.lexicon import Meaning, meanings
from privacy.datamap.maps import Map
from privacy.models import Column, Table
from privacy.strategies import Unsupported

SAYS = 0.9  # confidence in what people wrote
CERTAIN = 0.85  # contents that a word of the file does not outweigh
OF_THE_SYSTEM = "Fides' dataset says that it is about the system"
Vocabulary = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Field:
    """Its name, step by step; `meta` is its fides_meta."""

    path: tuple[str, ...]
    categories: list[str]
    meta: dict[str, Any]
    has_fields: bool

    @property
    def full_name(self) -> str:
        return ".".join(self.path)


def apply(one: Field, table: Table, mapped: Map, known: Vocabulary) -> list[str]:
    """Writes what the field says; returns what could not be taken over, in words."""
    column, problem = _column(one, table, mapped)
    if column is None:
        return [problem] if problem else []
    if column.state == Column.State.ACCEPTED:
        return ["it was classified here already, and that stays"]
    left = _categories(one, column, known)
    left += _identity(one, column, known)
    left += _masking(one, column, known)
    left += _meta(one, column, table)
    if column.not_personal or column.category_id:
        column.save()
    return left


def _column(one: Field, table: Table, mapped: Map) -> tuple[Column | None, str]:
    name, *path = one.path
    whole = _called(mapped.columns(table), name)
    if whole is None:
        return None, "the table has no such column"
    if not path:
        return whole, ""
    if whole.kind != "JSONField":
        return None, f"{name} is not JSON here, so it has no fields inside"
    if "[]" in str(one.meta.get("data_type", "")):
        return None, "an array can't be mapped by itself; it goes with the document"
    if any("." in step or not step for step in path):
        return None, "its name can't be distinguished from a path"
    found = whole.table.columns.filter(name=whole.name, path=path).first()
    return found or Column(
        table=table,
        name=whole.name,
        path=path,
        position=whole.position,
        kind="JSONPath",
        options={"null": True},
        state=Column.State.PROPOSED,
    ), ""


def _called(columns: list[Column], name: str) -> Column | None:
    """The column of that name, whatever the case of its letters."""
    wholes = [c for c in columns if not c.path]
    names = {c.options.get("column", c.name): c for c in wholes}
    alike = {real.lower(): c for real, c in names.items()}
    return names.get(name) or alike.get(name.lower())


# --- categories ---------------------------------------------------------------


def meaning_of(category: str, known: Vocabulary) -> Meaning | None:
    """The meaning of the longest part of the category that is known; None where that is
    too wide, or unknown."""
    steps = category.split(".")
    for end in range(len(steps), 0, -1):
        code = known["categories"].get(".".join(steps[:end]))
        if code is not None:
            return meanings()[code] if code else None
    return None


def _categories(one: Field, column: Column, known: Vocabulary) -> list[str]:
    personal = [c for c in one.categories if not c.startswith("system")]
    if not one.categories:
        return []
    if not personal:
        return _of_the_system(column)
    found = [(c, m) for c in personal if (m := meaning_of(c, known))]
    if not found:
        return _too_wide(personal, column, known)
    category, meaning = found[0]
    _say(column, meaning, f"Fides' dataset says {category}")
    return [
        f"{other} was left out; it is taken as {category}"
        for other in personal
        if other != category
    ]


def _of_the_system(column: Column) -> list[str]:
    if column.is_personal and column.confidence >= CERTAIN:
        return [f"Fides calls it {OF_THE_SYSTEM[-6:]}, but: {column.reason}"]
    for name in ("category", "source"):
        setattr(column, name, None)
    column.purposes, column.treatment = [], {}
    column.identifier, column.ground, column.free_text = "", "", False
    column.not_personal = column.reason = OF_THE_SYSTEM
    column.confidence = SAYS
    return []


def _too_wide(categories: list[str], column: Column, known: Vocabulary) -> list[str]:
    """`user` or `user.contact` says that it is personal, but not what it is."""
    unknown = [c for c in categories if c.split(".")[0] != "user"]
    if unknown:
        return [f"the category {c} is not known here" for c in unknown]
    said = f"Fides' dataset says {', '.join(categories)}, which is wide"
    if column.is_personal:
        column.reason = f"{said}. {column.reason}"
        column.confidence = max(column.confidence, 0.7)
        return []
    if "user.unique_id" in categories and column.not_personal:
        column.reason = f"{said}. {column.reason}"
        return []
    _say(column, meanings()["text"], said)
    column.confidence, column.free_text = 0.5, False
    return [f"{', '.join(categories)} does not say what it is; look at it"]


def _say(column: Column, meaning: Meaning, reason: str) -> None:
    column.not_personal = ""
    column.category_id, column.source_id = meaning.category, meaning.source
    column.purposes, column.identifier = list(meaning.purposes), meaning.identifier
    column.free_text = meaning.code in ("text", "message", "document")
    column.confidence, column.reason = SAYS, reason
    is_key = column.name in column.table.key and not column.path
    column.treatment, column.ground = endings.ending(column, meaning, is_key=is_key)


# --- the rest -----------------------------------------------------------------


def _identity(one: Field, column: Column, known: Vocabulary) -> list[str]:
    said = one.meta.get("identity")
    if not said:
        return []
    code = known["identities"].get(str(said))
    if code is None:
        column.identifier = str(said)[:16]
        return [
            f"people are not looked up by {said} here unless it is asked for by name"
        ]
    if column.identifier != code:
        _say(column, meanings()[code], f"Fides' dataset looks people up by it ({said})")
    return []


def _masking(one: Field, column: Column, known: Vocabulary) -> list[str]:
    said = one.meta.get("masking_strategy_override")
    if not isinstance(said, dict) or not said.get("strategy"):
        return []
    name = known["masking"].get(str(said["strategy"]))
    if name is None or not column.is_personal:
        return [f"the masking {said['strategy']} has no equivalent here"]
    if name == "nullify" and not column.nullable:
        return [f"the masking {said['strategy']} can't be done: it must have a value"]
    wish: dict[str, Any] = {"strategy": name}
    settings = said.get("configuration") or {}
    if name == "constant" and isinstance(settings, dict):
        wish["value"] = settings.get("rewrite_value", "")
    try:
        strategies.check(changes.place_of(column), wish)
    except Unsupported as problem:
        return [f"the masking {said['strategy']} can't be done: {problem}"]
    column.treatment = wish
    column.ground = "Fides' dataset preserves it" if name == "keep" else ""
    kept = "format_preservation" in settings if isinstance(settings, dict) else False
    return ["the format of what replaces it is chosen here"] if kept else []


def _meta(one: Field, column: Column, table: Table) -> list[str]:
    meta, left = one.meta, []
    if meta.get("primary_key") and not one.path[1:] and column.name not in table.key:
        left.append("it is not the primary key of the live table")
    room = column.options.get("max_length")
    if meta.get("length") and room and int(meta["length"]) < room:
        left.append(f"the length {meta['length']} is shorter than the column's {room}")
    if meta.get("return_all_elements"):
        left.append("all elements of a document are always given")
    if meta.get("read_only") and column.is_personal:
        column.treatment = {"strategy": "keep"}
        column.ground = "Fides' dataset says that it can only be read"
    if meta.get("custom_request_field"):
        left.append(f"the question {meta['custom_request_field']} is not asked here")
    return left
