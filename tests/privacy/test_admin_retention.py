"""Rules on the screen: dated, cited, previewed, approved."""

import pytest
from django.urls import reverse
from django.utils import timezone

from privacy import plans, retention
from privacy.models import Plan, Rule
from tests.privacy.factories import ARI, MAX, PIA, SAM, column, rule, signed_in, table

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"admin:privacy_rule_{name}", args=args)


@pytest.fixture
def live(connect):
    """A rule on a real table, with one row that is past its period."""
    store, _ = connect(
        "live",
        "CREATE TABLE message (id int PRIMARY KEY, sent_at timestamptz);"
        "INSERT INTO message VALUES (1, '2020-01-01'), (2, now() + '9 years')",
    )
    of = store.tables.create(name="message", key=["id"], start="sent_at")
    column(of, name="id", kind="IntegerField", state="accepted")
    column(of, name="sent_at", kind="DateTimeField", state="accepted")
    return rule(of)


def test_a_preview_leads_to_the_plan_that_waits_for_approval(live):
    answer = signed_in(PIA).post(url("preview", live.pk))

    plan = Plan.objects.get()
    assert answer.url == reverse("admin:privacy_plan_change", args=[plan.pk])
    assert (plan.status, plan.planned_by, plan.summary["rows"]) == ("planned", PIA, 1)


def test_a_preview_of_what_the_map_does_not_know_is_refused_in_words(live):
    Rule.objects.update(start="gone_at")

    answer = signed_in(PIA).post(url("preview", live.pk), follow=True)

    assert "has no column gone_at" in answer.text
    assert not Plan.objects.exists()


def test_opening_the_address_of_a_preview_plans_nothing(live):
    assert signed_in(PIA).get(url("preview", live.pk)).url == url("change", live.pk)
    assert not Plan.objects.exists()


def test_all_that_wait_are_previewed_and_what_is_ticked_is_approved(live):
    """A rule that can't be previewed stops neither the others nor the page."""
    other = rule(live.table, name="other", title="Other")
    rule(live.table, name="odd", title="Odd", start="gone_at")
    mine = rule(live.table, name="mine", title="Mine")

    answer = signed_in(PIA).post(url("preview_due"), follow=True)
    retention.preview(rule=mine, by=MAX, now=timezone.now())

    assert "Odd: " in answer.text
    assert "has no column gone_at" in answer.text
    sweeps = {sweep.rule_id: sweep for sweep in Plan.objects.filter(status="planned")}
    assert set(sweeps) == {live.pk, other.pk, mine.pk}
    page = reverse("admin:privacy_plan_approve_sweeps")
    second = signed_in(MAX)
    shown = second.get(page + "?all").text
    assert shown.count("checked") == 2
    assert "Somebody else must" in shown
    ticked = [sweeps[live.pk].pk, sweeps[mine.pk].pk]
    answer = second.post(page, {"sweep": ticked}, follow=True)

    assert "Mine: You made this plan yourself" in answer.text
    assert "1 approved; workers will carry them out." in answer.text
    live_ones = Plan.objects.exclude(status="cancelled")
    status = dict(live_ones.values_list("rule_id", "status"))
    assert status[live.pk] == "approved"
    assert status[other.pk] == status[mine.pk] == "planned"
    assert retention.is_approved(Rule.objects.get(pk=live.pk))
    assert not retention.is_approved(Rule.objects.get(pk=other.pk))


def test_who_may_not_approve_can_t_open_the_page_of_all_sweeps(live):
    retention.preview(rule=live, by=MAX, now=timezone.now())

    page = reverse("admin:privacy_plan_approve_sweeps")

    assert signed_in(SAM).get(page).status_code == 403
    assert signed_in(SAM).post(page).status_code == 403
    assert Plan.objects.get().status == "planned"


def test_an_auditor_reads_rules_and_previews_none():
    kept = rule(table())
    client = signed_in(ARI)

    assert client.get(url("change", kept.pk)).status_code == 200
    assert client.post(url("preview", kept.pk)).status_code == 403


def test_a_rule_says_whether_it_is_approved_as_it_reads():
    kept = rule(table())
    client = signed_in(ARI)
    before = client.get(url("changelist")).text
    kept.approved_digest = plans.freeze(retention.definition(kept))
    kept.approved_by = "max"
    kept.save()

    after = client.get(url("changelist")).text
    Rule.objects.filter(pk=kept.pk).update(months=kept.months + 1)
    changed = client.get(url("changelist")).text

    assert "Not yet: its sweep waits for a person" in before
    assert "By max; sweeps start by themselves" in after
    assert "Changed since approval: its sweep waits for a person" in changed


def test_a_rule_below_the_legal_minimum_is_refused_in_words():
    kept = rule(table(), minimum_months=12, minimum_citation="A law")
    client = signed_in(PIA)
    said = {
        "name": "messages", "title": "x", "is_active": "on", "table": kept.table_id,
        "start": "sent_at", "months": 11, "days": 0, "action": "delete", "where": "{}",
        "columns": "", "category": "communications", "promise": "retained-no-longer",
        "citation": "x", "minimum_months": 12, "minimum_citation": "A law",
    }  # fmt: skip

    answer = client.post(url("change", kept.pk), said)

    assert "The law requires a longer period than this." in answer.text
