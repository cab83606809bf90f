"""What people wrote is kept sealed for its period, and then it ends by the clock."""

import datetime as dt
import io
import json

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from consent import keeping, months, promises, review, tasks
from consent.models import Event, InboundMessage, KeepingRule, LedgerMonth
from privacy import audit, holds, plans
from privacy import keeping as ends
from privacy import tasks as work
from privacy.checks import endings
from privacy.models import AuditEvent, Plan
from tests.consent.factories import ADA, sent, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]
MAX = "max"
BOB = "+12025550118"
CAME = dt.datetime(2024, 11, 20, 9, tzinfo=dt.UTC)
LAST_DAY = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def rules(db):
    keeping.load()


def approved(now):
    """Lena looked at what would end, and Max let it."""
    plan = ends.preview(keeping.KIND, by="lena", now=now)
    plans.approve(plan=plan, by=MAX, now=now)
    return plan


def ended(plan, now):
    return ends.progress(ends.carry_out(plan=plan, clock=lambda: now))["rows"]


def test_the_words_end_after_their_period_and_not_before(now):
    sent("please stop writing to Ada", CAME)
    assert ended(approved(LAST_DAY), LAST_DAY) == 0
    assert InboundMessage.objects.get().body.open()
    assert ended(approved(now), now) == 1

    row = InboundMessage.objects.get()
    assert (row.body, row.ended_at) == (None, now)
    assert row.meaning == "opt_out"
    assert Event.objects.get().evidence["rule"]
    with pytest.raises(review.WordsEnded):
        review.read(row=row, reason="A complaint", by=MAX, now=now)
    assert AuditEvent.objects.get(action="messages.ended").by == MAX
    audit.verify()


def test_a_message_that_is_brought_again_afterwards_is_known(now):
    sent("STOP", CAME, sid="SM7")
    ended(approved(now), now)

    assert sent("STOP", now, sid="SM7") == ""
    assert InboundMessage.objects.count() == 1


def test_who_is_on_hold_and_what_nobody_settled_stays(now):
    sent("maybe stop some day", CAME)
    sent("STOP", CAME, number=BOB)
    unclear, held = InboundMessage.objects.order_by("pk")
    assert unclear.meaning == "ambiguous"
    holds.place(
        matter="Case", identifiers=[held.identifier], tables=[], by=MAX, now=now
    )
    assert ended(approved(now), now) == 0

    review.heed(row=unclear, by=MAX, now=now)

    assert ended(approved(now), now) == 1
    assert set(InboundMessage.objects.filter(body=None)) == {unclear}


def test_nothing_ends_before_two_people_approved_this_very_period(now):
    sent("STOP", CAME)
    plan = ends.preview(keeping.KIND, by="lena", now=now)
    with pytest.raises(plans.SecondPersonNeeded):
        plans.approve(plan=plan, by="lena", now=now)
    assert ends.start_due(now=now) == []
    plans.approve(plan=plan, by=MAX, now=now)

    KeepingRule.objects.filter(what="messages").update(months=20)

    assert ends.carry_out(plan=plan, clock=lambda: now).status == "refused"
    assert ends.start_due(now=now) == []
    assert InboundMessage.objects.get().body
    assert promises.old_messages(now).count == 1
    assert promises.old_messages in endings.ALSO


def test_a_killed_worker_leaves_the_batch_whole(now, monkeypatch):
    sent("STOP", CAME)
    plan = approved(now)

    def die(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ends, "progress", die)  # after the words went, before the commit
        with pytest.raises(KeyboardInterrupt):
            ends.carry_out(plan=plan, clock=lambda: now)

    assert InboundMessage.objects.get().body
    assert ended(plan, now) == 1


def test_the_row_goes_once_the_months_of_the_ledger_have_gone(now):
    sent("STOP", CAME)
    sent("STOP", now, number=BOB)
    ended(approved(now), now)
    LedgerMonth.objects.create(
        first=dt.date(2024, 11, 1), events=1, kept=1, previewed_by="lena",
        previewed_at=now, approved_by=MAX, approved_at=now, ended_at=now,
    )  # fmt: skip

    assert keeping.forget(now=now) == 1

    assert InboundMessage.objects.get().received_at == now
    assert AuditEvent.objects.filter(action="messages.forgotten").count() == 1


# --- screen, command, clock ----------------------------------------------------------
@pytest.fixture
def old(db):
    """A month that is past its period, by the real clock."""
    at = timezone.now() - dt.timedelta(days=62 * 31)
    told("help", at), told("opt_out", at)
    sent("STOP", timezone.now() - dt.timedelta(days=800), number=BOB)
    months.keep_ready(now=timezone.now())
    return months.month_of(at)


def said(*words, **options):
    out = io.StringIO()
    call_command("ledger", *words, "--json", stdout=out, **options)
    return json.loads(out.getvalue())


def person(name, role):
    user = User.objects.create(username=name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def test_by_command_and_by_the_clock(old):
    person("lena", "Legal"), person("sam", "Support")
    assert said("status")["months"] == [f"{old:%Y-%m}"]
    with pytest.raises(CommandError):
        said("preview", "--by", "sam")
    shown = said("preview", "--by", "lena")
    assert (shown["events"], shown["kept"]) == (2, 1)
    with pytest.raises(CommandError, match="another person"):
        said("approve", "--by", "lena")
    said("approve")

    tasks.end_records()

    assert said("status")["begins"]
    assert said("run") == {"months": 0, "problem": ""}
    out = io.StringIO()
    call_command("audit", "verify", "--json", stdout=out)
    (went,) = json.loads(out.getvalue())["ended"]
    assert (went["month"], went["gone"], went["kept"]) == (f"{old:%Y-%m}", 1, 1)


def test_on_the_screen(client, old):
    client.force_login(person("sam", "Auditor"))
    look = reverse("admin:consent_ledgermonth_preview")
    assert client.post(look).status_code == 403

    client.force_login(person("lena", "Legal"))
    client.post(look)
    row = LedgerMonth.objects.get()
    url = reverse("admin:consent_ledgermonth_approve", args=[row.pk])
    page = client.get(url).content.decode()
    assert f"1 of 2 events from {row} and earlier is destroyed" in page
    answer = client.post(url, follow=True).content.decode()
    assert "another person must approve it" in answer
    client.force_login(person("max", "Legal"))
    client.post(url)

    tasks.end_records()

    row.refresh_from_db()
    assert row.ended_at
    answer = client.post(
        reverse("admin:consent_standing_lookup"), {"address": ADA}
    ).content.decode()
    assert "The consent record begins on" in answer


def test_messages_are_let_end_on_the_screen(client, old):
    url = reverse("admin:consent_keepingrule_look")
    client.force_login(person("lena", "Legal"))

    page = client.post(url, follow=True).content.decode()
    assert "Message texts" in page
    assert "24 months" in page
    client.force_login(person("max", "Legal"))
    plan = Plan.objects.get()
    client.post(reverse("admin:privacy_plan_approve", args=[plan.pk]))

    work.work(str(plan.pk))
    assert not InboundMessage.objects.filter(body__isnull=False).exists()


def test_the_clock_ends_what_is_due_next_and_asks_nobody_again(now):
    ended(approved(now), now)
    sent("STOP", CAME)

    (plan,) = ends.start_due(now=now)

    assert (plan.planned_by, plan.approved_by) == (ends.SCHEDULE, MAX)
    assert ended(plan, now) == 1
    assert ends.start_due(now=now) == []
