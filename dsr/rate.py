"""How often something may be tried from one place.

Counted in the cache under a keyed digest: no address is stored. If the cache is down,
people are let in, because a right must not depend on it; what guards data (codes,
links) counts its attempts in rows.
"""

import datetime as dt
import ipaddress
import logging
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from django.core.cache import cache as counters
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from privacy import caller
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


def place(request: HttpRequest) -> str:
    """The network somebody comes from, as our own proxy saw it; to count attempts by.

    An IPv6 subscriber has a whole /64 (RFC 6177), and could come from a new address
    each time.
    """
    said = caller.address(request)
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return said
    if address.version == 4:
        return said
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address.packed[:8] + bytes(8), 64)))


def refuse(what: str, who: str, *, now: dt.datetime) -> None:
    """Counts nothing. Raises `TooOften` once the limit is reached."""
    rate = rates()[what]
    try:
        tried = counters.get(_name(what, who, rate, now), 0)
    except RedisError as problem:
        log.warning("Tries are not counted: %s", type(problem).__name__)
        return
    if tried >= rate.most:
        raise TooOften


def _name(what: str, who: str, rate: Rate, now: dt.datetime) -> str:
    window = int(now.timestamp()) // (rate.minutes * 60)
    return salted_hmac("dsr.rate", f"{what}|{who}|{window}").hexdigest()


def count(what: str, who: str, *, now: dt.datetime) -> None:
    """Counts one more attempt. Raises `TooOften` above the limit in the file."""
    rate = rates()[what]
    name = _name(what, who, rate, now)
    try:
        counters.add(name, 0, timeout=rate.minutes * 60)
        tried = counters.incr(name)
    except (RedisError, ValueError) as problem:  # away, or gone between the two
        log.warning("Tries are not counted: %s", type(problem).__name__)
        return
    if tried > rate.most:
        raise TooOften
