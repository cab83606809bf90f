"""File storages: the name of every file, and its contents if they are text."""

import codecs
from collections import Counter

from django.core.files.storage import Storage

from privacy import storages, stores
from privacy.models import Store
from privacy.residue.matching import Matcher
from privacy.residue.reading import Hit, Pass

UTF_8 = codecs.getincrementaldecoder("utf-8")
PIECE = storages.PIECE
OVERLAP = 400  # characters read twice, so that nothing is cut in two


def read(matcher: Matcher, seen: Pass) -> None:
    for store in Store.objects.filter(kind=Store.Kind.FILES):
        counts: Counter[str] = Counter()
        try:
            storage = stores.files(store)
            for path in storages.paths(storage):
                counts["files"] += 1
                read, is_text = _read_file(store, storage, path, matcher, seen)
                counts["bytes"] += read
                counts["names_only"] += not is_text
        except Exception as error:  # each storage has errors of its own
            why = f"it could not be read ({type(error).__name__})"
            seen.miss(store.name, why)
            seen.down.append(store.name)
        seen.searched.append({"store": store.name, **counts})


def _read_file(
    store: Store, storage: Storage, path: str, matcher: Matcher, seen: Pass
) -> tuple[int, bool]:
    """How many bytes were read; False where only the name could be: sound, pictures,
    binary documents."""
    for mark in matcher.seen(path):
        seen.hits[mark].add(Hit(store.name, "file names", (path,)))
    count, before, decoder = 0, "", UTF_8(errors="replace")
    with storage.open(path) as file:
        while piece := file.read(PIECE):
            if not count and b"\0" in piece[:8192]:
                return len(piece), False
            count += len(piece)
            text = before + decoder.decode(piece)  # a letter may be cut in two
            if matcher.may_hold(text):
                for mark in matcher.seen(text):
                    seen.hits[mark].add(Hit(store.name, "contents of files", (path,)))
            before = text[-OVERLAP:]
    return count, True
