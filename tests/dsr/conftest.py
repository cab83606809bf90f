"""The town's database as a store that the portal knows."""

import pytest
from django.contrib.auth.models import Group, User

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


@pytest.fixture
def lena(client):
    """The browser of a colleague in Legal, who is signed in."""
    user = User.objects.create_user("lena", email="lena@example.com", is_staff=True)
    user.groups.set([Group.objects.get(name="Legal")])
    client.force_login(user)
    return client
