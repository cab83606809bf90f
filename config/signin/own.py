"""One's own second factor: what there is, another one, new codes, one less.

Each change asks for the password again: an unlocked screen is not enough.
"""

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from config.signin import door, session
from config.signin.forms import ConfirmForm, OwnAnswerForm, OwnAppForm, OwnPasswordForm
from dsr.rate import place
from privacy import factors, signins
from privacy.admin.base import shown_on
from privacy.factors import passkeys, recovery
from privacy.models import Factor
from privacy.refusals import Refusal


def overview(site: AdminSite, request: HttpRequest) -> HttpResponse:
    me = _me(request)
    return door.page(
        site,
        request,
        "mine",
        title="Your second factor",
        factors=me.factors.all(),
        has_app=me.factors.filter(kind=Factor.Kind.APP).exists(),
        left=recovery.left(me),
        passkeys_are_possible=passkeys.are_possible(),
    )


def set_up_app(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Replaces the previous one."""
    me, form = _me(request), OwnAppForm(request.POST or None)
    secret = session.secret(request)
    if form.is_valid():
        with shown_on(form):
            _confirm(request, form)
            code, now = form.cleaned_data["code"], timezone.now()
            added = factors.add_app(holder=me, secret=secret, code=code, now=now)
            return _added(site, request, added, "Your app is set up.")
    return door.app_page(site, request, form, secret=secret, holder=me)


def add_passkey(site: AdminSite, request: HttpRequest) -> HttpResponse:
    me, form = _me(request), OwnAnswerForm(request.POST or None)
    state = request.session.pop(session.QUESTION, "")
    if form.is_valid():
        with shown_on(form):
            _confirm(request, form)
            answer, now = form.cleaned_data["answer"], timezone.now()
            added = factors.add_passkey(holder=me, state=state, answer=answer, now=now)
            return _added(site, request, added, "Your passkey is set up.")
    context: dict[str, Any] = {"title": "Add a passkey"}
    if passkeys.are_possible():
        asked = passkeys.ask_to_make(me)
        request.session[session.QUESTION] = asked.state
        context |= {"question": asked.options, "form": form}
    return door.page(site, request, "passkey", **context)


def renew_codes(site: AdminSite, request: HttpRequest) -> HttpResponse:
    form = ConfirmForm(request.POST or None)
    if form.is_valid():
        with shown_on(form):
            _confirm(request, form)
            codes = factors.renew_codes(holder=_me(request), now=timezone.now())
            return door.codes_page(site, request, codes, goal=_overview())
    said = "Any recovery codes you have now stop working."
    return door.page(
        site, request, "confirm", title="Make new recovery codes", said=said, form=form
    )


class OwnPassword(PasswordChangeView):
    """Django's page, but attempts are counted and the change is audited."""

    form_class = OwnPasswordForm
    success_url = reverse_lazy("admin:password_change_done")

    def form_valid(self, form: Any) -> HttpResponse:
        said = form.cleaned_data
        try:
            signins.change_password(
                user=_me(self.request),
                old=said["old_password"],
                new=said["new_password1"],
                place=place(self.request),
                now=timezone.now(),
            )
        except Refusal as refusal:  # Django's page shows no errors of the whole form
            form.add_error("old_password", str(refusal))
            return self.form_invalid(form)
        update_session_auth_hash(self.request, _me(self.request))
        return HttpResponseRedirect(self.get_success_url())


def password(site: AdminSite, request: HttpRequest) -> HttpResponseBase:
    return OwnPassword.as_view(extra_context=site.each_context(request))(request)


def remove(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    me, form = _me(request), ConfirmForm(request.POST or None)
    factor = me.factors.filter(pk=pk).first()
    if factor is None:
        raise Http404("You do not have that second factor.")
    if form.is_valid():
        with shown_on(form):
            _confirm(request, form)
            factors.remove(holder=me, pk=pk, now=timezone.now())
            if request.session.get(session.OPENED_BY) == pk:
                session.opened_by(request, me.factors.first())
            return _back(request, f"The {factor} is removed.")
    said = f"You can no longer sign in with your {factor}; your other ways still work."
    title = f"Remove the {factor}"
    return door.page(site, request, "confirm", title=title, said=said, form=form)


# --- what they share --------------------------------------------------------
def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the site let nobody else in
    return request.user


def _confirm(request: HttpRequest, form: BaseForm) -> None:
    signins.confirm(
        user=_me(request),
        password=form.cleaned_data["password"],
        place=place(request),
        now=timezone.now(),
    )


def _added(
    site: AdminSite, request: HttpRequest, added: factors.Added, sentence: str
) -> HttpResponse:
    session.opened_by(request, added.factor)
    if added.codes:
        return door.codes_page(site, request, added.codes, goal=_overview())
    return _back(request, sentence)


def _back(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(_overview())


def _overview() -> str:
    return reverse("admin:factors")
