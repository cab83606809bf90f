"""Requests that a worker could not finish are on the desk, with the reason."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from dsr import desk, stuck, tasks, together
from dsr.models import Ticket
from privacy import plans
from privacy.models import AuditEvent
from privacy.refusals import Refusal
from tests.dsr.factories import LENA, MAX, NOW, approved, asked, vouched
from tests.privacy.factories import signed_in

pytestmark = pytest.mark.django_db
TOMORROW = NOW.date() + dt.timedelta(days=1)


def queue(day=None):
    return [each.queue for each in desk.placed(on=day or NOW.date())]


def broken(monkeypatch, error):
    def fulfil(**_):
        raise error

    monkeypatch.setattr(together, "fulfil", fulfil)


def test_what_a_worker_was_refused_is_on_the_desk_with_the_reason(town, monkeypatch):
    ticket = approved()
    assert queue() == ["work"]
    broken(monkeypatch, Refusal("The store does not answer."))

    tasks.fulfil(ticket.pk)
    tasks.fulfil(ticket.pk)

    ticket.refresh_from_db()
    assert queue() == ["help"]
    assert stuck.why(ticket) == "The store does not answer."
    assert AuditEvent.objects.filter(action="ticket.stuck").count() == 1


def test_an_error_of_ours_is_said_without_what_it_says(town, monkeypatch):
    ticket = approved()
    broken(monkeypatch, ValueError("ada.sample@example.com"))

    with pytest.raises(ValueError, match="ada"):
        tasks.fulfil(ticket.pk)

    ticket.refresh_from_db()
    assert "(ValueError)" in ticket.trouble
    assert "ada" not in ticket.trouble
    assert queue() == ["help"]


def test_once_a_worker_gets_through_nothing_is_left_of_it(town):
    ticket = approved()
    stuck.note(ticket=ticket, why="It was down.", now=NOW)

    tasks.fulfil(ticket.pk)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.trouble) == ("answered", "")


def test_what_needs_nobody_and_is_refused_is_on_the_desk(monkeypatch):
    ticket = asked("opt_out_sale")
    broken(monkeypatch, Refusal("No."))

    tasks.fulfil(ticket.pk)

    assert queue() == ["help"]


def test_a_worker_that_never_came_back_is_missed_the_next_day(town):
    ticket = approved()
    assert queue(NOW.date()) == ["work"]
    assert queue(TOMORROW) == ["help"]
    assert "No worker has finished it since 24 November 2026" in stuck.why(ticket)

    asked("access", request=ticket.request)  # the erasure waits for it
    placed = {each.ticket: each.queue for each in desk.placed(on=TOMORROW)}
    assert placed[ticket] == "work"


def test_a_paused_plan_is_somebodys(town):
    ticket = approved()
    plans.pause(plan=ticket.plan, by=LENA, now=NOW)
    ticket.refresh_from_db()

    assert queue() == ["help"]
    assert "Resume or cancel it" in stuck.why(ticket)


def test_its_page_says_why_and_wakes_a_worker(town):
    ticket = approved()
    stuck.note(ticket=ticket, why="The store does not answer.", now=NOW)
    lena, page = signed_in(LENA), reverse("admin:dsr_ticket_change", args=[ticket.pk])

    shown = lena.get(page).text
    assert "The store does not answer." in shown
    assert "Try again" in shown
    said = lena.post(reverse("admin:dsr_ticket_again", args=[ticket.pk]), follow=True)

    assert "A worker tries it again" in said.text


# --- clocks and assignment on the page --------------------------------------
def test_the_page_shows_every_clock_with_its_citation(town):
    ticket = asked("access", regime="US-CA")
    lena = signed_in(LENA)

    shown = lena.get(reverse("admin:dsr_ticket_change", args=[ticket.pk])).text

    assert "Acknowledgement: due on" in shown
    assert "11 CCR" in shown.partition("Acknowledgement: due on")[2][:400]


def test_a_ticket_is_assigned_on_its_page():
    ticket = vouched(asked("erasure", received_at=timezone.now(), now=timezone.now()))
    lena = signed_in(LENA)
    page = reverse("admin:dsr_ticket_assign", args=[ticket.pk])

    assert "Select a valid choice" in lena.post(page, {"to": "mallory"}).text
    lena.post(page, {"to": LENA})

    assert Ticket.objects.get().assignment.to == LENA
    with pytest.raises(desk.NobodyOfThatName):
        desk.assign(tickets=[ticket], to=MAX, by=LENA, now=NOW)
