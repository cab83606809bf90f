"""The trail on the screen: searched by what is indexed, verified by a button."""

import pytest
from django.db import connection
from django.urls import reverse

from privacy import audit
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


def test_a_whole_trail_says_so(row):
    answer = signed_in(ARI).post(url("verify"), follow=True)

    assert "The trail is whole" in answer.text


def test_a_broken_trail_says_where(row, now):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE privacy_auditevent DISABLE TRIGGER append_only")
        cursor.execute(
            "UPDATE privacy_auditevent SET by = 'max' WHERE sequence = %s", [row.pk]
        )

    answer = signed_in(ARI).post(url("verify"), follow=True)

    assert f"Row {row.pk} says one thing" in answer.text


def test_support_neither_reads_nor_verifies(row):
    client = signed_in(SAM)

    assert client.get(url("changelist")).status_code == 403
    assert client.post(url("verify")).status_code == 403
