"""Who is asking: the evidence, the documents, the decision."""

from functools import partial
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from dsr import identity, texting, uploads
from dsr.models import IdentityDecision, Ticket, Upload
from privacy.admin.base import ViewOnlyAdmin, attachment, require
from privacy.models import Identifier


class Papers(forms.ModelMultipleChoiceField):
    """By the numbers that they have above the form."""

    def label_from_instance(self, obj: Upload) -> str:
        return f"No. {obj.pk}: {obj.get_purpose_display()}, {obj.media_type}"


class PointsField(forms.MultipleChoiceField):
    """What was matched, by the law's own measure; never the values."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **named: Any) -> None:
        super().__init__(
            label="What matched with what we hold?",
            required=False,
            choices=lambda: list(identity.points_of_data().items()),
            help_text="Tick only what you compared with our own records. California "
            "wants two points to delete or correct, and three with a signed "
            "declaration for a copy (11 CCR 7062).",
            **named,
        )


class DeclarationField(forms.BooleanField):
    def __init__(self, **named: Any) -> None:
        super().__init__(
            label="They signed a declaration under penalty of perjury, which is on "
            "file here",
            required=False,
            **named,
        )


class Verdict(forms.Form):
    accepted = forms.TypedChoiceField(
        label="Is it really them?",
        widget=forms.RadioSelect,
        choices=[
            ("yes", "Yes, for every number and address in the request"),
            ("no", "No, we are not sure enough"),
        ],
        coerce=lambda value: value == "yes",
    )
    points = PointsField()
    has_declaration = DeclarationField()
    may_act = forms.BooleanField(
        label="The person asking may act for them", required=False
    )
    has_power_of_attorney = forms.BooleanField(
        label="Yes, under a power of attorney that we have seen", required=False
    )
    papers = Papers(
        Upload.objects.none(),
        label="Documents that prove who they are",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick those that do. They are deleted with your decision, like "
        "everything sent as proof.",
    )
    reason = forms.CharField(
        label="What proves it, or what is missing?",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )

    def __init__(self, *args: Any, papers: QuerySet[Upload], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["papers"].queryset = papers  # type: ignore[attr-defined]
        if not papers.exists():
            del self.fields["papers"]


class LeavingOut(forms.Form):
    identifier = forms.ModelChoiceField(
        Identifier.objects.none(),
        label="Which number or address?",
    )
    reason = forms.CharField(
        label="Why?", widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )


def matched(standing: identity.Standing) -> list[str]:
    """In words, what staff compared with our records."""
    words = identity.points_of_data()
    decision = standing.decision
    return [words.get(code, code) for code in decision.points] if decision else []


def needs_texts(ticket: Ticket) -> bool:
    """A phone number is to be proved, and no sender of texts is set up."""
    if texting.is_possible():
        return False
    return any(row.kind == Identifier.Kind.PHONE for row in ticket.identifiers.all())


def who(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    ticket: Ticket = model_admin.row(request, object_id)
    mine = Upload.objects.filter(ticket__request=ticket.request_id)
    return model_admin.step(
        request,
        "who",
        title="Decide who it is",
        original=ticket,
        form=Verdict(request.POST or None, papers=_other(mine)),
        act=partial(identity.decide, ticket=ticket),
        said=_decided,
        standing=identity.standing(ticket),
        papers=mine.select_related("message"),
        needs_texts=needs_texts(ticket),
    )


def _decided(decision: IdentityDecision) -> str:
    if not decision.accepted or identity.is_enough_for_all(decision):
        return "Decided; the documents were deleted."
    return (
        "Noted, but the law counts more: see below what is missing. What they sent is "
        "kept until then."
    )


def _other(mine: QuerySet[Upload]) -> QuerySet[Upload]:
    return mine.filter(removed_at=None).exclude(purpose=Upload.Purpose.IDENTITY)


def leave_out(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Identifiers that nobody proved to be theirs: the request no longer covers
    them."""
    ticket: Ticket = model_admin.row(request, object_id)
    form = LeavingOut(request.POST or None)
    form.fields["identifier"].queryset = ticket.identifiers.all()  # type: ignore[attr-defined]
    return model_admin.step(
        request,
        "close",
        title="Leave out",
        original=ticket,
        form=form,
        act=partial(identity.leave_out, ticket=ticket),
        said="Left out.",
        says="For a number or address that nobody proved to be theirs: the request no "
        "longer covers it and continues with the rest.",
    )


def paper(
    model_admin: ViewOnlyAdmin, request: HttpRequest, object_id: str
) -> HttpResponseBase:
    """One file, as a download; opening it is recorded."""
    ticket: Ticket = model_admin.row(request, object_id)
    number = request.GET.get("file", "")
    mine = Upload.objects.filter(ticket__request=ticket.request_id)
    found = (
        mine.filter(pk=int(number)).first()
        if number.isdecimal() and len(number) < 19
        else None
    )
    if found is None:
        raise Http404("There is no such file.")
    require(request, "dsr.read_upload", "Open papers")
    content = uploads.content(
        upload=found, by=request.user.get_username(), now=timezone.now()
    )
    return attachment(content, _name(found))


def _name(upload: Upload) -> str:
    """Our name, not theirs: a file name can be personal data, or a trick."""
    ending = upload.media_type.rpartition("/")[2]
    ending = ending if ending.isalnum() else "bin"
    return f"{upload.ticket}-{upload.pk}.{ending}"
