"""Carriers' block lists, compared with the ledger in both directions."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from consent import blocklists, tasks, transfer, uploads
from consent.admin.base import sender_field
from consent.blocklists import Difference
from consent.carriers import CARRIERS
from consent.models import BlockList, Event
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin, attachment, shown_on
from privacy.models import Identifier

SHOWN = 200
LARGEST = 20 * 1024 * 1024


class ListForm(forms.Form):
    carrier = forms.ChoiceField(
        choices=[(name, name.capitalize()) for name in CARRIERS]
    )
    file = forms.FileField(
        label="Its block list",
        help_text="A spreadsheet (.xlsx), CSV or JSON, zipped or not; up to 20 MB. For "
        "a larger file, use the command “consent blocklist”.",
    )
    organization = sender_field()
    columns = forms.CharField(
        label="What each column is",
        max_length=300,
        required=False,
        help_text="Only if the columns are not recognised: phone=Number,occurred_at=3",
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError("The file is larger than 20 MB.")
        return file


class PushForm(forms.Form):
    recipient = forms.CharField(
        max_length=120,
        help_text="The carrier's name in the list of recipients; its contract must "
        "cover numbers and opt-outs.",
    )
    reason = forms.CharField(max_length=200, help_text="It is recorded.")


def compare(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """A worker takes the carrier's list over, and compares."""
    form = ListForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        by, now = request.user.get_username(), timezone.now()
        with shown_on(form), transaction.atomic():
            row = uploads.keep(
                content=form.cleaned_data["file"].read(),
                options=transfer.Options(
                    kind=Event.Kind.OPT_OUT,
                    organization=form.cleaned_data["organization"],
                    columns=form.cleaned_data["columns"],
                ),
                carrier=form.cleaned_data["carrier"],
                by=by,
                now=now,
            )
            uploads.start(row=row, by=by, now=now)
            transaction.on_commit(lambda: tasks.take_lists.delay(), robust=True)
            messages.success(request, "A worker is comparing it; reload in a moment.")
            return redirect("admin:consent_listupload_change", row.pk)
    title = "Compare a carrier's block list"
    return model_admin.page(request, "compare", title=title, form=form)


def differences(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Whom only one of the two has stopped, with the reason."""
    row = model_admin.row(request, object_id)
    missing = blocklists.missing(row, most=SHOWN)
    consented = blocklists.consented(row, most=SHOWN)
    known = Identifier.objects.in_bulk(
        [each.identifier for each in (*missing, *consented)]
    )

    def line(each: Difference, why: str) -> dict[str, Any]:
        hint = known[each.identifier].hint or "(erased)"
        return {"person": hint, "event": each.event, "why": why}

    return model_admin.page(
        request,
        "differences",
        title="Differences",
        original=row,
        words=blocklists.words(row),
        most=SHOWN,
        missing=[line(each, each.why_missing(row.carrier)) for each in missing],
        consented=[line(each, each.why_blocked(row.carrier)) for each in consented],
    )


def push(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponseBase:
    """The file for the carrier, through the disclosure gate."""
    row, form = model_admin.row(request, object_id), PushForm(request.POST or None)
    if form.is_valid():
        with shown_on(form):
            pieces = blocklists.pieces(
                found=row,
                ground=transfer.Ground(form.cleaned_data["recipient"]),
                reason=form.cleaned_data["reason"],
                by=request.user.get_username(),
                now=timezone.now(),
            )
            return attachment(pieces, "block.csv", "text/csv")
    title = "Write the file for the carrier"
    return model_admin.page(request, "push", title=title, original=row, form=form)


@admin.register(BlockList)
class BlockListAdmin(ListOfMillions, ViewOnlyAdmin):
    pages = (
        Page(compare, "Compare a list", permission="consent.add_event", on="list"),
        Page(differences, "Differences", permission="consent.view_blocklist"),
        Page(
            push,
            "Write the file for the carrier",
            permission="privacy.reveal_identifier",
            offered=lambda row: row.missing > 0,
        ),
    )
    list_display = [
        "carrier",
        "compared_at",
        "listed",
        "recorded",
        "missing",
        "consented",
    ]
    fields = [
        "carrier",
        "compared_at",
        "listed",
        "recorded",
        "missing",
        "consented",
        "compared_by",
    ]
    nothing_yet = (
        "No carrier block list has been compared yet. Export one from the carrier, "
        "then press “Compare a list”."
    )
