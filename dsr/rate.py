"""How often a thing may be tried from one place.

Counted in the cache under a keyed digest: no address of anybody is kept. A cache that
is down lets people in, because a right must not hang on it; what guards data (codes,
links) counts its attempts in rows.
"""

import datetime as dt
import logging
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from django.core.cache import cache as counters
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from privacy.refusals import Refusal

log = logging.getLogger(__name__)
FILE = Path(__file__).resolve().parent / "rules" / "rates.yaml"


class TooOften(Refusal):
    """That was tried too often from here; wait an hour and try again."""


class Rate(NamedTuple):
    most: int
    minutes: int


@cache
def rates() -> dict[str, Rate]:
    read = yaml.safe_load(FILE.read_text())
    return {said["what"]: Rate(said["most"], said["minutes"]) for said in read}


def count(what: str, who: str, *, now: dt.datetime) -> None:
    """One more try. Raises `TooOften` past what the file allows."""
    rate = rates()[what]
    seconds = rate.minutes * 60
    window = int(now.timestamp()) // seconds
    name = salted_hmac("dsr.rate", f"{what}|{who}|{window}").hexdigest()
    try:
        counters.add(name, 0, timeout=seconds)
        tried = counters.incr(name)
    except (RedisError, ValueError) as problem:  # away, or gone between the two
        log.warning("Tries are not counted: %s", type(problem).__name__)
        return
    if tried > rate.most:
        raise TooOften
