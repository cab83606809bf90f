"""Who is on a list that forbids contact."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent import listings, lookup
from consent.admin.base import DatedRuleAdmin, PlaceForm
from consent.models import DoNotCallRule, Listing, RegistryRule
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin, shown_on


class RequestForm(forms.Form):
    address = forms.CharField(
        label="Phone number, e-mail address or lead id",
        max_length=320,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    source = forms.CharField(
        label="How they asked",
        max_length=120,
        help_text="Such as “by letter of 3 March”.",
    )


def request_(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """Records that somebody asked to be left alone."""
    form = RequestForm(request.POST or None)
    if form.is_valid():
        with shown_on(form):
            now = timezone.now()
            row = listings.request(
                mark=lookup.reachable(form.cleaned_data["address"], now=now),
                source=form.cleaned_data["source"],
                asked_at=now,
                by=request.user.get_username(),
                now=now,
            )
            said = f"They are on the list until {row.ends_at:%d %B %Y}."
            return model_admin.done(request, said, row.pk)
    title = "Put a person on our do-not-call list"
    return model_admin.page(request, "request", title=title, form=form)


request_.__name__ = "request"


@admin.register(Listing)
class ListingAdmin(ListOfMillions, ViewOnlyAdmin):
    nothing_yet = (
        "Nobody is on a do-not-call list yet. “Do not call this person” "
        "adds somebody to our own."
    )
    pages = (
        Page(
            request_,
            "Do not call this person",
            permission="consent.add_event",
            on="list",
        ),
    )
    list_display = ["person", "list", "listed_at", "ends_at", "source"]
    list_filter = ["list"]
    list_select_related = ["identifier"]
    fields = ["person", "list", "listed_at", "ends_at", "source", "recorded_by"]

    @admin.display(description="Person")
    def person(self, row: Listing) -> str:
        return row.identifier.hint or "(erased)"


@admin.register(DoNotCallRule)
class DoNotCallRuleAdmin(DatedRuleAdmin):
    form = PlaceForm
    list_display = ["jurisdiction", "sets", "valid_from", "valid_to", "mark"]
    search_fields = ["jurisdiction"]
    fields = [
        "name",
        "jurisdiction",
        "years",
        "days",
        "citation",
        "mark",
        "valid_from",
        "valid_to",
    ]


@admin.register(RegistryRule)
class RegistryRuleAdmin(DatedRuleAdmin):
    form = PlaceForm
    list_display = ["in_words", "sets", "valid_from", "valid_to", "mark"]
    search_fields = ["name"]
    fields = [
        "name",
        "jurisdiction",
        "list",
        "days",
        "citation",
        "mark",
        "valid_from",
        "valid_to",
    ]
