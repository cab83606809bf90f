"""Sign-ins and roles: Django's own screens, but every save is on the trail."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from privacy.admin.base import AuditedAdmin

admin.site.unregister([User, Group])


@admin.register(User)
class StaffAdmin(AuditedAdmin, UserAdmin):
    """A role is given by its group; nobody needs permissions of their own."""

    list_display = ("username", "is_active", "roles", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")

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


@admin.register(Group)
class RoleAdmin(AuditedAdmin, GroupAdmin):
    pass
