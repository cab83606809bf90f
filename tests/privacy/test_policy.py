"""The published policy as rows."""

import datetime as dt
import hashlib

import pytest
from django.db import IntegrityError, transaction

from config import loading
from privacy import policy
from privacy.models import Category, PolicyVersion, Promise, Purpose, Source

pytestmark = pytest.mark.django_db


def test_a_migrated_portal_knows_the_words_of_the_policy():
    assert list(Category.objects.values_list("code", flat=True)) == [
        "profile_contact",
        "communications",
        "payment",
        "device_technical",
        "web_analytics",
        "professional",
        "geolocation",
        "voluntary",
    ]
    assert list(Source.objects.values_list("code", flat=True)) == [
        "direct",
        "automatic",
        "providers",
        "third_party",
    ]
    assert Purpose.objects.count() == 6
    assert not Purpose.objects.filter(lawful_basis="").exists()


def test_every_promise_says_what_keeps_it_and_what_would_break_it():
    assert Promise.objects.count() == 31
    for field in ("section", "sentence", "control", "violation"):
        assert not Promise.objects.filter(**{field: ""}).exists()


def test_the_published_text_is_kept_with_its_digest():
    version = PolicyVersion.objects.get(effective_date=dt.date(2025, 7, 30))

    assert version.text.startswith("Revision Date: July 30, 2025")
    assert version.digest == hashlib.sha256(version.text.encode()).hexdigest()


def test_loading_again_changes_nothing():
    before = [list(model.objects.values()) for model in (Category, Promise, Purpose)]

    loading.load_all()

    after = [list(model.objects.values()) for model in (Category, Promise, Purpose)]
    assert after == before


def test_a_correction_in_the_file_reaches_its_row():
    Category.objects.filter(code="payment").update(title="Pay")

    policy.load()

    assert Category.objects.get(code="payment").title == "Payment"


def test_a_published_version_is_not_rewritten():
    PolicyVersion.objects.update(text="As it was published.")

    policy.load()

    assert PolicyVersion.objects.get().text == "As it was published."


def test_the_database_keeps_one_version_of_a_day():
    with pytest.raises(IntegrityError, match="effective_date"), transaction.atomic():
        PolicyVersion.objects.create(effective_date=dt.date(2025, 7, 30), text="Other")
