"""The published policy as rows."""

import datetime as dt
import hashlib

import pytest
from django.db import IntegrityError, transaction

from config import loading
from privacy import policy, promises
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


def test_every_promise_is_watched_and_nothing_else_is():
    codes = set(Promise.objects.values_list("code", flat=True))

    assert set(promises.CHECKS) == codes


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


# --- the board ------------------------------------------------------------------
def look(now):
    return promises.CHECKS["notice-public"](now=now)


def test_every_record_quotes_the_policy_in_force(now):
    found = look(now)

    assert (found.state, found.evidence[0].count) == ("kept", 31)
    assert found.summary == "Every record quotes the policy of 30 July 2025."


def publish(text, day):
    return PolicyVersion.objects.create(
        effective_date=day, text=text, digest=policy.digest(text)
    )


def test_a_new_version_that_drops_a_sentence_is_found_on_its_first_day(now):
    text = PolicyVersion.objects.get().text
    cut = text.replace("We do not discriminate for exercising rights.", "")
    publish(cut, now.date() + dt.timedelta(days=1))

    assert look(now).state == "kept"
    tomorrow = look(now + dt.timedelta(days=1))
    assert tomorrow.state == "broken"
    assert [each.sentence for each in tomorrow.evidence] == [
        "The promise “No discrimination for exercising rights.” quotes words that "
        "are not in the policy"
    ]


@pytest.mark.parametrize("quote", ["", "Health data, too."])
def test_a_record_that_quotes_nothing_is_found(now, quote):
    Category.objects.create(code="health", title="Health", quote=quote, order=9)

    (found,) = look(now).evidence
    assert found.sentence.startswith("The category “Health” quotes words")


def test_a_text_that_was_changed_after_it_was_published_is_found(now):
    PolicyVersion.objects.update(text=PolicyVersion.objects.get().text + " Or not.")

    (found,) = look(now).evidence
    assert "is not the one that was published" in found.sentence


def test_without_a_policy_in_force_nothing_is_promised(now):
    PolicyVersion.objects.update(effective_date=now.date() + dt.timedelta(days=1))

    assert look(now).state == "broken"


def test_the_database_keeps_one_version_of_a_day():
    with pytest.raises(IntegrityError, match="effective_date"), transaction.atomic():
        PolicyVersion.objects.create(effective_date=dt.date(2025, 7, 30), text="Other")
