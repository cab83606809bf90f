"""Legal holds and restrictions: placed and released, never edited."""

import datetime as dt
from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy import holds, identifiers
from privacy.admin.base import Page, TablesField, UncountedPaginator, ViewOnlyAdmin
from privacy.identifiers import Mark, NotAnIdentifier
from privacy.models import Hold, Table


class PlaceForm(forms.Form):
    matter = forms.CharField(
        label="Matter",
        max_length=120,
        help_text="The case or its number; no personal data.",
    )
    people = forms.CharField(
        label="People",
        required=False,
        help_text="Phone numbers and e-mail addresses, one a line.",
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )
    tables = TablesField(
        label="Whole tables",
        help_text="No row of these tables is deleted while the hold is open.",
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_people(self) -> list[Mark]:
        lines = self.cleaned_data["people"].splitlines()
        return [_mark(n, text) for n, text in enumerate(lines, 1) if text.strip()]


def _mark(number: int, text: str) -> Mark:
    """An error names the line, never what was typed there."""
    try:
        return identifiers.understand(text.strip())
    except NotAnIdentifier as refusal:
        raise forms.ValidationError(f"Line {number}: {refusal}") from None


def place(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    return model_admin.step(
        request,
        "place",
        title="Place a hold",
        form=PlaceForm(request.POST or None),
        act=_place,
        said="The hold is in force.",
    )


@transaction.atomic
def _place(
    *,
    matter: str,
    people: list[Mark],
    tables: Iterable[Table],
    by: str,
    now: dt.datetime,
) -> Hold:
    return holds.place(
        matter=matter,
        identifiers=[identifiers.keep(mark, now=now, revive=True) for mark in people],
        tables=list(tables),
        by=by,
        now=now,
    )


class LiftForm(forms.Form):
    told_on = forms.DateField(
        label="When was the person told that it ends?",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The law requires that they are told before (GDPR Art. 18(3)).",
    )


def lift(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Only for a restriction that was placed by hand; others end with their request."""
    hold: Hold = model_admin.row(request, object_id)
    return model_admin.step(
        request,
        "lift",
        title="End the restriction",
        original=hold,
        form=LiftForm(request.POST or None),
        act=partial(holds.lift, hold=hold),
        said="The restriction has ended.",
    )


def release(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    hold: Hold = model_admin.row(request, object_id)
    if request.method == "POST":
        by = request.user.get_username()
        holds.release(hold=hold, by=by, now=timezone.now())
        return model_admin.done(request, "The hold is released.", hold.pk)
    return model_admin.page(
        request, "release", title="Release", original=hold, form=forms.Form()
    )


class Open(admin.SimpleListFilter):
    title = "whether it is in force"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "In force"), ("no", "Released")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Hold]
    ) -> QuerySet[Hold]:
        is_open = {"yes": True, "no": False}.get(str(self.value()))
        if is_open is None:
            return queryset
        return queryset.filter(released_at__isnull=is_open)


@admin.register(Hold)
class HoldAdmin(ViewOnlyAdmin):
    nothing_yet = (
        "No holds. A hold protects rows from every deletion, for a named legal matter. "
        "Start one with “Place a hold”."
    )
    pages = (
        Page(place, "Place a hold", "privacy.add_hold", on="list"),
        Page(
            release,
            "Release",
            "privacy.change_hold",
            offered=lambda hold: (
                hold.released_at is None and hold.kind == Hold.Kind.LEGAL
            ),
        ),
        Page(
            lift,
            "End the restriction",
            "privacy.change_hold",
            offered=lambda hold: hold.released_at is None and holds.is_by_hand(hold),
        ),
    )
    paginator = UncountedPaginator
    show_full_result_count = False
    list_display = ("matter", "kind", "placed_by", "placed_at", "released_at")
    list_filter = ("kind", Open)
    fields = (
        "matter", "kind", "people", "tables", "kept", "placed_by", "placed_at",
        "released_by", "released_at",
    )  # fmt: skip

    @admin.display(description="People")
    def people(self, hold: Hold) -> str:
        return ", ".join(map(str, hold.identifiers.all())) or "No particular person"

    @admin.display(description="Rows it protected")
    def kept(self, hold: Hold) -> str:
        """Evidence that it was obeyed, by table."""
        kept = hold.receipts.values("range__table__name").annotate(most=Max("rows"))
        found = [f"{each['range__table__name']}: {each['most']:,}" for each in kept]
        return ", ".join(found) or "No sweep or erasure has come across it yet"
