"""File storages: the name of every file, and the text in it (`contents`)."""

from collections import Counter

from django.core.files.storage import Storage

from privacy import storages, stores
from privacy.models import Store
from privacy.residue import contents
from privacy.residue.matching import Matcher
from privacy.residue.reading import Hit, Pass

PIECE = storages.PIECE


def read(matcher: Matcher, seen: Pass) -> None:
    for store in Store.objects.filter(kind=Store.Kind.FILES):
        counts: Counter[str] = Counter()
        unread: Counter[str] = Counter()
        try:
            storage = stores.files(store)
            for path in storages.paths(storage):
                counts["files"] += 1
                before = unread.total()
                _read_file(store, storage, path, matcher, seen, counts, unread)
                counts["names_only"] += unread.total() > before
        except Exception as error:  # each storage has errors of its own
            why = f"it could not be read ({type(error).__name__})"
            seen.miss(store.name, why)
            seen.down.append(store.name)
        found = {"store": store.name, **counts}
        seen.searched.append(found | ({"not_read": dict(unread)} if unread else {}))


def _read_file(
    store: Store,
    storage: Storage,
    path: str,
    matcher: Matcher,
    seen: Pass,
    counts: Counter[str],
    unread: Counter[str],
) -> None:
    """Of sound, pictures and the like only the name can be read."""
    seen.look(matcher, path, Hit(store.name, "file names", (path,)))
    where = Hit(store.name, "contents of files", (path,))
    with storage.open(path) as file:
        for text in contents.texts(file, unread):
            counts["bytes"] += len(text)
            seen.look(matcher, text, where, by_line=True)
