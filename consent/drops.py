"""Files that others put into a folder: carriers' block lists, imported by schedule."""

import datetime as dt
import logging
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from consent import blocklists, transfer
from consent.carriers import CARRIERS
from consent.models import Event
from consent.transfer import importing
from privacy.refusals import Refusal

log = logging.getLogger(__name__)


def sweep(*, clock: Callable[[], dt.datetime]) -> int:
    """Imports each new file in `BLOCK_LISTS`/<carrier>/; returns how many.

    An imported file is moved to `done`, one that is refused to `refused`.
    """
    if not settings.BLOCK_LISTS:
        return 0
    taken = 0
    for carrier in CARRIERS:
        for path in sorted(Path(settings.BLOCK_LISTS, carrier).glob("*.*")):
            if path.is_file() and not path.name.endswith(".results.csv"):
                taken += _swept(carrier, path, clock)
    return taken


def _swept(carrier: str, path: Path, clock: Callable[[], dt.datetime]) -> bool:
    try:
        blocklists.take(
            carrier=carrier,
            path=path,
            results=path.with_name(f"{path.name}.results.csv"),
            options=transfer.Options(kind=Event.Kind.OPT_OUT),
            by="platform",
            clock=clock,
        )
    except importing.UnderWay:
        return False
    except Refusal as refusal:
        log.warning("A block list of %s was refused: %s", carrier, refusal)
        _moved(path, "refused")
        return False
    _moved(path, "done")
    return True


def _moved(path: Path, folder: str) -> None:
    place = path.parent / folder
    place.mkdir(exist_ok=True)
    path.replace(place / path.name)
