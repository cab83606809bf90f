"""What the consent screens share: sealed words are read with a reason."""

from collections.abc import Callable

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from privacy.admin.base import PagesAdmin, shown_on


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=200,
        label="Why you need to read it",
        help_text="The reason is recorded with your name.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )


def show_words(
    model_admin: PagesAdmin,
    request: HttpRequest,
    object_id: str,
    *,
    title: str,
    read: Callable[..., str],
) -> HttpResponse:
    """Ask for the reason, then show what `read(reason=, by=, now=)` gives."""
    form, words = ReasonForm(request.POST or None), None
    if form.is_valid():
        with shown_on(form):
            words = read(
                reason=form.cleaned_data["reason"],
                by=request.user.get_username(),
                now=timezone.now(),
            )
    return model_admin.page(
        request,
        "read",
        title=title,
        original=model_admin.row(request, object_id),
        form=form if words is None else None,
        words=words,
    )
