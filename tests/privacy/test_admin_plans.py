"""Plans on the screen: in plain words, approved by a second person, stopped."""

import json

import pytest
from django.urls import reverse

from privacy import plans, retention, tasks
from privacy.models import Certificate, Plan, Range
from tests.privacy.factories import (
    ARI,
    LENA,
    MAX,
    NOW,
    PIA,
    SAM,
    plan,
    rule,
    signed_in,
    table,
)

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"admin:privacy_plan_{name}", args=args)


@pytest.fixture
def woken(monkeypatch):
    """The plans that a worker was sent to."""
    ids = []
    monkeypatch.setattr(tasks.work, "delay", ids.append)
    return ids


def approved(**changed):
    facts = {"status": "approved", "approved_by": MAX, "approved_at": NOW}
    return plan(**(facts | changed))


def sweep(of):
    """As `retention.preview` makes it; what the store holds does not matter here."""
    summary = {
        "rule": retention.definition(of),
        "map": "m",
        "cutoff": NOW.isoformat(),
        "rows": 1200,
        "held": 7,
        "oldest": "2021-02-03T04:05:06+00:00",
        "newest": None,
        "fields": [],
    }
    return plan(kind="sweep", rule=of, title=of.title, cutoff=NOW, summary=summary)


# --- reading ----------------------------------------------------------------
def test_a_plan_says_which_rows_and_what_happens_and_why():
    said = {
        "table": "sample.message",
        "title": "Messages",
        "rows": 3,
        "action": "deidentify",
        "ground": "Rows of invoice refer to it and stay",
        "fields": [
            {"name": "body", "category": "communications", "what": "Emptied",
             "why": "It is what she wrote"},
        ],
    }  # fmt: skip
    row = plan(
        summary={"tables": [said], "withheld": 2, "exceptions": ["x is odd."]},
        approved_by="max", approved_at=NOW, status="excepted",
    )  # fmt: skip

    page = signed_in(ARI).get(url("change", row.pk)).text

    for words in ("De-identified", "3 rows", "refer to it and stay", "Emptied",
                  "It is what she wrote", "x is odd.", row.digest,
                  "Exceptions accepted by", "Complete with declared"):  # fmt: skip
        assert words in page


@pytest.mark.parametrize(("tables", "is_open"), [(3, True), (4, False)])
def test_a_plan_of_many_tables_says_first_what_happens_in_all(tables, is_open):
    said = {
        "title": "Letters", "rows": 1200, "ground": "", "paths": [],
        "fields": [{"name": "body", "what": "Emptied", "effect": "", "category": ""}],
    }  # fmt: skip
    some = [
        said | {"table": f"shop.t{n}", "action": "keep" if n == 1 else "delete"}
        for n in range(tables)
    ]
    shown = plan(summary={"tables": some})

    page = signed_in(MAX).get(url("change", shown.pk))

    assert ("<details open>" in page.text) is is_open
    assert ("Deleted: 3,600 rows; Kept: 1,200 rows." in page.text) is not is_open
    assert ('<a href="#table-1">Letters</a>' in page.text) is not is_open
    assert "<h2>Letters</h2>" in page.text
    assert '<p class="why">shop.t1</p>' in page.text  # another store may have Letters


def test_a_table_stands_once_with_all_that_happens_to_its_rows():
    said = {"ground": "", "paths": [], "fields": []}
    some = [
        said | {"table": "shop.a", "title": "", "rows": 2, "action": "delete"},
        said | {"table": "shop.b", "title": "", "rows": 0, "action": "delete"},
        said | {"table": "shop.a", "title": "", "rows": 1, "action": "keep"},
        said | {"table": "old.a", "title": "", "rows": 0, "action": "keep"},
    ]
    shown = plan(summary={"tables": some})

    page = " ".join(signed_in(MAX).get(url("change", shown.pk)).text.split())

    assert page.count("<h2>shop.a</h2>") == 1
    assert page.index("Deleted:") < page.index("Kept:")
    assert "Nothing found in:</strong> shop.b, old.a." in page
    assert "<h2>shop.b</h2>" not in page


def test_a_sweep_says_how_many_how_old_and_what_is_held():
    row = sweep(rule(table()))

    page = signed_in(PIA).get(url("change", row.pk)).text

    assert "1,200 rows" in page
    assert "Policy, Retention" in page
    assert "3 February 2021" in page
    assert "Kept by legal holds" in page


def test_a_running_plan_shows_its_progress_and_ranges():
    row = approved(status="running", started_at=NOW)
    Range.objects.create(
        plan=row, ordinal=1, table=table(), action="delete", status="done", rows=1
    )

    page = signed_in(ARI).get(url("change", row.pk)).text

    assert '<progress max="100" value="100"' in " ".join(page.split())
    assert "sample.message" in page


def test_a_finished_plan_shows_what_was_searched_and_its_certificate():
    found = {
        "searched": [{"store": "sample", "tables": 2, "columns": 9}],
        "found": [{"place": "sample.note.text", "copies": 2, "kept": 2}],
        "left": 0,
    }
    row = approved(status="done", residue=found, finished_at=NOW)
    Certificate.objects.create(
        plan=row, document='{"type":"x"}', signature="sig", key_id="k1", issued_at=NOW
    )

    page = signed_in(ARI).get(url("change", row.pk)).text

    assert "9 columns were searched" in page
    assert "sample.note.text: 2 copies, 2 kept with a ground." in page
    assert "0 copies are left without a ground." in page
    assert "&quot;type&quot;: &quot;x&quot;" in page


