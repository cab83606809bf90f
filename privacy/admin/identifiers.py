"""Identifiers as staff see them: masked, found by value, revealed for a reason."""

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy import identifiers, owners
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin, shown_on
from privacy.models import Identifier


class FindForm(forms.Form):
    """The value is posted and never part of an address: addresses end up in logs."""

    text = forms.CharField(
        label="Phone number or e-mail address",
        max_length=254,
        help_text="Any form of the number.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )


class RevealForm(forms.Form):
    reason = forms.CharField(
        label="Why you need to see it",
        max_length=300,
        help_text="For example the number of a ticket. It is recorded with your name;"
        " do not write the person's data here.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )


def find(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """Redirects to the identifier's own page, where it is masked."""
    form = FindForm(request.POST or None)
    if form.is_valid():
        with shown_on(form):
            mark = identifiers.understand(form.cleaned_data["text"])
            if row := identifiers.find(mark):
                return model_admin.back(row.pk)
            messages.info(request, "The portal does not know that number or address.")
    return model_admin.page(request, "find", title="Find an identifier", form=form)


def reveal(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """The value is in this one response; seeing it again needs a reason again."""
    row: Identifier = model_admin.row(request, object_id)
    form, plain = RevealForm(request.POST or None), ""
    if form.is_valid():
        with shown_on(form), transaction.atomic():
            plain = identifiers.reveal(
                identifier=row,
                reason=form.cleaned_data["reason"],
                by=request.user.get_username(),
                now=timezone.now(),
            )
    return model_admin.page(
        request,
        "reveal",
        title="Reveal",
        original=row,
        form=None if plain else form,
        plain=plain,
    )


class OwnerForm(forms.Form):
    since = forms.DateField(
        label="First day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "autofocus": True}),
    )
    until = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    ground = forms.CharField(
        label="How we know",
        max_length=300,
        help_text="For example the carrier's notice; no personal data.",
    )


def owner(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Notes since when, or until when, somebody has owned the number."""
    row: Identifier = model_admin.row(request, object_id)
    form = OwnerForm(request.POST or None)
    if form.is_valid():
        with shown_on(form):
            owners.note(
                identifier=row,
                **form.cleaned_data,
                by=request.user.get_username(),
                now=timezone.now(),
            )
            return model_admin.done(request, "It is noted.", row.pk)
    return model_admin.page(
        request,
        "owner",
        title="Note a former or new owner",
        original=row,
        form=form,
        periods=row.owner_periods.all(),
    )


@admin.register(Identifier)
class IdentifierAdmin(ListOfMillions, ViewOnlyAdmin):
    nothing_yet = (
        "No numbers or addresses yet. They come with messages, requests and lists."
    )
    pages = (
        Page(find, "Find an identifier", "privacy.view_identifier", on="list"),
        Page(
            reveal,
            "Reveal",
            "privacy.reveal_identifier",
            offered=lambda row: row.erased_at is None,
        ),
        Page(owner, "Note a former or new owner", "privacy.add_ownerperiod"),
    )
    list_display = ("__str__", "created_at", "erased_at")
    list_filter = ("kind",)
    fields = (
        "kind", "masked", "owned", "created_at", "erased_at", "digest", "key_id",
        "used",
    )  # fmt: skip

    @admin.display(description="Owners")
    def owned(self, row: Identifier) -> str:
        periods = row.owner_periods.all()
        return (
            "; ".join(
                f"{each.since or '…'} to {each.until or '…'} ({each.ground})"
                for each in periods
            )
            or "Nothing noted: it is treated as having one owner."
        )

    @admin.display(description="Value")
    def masked(self, row: Identifier) -> str:
        return row.hint or "Destroyed by an erasure; only the digest is left."

    @admin.display(description="Named by")
    def used(self, row: Identifier) -> str:
        plans, holds = row.plans.count(), row.hold_set.count()
        return f"Plans: {plans}; legal holds: {holds}"
