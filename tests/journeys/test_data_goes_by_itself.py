"""From a rule to an empty table: previewed, approved by another, swept, or held."""

import re

import pytest

from privacy.models import Plan, Rule
from privacy.sample.cast import DORA
from tests.journeys.conftest import command, eventually, ring

pytestmark = pytest.mark.django_db(transaction=True)
PLANS = "/admin/privacy/plan/"
OLD = """
UPDATE sms_events SET sent_at = sent_at - interval '3 years'
WHERE lead_id = (SELECT id FROM leads WHERE first_name = 'Dora' AND phone = %s)
"""
PAST = "SELECT count(*) FROM sms_events WHERE sent_at < now() - interval '24 months'"
DORAS = PAST + f" AND (sms_events::text LIKE '%{DORA.phone}%' OR lead_id IN"
DORAS += " (SELECT id FROM leads WHERE first_name = 'Dora'))"


@pytest.fixture
def held(sample, sign_in):
    """Dora's old texts, which a court wants to see."""
    sample.execute(OLD, [DORA.phone])
    lena = sign_in("lena.legal")
    lena.get("/admin/privacy/hold/place/")
    said = lena.submit(
        "/admin/privacy/hold/place/", matter="2026-CV-17", people=DORA.phone
    )
    assert "The hold is in force." in said.page
    return counted(sample, DORAS)


def counted(direct, query):
    return direct.execute(query).fetchone()[0]


def previewed(pia, rule):
    """The path of the plan that the rule's preview became."""
    answer = pia.submit(f"/admin/privacy/rule/{rule.pk}/preview/")
    assert answer.path.startswith(PLANS), answer.page
    return answer.path.removesuffix("change/"), answer.page


def line(visitor, promise):
    """What the board says of one promise."""
    page = visitor.get("/admin/").body.decode()
    found = re.search(rf'<article class="promise (\w+)" id="{promise}"', page)
    return found and found[1]


def test_texts_past_their_date_go_and_those_on_hold_stay(
    sample, held, two_workers, sign_in
):
    past, all_of_them = counted(sample, PAST), "SELECT count(*) FROM sms_events"
    young = counted(sample, all_of_them) - past
    assert past > held > 0
    pia, max_ = sign_in("pia.engineer"), sign_in("max.legal")
    rule = Rule.objects.get(name="sms")

    plan, page = previewed(pia, rule)

    assert f"{past - held} rows" in page
    assert f"Kept by legal holds {held}" in page
    assert counted(sample, PAST) == past
    assert "Somebody else must approve it" in pia.submit(plan + "approve/").page
    assert "a worker will carry it out" in max_.submit(plan + "approve/").page
    assert eventually(
        lambda: (
            "Status Complete with declared exceptions" in pia.get(plan + "change/").page
        )
    )
    assert counted(sample, PAST) == counted(sample, DORAS) == held
    assert counted(sample, all_of_them) == young + held

    # From now on by itself: nobody looks, the clock rings.
    sample.execute(
        "UPDATE sms_events SET sent_at = sent_at - interval '30 months' WHERE id IN"
        " (SELECT id FROM sms_events WHERE sent_at > now() - interval '5 months'"
        " ORDER BY id LIMIT 25)"
    )
    newly = counted(sample, PAST) - counted(sample, DORAS)
    assert newly > 0
    ring("start the sweeps that are due")
    assert eventually(lambda: counted(sample, PAST) == counted(sample, DORAS))
    sweeps = Plan.objects.filter(rule=rule)
    assert eventually(lambda: sweeps.filter(status="excepted").count() == 2)
    assert sweeps.latest("planned_at").planned_by == "schedule"
    assert command("audit", "verify")["whole"]


def test_all_rules_at_once_turn_the_board_green(sample, held, two_workers, sign_in):
    pia, max_ = sign_in("pia.engineer"), sign_in("max.legal")
    ring("check the promises")
    assert eventually(lambda: line(pia, "retained-no-longer") == "broken")
    assert line(pia, "geo-coarse") == "broken"

    for rule in Rule.objects.all():
        plan, _ = previewed(pia, rule)
        max_.submit(plan + "approve/")

    assert eventually(
        lambda: all(plan.finished_at for plan in Plan.objects.all()), within=120
    )
    ended = Plan.objects.all()
    assert {p.problem for p in ended} == {""}
    kept = {p.status: bool(p.residue["held"]) for p in ended}
    assert kept == {"excepted": True, "done": False}
    ring("check the promises")
    assert eventually(lambda: line(pia, "retained-no-longer") == "kept")
    assert line(pia, "geo-coarse") == "kept"
    assert line(pia, "gone-means-gone") == "kept"
    assert counted(sample, PAST) == held
    assert command("audit", "verify")["whole"]


def test_a_worker_that_dies_leaves_nothing_undone(sample, two_workers, sign_in):
    """The other one, or a later one, goes on; beat sees to it."""
    pia, max_ = sign_in("pia.engineer"), sign_in("max.legal")
    plans = [previewed(pia, rule)[0] for rule in Rule.objects.all()]
    for plan in plans[:-1]:
        max_.submit(plan + "approve/")
    for name in two_workers.alive:
        two_workers.kill(name)
    max_.submit(plans[-1] + "approve/")
    assert not all(plan.finished_at for plan in Plan.objects.all())
    two_workers.start(2)

    def finished():
        ring("resume unfinished work")
        return all(plan.finished_at for plan in Plan.objects.all())

    assert eventually(finished, within=120)
    assert {(p.status, p.problem) for p in Plan.objects.all()} == {("done", "")}
    assert counted(sample, PAST) == 0
    due = command("retention", "status")
    assert sum(each["rows"] for each in due) == 0
