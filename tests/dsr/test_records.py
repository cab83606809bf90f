"""Records of requests name people for as long as the law says, and no longer."""

import datetime as dt
import io
import json

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsr import (
    links,
    messages,
    metrics,
    notices,
    promises,
    records,
    register,
    requests,
    tasks,
    tickets,
    uploads,
)
from dsr.models import Mail, RecordRule, Request, Ticket, Upload
from privacy import audit, holds, identifiers, keeping, plans
from privacy import tasks as work
from privacy.models import (
    AuditEvent,
    Identifier,
    Instruction,
    Plan,
    PlannedRow,
    Provider,
)
from privacy.models.sealing import SealedField
from tests.consent.factories import contracted
from tests.dsr.factories import ADA, ADAS_MAIL, LENA, MAX, NOW, asked, vouched

pytestmark = pytest.mark.django_db
CLOSED = dt.datetime(2026, 11, 30, 15, tzinfo=dt.UTC)
LAST_DAY = dt.datetime(2028, 11, 30, 23, tzinfo=dt.UTC)
AFTER = dt.datetime(2028, 12, 2, 9, tzinfo=dt.UTC)
SECRET = "Sampelsen"
PAPER = uploads.File(name=f"{SECRET}.pdf", content=b"%PDF-1.7 paper", size=14)


def refused(**changed):
    """A request of Ada with everything that a request can have, refused."""
    ticket = vouched(asked("erasure", email=ADAS_MAIL, name=SECRET, **changed))
    messages.write(ticket=ticket, text=SECRET, now=NOW)
    ticket.notes.create(text=SECRET, by=LENA, at=NOW)
    ticket.tasks.create(
        title=f"Call {SECRET}", team="Legal", due_date=NOW, made_by=LENA, made_at=NOW
    )
    told(ticket)
    uploads.keep(ticket=ticket, files=[PAPER], purpose="other", now=NOW)
    links.make(ticket=ticket, language="en", now=NOW)
    sender = identifiers.keep(identifiers.email(ADAS_MAIL), now=NOW)
    mail = mail_of(sender, verdict="request")
    mail.tickets.add(ticket)
    other = identifiers.email("ada.other@example.com")
    ticket.left_out.add(identifiers.keep(other, now=NOW))
    requests.refuse(
        ticket=ticket, reason=f"No, {SECRET}", ground="LEGAL_CLAIM", by=MAX, now=NOW
    )
    Ticket.objects.filter(pk=ticket.pk).update(closed_at=CLOSED)
    notices.send_waiting(ticket=ticket, now=NOW)
    ticket.refresh_from_db()
    return ticket


def told(ticket):
    """A recipient of the data that has never answered."""
    Instruction.objects.create(
        provider=Provider.objects.get_or_create(name="Store-It", way="task")[0],
        subject=f"ticket:{ticket.reference}",
        duty="erase",
        document=SECRET,
        state="told",
        told_at=NOW,
        made_at=NOW,
        next_at=NOW,
    )


def mail_of(sender, verdict, number=1):
    return Mail.objects.create(
        message_id=f"{number:064}", raw=SECRET, understood="{}", sender=sender,
        received_at=NOW, taken_at=NOW, verdict=verdict, category="x", regime="US-CA",
        language="en", confidence=1, reason="It says so.", settled_by=LENA,
        settled_at=CLOSED,
    )  # fmt: skip


def approved(now):
    """Lena looked at what would end, and Max let it."""
    plan = keeping.preview(records.KIND, by=LENA, now=now)
    plans.approve(plan=plan, by=MAX, now=now)
    return plan


def carried_out(plan, now):
    return keeping.progress(keeping.carry_out(plan=plan, clock=lambda: now))["rows"]


def ended(now):
    return carried_out(approved(now), now)


def counted():
    """The register before and after goes to the same auditors."""
    lines = metrics.counts(year=2026, now=AFTER)
    said = {
        "year": 2026,
        "ground": register.Ground("A"),
        "reason": "An audit",
        "by": LENA,
    }
    if not Provider.objects.filter(name="A").exists():
        contracted("A", NOW)
    return metrics.as_csv(lines), "".join(register.export(**said, now=AFTER))


