"""Support looks a person up here: may we contact them, and how do we know?"""

import secrets
from typing import Any

from django import forms
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
from consent.browser import preferences
from consent.lookup import Finding
from consent.models import Event, Standing
from consent.transfer import Ground
from privacy import identifiers
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin, attachment, shown_on
from privacy.models import Identifier

SOON = (30, 90)  # days
HEARD = "heard"  # in the session of who recorded it


WHEN = forms.DateTimeInput(attrs={"type": "datetime-local"})


class AddressForm(forms.Form):
    """The value is posted and never part of an address: addresses end up in logs."""

    address = forms.CharField(
        label="Phone number, e-mail address or lead id",
        max_length=320,
        help_text="Any form of the number. The look-up is recorded.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )


class LookupForm(AddressForm):
    at = forms.DateTimeField(
        label="As of (UTC)",
        required=False,
        widget=WHEN,
        help_text="What the answer was then. Empty: now.",
    )
    known_at = forms.DateTimeField(
        label="By what we knew at (UTC)",
        required=False,
        widget=WHEN,
        help_text="Leaves out what was recorded or corrected later. Empty: all that "
        "we know.",
    )


class HeardForm(forms.Form):
    address = forms.CharField(label="Phone number or e-mail address", max_length=320)
    organization = forms.ChoiceField(
        label="Which sender",
        choices=lambda: [("", "Every sender"), *programs.senders()],
        required=False,
    )
    program = forms.ChoiceField(
        label="Which of its messages",
        choices=lambda: [("", "All of them"), *programs.parts()],
        required=False,
        help_text="If the person spoke of one program or number alone.",
    )
    reason = forms.CharField(
        label="What the person said",
        max_length=500,
        # one line: Enter records it
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Press Enter to record it. It is sealed and kept as evidence.",
    )
    others = forms.CharField(
        label="Their other numbers and addresses",
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="If the person said it of these, too; separated by commas.",
    )
    once = forms.CharField(  # pressed twice, it is recorded once
        max_length=40,
        required=False,
        initial=lambda: secrets.token_urlsafe(16),
        widget=forms.HiddenInput(),
    )

    def clean_others(self) -> list[str]:
        said = self.cleaned_data["others"].replace(";", ",").split(",")
        return [each.strip() for each in said if each.strip()]


class EvidenceForm(forms.Form):
    address = forms.CharField(label="Phone number or e-mail address", max_length=320)
    reason = forms.CharField(
        label="Why you need the evidence",
        max_length=200,
        help_text="Recorded with your name. The pack names the person.",
    )
    recipient = forms.CharField(
        label="Recipient outside the company",
        max_length=120,
        required=False,
        help_text="Their name in the list of recipients. Empty: the pack stays with "
        "us.",
    )
    process = forms.CharField(
        label="Or which legal process",
        max_length=120,
        required=False,
        help_text="Its reference; its document must be on file.",
    )

    def ground(self) -> Ground | None:
        said = self.cleaned_data
        found = Ground(said["recipient"], "legal", said["process"])
        return found if found.recipient or found.process else None


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
        if typed and history and request.user.has_perms(evidence.PERMISSIONS)
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
        with shown_on(form):
            content = evidence.pack(
                mark=identifiers.understand(form.cleaned_data["address"]),
                reason=form.cleaned_data["reason"],
                ground=form.ground(),
                by=request.user.get_username(),
                now=timezone.now(),
            )
            # nothing of the person in its name: names of files end up in lists
            return attachment(content, "evidence.zip", "application/zip")
    title = "Evidence pack for counsel"
    return model_admin.page(request, "prove", title=title, form=form)


def offer(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """The address of a person's preference centre, to send to them; shown once."""
    form, address = AddressForm(request.POST or None), None
    form.fields["address"].label = "Phone number or e-mail address"
    form.fields["address"].help_text = "Any form of the number. It is recorded."
    if form.is_valid():
        with shown_on(form):
            address = preferences.offer(
                mark=identifiers.understand(form.cleaned_data["address"]),
                by=request.user.get_username(),
                now=timezone.now(),
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
    rows = expiry.ending(days=SOON[0], now=timezone.now())
    counted = rows.order_by().values("organization")
    counted = counted.annotate(people=Count("identifier", distinct=True))
    senders = [
        (programs.sender(row["organization"]), row["people"])
        for row in counted.order_by("-people", "organization")
    ]
    title = f"Consent that ends within {SOON[0]} days"
    return model_admin.page(request, "ending", title=title, senders=senders)


class Ends(admin.SimpleListFilter):
    title = "when consent ends"
    parameter_name = "ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(days), f"Within {days} days") for days in SOON]

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
