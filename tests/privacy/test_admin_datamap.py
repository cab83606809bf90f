"""The data map on the screen: classified by people, column by column."""

import pytest
from django.urls import reverse

from privacy.models import AuditEvent, Column
from tests.privacy.factories import ARI, PIA, SAM, column, signed_in, table

pytestmark = pytest.mark.django_db
COMPLETE = {
    "category_id": "communications",
    "source_id": "direct",
    "purposes": ["provide"],
    "treatment": {"strategy": "redact"},
}
SAID = {
    "state": "accepted",
    "category": "communications",
    "source": "direct",
    "purposes": ["provide", "compliance"],
    "ending": "redact",
    "identifier": "",
    "whose": "subject",
    "not_personal": "",
    "ground": "",
}


def url(name, *args):
    return reverse(f"admin:privacy_{name}", args=args)


def classify(row, who=PIA, **changed):
    return signed_in(who).post(url("column_change", row.pk), SAID | changed)


def test_a_person_classifies_a_column_and_it_is_on_the_trail():
    row = column(table())

    answer = classify(row)

    assert answer.status_code == 302, answer.context["errors"]
    row.refresh_from_db()
    assert (row.state, row.category_id) == ("accepted", "communications")
    assert row.purposes == ["provide", "compliance"]
    assert row.treatment == {"strategy": "redact"}
    assert AuditEvent.objects.filter(
        action="column.changed", subject=f"column:{row.pk}", by=PIA
    ).exists()


def test_a_treatment_is_given_its_settings_and_says_what_is_left():
    row = column(table())

    classify(row, ending="truncate", settings="first: 6", identifier="phone")

    row.refresh_from_db()
    assert row.treatment == {"strategy": "truncate", "first": 6}
    page = signed_in(PIA).get(url("column_change", row.pk)).text
    assert "Pseudonymised. At worst 10,000 of" in page
    assert "first: 6" in page


@pytest.mark.parametrize(
    ("ending", "said", "sentence"),
    [
        ("truncate", "", "Say how many characters"),
        ("truncate", "first: many", "must be a whole number from 0 to 1000"),
        ("truncate", "first", "must be a whole number"),
        ("truncate", "first: {", "Write settings as name: value"),
        ("redact", "decimals: 1", "has no setting called decimals"),
        ("coarsen", "decimals: 0", "keeps a decimal or more"),
    ],
)
def test_a_treatment_that_can_not_be_done_is_refused_on_the_form(
    ending, said, sentence
):
    row = column(table())

    answer = classify(row, ending=ending, settings=said)

    assert sentence in answer.text
    row.refresh_from_db()
    assert row.state == "proposed"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"category": ""}, "Give it a category"),
        ({"source": ""}, "Say where it comes from"),
        ({"purposes": []}, "Say what it is for"),
        ({"ending": ""}, "Say what happens to it"),
        ({"ending": "keep"}, "Say why the value is kept"),
        ({"not_personal": "A number"}, "be “not personal” as well"),
    ],
)
def test_an_accepted_column_owes_nothing(changed, sentence):
    row = column(table())

    answer = classify(row, **changed)

    assert sentence in answer.text.replace("&#x27;", "'")
    row.refresh_from_db()
    assert row.state == "proposed"


def test_what_is_not_personal_says_why_and_needs_nothing_else():
    row = column(table())
    nothing = {"category": "", "source": "", "purposes": [], "ending": ""}

    classify(row, **nothing, not_personal="A running number")

    row.refresh_from_db()
    assert row.state == "accepted"


def accept(rows, who=PIA):
    chosen = {"action": "accept", "_selected_action": [row.pk for row in rows]}
    return signed_in(who).post(url("column_changelist"), chosen, follow=True)


def test_complete_proposals_are_accepted_together_and_recorded_each():
    of = table()
    good = column(of, **COMPLETE)
    vague = column(of, name="extra")

    answer = accept([good, vague])

    states = dict(Column.objects.values_list("name", "state"))
    assert states == {"body": "accepted", "extra": "proposed"}
    assert "Accepted: 1." in answer.text
    assert "still open: 1." in answer.text
    event = AuditEvent.objects.get(action="column.accepted")
    assert event.by == PIA
    assert f'"columns":[{good.pk}]' in event.payload


