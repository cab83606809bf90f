"""Links on the form of a table: added, refused in a sentence, proposals accepted."""

import pytest

from privacy.datamap import Map
from privacy.models import Link, Store
from tests.privacy import factories
from tests.privacy.factories import ARI, PIA, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def note():
    note = factories.table(name="note", start="")
    for name in ("about_type", "about_id"):
        factories.column(note, name=name)
    return note


def posted(table, target, link=None, **said):
    words = {
        "columns": "about_id", "target_columns": "about_id", "role": "subject",
        "when": '{"about_type": "contact"}', "state": "accepted", "target": target.pk,
    }  # fmt: skip
    fields = {f"links-0-{name}": value for name, value in (words | said).items()}
    if link:
        fields["links-0-id"] = link.pk
    return {
        "title": "Notes", "about": "linked", "erasure": "delete", "k": "5",
        "links-TOTAL_FORMS": 1, "links-INITIAL_FORMS": int(link is not None),
        "columns-TOTAL_FORMS": 0, "columns-INITIAL_FORMS": 0, **fields,
    }  # fmt: skip


def save(table, **said):
    path = f"/admin/privacy/table/{table.pk}/change/"
    return signed_in(PIA).post(path, posted(table, table, **said), follow=True)


def test_a_link_that_counts_for_some_rows_is_added_on_the_form(note):
    page = save(note)

    link = Link.objects.get()
    assert (link.columns, link.when) == (["about_id"], {"about_type": "contact"})
    assert "was changed successfully" in page.content.decode()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"columns": "nothing"}, "It has no column nothing."),
        ({"target_columns": "nothing"}, "has no column nothing."),
        ({"when": '{"nothing": 1}'}, "It has no column nothing."),
        ({"columns": "about_id,about_type"}, "as many columns on one side"),
    ],
)
def test_a_link_that_can_not_be_is_refused_in_a_sentence(note, said, sentence):
    page = save(note, **said)

    assert sentence in page.content.decode()
    assert not Link.objects.exists()


def test_a_proposed_link_counts_once_staff_accept_it(note):
    link = Link.objects.create(
        table=note, columns=["about_id"], target=note, target_columns=["about_id"],
        state="proposed", reason="The values overlap.",
    )  # fmt: skip
    assert Map(Store.objects.get()).links == []

    save(note, link=link)

    assert [each.pk for each in Map(Store.objects.get()).links] == [link.pk]


def test_who_may_only_look_can_not_change_links(note):
    path = f"/admin/privacy/table/{note.pk}/change/"
    assert signed_in(ARI).post(path, posted(note, note)).status_code == 403
