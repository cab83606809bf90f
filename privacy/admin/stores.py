"""Connected databases and file storages; `stores add` connects them."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy import stores
from privacy.admin.base import Page, ViewOnlyAdmin
from privacy.models import Store


def check(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    store: Store = model_admin.row(request, object_id)
    if stores.check(store=store, now=timezone.now()):
        return model_admin.done(request, f"The store {store} answers.", store.pk)
    messages.error(request, store.problem)
    return model_admin.back(store.pk)


@admin.register(Store)
class StoreAdmin(ViewOnlyAdmin):
    pages = (Page(check, "Check now", "privacy.change_store", at_once=True),)
    list_display = ("name", "kind", "place", "is_production", "checked_at", "problem")
    list_filter = ("kind", "is_production")
    fields = (
        "name", "kind", "place", "is_production", "connected_by", "connected_at",
        "checked_at", "problem",
    )  # fmt: skip
