"""What an empty portal knows after its migrations."""

import pytest

from config import loading
from consent.models import Cookie, Keyword

pytestmark = pytest.mark.django_db


def test_a_migrated_portal_knows_its_own_cookies_and_keywords():
    loading.load_all()

    assert {"csrftoken", "sessionid"} <= set(
        Cookie.objects.values_list("name", flat=True)
    )
    assert Keyword.objects.exists()
