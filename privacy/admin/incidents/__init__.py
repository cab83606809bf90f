"""The register of breaches: record one, assess it, note who was told, close it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from privacy import incidents
from privacy.admin.base import (
    AuditedAdmin,
    Page,
    TablesField,
    ViewOnlyAdmin,
    attachment,
    shown_on,
)
from privacy.admin.incidents.people import PeopleForm
from privacy.models import Incident, IncidentRule


def instant(label: str, **options: Any) -> forms.DateTimeField:
    """The admin works in UTC, and says so."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=f"{label} (UTC)", widget=widget, **options)


def words(label: str, **options: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(label=label, widget=widget, max_length=5000, **options)


class Reached(forms.Form):
    """How many people are affected, law by law; an empty field counts as none."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for place, law in incidents.places():
            self.fields[place] = forms.IntegerField(
                label=f"How many people: {law}", min_value=0, required=False
            )

    def reach(self) -> dict[str, int]:
        said = self.cleaned_data
        return {p: said[p] for p, _ in incidents.places() if said.get(p)}


class RecordForm(Reached):
    title = forms.CharField(max_length=160, help_text="Names nobody.")
    facts = words("What happened?", help_text="Names nobody.")
    aware_at = instant("When did we become aware of it?")
    occurred_at = instant("When did it happen?", required=False)
    tables = TablesField(label="Which data is affected?")


class AssessForm(Reached):
    risk = forms.ChoiceField(label="How bad is it?", choices=Incident.Risk.choices)
    determined_at = instant(
        "When was it established that it is a breach?", required=False
    )
    effects = words("What harm did it do to people, or could it do?", required=False)
    remedy = words("What was done about it?", required=False)


class ToldForm(forms.Form):
    at = instant("When were they told?")
    people = forms.IntegerField(
        label="How many people were told?", min_value=0, required=False
    )
    paper = forms.FileField(
        label="The proof", required=False, help_text="Stored sealed. Up to 20 MB."
    )
    ground = words("Why was it late, if it was?", required=False)


class SpareForm(forms.Form):
    ground = words("Why need they not be told?", help_text="Names nobody.")


def record(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    form = RecordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        names = ("title", "facts", "aware_at", "occurred_at", "tables")
        facts = {name: form.cleaned_data[name] for name in names}
        with shown_on(form):
            row = incidents.record(**facts, reach=form.reach(), **_who(request))
            return model_admin.done(
                request, "Recorded; its deadlines are running.", row.pk
            )
    return _ask(model_admin, request, "Record an incident", form)


def assess(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row: Incident = model_admin.row(request, object_id)
    names = ("risk", "determined_at", "effects", "remedy")
    known = {name: getattr(row, name) for name in names}
    known |= dict(row.reach.values_list("place", "people"))
    form = AssessForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in names}
        with shown_on(form):
            said = {**facts, "reach": form.reach()}
            incidents.assess(incident=row, **said, **_who(request))
            return model_admin.done(
                request, "Assessed; the deadlines were updated.", row.pk
            )
    return _ask(model_admin, request, "Say what is known by now", form, row)


def people(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row: Incident = model_admin.row(request, object_id)
    form = PeopleForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            said = {"place": form.cleaned_data["place"], **form.found()}
            added = incidents.people.name(incident=row, **said, **_who(request))
            return model_admin.done(request, f"{added} people named.", row.pk)
    return _ask(model_admin, request, "Name the people affected", form, row)


def told(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row: Incident = model_admin.row(request, object_id)
    rule = _rule(request)
    form = ToldForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        facts: dict[str, Any] = form.cleaned_data
        paper = facts.pop("paper")
        facts["paper"] = paper.read(incidents.LARGEST + 1) if paper else b""
        with shown_on(form):
            incidents.told(incident=row, rule=rule, **facts, **_who(request))
            return model_admin.done(request, "Noted.", row.pk)
    return _ask(model_admin, request, f"Told: {rule.who}", form, row, rule)


def spare(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row: Incident = model_admin.row(request, object_id)
    rule = _rule(request)
    form = SpareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ground = form.cleaned_data["ground"]
        with shown_on(form):
            facts = {"rule": rule, "ground": ground}
            incidents.spare(incident=row, **facts, **_who(request))
            return model_admin.done(request, "Decided.", row.pk)
    title = f"Need not be told: {rule.who}"
    return _ask(model_admin, request, title, form, row, rule)


def close(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row: Incident = model_admin.row(request, object_id)
    incidents.close(incident=row, **_who(request))
    return model_admin.done(request, "Closed; it stays in the register.", row.pk)


def paper(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponseBase:
    """The proof of a step, as a download."""
    row: Incident = model_admin.row(request, object_id)
    found = row.steps.filter(pk=_number(request, "step")).first()
    if found is None or found.document is None:
        raise Http404("There is no such document.")
    content = incidents.proof(step=found, **_who(request))
    return attachment(content, f"incident-{row.pk}-{found.pk}")


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user.get_username(), "now": timezone.now()}


def _rule(request: HttpRequest) -> IncidentRule:
    found = IncidentRule.objects.filter(pk=_number(request, "rule")).first()
    if found is None:
        raise Http404("There is no such duty.")
    return found


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    is_one = text.isascii() and text.isdecimal() and len(text) < 19
    return int(text) if is_one else 0


def _ask(
    model_admin: ViewOnlyAdmin,
    request: HttpRequest,
    title: str,
    form: forms.Form,
    row: Incident | None = None,
    rule: IncidentRule | None = None,
) -> HttpResponse:
    said = {"title": title, "form": form, "original": row, "rule": rule}
    return model_admin.page(request, "ask", **said)


def is_open(row: Incident) -> bool:
    return row.closed_at is None


@admin.register(Incident)
class IncidentAdmin(ViewOnlyAdmin):
    nothing_yet = "No breach of personal data is on record."
    pages = (
        Page(record, "Record an incident", "privacy.add_incident", on="list"),
        Page(assess, "Say what is known by now", "privacy.change_incident",
             offered=is_open),
        Page(people, "Name the people affected", "privacy.change_incident",
             offered=is_open),
        Page(told, "Note that they were told", "privacy.change_incident",
             offered=lambda row: False),
        Page(spare, "Decide that they need not be told", "privacy.change_incident",
             offered=lambda row: False),
        Page(paper, "Open the proof", "privacy.view_incident",
             offered=lambda row: False),
        Page(close, "Close it", "privacy.change_incident", at_once=True,
             offered=is_open),
    )  # fmt: skip
    list_display = ("title", "aware_at", "risk", "next_duty", "closed_at")
    list_filter = ("risk",)
    fields = (
        "title", "facts", "risk", "effects", "remedy", "occurred_at", "aware_at",
        "determined_at", "recorded_by", "recorded_at", "closed_at", "closed_by",
    )  # fmt: skip
    change_form_template = "admin/privacy/incident/show.html"

    @admin.display(description="Next to notify")
    def next_duty(self, row: Incident) -> str:
        waiting = (c for c in incidents.clocks(row) if c.step is None)
        first = next(waiting, None)
        return f"{first.rule.who}, {first.words}" if first else "nobody"

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        now = timezone.now()
        context["clocks"] = [(c, c.is_late(now)) for c in incidents.clocks(obj)]
        context["reach"] = _reach(obj)
        context["named"] = incidents.people.counted(obj)
        context["tables"] = obj.tables.prefetch_related("columns__category")
        context["title"], context["subtitle"] = str(obj), None
        return super().render_change_form(request, context, add, change, form_url, obj)


def _reach(row: Incident) -> list[tuple[str, int]]:
    laws = dict(incidents.places())
    return [(laws.get(r.place, r.place), r.people) for r in row.reach.order_by("place")]


@admin.register(IncidentRule)
class IncidentRuleAdmin(AuditedAdmin):
    list_display = (
        "law", "who", "at_least", "period", "citation", "mark", "valid_from",
        "valid_to",
    )  # fmt: skip
    list_filter = ("whom", "mark")
    fields = (
        "code", "place", "law", ("whom", "who"), "at_least", "only_high_risk", "starts",
        ("quantity", "unit"), "calendar", "citation", "mark",
        ("valid_from", "valid_to"),
    )  # fmt: skip

    @admin.display(description="within")
    def period(self, rule: IncidentRule) -> str:
        return incidents.Clock(rule, None, None).period

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
