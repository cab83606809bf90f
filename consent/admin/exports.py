"""Consent exports: consent states for a recipient, through the disclosure gate."""

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from consent import exports, tasks, transfer
from consent.admin.base import sender_field
from consent.models import Channel, ListExport, Standing
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin, attachment, shown_on
from privacy.admin.base.grounds import GroundForm
from privacy.models import Purpose

State = ListExport.State


class WriteForm(GroundForm):
    purpose = forms.ModelChoiceField(Purpose.objects.all(), initial="compliance")
    state = forms.ChoiceField(
        label="Who", choices=transfer.WHO, initial=Standing.State.OPTED_OUT
    )
    channel = forms.ChoiceField(choices=[("", "every channel"), *Channel.choices],
                                required=False)  # fmt: skip
    organization = sender_field()
    reason = forms.CharField(
        max_length=200, help_text="It is recorded with your name and the recipient."
    )


def write(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """Requests an export: the gate answers at once, a worker writes the file."""
    form = WriteForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        with shown_on(form):
            row = exports.ask(
                ground=form.ground,
                which=transfer.Which(
                    said["state"], said["channel"], said["organization"] or None
                ),
                reason=said["reason"],
                by=request.user.get_username(),
                now=timezone.now(),
            )
            transaction.on_commit(lambda: tasks.write_lists.delay(), robust=True)
            return model_admin.done(
                request, "A worker is writing it; reload in a moment.", row.pk
            )
    title = "Export consent states"
    return model_admin.page(request, "write", title=title, form=form)


def fetch(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponseBase:
    """The file in clear; fetching it is recorded."""
    row = model_admin.row(request, object_id)
    by, now = request.user.get_username(), timezone.now()
    return attachment(exports.fetch(row=row, by=by, now=now), "consent.csv", "text/csv")


def destroy(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row = model_admin.row(request, object_id)
    exports.end(row=row, by=request.user.get_username(), now=timezone.now())
    return model_admin.done(request, "The file was destroyed.", row.pk)


def is_ready(row: ListExport) -> bool:
    return row.state == State.DONE


@admin.register(ListExport)
class ListExportAdmin(ListOfMillions, ViewOnlyAdmin):
    pages = (
        Page(
            write,
            "Export consent states",
            permission="privacy.reveal_identifier",
            on="list",
        ),
        Page(
            fetch,
            "Fetch the file",
            permission="privacy.reveal_identifier",
            offered=is_ready,
        ),
        Page(
            destroy,
            "Destroy the file now",
            permission="privacy.reveal_identifier",
            offered=is_ready,
            at_once=True,
        ),
    )
    list_display = ["asked_at", "asked_by", "recipient", "state", "rows", "ends_at"]
    list_filter = ["state"]
    fields = [
        "state",
        "rows",
        "problem",
        "recipient",
        "who",
        "reason",
        "disclosure",
        "asked_at",
        "asked_by",
        "finished_at",
        "ends_at",
    ]
    nothing_yet = (
        "Nothing has been exported yet. Press “Export consent states”; the file is "
        "kept for a day."
    )

    @admin.display(description="For whom")
    def recipient(self, row: ListExport) -> str:
        ground = exports.ground_of(row)
        return ground.recipient or f"legal process {ground.process}"

    @admin.display(description="Who is on it")
    def who(self, row: ListExport) -> str:
        which = exports.which_of(row)
        state = str(dict(transfer.WHO)[which.state])
        channel = str(Channel(which.channel).label) if which.channel else "all channels"
        return f"{state}, {channel}, {which.organization or 'all senders'}"