def left():
    """Sealed values that still stand in any table of requests, also in new ones."""
    return [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("dsr").get_models()
        for field in model._meta.local_fields
        if isinstance(field, SealedField)
        and model.objects.exclude(**{field.name: None}).exists()
    ]


def test_it_is_kept_for_24_months_from_the_answer_and_not_a_day_less():
    refused()

    assert ended(LAST_DAY) == 0
    assert Request.objects.get().requester
    assert ended(AFTER) == 1


@pytest.mark.usefixtures("town")
def test_a_plan_whose_place_another_took_names_nobody_then_either():
    ticket = vouched(asked("access"))
    for _ in range(2):
        requests.plan(ticket=ticket, by=LENA, now=NOW)
    tickets.withdraw(ticket=ticket, reason="Taken back", by=MAX, now=NOW)
    Ticket.objects.filter(pk=ticket.pk).update(closed_at=CLOSED)
    copies = Plan.objects.filter(kind=Plan.Kind.ACCESS)
    assert copies.exclude(identifiers=None).distinct().count() == 2

    ended(AFTER)

    assert not copies.exclude(identifiers=None).exists()
    assert not PlannedRow.objects.filter(plan__in=copies).exists()


def test_then_nobody_is_named_and_every_count_is_as_it_was():
    ticket = refused()
    before = counted()
    assert len(left()) >= 8

    ended(AFTER)

    ticket.refresh_from_db()
    came = Request.objects.get()
    assert (came.requester, came.words, came.ended_at) == (None, None, AFTER)
    assert counted() == before
    assert ticket.ground.code == "LEGAL_CLAIM"
    for model in records.NAMING:
        assert not model.objects.exists(), model
    assert not Mail.objects.exists()
    assert Instruction.objects.get().document is None
    assert not ticket.identifiers.exists()
    assert not ticket.left_out.exists()
    assert not Identifier.objects.filter(value__isnull=False).exists()
    assert left() == []
    assert SECRET not in ticket.decision
    assert AuditEvent.objects.filter(action="records.ended").count() == 1
    assert audit.verify()
    assert ended(AFTER) == 0


def test_an_identifier_that_others_need_keeps_its_value():
    refused()
    asked("access", regime="EU-GDPR")

    ended(AFTER)

    ada = identifiers.find(identifiers.phone(ADA))
    assert identifiers.value(ada) == identifiers.phone(ADA)


def still_open(ticket):
    asked("access")
    Ticket.objects.exclude(pk=ticket.pk).update(request=ticket.request)


def appealed(ticket):
    appeal = asked("appeal", regime="US-VA")
    Ticket.objects.filter(pk=appeal.pk).update(about=ticket)


def on_hold(ticket):
    people = list(ticket.identifiers.all())
    holds.place(matter="Case", identifiers=people, tables=[], by=MAX, now=NOW)


@pytest.mark.parametrize("happens", [still_open, appealed, on_hold])
def test_what_is_not_over_keeps_the_record(happens):
    happens(refused())

    assert ended(AFTER) == 0


def test_mails_that_became_no_request_go_as_well():
    sender = identifiers.keep(identifiers.email(ADAS_MAIL), now=NOW)
    mail_of(sender, verdict="set_aside")
    young = mail_of(None, verdict="set_aside", number=2)
    Mail.objects.filter(pk=young.pk).update(settled_at=AFTER)

    ended(AFTER)

    assert Mail.objects.get() == young
    assert Identifier.objects.get().erased_at == AFTER


def test_nothing_ends_before_two_people_approved_this_very_period():
    refused()
    plan = keeping.preview(records.KIND, by=LENA, now=AFTER)
    with pytest.raises(plans.SecondPersonNeeded):
        plans.approve(plan=plan, by=LENA, now=AFTER)
    assert keeping.start_due(now=AFTER) == []
    plans.approve(plan=plan, by=MAX, now=AFTER)

    RecordRule.objects.update(months=30)

    assert keeping.carry_out(plan=plan, clock=lambda: AFTER).status == "refused"
    assert keeping.start_due(now=AFTER) == []
    assert Request.objects.get().requester
    assert promises.old_records(AFTER).count == 0
    assert promises.old_records(AFTER + dt.timedelta(days=200)).count == 1


