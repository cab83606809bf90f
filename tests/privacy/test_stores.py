"""How an address becomes a connection."""

import pytest
from django.conf import settings as ours

from privacy import stores


def test_a_store_beside_the_portal_is_as_encrypted_as_the_portal(monkeypatch):
    own = ours.DATABASES["default"]
    monkeypatch.setitem(own, "OPTIONS", {"sslmode": "verify-full", "pool": True})

    made = stores.configuration(f"{stores.OWN_SERVER}://platform")

    assert made["OPTIONS"]["sslmode"] == "verify-full"
    assert "pool" not in made["OPTIONS"]
    assert made["NAME"] == "platform"


@pytest.mark.parametrize("address", ["", "nonsense", "postgres://", "gopher://x/y"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(stores.BadAddress):
        stores.configuration(address)