def together(rows, who=PIA, **said):
    chosen = {"action": "classify", "_selected_action": [row.pk for row in rows]}
    return signed_in(who).post(url("column_changelist"), chosen | said, follow=True)


def test_many_columns_get_one_answer_and_what_is_left_empty_stays():
    of = table()
    rows = [column(of, name=name, **COMPLETE) for name in ("body", "extra")]

    asked = together(rows)
    done = together(rows, answered="1", category_id="voluntary", treatment="nullify")

    assert "One answer for 2 columns" in asked.text
    assert "Classified and accepted: 2." in done.text
    for row in Column.objects.all():
        assert (row.state, row.category_id) == ("accepted", "voluntary")
        assert (row.source_id, row.treatment) == ("direct", {"strategy": "nullify"})
    assert AuditEvent.objects.filter(action="column.classified").count() == 1


def test_an_answer_that_fits_one_of_them_only_changes_none():
    of = table()
    rows = [column(of, **COMPLETE), column(of, name="at", kind="DateField")]

    answer = together(rows, answered="1", category_id="voluntary")

    assert "Nothing was changed." in answer.text
    assert set(Column.objects.values_list("state", flat=True)) == {"proposed"}


def test_many_columns_are_nobodys_for_one_reason():
    rows = [column(table(), **COMPLETE)]

    together(rows, answered="1", not_personal="Texts of ours")

    row = Column.objects.get()
    assert (row.state, row.not_personal) == ("accepted", "Texts of ours")
    assert (row.category_id, row.treatment, row.purposes) == (None, {}, [])


def test_the_least_certain_stands_first_with_its_reason():
    of = table()
    column(of, name="sure", confidence=0.9, reason="9 of 9 values")
    column(of, name="vague", confidence=0.3, reason="It is called vague")

    page = signed_in(PIA).get(url("column_changelist"))

    shown = [row.name for row in page.context["cl"].result_list]
    assert shown == ["vague", "sure"]
    assert "It is called vague" in page.text
    low = signed_in(PIA).get(url("column_changelist"), {"certainty": "low"})
    assert [row.name for row in low.context["cl"].result_list] == ["vague"]
    one = signed_in(PIA).get(
        url("column_changelist"),
        {"table__store__id__exact": of.store_id, "table": of.pk},
    )
    assert len(one.context["cl"].result_list) == 2


def test_the_state_of_each_store_is_shown_even_when_one_is_down():
    column(table(), confidence=0.3)

    page = signed_in(ARI).get(url("column_state")).text

    assert "1 proposed" in page
    assert "1 doubtful" in page
    assert "does not answer" in page


def test_an_auditor_reads_and_accepts_nothing():
    row = column(table(), **COMPLETE)

    accept([row], who=ARI)

    row.refresh_from_db()
    assert row.state == "proposed"
    assert signed_in(ARI).get(url("column_change", row.pk)).status_code == 200
    assert classify(row, who=ARI).status_code == 403


def test_columns_are_filtered_by_store_and_state():
    row = column(table(), **COMPLETE)
    store = row.table.store_id

    page = signed_in(ARI).get(
        url("column_changelist"), {"table__store": store, "state": "proposed"}
    )

    assert list(page.context["cl"].result_list) == [row]


def test_a_table_shows_its_columns_and_leads_to_them():
    row = column(table())

    page = signed_in(PIA).get(url("table_change", row.table_id)).text

    assert url("column_change", row.pk) in page


def test_support_does_not_see_the_map():
    assert signed_in(SAM).get(url("table_changelist")).status_code == 403


def test_tables_and_columns_are_not_made_by_hand(admin_client):
    for name in ("table", "column"):
        assert admin_client.get(url(f"{name}_add")).status_code == 403
