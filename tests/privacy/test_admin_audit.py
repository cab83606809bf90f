"""The trail on the screen: searched by what is indexed, verified by a button."""

import pytest
from django.db import connection
from django.urls import reverse

from privacy import audit, leases, tasks, verification
from privacy.models import AuditEvent, TrailVerification
from tests.privacy.factories import ARI, LENA, SAM, signed_in

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"admin:privacy_auditevent_{name}", args=args)


@pytest.fixture
def row(now):
    return audit.record(
        action="hold.placed", subject="hold:1", by=LENA, now=now, tables=["a.b"]
    )


@pytest.mark.parametrize("searched", ["hold:1", "hold.placed", " hold:1 "])
def test_a_row_is_found_by_its_whole_subject_or_action(row, searched):
    found = signed_in(ARI).get(url("changelist"), {"q": searched})

    assert list(found.context["cl"].result_list) == [row]


def test_a_part_of_a_subject_finds_nothing(row):
    found = signed_in(ARI).get(url("changelist"), {"q": "hold"})

    assert not found.context["cl"].result_list


def test_the_list_says_in_words_what_happened(now):
    key = "8f4a3cf3-ca19-48b9-b0d5-43c38637001e"
    audit.record(action="plan.taken_up", subject=f"plan:{key}", by=LENA, now=now)

    page = signed_in(ARI).get(url("changelist")).text

    assert "Plan taken up" in page
    assert "plan 8f4a3cf3…" in page
    assert key not in page


def test_a_row_shows_its_details(row):
    assert "a.b" in signed_in(ARI).get(url("change", row.pk)).text


def verified(client):
    """Ask for it, as the button does; the worker; the page that is led to."""
    asked = client.post(url("verify"))
    tasks.verify_trail()
    return client.get(asked.url).text


def planted(row):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE privacy_auditevent DISABLE TRIGGER append_only")
        cursor.execute(
            "UPDATE privacy_auditevent SET by = 'max' WHERE sequence = %s", [row.pk]
        )


def test_who_asks_waits_for_no_reading(row):
    client = signed_in(ARI)

    page = client.post(url("verify"), follow=True).text

    assert "Being read" in page
    assert TrailVerification.objects.get().rows == 0


def test_a_whole_trail_says_so_and_for_whom(row):
    client = signed_in(ARI)

    assert "Whole" in verified(client)

    found = TrailVerification.objects.get()
    assert (found.asked_by, found.rows) == (ARI, AuditEvent.objects.count() - 1)
    listed = client.get(url("found"), follow=True).text
    assert "Whole" in listed
    assert ARI in listed
    actions = AuditEvent.objects.filter(action__startswith="verification.")
    assert set(actions.values_list("action", "by")) == {
        ("verification.asked", ARI),
        ("verification.whole", "worker"),
    }


def test_a_broken_trail_says_where(row):
    planted(row)

    client = signed_in(ARI)

    assert f"Row {row.pk} says one thing" in verified(client)
    assert f"Row {row.pk} says one thing" in client.get(url("found"), follow=True).text


def test_one_reading_at_a_time(row):
    client = signed_in(ARI)
    client.post(url("verify"))

    assert (
        "A worker is already verifying" in client.post(url("verify"), follow=True).text
    )
    assert TrailVerification.objects.count() == 1


def test_a_reading_that_was_killed_goes_on_where_it_was(row, now, monkeypatch):
    for number in range(2, 9):
        audit.record(
            action="hold.placed", subject=f"hold:{number}", by=LENA, now=now, tables=[]
        )
    verification.ask(by=ARI, now=now)
    monkeypatch.setattr(verification, "AT_ONCE", 3)
    whole, read = audit.verify_after, []

    def killed(count, last, most):
        read.append(count)
        if len(read) == 3:
            raise KeyboardInterrupt
        return whole(count, last, most)

    monkeypatch.setattr(audit, "verify_after", killed)
    with pytest.raises(KeyboardInterrupt):
        verification.run(clock=lambda: now)
    assert verification.run(clock=lambda: now) == 0
    assert verification.run(clock=lambda: now + 2 * leases.LEASE) == 1

    assert read == [0, 3, 6, 6, 9]
    assert TrailVerification.objects.get().state == "whole"


def test_support_neither_reads_nor_verifies(row):
    client = signed_in(SAM)

    assert client.get(url("changelist")).status_code == 403
    assert client.post(url("verify")).status_code == 403
    assert (
        client.get(reverse("admin:privacy_trailverification_changelist")).status_code
        == 403
    )