@pytest.mark.parametrize(("ended", "says"), [(3, False), (2, True)])
def test_a_finished_plan_says_how_many_rows_changed_in_the_end(ended, says):
    """Of a row whose text names nobody there was nothing to take out."""
    said = {"table": "shop.orders", "action": "deidentify", "ground": ""}
    planned = said | {"title": "", "rows": 3, "fields": []}
    row = approved(status="done", finished_at=NOW, summary={"tables": [planned]})
    signed = json.dumps({"tables": [said | {"ended": ended}]})
    Certificate.objects.create(
        plan=row, document=signed, signature="sig", key_id="k1", issued_at=NOW
    )

    page = " ".join(signed_in(ARI).get(url("change", row.pk)).text.split())

    assert ("3 rows. Of these, 2 changed in the end." in page) is says


def test_support_does_not_see_plans():
    assert signed_in(SAM).get(url("changelist")).status_code == 403


# --- approving --------------------------------------------------------------
def test_a_second_person_approves_and_a_worker_is_woken(
    woken, django_capture_on_commit_callbacks
):
    row = plan()
    client = signed_in(MAX)
    asked = client.get(url("approve", row.pk)).text

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url("approve", row.pk))

    assert "Messages" in asked
    row.refresh_from_db()
    assert (row.status, row.approved_by) == ("approved", MAX)
    assert woken == [str(row.pk)]


def test_approving_a_sweep_approves_its_rule_as_it_reads(woken):
    of = rule(table())

    signed_in(MAX).post(url("approve", sweep(of).pk))

    of.refresh_from_db()
    assert retention.is_approved(of)
    assert of.approved_by == MAX


def test_who_planned_is_told_so_and_refused(woken):
    row = plan()
    client = signed_in(LENA)

    asked = client.get(url("approve", row.pk)).text
    answer = client.post(url("approve", row.pk), follow=True)

    assert "You made this plan yourself" in asked
    assert "Approve it" not in asked
    assert "Somebody else must approve it" in answer.text
    row.refresh_from_db()
    assert row.status == "planned"


def test_a_broker_that_is_down_does_not_undo_an_approval(
    monkeypatch, django_capture_on_commit_callbacks
):
    def fails(key):
        raise ConnectionError

    monkeypatch.setattr(tasks.work, "delay", fails)
    row = plan()

    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(MAX).post(url("approve", row.pk))

    assert answer.status_code == 302
    assert plans.unfinished() == [row]


@pytest.mark.parametrize("name", [SAM, ARI])
@pytest.mark.parametrize("page", ["approve", "pause", "resume", "cancel"])
def test_who_may_not_approve_can_not_stop_or_start_either(name, page, woken):
    row = plan()

    assert signed_in(name).post(url(page, row.pk)).status_code == 403
    row.refresh_from_db()
    assert row.status == "planned"


# --- stopping ---------------------------------------------------------------
def test_a_plan_is_paused_and_resumed(woken, django_capture_on_commit_callbacks):
    row = approved()
    client = signed_in(PIA)

    client.post(url("pause", row.pk))
    row.refresh_from_db()
    assert row.status == Plan.Status.PAUSED

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url("resume", row.pk))
    row.refresh_from_db()
    assert row.status == Plan.Status.APPROVED
    assert woken == [str(row.pk)]


def test_a_plan_is_cancelled_after_being_asked():
    row = plan()
    client = signed_in(PIA)

    asked = client.get(url("cancel", row.pk)).text
    client.post(url("cancel", row.pk))

    assert "cannot be recovered" in asked
    row.refresh_from_db()
    assert row.status == Plan.Status.CANCELLED


def test_what_is_done_is_not_cancelled():
    row = approved(status="done")
    client = signed_in(PIA)

    answer = client.post(url("cancel", row.pk), follow=True)

    assert "can&#x27;t be cancelled any more" in answer.text
    assert url("cancel", row.pk) not in client.get(url("change", row.pk)).text


def test_only_what_makes_sense_is_offered():
    row = plan()

    page = signed_in(MAX).get(url("change", row.pk)).text

    assert url("approve", row.pk) in page
    assert url("resume", row.pk) not in page


def test_what_was_given_up_is_tried_again_from_its_page(
    woken, django_capture_on_commit_callbacks
):
    row = approved(status="incomplete", problem="x", finished_at=NOW, started_at=NOW)

    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(MAX).post(url("retry", row.pk), follow=True)

    row.refresh_from_db()
    assert "The ranges that failed are being tried again." in answer.text
    assert (row.status, woken) == ("running", [str(row.pk)])


def test_a_plan_says_what_it_waits_for():
    row = approved(status="running", started_at=NOW, waits="The store's disk is full.")

    assert (
        "The store&#x27;s disk is full."
        in signed_in(ARI).get(url("change", row.pk)).text
    )
