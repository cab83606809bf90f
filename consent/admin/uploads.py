"""Lists that staff upload: shown as the portal understood them, then imported."""

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from consent import check, tasks, transfer, uploads
from consent import preview as previews
from consent.admin.base import sender_field
from consent.models import BlockList, Channel, Dealing, Event, ListUpload, Program
from privacy.admin.base import ListOfMillions, Page, ViewOnlyAdmin, attachment, shown_on

State = ListUpload.State


class ListForm(forms.Form):
    file = forms.FileField(
        label="The list",
        help_text="A spreadsheet (.xlsx), CSV or JSON, zipped or not; up to 20 MB.",
    )
    kind = forms.ChoiceField(
        label="People on the list",
        choices=[
            ("", "as each row says"),
            (Event.Kind.OPT_OUT, "opted out"),
            (Event.Kind.OPT_IN, "opted in"),
        ],
        required=False,
    )
    listing = forms.ChoiceField(
        label="Or a do-not-call list",
        choices=[("", "no"), *((each.value, each.label) for each in uploads.LISTS)],
        required=False,
        help_text="These people told us nothing themselves, but the check obeys the "
        "list. Entries on our own list are kept for the years the law requires.",
    )
    whole = forms.CharField(
        label="Complete copy of this registry",
        max_length=60,
        required=False,
        help_text="The registry's name, the same each time: “FTC 202”, “Florida”. "
        "Numbers in the previous copy that are missing from this one come off the "
        "list.",
    )
    dealing = forms.ChoiceField(
        label="Or a list of purchases or inquiries",
        choices=[("", "no"), *Dealing.Kind.choices],
        required=False,
        help_text="These imply consent for a while in Canada. Applies to rows that "
        "do not say which they are.",
    )
    country = forms.CharField(
        label="Country of people listed by e-mail address",
        max_length=2,
        required=False,
        help_text="For a list of purchases or inquiries: CA. A phone number shows "
        "its own country.",
    )
    received = forms.CharField(
        label="When did we receive the list?",
        max_length=10,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The law's time to obey its opt-outs counts from this day. Empty: "
        "today.",
    )
    channel = forms.ChoiceField(choices=Channel, initial=Channel.SMS)
    organization = sender_field()
    wording = forms.CharField(
        label="Wording shown at opt-in",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Without the wording and where it was shown, an opt-in is kept as "
        "unproven.",
    )
    page = forms.CharField(
        label="Where it was shown",
        max_length=300,
        required=False,
        help_text="The page, form or document.",
    )
    timezone = forms.CharField(
        label="Time zone for times that have none", max_length=60, initial="UTC"
    )
    day_first = forms.BooleanField(label="1/3/2026 means 1 March", required=False)
    columns = forms.CharField(
        label="What each column is",
        max_length=300,
        required=False,
        help_text="Only if the columns are not recognised: phone=Number,occurred_at=3",
    )


class CleanForm(forms.Form):
    file = forms.FileField(
        label="The list",
        help_text="A spreadsheet (.xlsx), CSV or JSON, zipped or not; up to 20 MB. "
        "Nothing of it is kept.",
    )
    purpose = forms.ChoiceField(
        label="What will they get?",
        choices=[("", "Choose"), *Program.Purpose.choices],
        help_text="For marketing, people without consent, on a do-not-call list or "
        "with an unclear message are removed, too.",
    )
    channel = forms.ChoiceField(
        choices=[(each, Channel(each).label) for each in check.ALL]
    )
    organization = sender_field()
    declared = forms.CharField(
        label="What each column is",
        max_length=300,
        required=False,
        help_text="Only if the columns are not recognised: phone=Number",
    )


