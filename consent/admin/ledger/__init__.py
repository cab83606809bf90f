"""Support looks a person up here: may we contact them, and how do we know?"""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from consent import evidence, expiry, hearing, programs, reasons
from consent import lookup as lookups
from consent.admin.base import sender_of
from consent.admin.ledger.forms import (
    AddressForm,
    EvidenceForm,
    HeardForm,
    LookupForm,
)
from consent.browser import preferences
from consent.lookup import Finding
from consent.models import Event, Standing
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin, attachment, shown_on
from privacy.models import Identifier

HEARD = "heard"  # in the session of who recorded it


def lookup(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """One number in, one answer out, with its reason and its history."""
    form, finding = LookupForm(request.POST or None), _again(request)
    if form.is_valid():
        with shown_on(form):
            finding = lookups.look_up(
                text=form.cleaned_data["address"],
                at=form.cleaned_data["at"],
                known_at=form.cleaned_data["known_at"],
                by=request.user.get_username(),
                now=timezone.now(),
            )
    typed = form.cleaned_data if finding and form.is_bound else None
    if finding and finding.as_of:
        typed = None  # nothing is recorded or proved from an answer about the past
    heard = HeardForm(initial=typed, auto_id="heard_%s") if typed else None
    if heard and request.user.has_perm("consent.add_event"):
        # the answer is read; next comes what the person on the phone says
        del form.fields["address"].widget.attrs["autofocus"]
        heard.fields["reason"].widget.attrs["autofocus"] = True
    history = told(finding) if finding else []
    is_known = finding is not None and (history or finding.beside)
    return model_admin.page(
        request,
        "lookup",
        title="May we contact this person?",
        form=form,
        finding=finding,
        history=history,
        heard=heard,
        may_record=heard and request.user.has_perm("consent.add_event"),
        proof=EvidenceForm(initial=typed, auto_id="proof_%s")
        if typed and is_known and request.user.has_perms(evidence.PERMISSIONS)
        else None,
    )


def _again(request: HttpRequest) -> Finding | None:
    """The person whose opt-out was just recorded, found once by the number of their
    row."""
    key = request.session.pop(HEARD, 0) if request.method == "GET" else 0
    person = Identifier.objects.filter(pk=key, erased_at=None).first()
    if person is None:
        return None
    by = request.user.get_username()
    return lookups.look_again(person=person, by=by, now=timezone.now())


def told(finding: Finding) -> list[dict[str, object]]:
    """The history, with each event as a sentence."""
    return [
        {
            "event": event,
            "how": reasons.how(event),
            "because": finding.because[event.sequence],
            "clock": finding.clocks.get(event.sequence),
        }
        for event in finding.history
    ]


def record(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """Records an opt-out that was heard on the phone."""
    form = HeardForm(request.POST or None)
    if form.is_valid():
        with shown_on(form):
            event = hearing.hear(
                text=form.cleaned_data["address"],
                kind=Event.Kind.OPT_OUT,
                organization=form.cleaned_data["organization"],
                program=form.cleaned_data["program"],
                reason=form.cleaned_data["reason"],
                once=form.cleaned_data["once"],
                others=form.cleaned_data["others"],
                by=request.user.get_username(),
                now=timezone.now(),
            )
            messages.success(request, "The opt-out is recorded and in force.")
            request.session[HEARD] = event.identifier_id
            return redirect("admin:consent_standing_lookup")
    title = "Record an opt-out heard on the phone"
    return model_admin.page(request, "record", title=title, form=form)


def prove(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponseBase:
    """Downloads the evidence pack, from the look-up page or from here."""
    if not request.user.has_perms(evidence.PERMISSIONS):
        raise PermissionDenied(
            "Your role does not allow evidence packs. Only Legal can make them."
        )
    form = EvidenceForm(request.POST or None)
    if form.is_valid():
        now = timezone.now()
        with shown_on(form):
            content = evidence.pack(
                mark=lookups.whom(form.cleaned_data["address"], now=now),
                reason=form.cleaned_data["reason"],
                ground=form.ground(),
                by=request.user.get_username(),
                now=now,
            )
            # nothing of the person in its name: names of files end up in lists
            return attachment(content, "evidence.zip", "application/zip")
    title = "Evidence pack for counsel"
    return model_admin.page(request, "prove", title=title, form=form)


def offer(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """The address of a person's preference centre, to send to them; shown once."""
    form, address = AddressForm(request.POST or None), None
    form.fields["address"].help_text = "Any form of the number. It is recorded."
    if form.is_valid():
        now = timezone.now()
        with shown_on(form):
            address = preferences.offer(
                mark=lookups.reachable(form.cleaned_data["address"], now=now),
                by=request.user.get_username(),
                now=now,
            )
    return model_admin.page(
        request,
        "offer",
        title="Preference link for a person",
        form=form if address is None else None,
        address=address,
    )


def ending(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """Whom to ask again in time: how many people's consent ends soon, by sender."""
    rows = expiry.ending(days=expiry.SOON[0], now=timezone.now())
    counted = rows.order_by().values("organization")
    counted = counted.annotate(people=Count("identifier", distinct=True))
    senders = [
        (programs.sender(row["organization"]), row["people"])
        for row in counted.order_by("-people", "organization")
    ]
    title = f"Consent that ends within {expiry.SOON[0]} days"
    return model_admin.page(request, "ending", title=title, senders=senders)


class Ends(admin.SimpleListFilter):
    title = "when consent ends"
    parameter_name = "ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(days), f"Within {days} days") for days in expiry.SOON]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Model]
    ) -> QuerySet[Model]:
        if not self.value():
            return queryset
        rows = expiry.ending(days=int(self.value() or 0), now=timezone.now())
        return queryset.filter(pk__in=rows.values("pk"))


@admin.register(Standing)
class StandingAdmin(ListOfMillions, ViewOnlyAdmin):
    """Has no search: it would put the number into an address."""

    nothing_yet = (
        "Nobody has opted in or out yet. A standing is worked out from the events of "
        "one address."
    )
    pages = (
        Page(lookup, "Look up a number", permission="consent.view_standing", on="list"),
        Page(record, "Record an opt-out", permission="consent.add_event", on="list"),
        Page(ending, "Ends soon", permission="consent.view_standing", on="list"),
        Page(offer, "Preference link", permission="consent.add_event", on="list"),
        Page(prove, "Evidence pack", permission="privacy.reveal_identifier", on="list"),
    )
    list_display = ["person", "channel", "sender", "state", "since"]
    list_filter = ["state", "channel", Ends]
    list_select_related = ["identifier"]
    fields = ["person", "channel", "sender", "state", "since", "renewed_at", "event"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Standing]:
        return programs.with_senders(super().get_queryset(request))

    @admin.display(description="Person")
    def person(self, row: Standing) -> str:
        return row.identifier.hint or "(erased)"

    @admin.display(description="Sender")
    def sender(self, row: Standing) -> str:
        return sender_of(row)
