"""The sign-in pages: a password, then a second factor, or setting up the first one."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from config.signin import session
from config.signin.forms import (
    AnswerForm,
    CodeForm,
    HandedForm,
    PasswordForm,
    SetUpForm,
)
from dsr.rate import place
from privacy import factors, signins
from privacy.admin.base import shown_on
from privacy.factors import app, passkeys, recovery
from privacy.models import Factor

ISSUER = "Privacy portal"


class Door(LoginView):
    """The password page. What comes next depends on who it is."""

    authentication_form = PasswordForm
    template_name = "admin/login.html"
    next_page = "admin:index"

    def form_valid(self, form: Any) -> HttpResponseRedirect:
        user, goal, now = form.get_user(), self.get_success_url(), timezone.now()
        if user.factors.exists():
            session.wait(self.request, user, goal=goal, now=now)
            return _to("login_factor")
        if settings.SECOND_FACTOR_REQUIRED or recovery.left(user):
            session.wait(self.request, user, goal=goal, now=now)
            return _to("login_set_up")
        session.enter(self.request, user, None, now=now)
        return HttpResponseRedirect(goal)


def password(site: AdminSite, request: HttpRequest) -> HttpResponseBase:
    if request.method == "GET" and site.has_permission(request):
        return _to("index")
    context = {
        **site.each_context(request),
        "title": "Sign in",
        "app_path": request.get_full_path(),
        "username": request.user.get_username(),
    }
    if "next" not in {*request.GET, *request.POST}:
        context["next"] = reverse("admin:index")
    return Door.as_view(extra_context=context)(request)


def second_factor(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """By a code or a passkey; nobody sees it without having given a password."""
    user = session.who_waits(request, timezone.now())
    if user is None or not user.factors.exists():
        return _begin_again(request)
    by_passkey = "answer" in request.POST
    form = (AnswerForm if by_passkey else CodeForm)(request.POST or None)
    if form.is_valid():
        with shown_on(form):
            factor = _prove(request, user, **form.cleaned_data)
            return _in(request, user, factor)
    return page(
        site,
        request,
        "factor",
        title="Your second factor",
        form=CodeForm() if by_passkey else form,
        refused=form if by_passkey else None,
        **question(request, user),
    )


def set_up(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """The first factor, before anything else; then the recovery codes, once.

    Someone with codes and no factor was handed one of them when the factor was reset.
    """
    user = session.who_waits(request, timezone.now())
    if user is None or user.factors.exists():
        return _begin_again(request)
    form = (HandedForm if recovery.left(user) else SetUpForm)(request.POST or None)
    secret, goal, now = session.secret(request), session.goal(request), timezone.now()
    if form.is_valid():
        first = partial(factors.set_up, holder=user, secret=secret, now=now)
        with shown_on(form):
            added = signins.by_factor(
                user=user,
                prove=partial(first, **form.cleaned_data),
                place=place(request),
                now=now,
            )
            session.enter(request, user, added.factor, now=now)
            return codes_page(site, request, added.codes, goal=goal)
    return app_page(site, request, form, secret=secret, holder=user)


# --- what the pages of one's own share --------------------------------------
def app_page(
    site: AdminSite, request: HttpRequest, form: BaseForm, *, secret: str, holder: User
) -> TemplateResponse:
    address = app.address(secret, holder=holder.username, issuer=ISSUER)
    return page(
        site,
        request,
        "app",
        title="Set up your second factor",
        form=form,
        picture=app.picture(address),
        secret=app.in_groups(secret),
    )


def codes_page(
    site: AdminSite, request: HttpRequest, codes: list[str], *, goal: str
) -> TemplateResponse:
    """They are in this response and nowhere else."""
    return page(
        site, request, "codes", title="Your recovery codes", codes=codes, goal=goal
    )


def question(request: HttpRequest, user: User) -> dict[str, Any]:
    """The challenge for a passkey, if this person has one that can answer here."""
    if not passkeys.are_possible() or not user.factors.filter(kind=Factor.Kind.PASSKEY):
        return {}
    asked = passkeys.ask_to_prove(user)
    request.session[session.QUESTION] = asked.state
    return {"question": asked.options, "answer_form": AnswerForm()}


def _prove(
    request: HttpRequest, user: User, code: str = "", answer: str = ""
) -> Factor:
    now = timezone.now()
    state = request.session.pop(session.QUESTION, "")  # a question is answered once

    def prove() -> Factor:
        if code:
            return factors.prove(holder=user, code=code, now=now)
        return factors.prove_by_passkey(
            holder=user, state=state, answer=answer, now=now
        )

    return signins.by_factor(user=user, prove=prove, place=place(request), now=now)


def _in(request: HttpRequest, user: User, factor: Factor) -> HttpResponse:
    goal, left = session.goal(request), recovery.left(user)
    session.enter(request, user, factor, now=timezone.now())
    if left < recovery.FEW:
        messages.warning(
            request,
            f"You have {left} recovery codes left. Make new ones under “Second "
            "factor”.",
        )
    return HttpResponseRedirect(goal)


def _begin_again(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return _to("index")
    messages.info(request, "Sign in with your name and password first.")
    return _to("login")


def _to(name: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:{name}"))


def page(
    site: AdminSite, request: HttpRequest, name: str, **context: Any
) -> TemplateResponse:
    everywhere = {**site.each_context(request), "is_nav_sidebar_enabled": False}
    return TemplateResponse(
        request, f"admin/signin/{name}.html", {**everywhere, **context}
    )
