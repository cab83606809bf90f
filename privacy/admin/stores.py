"""Connected databases and file storages; `stores add` connects them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy import erasure, stores, throttle
from privacy.admin.base import Page, ViewOnlyAdmin
from privacy.models import Store
from privacy.tasks import work


def check(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    store: Store = model_admin.row(request, object_id)
    if stores.check(store=store, now=timezone.now()):
        return model_admin.done(request, f"The store {store} answers.", store.pk)
    messages.error(request, store.problem)
    return model_admin.back(store.pk)


class LimitForm(forms.ModelForm):
    class Meta:
        model = Store
        fields = stores.LIMITS
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("works_from", "works_until")
        }

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if (said.get("works_from") is None) != (said.get("works_until") is None):
            raise forms.ValidationError("Give both times of day, or neither.")
        return said


def limits(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """When sweeps may work on the store, and what makes them wait."""
    store: Store = model_admin.row(request, object_id)
    form, untold = (
        LimitForm(request.POST or None, instance=store),
        throttle.untold(store),
    )
    for name in untold:
        del form.fields[name]
    if form.is_valid():
        by, now = request.user.get_username(), timezone.now()
        stores.limit(store=store, by=by, now=now, **form.cleaned_data)
        return model_admin.done(
            request, "Saved. Sweeps keep to these limits.", store.pk
        )
    return model_admin.page(
        request,
        "limits",
        title="Hours and limits",
        original=store,
        form=form,
        untold=untold,
    )


def replay(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """After a restore: erase again what it brought back."""
    store: Store = model_admin.row(request, object_id)
    if request.method != "POST":
        back = erasure.notice(now=timezone.now()).get(store.name, 0)
        return model_admin.page(
            request,
            "replay",
            title="After a restore",
            original=store,
            back=back,
            form=forms.Form(),
        )
    by = request.user.get_username()
    done = erasure.replay(store=store, by=by, now=timezone.now())
    for plan in (*done.approved, *done.sweeps):
        work.delay(str(plan.pk))
    return model_admin.done(request, _told(done), store.pk)


def _told(done: erasure.Replayed) -> str:
    said = f"{done.erasures} erasures were compared with this store. "
    if done.problems:
        return said + " ".join(done.problems)
    if done.files:
        return said + f"{done.files} files that were back are deleted again."
    if not (done.approved or done.drafts or done.sweeps):
        return said + "Nothing has come back."
    said += f"{len(done.approved)} are being erased again"
    said += f", {len(done.sweeps)} sweeps were started." if done.sweeps else "."
    waits = f" {len(done.drafts)} wait for human review under Plans."
    return said + (waits if done.drafts else "")


@admin.register(Store)
class StoreAdmin(ViewOnlyAdmin):
    nothing_yet = (
        "No database or file storage is connected. A privacy engineer "
        "connects one with the command “stores add”."
    )
    pages = (
        Page(check, "Check now", "privacy.change_store", at_once=True),
        Page(limits, "Hours and limits", "privacy.change_store"),
        Page(replay, "After a restore", "privacy.approve_plan"),
    )
    list_display = ("name", "kind", "place", "is_production", "checked_at", "problem")
    list_filter = ("kind", "is_production")
    fields = (
        "name", "kind", "place", "is_production", "connected_by", "connected_at",
        "checked_at", "problem", *stores.LIMITS,
    )  # fmt: skip
