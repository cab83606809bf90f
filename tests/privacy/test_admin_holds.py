"""Holds on the screen: placed for people or tables, released, never edited."""

import pytest
from django.urls import reverse

from privacy import holds
from privacy.models import AuditEvent, Hold
from tests.privacy.factories import ARI, LENA, PIA, ada, signed_in, table

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"admin:privacy_hold_{name}", args=args)


@pytest.fixture
def hold(now):
    return holds.place(
        matter="Case 12", identifiers=[ada()], tables=[], by=LENA, now=now
    )


def test_a_hold_needs_its_matter(now):
    with pytest.raises(holds.NoMatter, match="for which matter"):
        holds.place(matter=" ", identifiers=[ada()], tables=[], by=LENA, now=now)


def test_a_lawyer_places_a_hold_for_people_and_tables():
    kept = table()

    answer = signed_in(LENA).post(
        url("place"),
        {
            "matter": "Case 12",
            "people": "(202) 555-0143\n\nada@example.com\n",
            "tables": [kept.pk],
        },
    )

    hold = Hold.objects.get()
    assert answer.url == url("change", hold.pk)
    assert hold.placed_by == LENA
    assert hold.identifiers.count() == 2
    assert list(hold.tables.all()) == [kept]
    assert AuditEvent.objects.filter(action="hold.placed", by=LENA).exists()


def test_a_line_that_is_nobody_is_named_by_its_number():
    answer = signed_in(LENA).post(
        url("place"), {"matter": "Case 12", "people": "ada@example.com\nsomebody"}
    )

    assert "Line 2: That is neither" in answer.text
    assert not Hold.objects.exists()


def test_a_hold_of_nothing_is_refused_on_the_form():
    kept = table()
    answer = signed_in(LENA).post(url("place"), {"matter": "Case 12"})

    assert "Say whose data, or which table" in answer.text
    assert f"({kept.store.name})" in answer.text
    assert str(kept) not in answer.text
    assert "Case 12" in answer.text


def test_a_hold_shows_people_masked(hold):
    page = signed_in(ARI).get(url("change", hold.pk)).text

    assert "••43" in page
    assert "+12025550143" not in page


def test_a_lawyer_releases_a_hold_after_being_asked(hold):
    client = signed_in(LENA)
    asked = client.get(url("release", hold.pk))
    assert Hold.objects.get().released_at is None

    client.post(url("release", hold.pk))

    assert "sweeps and erasures can destroy" in asked.text
    assert Hold.objects.get().released_by == LENA
    assert url("release", hold.pk) not in client.get(url("change", hold.pk)).text


def listed(client):
    """The holds behind each choice of the filter."""
    return {
        choice: list(
            client.get(url("changelist"), {"open": choice}).context["cl"].result_list
        )
        for choice in ("yes", "no")
    }


def test_holds_in_force_and_released_ones_are_told_apart(hold):
    client = signed_in(LENA)
    assert listed(client) == {"yes": [hold], "no": []}

    client.post(url("release", hold.pk))

    assert listed(client) == {"yes": [], "no": [hold]}


def test_a_hold_is_released_once(hold):
    client = signed_in(LENA)
    client.post(url("release", hold.pk))

    answer = client.post(url("release", hold.pk), follow=True)

    assert "already released" in answer.text


@pytest.fixture
def restricted(now):
    def place(matter):
        kind = Hold.Kind.RESTRICTION
        facts = {"identifiers": [ada()], "tables": [], "by": LENA, "now": now}
        return holds.place(matter=matter, kind=kind, **facts)

    return place


def test_a_restriction_placed_by_hand_ends_once_the_person_was_told(restricted):
    hold, client = restricted("A letter of 2024"), signed_in(LENA)
    assert url("lift", hold.pk) in client.get(url("change", hold.pk)).text

    early = client.post(url("lift", hold.pk), {"told_on": "2999-01-01"})
    assert "once the person has been told" in early.text
    client.post(url("lift", hold.pk), {"told_on": "2026-01-02"})

    hold.refresh_from_db()
    assert hold.released_by == LENA
    said = AuditEvent.objects.get(action="hold.released").payload
    assert "2026-01-02" in said


def test_a_restriction_of_a_request_ends_on_its_request(restricted):
    hold, client = restricted("Request R-2026-000001"), signed_in(LENA)
    assert url("lift", hold.pk) not in client.get(url("change", hold.pk)).text

    answer = client.post(url("lift", hold.pk), {"told_on": "2026-01-02"})

    assert "from its request" in answer.text
    assert Hold.objects.get().released_at is None


@pytest.mark.parametrize("name", [PIA, ARI])
def test_only_lawyers_place_and_release(name, hold):
    client = signed_in(name)

    assert client.post(url("place"), {"matter": "x"}).status_code == 403
    assert client.post(url("release", hold.pk)).status_code == 403
    assert Hold.objects.get().released_at is None
