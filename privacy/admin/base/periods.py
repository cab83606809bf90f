"""How long records of the portal's own are kept: settings, and the yes to their end."""

import datetime as dt
from typing import Any, Protocol

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy.admin.base.kinds import AuditedAdmin
from privacy.admin.base.pages import shown_on
from privacy.models import KeepingPeriod


class Months(forms.Form):
    """What was looked at is what is approved."""

    months = forms.IntegerField(widget=forms.HiddenInput)


class Ends(Protocol):
    """The word that a period belongs to."""

    def approve(self, *, months: int, by: str, now: dt.datetime) -> KeepingPeriod: ...
    def due(self, *, now: dt.datetime) -> QuerySet[Any]: ...


class PeriodAdmin(AuditedAdmin):
    readonly_fields = ("approved_months", "approved_by", "approved_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A period ends with its last day; it does not disappear."""
        return False

    def ask(
        self,
        request: HttpRequest,
        object_id: str,
        *,
        page: str,
        word: Ends,
        longest: KeepingPeriod,
        said: str,
    ) -> HttpResponse:
        """The page on which somebody lets the clock end what is past the period."""
        rule: KeepingPeriod = self.row(request, object_id)
        now = timezone.now()
        form = Months(request.POST or None, initial={"months": rule.months})
        if form.is_valid():
            with shown_on(form):
                by = request.user.get_username()
                word.approve(months=form.cleaned_data["months"], by=by, now=now)
                return self.done(request, said, rule.pk)
        return self.page(
            request,
            page,
            title="Let them end",
            original=rule,
            form=form,
            due=word.due(now=now).count(),
            longest=longest,
        )
