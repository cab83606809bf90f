"""Accept or correct proposals for many columns at once, and show drift."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy.admin.base import PagesAdmin, shown_on
from privacy.admin.datamap.forms import ManyForm
from privacy.datamap import Map, acceptance, drift
from privacy.models import Column, Store
from privacy.refusals import Refusal

MOST_SHOWN = 100


@admin.action(description="Accept as proposed", permissions=["change"])
def accept(
    model_admin: PagesAdmin, request: HttpRequest, columns: QuerySet[Column]
) -> None:
    """Accepts only complete proposals; the rest waits for a person to fill it in."""
    by, now = request.user.get_username(), timezone.now()
    done = acceptance.accept(
        columns=columns.select_related("table__store"), by=by, now=now
    )
    messages.success(request, f"Accepted: {len(done.taken)}.")
    if done.left:
        column, why = done.left[0]
        messages.warning(
            request,
            f"Not complete, so still open: {len(done.left)}. First, {column}: {why}",
        )


@admin.action(description="Classify together …", permissions=["change"])
def classify(
    model_admin: PagesAdmin, request: HttpRequest, columns: QuerySet[Column]
) -> HttpResponse | None:
    """One answer for all selected columns; what is left empty stays as it is."""
    answered = "answered" in request.POST
    form = ManyForm(request.POST if answered else None)
    chosen = list(columns.select_related("table__store"))
    if answered and form.is_valid():
        by, now = request.user.get_username(), timezone.now()
        with shown_on(form):
            acceptance.classify(columns=chosen, said=form.said(), by=by, now=now)
            messages.success(request, f"Classified and accepted: {len(chosen)}.")
            return None
    return model_admin.page(
        request,
        "classify",
        title="Classify together",
        form=form,
        columns=chosen,
        field=ACTION_CHECKBOX_NAME,
    )


def state(model_admin: PagesAdmin, request: HttpRequest) -> HttpResponse:
    """Each store compared with its map: what waits, and what has drifted."""
    databases = Store.objects.filter(kind=Store.Kind.DATABASE)
    return model_admin.page(
        request,
        "state",
        title="Stores and their maps",
        stores=[_state(store) for store in databases],
    )


def _state(store: Store) -> dict[str, Any]:
    counts = Column.objects.filter(table__store=store).aggregate(
        proposed=Count("pk", Q(state=Column.State.PROPOSED)),
        doubtful=Count("pk", Q(state=Column.State.PROPOSED, confidence__lt=0.6)),
        accepted=Count("pk", Q(state=Column.State.ACCEPTED)),
        unknown=Count("pk", Q(state=Column.State.UNKNOWN)),
    )
    try:
        found = [p for p in drift.check(Map(store)) if "proposed" not in p.what]
        said = ""
    except Refusal as refusal:
        found, said = [], str(refusal)
    return {
        "store": store,
        "counts": counts,
        "problems": found[:MOST_SHOWN],
        "more": max(0, len(found) - MOST_SHOWN),
        "refusal": said,
    }