def clean(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponseBase:
    """Gives back at once who may be contacted, and why the others may not."""
    form = CleanForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        said = dict(form.cleaned_data)
        file: UploadedFile = said.pop("file")
        with shown_on(form):
            by, now = request.user.get_username(), timezone.now()
            content = uploads.clean(content=file.read(), by=by, now=now, **said)
            return attachment(content, "cleaned.zip", "application/zip")
    return model_admin.page(request, "clean", title="Clean a list", form=form)


def upload(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """Nothing is recorded yet: the next page shows how the list was understood."""
    form = ListForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        said = dict(form.cleaned_data)
        file: UploadedFile = said.pop("file")
        with shown_on(form):
            if (file.size or 0) > uploads.LARGEST:
                raise uploads.TooLarge
            row = uploads.keep(
                content=file.read(),
                options=transfer.Options(**said),
                by=request.user.get_username(),
                now=timezone.now(),
            )
            return redirect("admin:consent_listupload_preview", row.pk)
    return model_admin.page(request, "upload", title="Import a list", form=form)


def preview(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """What each column is, the first rows, and what would become of them."""
    row = model_admin.row(request, object_id)
    if request.method == "POST":
        by, now = request.user.get_username(), timezone.now()
        uploads.start(row=row, by=by, now=now)
        transaction.on_commit(lambda: tasks.take_lists.delay(), robust=True)
        return model_admin.done(
            request, "A worker is importing it; reload in a moment.", row.pk
        )
    return model_admin.page(
        request,
        "preview",
        title="How it was read",
        original=row,
        form=forms.Form(),
        found=previews.understand(row=row, now=timezone.now()),
    )


def set_aside(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    row = model_admin.row(request, object_id)
    uploads.set_aside(row=row, by=request.user.get_username(), now=timezone.now())
    return model_admin.done(request, "The list was destroyed; nothing was recorded.")


def results(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponseBase:
    """What became of each row, without anything from the list itself."""
    row = model_admin.row(request, object_id)
    return attachment(uploads.results(row), f"list-{row.pk}-results.csv", "text/csv")


def comparison(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """The differences between the carrier's list and the ledger."""
    row = model_admin.row(request, object_id)
    found = BlockList.objects.get(taken=row.taken)
    return redirect("admin:consent_blocklist_differences", found.pk)


def _in_words(field: forms.BoundField) -> str:
    """A choice by its label, a checkbox as a yes."""
    choices = dict(getattr(field.field, "choices", ()))
    value = field.value()
    return "yes" if value is True else str(choices.get(value, value))


def is_waiting(row: ListUpload) -> bool:
    return row.state == State.WAITING


@admin.register(ListUpload)
class ListUploadAdmin(ListOfMillions, ViewOnlyAdmin):
    pages = (
        Page(upload, "Import a list", permission="consent.add_event", on="list"),
        Page(clean, "Clean a list", permission="consent.add_event", on="list"),
        Page(
            preview,
            "Preview and import",
            permission="consent.add_event",
            offered=is_waiting,
        ),
        Page(
            set_aside,
            "Set aside",
            permission="consent.add_event",
            offered=is_waiting,
            at_once=True,
        ),
        Page(
            results,
            "Result for each row",
            permission="consent.view_listupload",
            offered=lambda row: row.started_at is not None,
        ),
        Page(
            comparison,
            "Compare with the ledger",
            permission="consent.view_blocklist",
            offered=lambda row: row.carrier and row.state == State.DONE,
        ),
    )
    list_display = ["uploaded_at", "uploaded_by", "state", "progress"]
    list_filter = ["state"]
    list_select_related = ["taken"]
    fields = [
        "state",
        "progress",
        "problem",
        "carrier",
        "said",
        "uploaded_at",
        "uploaded_by",
        "started_at",
        "started_by",
        "finished_at",
    ]
    nothing_yet = (
        "No list has been imported here yet. Press “Import a list”; lists over 20 MB "
        "need the command “consent import”."
    )

    @admin.display(description="How far")
    def progress(self, row: ListUpload) -> str:
        if row.taken is None:
            return "no row yet"
        taken = row.taken
        return (
            f"{taken.rows:,} rows: {taken.recorded:,} recorded, {taken.known:,} known "
            f"already, {taken.refused:,} refused"
        )

    @admin.display(description="Settings for what the list does not say")
    def said(self, row: ListUpload) -> SafeString:
        """In the words of the form, for partners' lists too."""
        form = ListForm(row.options)
        told = [
            f"{field.label}: {_in_words(field)}"
            for field in form
            if row.options.get(field.name) not in (None, "", False)
        ]
        return format_html_join("", "<div>{}</div>", ((each,) for each in told))
