"""The cookie register: what our pages may set, and what they set without being allowed
to."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import yaml
from django.conf import settings

from consent.models import Cookie, StrayCookie

FILE = Path(__file__).resolve().parents[1] / "rules" / "cookies.yaml"


def load() -> int:
    """Adds cookies of the file that are not rows yet; returns how many."""
    before = Cookie.objects.count()
    rows = [Cookie(**said) for said in yaml.safe_load(FILE.read_text())]
    Cookie.objects.bulk_create(rows, ignore_conflicts=True)
    return Cookie.objects.count() - before


def saw(*, names: Iterable[str], route: str, now: dt.datetime) -> None:
    """A page set these; those that are not in the register are recorded."""
    known = set(Cookie.objects.values_list("name", flat=True))
    names = {name.removesuffix(settings.COOKIE_MARK) for name in names}
    StrayCookie.objects.bulk_create(
        [
            StrayCookie(name=name[:80], route=route[:200], seen_at=now)
            for name in sorted(names - known)
        ],
        ignore_conflicts=True,
    )


def strays() -> list[StrayCookie]:
    """Those that are still not in the register."""
    known = Cookie.objects.values("name")
    return list(StrayCookie.objects.exclude(name__in=known).order_by("name", "route"))
