"""Keys of partner systems: created (and shown once) and revoked, never changed."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy import apikeys
from privacy.admin.base import Page, ViewOnlyAdmin, shown_on
from privacy.models import ApiKey, Provider


class KeyForm(forms.Form):
    name = forms.SlugField(max_length=60, help_text="The system that uses it.")
    scopes = forms.MultipleChoiceField(
        label="Permissions",
        widget=forms.CheckboxSelectMultiple,
        help_text="Only people who may see unmasked lists can create a key that "
        "fetches them.",
    )
    recipient = forms.ModelChoiceField(
        Provider.objects.filter(is_active=True),
        to_field_name="name",
        label="Whose system it is",
        required=False,
        empty_label="the platform's own",
        help_text="They receive the suppression list only under their contract.",
    )

    def __init__(self, *args: Any, may: Callable[[str], bool], **named: Any) -> None:
        """`may`: whether who makes the key has a permission."""
        super().__init__(*args, **named)
        scopes: Any = self.fields["scopes"]
        scopes.choices = [
            (scope, what)
            for scope, what in apikeys.SCOPES.items()
            if scope not in apikeys.NEEDS or may(apikeys.NEEDS[scope])
        ]


def create(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """The key is shown in the response to the form and nowhere else."""
    form, key = KeyForm(request.POST or None, may=request.user.has_perm), None
    if form.is_valid():
        with shown_on(form):
            key = apikeys.create(
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                recipient=str(form.cleaned_data["recipient"] or ""),
                by=request.user.get_username(),
                now=timezone.now(),
            )
    return model_admin.page(
        request,
        "create",
        title="Create an API key",
        form=form if key is None else None,
        key=key,
    )


def revoke(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Asks first: the system that uses the key is cut off at once."""
    row = model_admin.row(request, object_id)
    if request.method != "POST":
        return model_admin.page(
            request, "revoke", title="Revoke the key", original=row, form=forms.Form()
        )
    apikeys.revoke(name=row.name, by=request.user.get_username(), now=timezone.now())
    return model_admin.done(request, "The key is revoked.", row.pk)


@admin.register(ApiKey)
class ApiKeyAdmin(ViewOnlyAdmin):
    nothing_yet = (
        "No other system has a key yet. “Create a key” makes one and shows it once."
    )
    pages = (
        Page(create, "Create a key", permission="privacy.add_apikey", on="list"),
        Page(
            revoke,
            "Revoke",
            permission="privacy.change_apikey",
            offered=lambda key: key.revoked_at is None,
        ),
    )
    list_display = ["name", "may", "recipient", "created_at", "revoked_at"]
    list_select_related = ["recipient"]
    fields = [
        "name",
        "may",
        "recipient",
        "created_at",
        "created_by",
        "revoked_at",
        "revoked_by",
    ]

    @admin.display(description="May")
    def may(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)
