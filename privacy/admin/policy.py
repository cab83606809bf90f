"""The published policy and its words; they are changed in `privacy/rules`."""

from django.contrib import admin

from privacy.admin.base import ViewOnlyAdmin
from privacy.models import Category, PolicyVersion, Purpose, Source


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ViewOnlyAdmin):
    list_display = ("__str__", "digest")


@admin.register(Category, Source)
class WordAdmin(ViewOnlyAdmin):
    list_display = ("title", "description")


@admin.register(Purpose)
class PurposeAdmin(ViewOnlyAdmin):
    list_display = ("title", "description", "lawful_basis")
