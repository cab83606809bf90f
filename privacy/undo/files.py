"""Files that a plan deletes, sealed beside its rows, so that both can be restored.

A recording of a few minutes is a few megabytes; files larger than `LARGEST` are not
kept, and the undo says how many there were.
"""

from django.core.files.storage import Storage

from privacy import storages, stores
from privacy.models import Plan, Store, Undo, UndoFile
from privacy.undo.keys import seal, unseal

LARGEST = 50_000_000  # bytes


def keep_file(*, plan: Plan, store: Store, storage: Storage, path: str) -> None:
    """Call before it is deleted. Only once: for a file that is gone, the copy stays as
    it is."""
    kept = Undo.objects.filter(plan=plan, ended_at=None).first()
    if kept is None:
        return
    content = storages.content(storage, path, most=LARGEST)
    if content is None:
        return
    is_whole = len(content) <= LARGEST
    UndoFile.objects.create(
        undo=kept,
        store=store,
        is_whole=is_whole,
        content=seal(kept, path.encode() + b"\0" + (content if is_whole else b"")),
    )


def put_back(kept: Undo) -> tuple[int, int]:
    """How many files were restored, and how many had been too large to be kept."""
    whole = 0
    for pk in kept.files.filter(is_whole=True).values_list("pk", flat=True):
        copy = UndoFile.objects.select_related("undo", "store").get(pk=pk)
        path, _, content = unseal(copy).partition(b"\0")
        storages.restore(stores.files(copy.store), path.decode(), content)
        whole += 1
    return whole, kept.files.filter(is_whole=False).count()
