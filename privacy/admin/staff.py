"""Sign-ins and roles: Django's own screens, but every save is on the trail."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from privacy.admin.base import AuditedAdmin

admin.site.unregister([User, Group])


@admin.register(User)
class StaffAdmin(AuditedAdmin, UserAdmin):
    """A role is given by its group; nobody needs permissions of their own."""

    list_display = ("username", "is_active", "roles", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")

    @admin.display(description="Roles")
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())


@admin.register(Group)
class RoleAdmin(AuditedAdmin, GroupAdmin):
    pass
