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

SAID = "said_"  # before a point: the field for what they told us of it


class Papers(forms.ModelMultipleChoiceField):
    """By the numbers that they have above the form."""

    def label_from_instance(self, obj: Upload) -> str:
        return f"No. {obj.pk}: {obj.get_purpose_display()}, {obj.media_type}"


def _matched_by_staff() -> list[tuple[str, str]]:
    """The points that the portal can't compare itself."""
    ours = identity.comparable()
    return [each for each in identity.points_of_data().items() if each[0] not in ours]


class PointsField(forms.MultipleChoiceField):
    """What was matched, by the law's own measure; never the values."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **named: Any) -> None:
        super().__init__(
            label="What else matched with what we hold?",
            required=False,
            choices=_matched_by_staff,
            help_text="Tick only what you compared with our own records. What the "
            "connected databases hold, the portal compares itself: see “Who is it?” "
            "on the request.",
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
        words = identity.points_of_data()
        for code, how in identity.comparable().items():
            self.fields[SAID + code] = forms.CharField(
                label=f"{words[code]}, as they told you",
                required=False,
                max_length=320,
                help_text=f"{how.hint}. It is compared with what we hold of whoever "
                "has the numbers and addresses of the request, and is not kept.",
            )
        self.order_fields(["accepted", *(f for f in self.fields if f.startswith(SAID))])
        self.fields["papers"].queryset = papers  # type: ignore[attr-defined]
        if not papers.exists():
            del self.fields["papers"]

    def clean(self) -> dict[str, Any]:
        """What they told us, by its point."""
        given = self.cleaned_data
        told = {name: given.pop(name) for name in [*given] if name.startswith(SAID)}
        given["said"] = {name.removeprefix(SAID): v for name, v in told.items() if v}
        return given


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
    standing = identity.standing(ticket)
    return model_admin.step(
        request,
        "who",
        title="Decide who it is",
        original=ticket,
        form=Verdict(request.POST or None, papers=_other(mine)),
        act=partial(identity.decide, ticket=ticket),
        said=_decided,
        standing=standing,
        compared=compared(standing.decision) if standing.decision else [],
        papers=mine.select_related("message"),
        needs_texts=needs_texts(ticket),
    )


def _decided(decision: IdentityDecision) -> str:
    return " ".join([*map("{}.".format, compared(decision)), _outcome(decision)])


def compared(decision: IdentityDecision) -> list[str]:
    """In words, what the portal found: “Full name: match”."""
    words, results = identity.points_of_data(), IdentityDecision.Compared
    found = decision.compared.items()
    return [
        f"{words.get(code, code)}: {results(result).label}" for code, result in found
    ]


def _outcome(decision: IdentityDecision) -> str:
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
        said="Left out. If it was planned, it must be planned again.",
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
