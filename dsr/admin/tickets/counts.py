"""Statutory counts, on a page and as files."""

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from dsr import deadlines
from dsr import metrics as words
from dsr import register as lists
from dsr.models import DeadlineRule
from privacy.admin.base import ViewOnlyAdmin, attachment, shown_on
from privacy.admin.base.grounds import GroundForm
from privacy.models import Purpose

CSV = "text/csv; charset=utf-8"


class Handing(GroundForm):
    """Whom the register is given to."""

    purpose = forms.ModelChoiceField(
        Purpose.objects.filter(pk__in=["compliance", "legal"]), initial="compliance"
    )
    reason = forms.CharField(
        label="What for?", max_length=200, help_text="It is recorded with your name."
    )


def metrics(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponseBase:
    now = timezone.now()
    year = _year(request, deadlines.day_of(now).year)
    lines = words.counts(year=year, now=now)
    if request.GET.get("as") == "csv":
        return attachment(words.as_csv(lines).encode(), f"requests-{year}.csv", CSV)
    if request.GET.get("as") == "overview":
        content = words.overview(lines).encode()
        return attachment(content, f"requests-by-law-{year}.csv", CSV)
    this = deadlines.day_of(now).year
    titles = dict(DeadlineRule.objects.values_list("regime", "law"))
    laws = words.totals(lines).items()
    return model_admin.page(
        request,
        "metrics",
        title=f"Counts of {year}",
        laws=[(titles.get(code, ""), code, told) for code, told in laws],
        year=year,
        years=range(max(words.FIRST_YEAR, this - 4), this + 1),
    )


def register(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponseBase:
    """The register of a year; it is given only to a named recipient for a stated
    purpose."""
    now = timezone.now()
    year = _year(request, deadlines.day_of(now).year)
    form = Handing(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            lines = lists.export(
                year=year,
                ground=form.ground,
                reason=form.cleaned_data["reason"],
                by=request.user.get_username(),
                now=now,
            )
            return attachment(lines, f"register-{year}.csv", CSV)
    return model_admin.page(request, "register", title=f"Register of {year}", form=form)


def _year(request: HttpRequest, this: int) -> int:
    text = request.GET.get("year", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else this
