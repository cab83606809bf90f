"""Sign-ins and roles: Django's own screens, but every save is on the trail."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy import factors
from privacy.admin.base import AuditedAdmin, Page, shown_on

admin.site.unregister([User, Group])


class ResetForm(forms.Form):
    reason = forms.CharField(
        label="Why, and how you know who asks",
        max_length=300,
        help_text="For example: phone lost; recognised in the office. It is recorded"
        " with your name.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )


def reset_second_factor(
    model_admin: AuditedAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """For who lost it and the recovery codes too."""
    holder, form = model_admin.row(request, object_id), ResetForm(request.POST or None)
    if form.is_valid():
        with shown_on(form):
            code = factors.reset(
                holder=holder,
                reason=form.cleaned_data["reason"],
                by=request.user.get_username(),
                is_administrator=bool(request.user.is_superuser),
                now=timezone.now(),
            )
            return _reset_page(model_admin, request, holder, code=code)
    held = factors.in_words(holder)
    return _reset_page(model_admin, request, holder, form=form, held=held)


def _reset_page(
    model_admin: AuditedAdmin, request: HttpRequest, holder: User, **context: Any
) -> HttpResponse:
    """With the form, or with the code that is on this answer and nowhere else."""
    name, title = "reset_second_factor", "Reset the second factor"
    return model_admin.page(request, name, title=title, original=holder, **context)


@admin.register(User)
class StaffAdmin(AuditedAdmin, UserAdmin):
    """A role is given by its group; nobody needs permissions of their own."""

    pages = (
        Page(
            reset_second_factor,
            "Reset the second factor",
            "privacy.reset_factor",
            offered=lambda user: user.is_staff,
        ),
    )
    list_display = ("username", "is_active", "roles", "second_factor", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people = super().get_queryset(request)
        return people.prefetch_related("groups", "factors", "recovery_codes")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look is not led to a form that sets a password."""
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        return [
            (title, {**said, "fields": [f for f in said["fields"] if f != "password"]})
            for title, said in super().get_fieldsets(request, obj)
        ]

    @admin.display(description="Roles")
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    @admin.display(description="Second factor")
    def second_factor(self, user: User) -> str:
        return factors.in_words(user) or "none: a password alone"


@admin.register(Group)
class RoleAdmin(AuditedAdmin, GroupAdmin):
    pass
