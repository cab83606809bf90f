"""What stands inside documents: the paths of JSON, and which of them the map knows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from privacy import documents
from privacy.datamap import proposals, sampling
from privacy.datamap.sampling import ANY, EACH, Path
from privacy.datamap.schema import LiveColumn
from privacy.datamap.verdicts import MOST, Around, Proposal
from privacy.models import Column

TEXTS = ("CharField", "TextField")
SEEN = "seen"  # the option with the paths that discovery read and need no column


def is_document(column: Column, texts: Sequence[str]) -> bool:
    """JSON, or a text column whose values are documents."""
    if column.kind == "JSONField":
        return True
    if column.kind not in TEXTS or column.options.get("labels"):
        return False
    written = sum(documents.read(text) is not None for text in texts)
    return written > MOST * len(texts)


def judged(texts: Sequence[str], around: Around) -> dict[Path, Proposal]:
    """What each path holds. Beside an address or a number stands its person."""
    found = sampling.paths(list(texts))
    said = {path: _said(path, inside, around) for path, inside in found.items()}
    who = {path[:-1] for path, p in said.items() if p.code in ("email", "phone")}
    for path in [p for p in found if len(p) > 1 and p[:-1] in who]:
        near = replace(around, is_person=True, of_people=True)
        said[path] = _said(path, found[path], near)
    return said


def unknown(
    whole: Column, columns: Iterable[Column], texts: Sequence[str], around: Around
) -> dict[Path, Proposal]:
    """Personal paths for which the map of this document has no word."""
    inner = [tuple(c.path) for c in columns if c.name == whole.name and c.path]
    known = {*_kept(whole, "facts"), *_kept(whole, SEEN)}
    return {
        path: said
        for path, said in judged(texts, around).items()
        if said.meaning is not None and path not in known
        if not any(path[: len(each)] == each for each in inner)
        if has_name(path) or not whole.is_personal
    }


def remember(whole: Column, said: Mapping[Path, Proposal]) -> None:
    """What was read and has no column of its own is not new the next time."""
    paths = [p for p, s in said.items() if s.meaning is None or not has_name(p)]
    seen = _kept(whole, SEEN) | set(paths)
    whole.options = {**whole.options, SEEN: sorted(map(list, seen))}


def has_name(path: Path) -> bool:
    """The map can name the path: no key is a value, and none contains a dot."""
    return bool(path) and not any(step == ANY or "." in step for step in path)


def _kept(whole: Column, option: str) -> set[Path]:
    return {tuple(path) for path in whole.options.get(option, ())}


def _said(path: Path, texts: Sequence[str], around: Around) -> Proposal:
    """The last step names the value; `contact.name` also says whose name it is."""
    steps = [step for step in path if step not in (EACH, ANY)]
    if not steps:
        return proposals.propose(_leaf("element"), texts, around)
    own = proposals.propose(_leaf(steps[-1]), texts, around)
    if own.meaning is not None or len(steps) < 2:
        return own
    longer = proposals.propose(_leaf("_".join(steps[-2:])), texts, around)
    return longer if longer.meaning is not None else own


def _leaf(name: str) -> LiveColumn:
    return LiveColumn(name, "JSONPath", {"null": True})
