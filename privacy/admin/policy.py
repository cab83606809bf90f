"""The published policy and its texts, view-only: they are changed in
`privacy/rules`."""

from django.contrib import admin

from privacy.admin.base import ViewOnlyAdmin
from privacy.models import Category, PolicyVersion, Purpose, Source


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ViewOnlyAdmin):
    nothing_yet = "No policy version is on file; “manage.py migrate” loads it."
    list_display = ("__str__", "digest")


@admin.register(Category, Source)
class WordAdmin(ViewOnlyAdmin):
    nothing_yet = "None on file; “manage.py migrate” loads those of the policy."
    list_display = ("title", "description")


@admin.register(Purpose)
class PurposeAdmin(ViewOnlyAdmin):
    nothing_yet = WordAdmin.nothing_yet
    list_display = ("title", "description", "lawful_basis")