def test_more_than_was_approved_is_refused():
    refused()
    plan = approved(AFTER)
    mail_of(None, verdict="set_aside", number=2)

    assert keeping.carry_out(plan=plan, clock=lambda: AFTER).status == "refused"
    assert Request.objects.get().requester


def test_a_hold_placed_after_the_approval_keeps_the_record():
    ticket = refused()
    plan = approved(AFTER)
    on_hold(ticket)

    assert carried_out(plan, AFTER) == 0
    assert (plan.status, plan.residue) == ("done", {"rows": 0, "held": 1})


def test_papers_go_by_the_clock_once_everything_is_answered():
    open_ = asked("access")
    for ticket in (refused(), open_):
        said = {"media_type": "application/pdf", "purpose": "authority", "now": NOW}
        uploads.seal(ticket=ticket, file=PAPER, **said)

    tasks.remove_papers()

    kept = Upload.objects.filter(removed_at=None)
    assert {each.ticket for each in kept.filter(purpose="authority")} == {open_}
    assert kept.filter(purpose="other").exists()


def test_a_killed_worker_leaves_the_batch_whole(monkeypatch):
    refused()
    plan = approved(AFTER)

    def die(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(records, "_forget", die)
        with pytest.raises(KeyboardInterrupt):
            carried_out(plan, AFTER)

    assert Request.objects.get().requester
    assert not AuditEvent.objects.filter(action="records.ended").exists()
    assert carried_out(plan, AFTER) == 1


# --- screen, command, clock ---------------------------------------------------------
def old():
    refused()
    Ticket.objects.update(closed_at=timezone.now() - dt.timedelta(days=800))


def said(*words):
    out = io.StringIO()
    call_command("records", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_by_command_and_by_the_clock():
    old()
    with pytest.raises(CommandError, match="Two people"):
        said("run")
    assert said("status") == {
        "due": 1, "months": 24, "citation": "11 CCR 7101(a)", "approved": False,
    }  # fmt: skip
    with pytest.raises(CommandError, match="preview it first"):
        said("approve")
    assert said("preview")["rows"] == 1
    with pytest.raises(CommandError, match="Somebody else must"):
        said("approve")
    User.objects.create(username="max", is_superuser=True)

    assert said("approve", "--by", "max")["status"] == "approved"
    assert said("run") == {"ended": 1}
    assert said("run") == {"ended": 0}


def test_on_the_screen(client):
    old()
    url = reverse("admin:dsr_recordrule_look")
    sam, max_ = (
        User.objects.create(username=name, is_staff=True) for name in ("sam", "max")
    )
    sam.groups.set([Group.objects.get(name="Auditor")])
    client.force_login(sam)
    assert client.post(url).status_code == 403
    sam.groups.set([Group.objects.get(name="Legal")])
    max_.groups.set([Group.objects.get(name="Legal")])

    page = client.post(url, follow=True).content.decode()
    assert "Nothing has changed yet; another person must approve it." in page
    assert "11 CCR 7101(a)" in page
    plan = Plan.objects.get(kind="records")
    yes = reverse("admin:privacy_plan_approve", args=[plan.pk])
    client.post(yes)
    client.force_login(max_)
    client.post(yes)

    work.work(str(plan.pk))
    plan.refresh_from_db()
    assert (plan.status, plan.approved_by) == ("done", "max")
    assert Request.objects.get().ended_at


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(held=st.lists(st.booleans(), min_size=1, max_size=3))
def test_the_period_of_records_ends_none_that_is_held(held):
    """Whichever of them are on hold."""
    sid = transaction.savepoint()
    stay = set()
    for number, is_held in enumerate(held):
        mark = identifiers.email(f"person{number}@example.com")
        ticket = asked("access", marks=[mark], name=SECRET)
        tickets.withdraw(ticket=ticket, reason="No", by=MAX, now=NOW)
        if is_held:
            on_hold(ticket)
            stay.add(ticket.request_id)
    Ticket.objects.update(closed_at=CLOSED)

    assert ended(AFTER) == held.count(False)
    named = Request.objects.exclude(requester=None)
    assert set(named.values_list("pk", flat=True)) == stay
    transaction.savepoint_rollback(sid)
