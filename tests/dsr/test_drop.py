"""California's deletion platform: who must fetch when, and what a match becomes."""

import datetime as dt
import io
import json

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command

from dsr import drop, promises, requests
from dsr.desk import reminding
from dsr.models import DropFetch, Ticket
from privacy import identifiers
from privacy.models import Objection
from tests.dsr.factories import ADA, LENA, NOW, clock

pytestmark = pytest.mark.django_db
SHARED, NOBODYS = "+12025550188", "+12025550111"


@pytest.fixture(autouse=True)
def broker(settings):
    settings.DATA_BROKER = True
    settings.LEGAL_TIME_ZONE = "America/Los_Angeles"


def take(*texts, at=NOW):
    marks = [identifiers.understand(each) for each in texts]
    return drop.take(marks=marks, fetched_at=at, by=LENA, now=at)


def a_day(text):
    return dt.datetime.fromisoformat(f"{text}T12:00-08:00")


def test_70_a_number_that_four_share_opts_all_out_and_erases_nobody(town):
    for number in range(4):
        town.execute(
            "INSERT INTO person (org_id, phone, email, seen_at)"
            " VALUES (1, %s, %s, now())",
            [SHARED, f"contact{number}@example.org"],
        )

    fetch = take(SHARED)

    assert (fetch.numbers, fetch.shared, fetch.alone) == (1, 1, 0)
    ticket = Ticket.objects.get()
    assert (ticket.right, ticket.regime, ticket.source) == (
        "opt_out_sale",
        "US-CA",
        "drop",
    )
    requests.fulfil(ticket=ticket, clock=clock)
    forbidden = Objection.objects.filter(use="sale").values_list("identifier__kind")
    assert sorted(kind for (kind,) in forbidden) == ["email"] * 4 + ["phone"]


def test_one_persons_number_is_an_erasure_and_nobodys_is_kept_from_sale(town):
    fetch = take(ADA, NOBODYS)
    again = take(ADA)

    assert (fetch.alone, fetch.shared, again.alone) == (1, 0, 1)
    ticket = Ticket.objects.get()  # the second list found it still open
    assert (ticket.right, ticket.decisions.get().accepted) == ("erasure", True)
    assert Objection.objects.filter(use="sale").count() == 2


def test_70_who_is_no_data_broker_takes_none_and_nothing_is_due(settings, mailoutbox):
    settings.DATA_BROKER = False

    with pytest.raises(drop.NotABroker):
        take(ADA)
    assert drop.due(now=NOW) is None
    assert reminding.remind(now=NOW) == 0
    assert promises.rights_in_the_us(NOW).state == "kept"


def test_71_lists_are_fetched_every_45_days_with_an_alarm_before(mailoutbox):
    user = User.objects.create_user("lena", email="lena@example.org", is_staff=True)
    user.groups.add(Group.objects.get(name="Legal"))
    assert drop.due(now=a_day("2026-09-01")) == dt.date(2026, 9, 15)
    take(at=a_day("2026-09-15"))

    assert drop.due(now=a_day("2026-10-01")) == dt.date(2026, 10, 30)
    assert reminding.remind(now=a_day("2026-10-22")) == 0
    assert reminding.remind(now=a_day("2026-10-23")) == 1
    assert reminding.remind(now=a_day("2026-10-23")) == 0
    assert "due in 7 days" in mailoutbox[0].subject
    assert promises.rights_in_the_us(a_day("2026-10-30")).state == "kept"
    assert promises.rights_in_the_us(a_day("2026-10-31")).state == "broken"


def test_by_command(town, tmp_path):
    listed = tmp_path / "matched.txt"
    listed.write_text(f"{ADA}\n")
    out = io.StringIO()

    when = ("--fetched", "2026-11-20T09:00-08:00")
    call_command("drop", "take", str(listed), *when, "--json", stdout=out)

    assert json.loads(out.getvalue()) == {"numbers": 1, "alone": 1, "shared": 0}
    assert DropFetch.objects.count() == 1
    with pytest.raises(CommandError, match="in the future"):
        call_command("drop", "take", str(listed), "--fetched", "2099-01-01T00:00Z")
