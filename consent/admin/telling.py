"""Endpoints that are told of every change, and their deliveries."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent import endpoints, telling
from consent.models import Delivery, Endpoint
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin, shown_on


class EndpointForm(forms.Form):
    name = forms.SlugField(max_length=60, help_text="Which system it is.")
    url = forms.URLField(
        label="Address",
        max_length=500,
        assume_scheme="https",
        help_text="A public https address.",
    )
    recipient = forms.CharField(
        max_length=120,
        required=False,
        help_text="Its owner's name in the list of recipients; their contract must "
        "cover numbers and opt-outs. Empty: the system is told only event numbers.",
    )


def create(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """The secret is in the response to the form, and nowhere else."""
    form, secret = EndpointForm(request.POST or None), None
    if form.is_valid():
        with shown_on(form):
            secret = endpoints.create(
                **form.cleaned_data,
                by=request.user.get_username(),
                now=timezone.now(),
            )
    title = "Tell another system"
    form_shown = form if secret is None else None
    return model_admin.page(
        request, "create", title=title, form=form_shown, secret=secret
    )


def rotate(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Adds a new secret beside the old one."""
    row, secret = model_admin.row(request, object_id), None
    if request.method == "POST":
        secret = endpoints.rotate(
            endpoint=row, by=request.user.get_username(), now=timezone.now()
        )
    return model_admin.page(
        request,
        "create",
        title="Make a new secret",
        original=row,
        form=forms.Form() if secret is None else None,
        secret=secret,
    )


def end_rotation(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row = model_admin.row(request, object_id)
    endpoints.end_rotation(
        endpoint=row, by=request.user.get_username(), now=timezone.now()
    )
    return model_admin.done(request, "The old secret no longer signs.", row.pk)


def agree(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row = model_admin.row(request, object_id)
    endpoints.agree(endpoint=row, by=request.user.get_username(), now=timezone.now())
    return model_admin.done(request, "Agreed: it is told of each change.", row.pk)


def switch_on(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row, by = model_admin.row(request, object_id), request.user.get_username()
    endpoints.switch_on(endpoint=row, by=by, now=timezone.now())
    return model_admin.done(request, "A second person must agree now.", row.pk)


def switch_off(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row, by = model_admin.row(request, object_id), request.user.get_username()
    endpoints.switch_off(endpoint=row, by=by, now=timezone.now())
    return model_admin.done(request, "Switched off: it is told nothing.", row.pk)


def again(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row = model_admin.row(request, object_id)
    telling.again(delivery=row, by=request.user.get_username(), now=timezone.now())
    return model_admin.done(request, "It is tried again within a minute.", row.pk)


CHANGE = "consent.change_endpoint"


@admin.register(Endpoint)
class EndpointAdmin(ViewOnlyAdmin):
    nothing_yet = (
        "No other system is told when somebody opts in or out. Add one with “Tell "
        "another system”."
    )
    pages = (
        Page(create, "Tell another system", "consent.add_endpoint", on="list"),
        Page(
            agree,
            "Agree that it is told",
            "consent.agree_endpoint",
            offered=lambda row: bool(row.asked_by),
            needs_another=lambda row, by: row.asked_by == by,
            at_once=True,
        ),
        Page(rotate, "Make a new secret", CHANGE),
        Page(
            end_rotation,
            "End the old secret",
            CHANGE,
            offered=lambda row: row.previous_secret is not None,
            at_once=True,
        ),
        Page(
            switch_on,
            "Switch on",
            CHANGE,
            offered=lambda row: not (row.is_active or row.asked_by),
            at_once=True,
        ),
        Page(
            switch_off,
            "Switch off",
            CHANGE,
            offered=lambda row: row.is_active or row.asked_by,
            at_once=True,
        ),
    )
    list_display = ["name", "url", "recipient", "is_active", "asked_by", "created_at"]
    list_filter = [("asked_by", admin.EmptyFieldListFilter)]
    list_select_related = ["recipient"]
    fields = [
        "name",
        "url",
        "recipient",
        "is_active",
        "asked_by",
        "created_at",
        "created_by",
    ]


@admin.register(Delivery)
class DeliveryAdmin(ListOfMillions, ViewOnlyAdmin):
    nothing_yet = (
        "No other system has been told anything yet. There will be one entry for each "
        "change of consent and each system."
    )
    pages = (
        Page(
            again,
            "Try again",
            CHANGE,
            offered=lambda row: row.state != Delivery.State.TAKEN,
            at_once=True,
        ),
    )
    list_display = [
        "type",
        "event",
        "endpoint",
        "state",
        "attempts",
        "last_status",
        "next_at",
    ]
    list_filter = ["state", "type"]
    list_select_related = ["endpoint", "event"]
    fields = [
        "type",
        "event",
        "endpoint",
        "state",
        "attempts",
        "last_status",
        "next_at",
        "taken_at",
    ]
