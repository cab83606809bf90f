"""Sign-ins and roles: Django's own screens, but every save is audited."""

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
from privacy.factors import lost

admin.site.unregister([User, Group])


class ResetForm(forms.Form):
    reason = forms.CharField(
        label="Why, and how you know who is asking",
        max_length=300,
        help_text="For example: phone lost; recognised in the office. It is recorded"
        " with your name.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )


class ConfirmForm(forms.Form):
    sure = forms.BooleanField(label="I know that they lost it, and who told me")


def reset_second_factor(
    model_admin: AuditedAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """For someone who lost the second factor and its recovery codes: one person asks,
    another confirms."""
    holder, now = model_admin.row(request, object_id), timezone.now()
    asked = lost.waiting(holder, now=now)
    form = (ConfirmForm if asked else ResetForm)(request.POST or None)
    if form.is_valid():
        with shown_on(form):
            return _step(model_admin, request, holder, form.cleaned_data)
    held = factors.in_words(holder)
    said = {"form": form, "held": held, "asked": asked}
    return _reset_page(model_admin, request, holder, **said)


def _step(
    model_admin: AuditedAdmin,
    request: HttpRequest,
    holder: User,
    said: dict[str, Any],
) -> HttpResponse:
    """With no factor set up there is none to lose, so one person is enough."""
    who: dict[str, Any] = {
        "holder": holder,
        "by": request.user.get_username(),
        "now": timezone.now(),
    }
    power = bool(request.user.is_superuser)
    if "sure" in said:
        code = lost.confirm(**who, is_administrator=power)
    elif holder.factors.exists():
        lost.ask(**who, reason=said["reason"])
        sentence = (
            "Asked for. Nothing has changed yet; another person must confirm "
            "it on this page."
        )
        return model_admin.done(request, sentence, holder.pk)
    else:
        code = lost.reset(**who, is_administrator=power, reason=said["reason"])
    return _reset_page(model_admin, request, holder, code=code)


def _reset_page(
    model_admin: AuditedAdmin, request: HttpRequest, holder: User, **context: Any
) -> HttpResponse:
    """Shows the form, or the new code, which is in this response and nowhere else."""
    name, title = "reset_second_factor", "Reset the second factor"
    return model_admin.page(request, name, title=title, original=holder, **context)


@admin.register(User)
class StaffAdmin(AuditedAdmin, UserAdmin):
    """A role is given by its group; nobody needs individual permissions."""

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
        """Someone who may only view accounts is not led to the form that sets a
        password."""
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
        return factors.in_words(user) or "none: password only"


@admin.register(Group)
class RoleAdmin(AuditedAdmin, GroupAdmin):
    pass
