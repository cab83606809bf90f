"""The same step for all ticked requests of the desk."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from dsr import deadlines, grounds, tasks
from dsr import desk as words
from dsr.desk import bulk
from dsr.desk.sorting import at_the_desk
from dsr.models import Letter
from privacy.admin.base import require
from privacy.refusals import Refusal

Given = dict[str, Any]
CHANGE = "dsr.change_ticket"


class Bulk(forms.Form):
    """What to do with all selected requests."""

    tickets = forms.ModelMultipleChoiceField(
        at_the_desk(),
        error_messages={"required": "Tick at least one request."},
    )
    do = forms.ChoiceField(choices=lambda: [(name, "") for name in STEPS])
    to = forms.CharField(required=False)
    letter = forms.ModelChoiceField(Letter.objects.all(), required=False)
    why_longer = forms.CharField(required=False, max_length=2000)
    why_not = forms.CharField(required=False, max_length=2000)
    ground = forms.CharField(required=False, max_length=40)


def done(request: HttpRequest) -> list[str]:
    """Sentences about what was done, and what could not be."""
    permission, step = STEPS.get(request.POST.get("do", ""), STEPS["assign"])
    require(request, permission, "With all that are ticked")
    form = Bulk(request.POST)
    if not form.is_valid():
        return [str(e) for errors in form.errors.values() for e in errors]
    given = form.cleaned_data
    given["tickets"] = list(given["tickets"])
    try:
        return step(given, request.user.get_username(), timezone.now())
    except Refusal as refusal:
        return [str(refusal)]


def ground_codes() -> list[tuple[str, str]]:
    """Each once; whether a law has it for a right is looked at for each request."""
    found = grounds.in_force(on=deadlines.day_of(timezone.now()))
    titles = {each.code: each.title for each in found.order_by("-regime")}
    return sorted(titles.items(), key=lambda named: named[1])


def _assign(given: Given, by: str, now: dt.datetime) -> list[str]:
    count = words.assign(tickets=given["tickets"], to=given["to"], by=by, now=now)
    return [f"{count} requests are now assigned to {given['to']}."]


def _write(given: Given, by: str, now: dt.datetime) -> list[str]:
    if given["letter"] is None:
        return ["Choose a letter."]
    code = given["letter"].code
    with transaction.atomic():
        count = words.write_each(tickets=given["tickets"], code=code, by=by, now=now)
        transaction.on_commit(lambda: tasks.send_notices.delay(), robust=True)
    return [f"{count} people were written to."]


def _plan(given: Given, by: str, now: dt.datetime) -> list[str]:
    found = bulk.plan(tickets=given["tickets"], by=by, now=now)
    return _said(found, "planned; nothing has changed yet")


def _approve(given: Given, by: str, now: dt.datetime) -> list[str]:
    found = bulk.approve(tickets=given["tickets"], by=by, now=now)
    for ticket in found.tickets:
        tasks.fulfil.delay(ticket.pk)
    return _said(found, "approved; workers carry them out")


def _extend(given: Given, by: str, now: dt.datetime) -> list[str]:
    reason = given["why_longer"]
    found = bulk.extend(tickets=given["tickets"], reason=reason, by=by, now=now)
    tasks.send_notices.delay()
    return _said(found, "extended, and each person is told why")


def _refuse(given: Given, by: str, now: dt.datetime) -> list[str]:
    said = {"reason": given["why_not"], "ground": given["ground"]}
    found = bulk.refuse(tickets=given["tickets"], by=by, now=now, **said)
    tasks.send_notices.delay()
    return _said(found, "refused, and each person is told why")


def _said(found: bulk.Done, what: str) -> list[str]:
    first = [f"{len(found.tickets)} requests are {what}."] if found.tickets else []
    return first + found.refused


STEPS: dict[str, tuple[str, Callable[[Given, str, dt.datetime], list[str]]]] = {
    "assign": (CHANGE, _assign),
    "write": (CHANGE, _write),
    "plan": ("privacy.add_plan", _plan),
    "approve": ("privacy.approve_plan", _approve),
    "extend": (CHANGE, _extend),
    "refuse": (CHANGE, _refuse),
}
