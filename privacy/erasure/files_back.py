"""Files that a restored storage has again. Each is byte for byte what an approved
erasure or retention rule deleted, so it is deleted again under that approval; a hold on
the person keeps it, and any hold what a rule deleted."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from privacy import audit, destruction, files, storages, stores
from privacy.journal import files as journal
from privacy.journal.files import EndedFiles
from privacy.models import Identifier, Plan, Store
from privacy.plans import FINISHED, Status
from privacy.stores import StoreDown
from privacy.subjects.rows import chunks

Back = tuple[EndedFiles, str]  # and the path


def look(store: Store, path: Path | None = None) -> Iterator[Back]:
    """What is there again, and its path. A file that a row names is not meant: it is
    somebody's who uploaded the same, or goes with the row that is back, too."""
    every = journal.read(path or Path(settings.ERASURE_JOURNAL))
    under_way = _not_ended()
    mine = [e for e in every if e.store == store.name and e.plan not in under_way]
    if not mine:
        return
    storage, naming = stores.files(store), list(files.naming(store))
    try:
        there = journal.are_there(store, storage, storages.paths(storage), mine)
        for some in chunks(there):
            named = files.named(naming, [where for _, where in some])
            yield from (each for each in some if each[1] not in named)
    except (storages.StorageDown, *storages.TROUBLE):
        raise StoreDown(f"The files of {store.name} can't be read.") from None


def end_again(
    *, store: Store, path: Path | None, by: str, now: dt.datetime
) -> tuple[int, list[str]]:
    """How many were deleted, and why others were not."""
    by_plan: dict[str, list[Back]] = defaultdict(list)
    for ended, where in look(store, path):
        by_plan[ended.plan].append((ended, where))
    many, problems = 0, []
    for some in by_plan.values():
        if problem := _end_again(store, some, by, now):
            problems.append(f"{store.name}: {problem}")
        else:
            many += len(some)
    return many, problems


def _end_again(store: Store, some: list[Back], by: str, now: dt.datetime) -> str:
    """The plan may be unknown to a portal that was restored itself."""
    ended, paths = some[0][0], [path for _, path in some]
    plan = Plan.objects.filter(pk=ended.plan).first()
    plan = plan or Plan(pk=ended.plan, approved_by=ended.approved_by)
    audit.record(
        action="erasure.replayed", subject=f"plan:{plan.pk}", by=by, now=now,
        store=store.name, files=len(paths),
    )  # fmt: skip
    people = Identifier.objects.filter(digest__in=ended.digests)
    return destruction.end_files(
        plan=plan, store=store, paths=paths, people=people, now=now
    )


def _not_ended() -> set[str]:
    """Plans that are under way, stopped by a person, or put back."""
    open_ = ~Q(status__in=(*FINISHED, Status.PLANNED)) | Q(undone_at__isnull=False)
    return {str(key) for key in Plan.objects.filter(open_).values_list("pk", flat=True)}
