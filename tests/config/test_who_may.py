"""Who may open and press what: every address of the portal against one table."""

import re
from pathlib import Path

import pytest
import yaml
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import get_resolver, resolve
from django.utils import timezone

from privacy import apikeys
from tests.privacy import factories

pytestmark = pytest.mark.django_db
TABLE = yaml.safe_load((Path(__file__).parent / "who_may.yaml").read_text())
ROLES = {
    "L": factories.LENA,
    "S": factories.SAM,
    "E": factories.PIA,
    "A": factories.ARI,
}
# What Django's own pages ask for, by page and method; all other pages are ours.
OF_DJANGO = {
    ("changelist", "GET"): "view",
    ("changelist", "POST"): "view",
    ("add", "GET"): "add",
    ("add", "POST"): "add",
    ("change", "GET"): "view",
    ("change", "POST"): "change",
    ("delete", "GET"): "delete",
    ("delete", "POST"): "delete",
}
OTHER = ("history",)  # of Django: asks once there is a row, as the page of the row does
PLACES = re.compile(r"<\w+:\w+>|\(\?P<\w+>[^)]*\)")
MODELS = [f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry]
PAGE = re.compile(rf"({'|'.join(sorted(MODELS, key=len, reverse=True))})_([a-z_]+)")


@pytest.fixture(autouse=True)
def static_files(settings):
    """WhiteNoise warns of a missing folder, and nothing is collected for tests."""
    settings.STATIC_ROOT = settings.STATICFILES_DIRS[0]


def addresses(patterns, before=""):
    """Name and address of each, with 1 in the place of a number."""
    for each in patterns:
        route = before + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from addresses(each.url_patterns, route)
        else:
            path = PLACES.sub("1", route.replace("<uuid:number>", f"{0:032}"))
            yield each.name or "", "/" + path.strip("^$")


EVERY = list(addresses(get_resolver().url_patterns))


def pages():
    for name, path in EVERY:
        found = PAGE.fullmatch(name) if path.startswith("/admin/") else None
        if found and found[2] not in OTHER:
            yield found[1], found[2], path


def is_let_in(rf, user, path, method):
    """Whether the view begins; nothing is drawn, and nothing stays changed."""
    request = rf.generic(method, path)
    request.user, request.session = user, {}
    request._messages = FallbackStorage(request)
    request._dont_enforce_csrf_checks = True
    view = resolve(path)
    with transaction.atomic():
        try:
            answer = view.func(request, *view.args, **view.kwargs)
        except PermissionDenied:
            return False
        except Exception:
            return True
        finally:
            transaction.set_rollback(True)
    return "/login/" not in answer.headers.get("Location", "")


def found(rf, user_of):
    """Of each model, who may view, add, change and delete, and press each page: in
    small letters who may open it only."""
    said = {}
    for model, page, path in pages():
        for letter, user in user_of.items():
            for method in ("GET", "POST"):
                verb = OF_DJANGO.get((page, method), page)
                who = said.setdefault((model, verb), {}).setdefault(letter, set())
                if is_let_in(rf, user, path, method):
                    who.add(method)
    return {key: "".join(map(_letter, who.items())) for key, who in said.items()}


def _letter(of):
    letter, methods = of
    if "POST" in methods or (methods and letter == "-"):
        return letter
    return letter.lower() if methods else ""


def test_every_page_lets_in_whom_the_table_names_and_nobody_else(rf):
    users = {letter: factories.staff(name) for letter, name in ROLES.items()}
    named = {
        (model, verb): who
        for model, verbs in TABLE["pages"].items()
        for verb, who in verbs.items()
    }

    assert {key: who for key, who in found(rf, users).items() if who} == named


def test_who_is_not_signed_in_opens_no_page_of_staff(rf):
    said = found(rf, {"-": AnonymousUser()})

    assert len(said) > 300
    assert {key: who for key, who in said.items() if who} == {}


def test_the_table_has_every_address():
    outside = {path for _, path in EVERY if not path.startswith("/admin/")}

    assert outside == {*TABLE["keys"], *TABLE["signed"], *TABLE["open"]}


def asked(client, method, path, key=None):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = client.generic(method, path, "{}", "application/json", headers=headers)
    return answer.status_code


@pytest.mark.parametrize(("path", "methods"), TABLE["keys"].items())
def test_a_system_needs_a_key_with_the_very_scope(client, path, methods):
    now, maker = timezone.now(), factories.staff(factories.PIA).username
    for method, scope in methods.items():
        others = [each for each in apikeys.SCOPES if each != scope]
        right = apikeys.create(
            name=f"{method} right", scopes=[scope], by=maker, now=now
        )
        wrong = apikeys.create(name=f"{method} wrong", scopes=others, by=maker, now=now)

        assert asked(client, method, path) in (401, 403)
        assert asked(client, method, path, wrong) in (401, 403)
        assert asked(client, method, path, right) not in (401, 403, 405)


@pytest.mark.parametrize("path", TABLE["signed"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_signed_takes_nothing_that_is_not(client, path, method):
    assert 400 <= asked(client, method, path) < 500
