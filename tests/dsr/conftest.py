"""The town's database as a store that the portal knows."""

import pytest

from dsr import rate
from privacy.datamap import files
from tests.privacy import messaging
from tests.privacy.conftest import connect, static_files

__all__ = ["connect", "static_files"]  # fixtures of the floor below


@pytest.fixture(autouse=True)
def no_tries_yet():
    """All tests come from one address, and share its hour."""
    rate.counters.clear()


@pytest.fixture
def town(connect, now):
    """A direct line to the connected and mapped database of the town."""
    _, direct = connect("town", messaging.SCRIPT)
    files.load(text=messaging.MAP, by="pia", now=now)
    return direct
