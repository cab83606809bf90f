"""Connected databases and file storages; `stores add` connects them."""

import datetime as dt
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import display_for_value
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy import addresses, erasure, stores, throttle
from privacy.admin.base import Page, ViewOnlyAdmin
from privacy.models import Store
from privacy.refusals import Refusal
from privacy.tasks import work

HERE = (
    "Folders, sockets and databases on the portal's own machine are entered there: "
    "manage.py stores move {store} URL"
)


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


class MoveForm(forms.Form):
    """The whole address is asked for again: a stored password is never sent to another
    server."""

    address = forms.CharField(
        max_length=500,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text="postgres://user@host:port/database, mysql://… or s3://key@bucket/…",
    )
    secret = forms.CharField(
        label="Password or secret key",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, store: Store) -> None:
        super().__init__(*args)
        self.store = store

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        try:
            if addresses.has_secret(address):
                raise forms.ValidationError("Enter the password in its own field.")
            if addresses.is_on_this_machine(address):
                raise forms.ValidationError(HERE.format(store=self.store))
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return address


def move(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Another server, or a new password; also for one that comes back."""
    store: Store = model_admin.row(request, object_id)

    def act(*, address: str, secret: str, by: str, now: dt.datetime) -> None:
        url = addresses.with_secret(address, secret)
        stores.move(store=store, url=url, by=by, now=now)

    return model_admin.step(
        request, "move", title="Change the address", original=store, act=act,
        form=MoveForm(request.POST or None, store=store),
        said="It answers there. “Stores and their maps” says if its map still fits.",
    )  # fmt: skip


class RetireForm(forms.Form):
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text="How it ended, and how its data was destroyed.",
    )


def retire(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """It is gone for good, so nothing can be searched there."""
    store: Store = model_admin.row(request, object_id)
    return model_admin.step(
        request, "retire", title="Retire", original=store,
        act=partial(stores.retire, store=store),
        form=RetireForm(request.POST or None),
        said=f"{store} is not searched any more; certificates say so.",
    )  # fmt: skip


def is_live(store: Store) -> bool:
    return store.retired_at is None


@admin.register(Store)
class StoreAdmin(ViewOnlyAdmin):
    nothing_yet = (
        "No database or file storage is connected. A privacy engineer "
        "connects one with the command “stores add”."
    )
    pages = (
        Page(check, "Check now", "privacy.change_store", at_once=True, offered=is_live),
        Page(limits, "Hours and limits", "privacy.change_store", offered=is_live),
        Page(replay, "After a restore", "privacy.approve_plan", offered=is_live),
        Page(move, "Change the address", "privacy.change_store"),
        Page(retire, "Retire", "privacy.change_store", offered=is_live),
    )
    list_display = (
        "name", "kind", "place", "is_production", "checked_at", "problem", "gone",
    )  # fmt: skip
    list_filter = ("kind", "is_production")
    fields = (
        "name", "kind", "place", "is_production", "connected_by", "connected_at",
        "checked_at", "problem", *stores.LIMITS,
    )  # fmt: skip
    readonly_fields = ("gone", "gone_because")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Store]:
        """Those that are gone stay in sight."""
        return Store.every.all()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        is_gone = obj is not None and not is_live(obj)
        return [*self.fields, *(("gone", "gone_because") if is_gone else ())]

    @admin.display(description="Gone since")
    def gone(self, store: Store) -> str:
        return display_for_value(store.retired_at, "")

    @admin.display(description="Gone because")
    def gone_because(self, store: Store) -> str:
        return f"{store.retired_why} ({store.retired_by})"
