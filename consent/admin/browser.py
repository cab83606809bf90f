"""The cookie register, and cookies that pages set without being in it."""

from django.contrib import admin

from consent.models import Cookie, SignalDay, StrayCookie
from privacy.admin.base import AuditedAdmin, ViewOnlyAdmin


@admin.register(Cookie)
class CookieAdmin(AuditedAdmin):
    list_display = ["name", "need", "purpose", "lasts", "set_by"]
    fields = ["name", "need", "purpose", "lasts", "set_by"]


@admin.register(StrayCookie)
class StrayCookieAdmin(ViewOnlyAdmin):
    nothing_yet = "No page has set a cookie that is missing from the register."
    list_display = ["name", "route", "seen_at"]


@admin.register(SignalDay)
class SignalDayAdmin(ViewOnlyAdmin):
    nothing_yet = (
        "No visitor whom we don't know has sent the signal that they object to sale "
        "and sharing (Global Privacy Control). Of people whom we know it is an event."
    )
    list_display = ["day", "times"]
