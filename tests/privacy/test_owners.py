"""Who had a number when: noted with its ground by staff, obeyed in every plan."""

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from privacy import audit, erasure, identifiers, owners, plans
from privacy.datamap import files
from privacy.models import AuditEvent, OwnerPeriod, Plan
from tests.privacy import messaging
from tests.privacy.factories import LENA, PIA, SAM, ada, signed_in

pytestmark = pytest.mark.django_db
DAY = dt.date(2024, 6, 1)


def noted(now, **days):
    facts = {"since": None, "until": None, "ground": "The carrier says so"}
    return owners.note(identifier=ada(), by="sam", now=now, **(facts | days))


def test_what_is_noted_is_in_the_trail(now):
    noted(now, since=DAY)

    said = json.loads(AuditEvent.objects.latest("sequence").payload)
    assert said["action"] == "owner.noted"
    assert said["details"]["since"] == "2024-06-01"
    assert audit.verify()


@pytest.mark.parametrize(
    ("days", "refusal"),
    [
        ({}, owners.NoDay),
        ({"since": DAY, "until": dt.date(2024, 5, 31)}, owners.WrongOrder),
        ({"since": DAY, "ground": " "}, owners.GroundNeeded),
        ({"until": DAY}, owners.TwoOwners),
        ({"since": dt.date(2020, 1, 1), "until": DAY}, owners.TwoOwners),
    ],
)
def test_what_can_not_be_is_refused_and_changes_nothing(now, days, refusal):
    noted(now, since=DAY)
    with pytest.raises(refusal):
        noted(now, **days)
    assert OwnerPeriod.objects.count() == 1


def test_one_owner_follows_another(now):
    noted(now, since=DAY)
    noted(now, until=dt.date(2024, 5, 31))
    owners.withdraw(period=OwnerPeriod.objects.get(since=DAY), by="sam", now=now)

    assert OwnerPeriod.objects.get().until == dt.date(2024, 5, 31)


def test_an_owner_noted_after_the_preview_makes_the_plan_refuse(connect, now):
    connect("town", messaging.SCRIPT)
    files.load(text=messaging.MAP, by="pia", now=now)
    mark = identifiers.keep(identifiers.phone("+12025550143"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="R", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    noted(now, since=dt.date(2026, 10, 31))

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert done.status == Plan.Status.REFUSED
    assert "Plan" in done.problem


def test_staff_note_an_owner_on_the_page_of_the_identifier():
    path = f"/admin/privacy/identifier/{ada().pk}/owner/"
    facts = {"since": "2024-06-01", "ground": "The carrier says so"}
    page = signed_in(LENA).post(path, facts, follow=True)

    assert "It is noted." in page.content.decode()
    assert "2024-06-01 to … (The carrier says so)" in page.content.decode()
    again = signed_in(PIA).post(path, facts)
    assert "Another owner had it" in again.content.decode()
    assert signed_in(SAM).get(path).status_code == 403


def test_the_command_notes_it_too():
    out = StringIO()
    call_command(
        "subject", "owner", "(202) 555-0143", "--since", "2024-06-01",
        "--ground", "Carrier", "--json", stdout=out,
    )  # fmt: skip
    assert json.loads(out.getvalue())["since"] == "2024-06-01"
    with pytest.raises(CommandError, match="Say the first day"):
        call_command("subject", "owner", "+12025550143", "--ground", "Carrier")
