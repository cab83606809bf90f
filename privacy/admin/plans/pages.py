"""What staff do with a plan: preview, approve, follow its progress, get its
certificate."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from privacy import erasure, plans, retention, scrub, staff, tasks, undo
from privacy.admin.base import Page, UncountedPaginator, ViewOnlyAdmin, attachment
from privacy.admin.plans.shown import describe
from privacy.erasure import paper
from privacy.models import Certificate, Plan
from privacy.refusals import Refusal

Status = Plan.Status
STOPPABLE = {Status.PLANNED, Status.APPROVED, Status.RUNNING, Status.PAUSED}


def is_in(*states: Status) -> Callable[[Plan], bool]:
    return lambda plan: plan.status in states


def approve(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """By a second person: both the domain function and the database refuse the
    planner."""
    plan: Plan = model_admin.row(request, object_id)
    by = request.user.get_username()
    if request.method != "POST":
        return model_admin.page(
            request,
            "approve",
            title="Approve",
            original=plan,
            form=forms.Form() if plans.may_approve(plan, by) else None,
            others=staff.who_else("privacy.approve_plan", by),
            shown=describe(plan),
        )
    with transaction.atomic():
        if plan.kind == Plan.Kind.SWEEP:
            retention.approve(sweep=plan, by=by, now=timezone.now())
        else:
            plans.approve(plan=plan, by=by, now=timezone.now())
        _wake_a_worker(plan)
    return model_admin.done(request, "Approved; a worker will carry it out.", plan.pk)


def approve_sweeps(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """All waiting sweeps on one page; the second person ticks those that may run."""
    by, waiting = request.user.get_username(), _waiting_sweeps()
    if request.method != "POST":
        return model_admin.page(
            request,
            "approve_sweeps",
            title="Approve sweeps",
            sweeps=waiting,
            by=by,
            ticked="all" in request.GET,
        )
    chosen = set(request.POST.getlist("sweep"))
    approved = [
        sweep
        for sweep in waiting
        if str(sweep.pk) in chosen and _approved(request, sweep, by)
    ]
    if not approved:
        return redirect("admin:privacy_plan_approve_sweeps")
    said = f"{len(approved)} approved; workers will carry them out."
    return model_admin.done(request, said)


def _waiting_sweeps() -> list[Plan]:
    some = Plan.objects.filter(kind=Plan.Kind.SWEEP, status=Status.PLANNED)
    return list(some.select_related("rule__table__store").order_by("title"))


def _approved(request: HttpRequest, sweep: Plan, by: str) -> bool:
    """A refused one does not stop the others."""
    try:
        with transaction.atomic():
            retention.approve(sweep=sweep, by=by, now=timezone.now())
            _wake_a_worker(sweep)
    except Refusal as refusal:
        messages.error(request, f"{sweep.title}: {refusal}")
        return False
    return True


def remove_card_numbers(
    model_admin: ViewOnlyAdmin, request: HttpRequest
) -> HttpResponse:
    """Searches every text now; what is found becomes a plan for a second person to
    approve."""
    if request.method == "POST":
        made = scrub.plan(by=request.user.get_username(), now=timezone.now())
        return model_admin.done(request, "Planned; nothing has changed yet.", made.pk)
    return model_admin.page(
        request,
        "remove_card_numbers",
        title="Remove card numbers",
        form=forms.Form(),
    )


def pause(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    plan: Plan = model_admin.row(request, object_id)
    plans.pause(plan=plan, by=request.user.get_username(), now=timezone.now())
    return model_admin.done(request, "It pauses after the current range.", plan.pk)


def resume(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    plan: Plan = model_admin.row(request, object_id)
    with transaction.atomic():
        erasure.resume(plan=plan, by=request.user.get_username(), now=timezone.now())
        _wake_a_worker(plan)
    return model_admin.done(request, "It continues where it stopped.", plan.pk)


def retry(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    plan: Plan = model_admin.row(request, object_id)
    with transaction.atomic():
        erasure.retry(plan=plan, by=request.user.get_username(), now=timezone.now())
        _wake_a_worker(plan)
    return model_admin.done(
        request, "The ranges that failed are being tried again.", plan.pk
    )


def cancel(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    plan: Plan = model_admin.row(request, object_id)
    if request.method == "POST":
        plans.cancel(plan=plan, by=request.user.get_username(), now=timezone.now())
        return model_admin.done(request, "The plan is cancelled.", plan.pk)
    return model_admin.page(
        request, "cancel", title="Cancel", original=plan, form=forms.Form()
    )


def give_up_undo(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """The way on for a plan that waits for a key nobody has any more."""
    plan: Plan = model_admin.row(request, object_id)
    if request.method == "POST":
        with transaction.atomic():
            undo.give_up(plan=plan, by=request.user.get_username(), now=timezone.now())
            _wake_a_worker(plan)
        return model_admin.done(request, "The plan goes on without an undo.", plan.pk)
    return model_admin.page(
        request,
        "give_up_undo",
        title="Give up the undo",
        original=plan,
        form=forms.Form(),
    )


def certificate(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponseBase:
    """The readable page, the document and its signature in one archive that anyone can
    verify."""
    plan: Plan = model_admin.row(request, object_id)
    packed = paper.pack(plan=plan, now=timezone.now())
    return attachment(packed, f"certificate-{plan.pk}.zip", "application/zip")


def _wake_a_worker(plan: Plan) -> None:
    """Nothing is lost if the broker is down: the scheduler finds approved plans too."""
    key = str(plan.pk)
    transaction.on_commit(lambda: tasks.work.delay(key), robust=True)


@admin.register(Plan)
class PlanAdmin(ViewOnlyAdmin):
    nothing_yet = (
        "No plans yet. A plan comes from a request, from a rule's preview, or from "
        "“Remove card numbers”."
    )
    pages = (
        Page(remove_card_numbers, "Remove card numbers", "privacy.add_plan", on="list"),
        Page(approve_sweeps, "Approve sweeps", "privacy.approve_plan", on="list"),
        Page(approve, "Approve", "privacy.approve_plan",
             offered=is_in(Status.PLANNED),
             needs_another=lambda plan, by: not plans.may_approve(plan, by)),
        Page(pause, "Pause", "privacy.approve_plan", at_once=True,
             offered=is_in(Status.APPROVED, Status.RUNNING)),
        Page(resume, "Resume", "privacy.approve_plan", at_once=True,
             offered=is_in(Status.PAUSED)),
        Page(retry, "Try again", "privacy.approve_plan", at_once=True,
             offered=is_in(Status.INCOMPLETE)),
        Page(cancel, "Cancel", "privacy.approve_plan", offered=is_in(*STOPPABLE)),
        Page(give_up_undo, "Give up the undo", "privacy.approve_plan",
             offered=undo.may_give_up),
        Page(certificate, "Download the certificate", "privacy.view_plan",
             offered=lambda plan: Certificate.objects.filter(plan=plan).exists()),
    )  # fmt: skip
    paginator = UncountedPaginator
    show_full_result_count = False
    list_display = (
        "title", "kind", "status", "planned_by", "planned_at", "approved_by",
    )  # fmt: skip
    list_filter = ("status", "kind")
    change_form_template = "admin/privacy/plan/show.html"

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["shown"] = describe(obj)
        context["title"], context["subtitle"] = str(obj), None
        return super().render_change_form(request, context, add, change, form_url, obj)
