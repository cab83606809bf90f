"""Every screen opens for who may only look."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import CheckConstraint
from django.urls import reverse

from privacy.admin.base import PagesAdmin, ViewOnlyAdmin
from tests.privacy.factories import ARI, signed_in

pytestmark = pytest.mark.django_db


def test_the_list_and_the_first_row_of_everything_open_for_an_auditor():
    client = signed_in(ARI)
    closed = []
    for model in admin.site._registry:
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages = [reverse(f"{place}_changelist")]
        if row := model._default_manager.first():
            pages.append(reverse(f"{place}_change", args=[row.pk]))
        if client.get(pages[0]).status_code == 200:
            closed += [p for p in pages if client.get(p).status_code != 200]

    assert not closed


def test_who_may_only_look_at_sign_ins_is_not_led_to_set_a_password():
    page = signed_in(ARI).get(reverse("admin:auth_user_changelist")).text
    first = re.search(r'href="(/admin/auth/user/[0-9]+/change/)', page)[1]

    assert "/password/" not in signed_in(ARI).get(first).text


def test_every_page_is_for_a_role_that_also_sees_the_list_it_hangs_on():
    """A right to do something is none if nobody who has it gets there."""
    rights = [
        {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()}
        for group in Group.objects.prefetch_related("permissions__content_type")
    ]
    closed = [
        f"{model.__name__}: {page.label}"
        for model, screen in admin.site._registry.items()
        if isinstance(screen, PagesAdmin)
        for page in screen.pages
        for list_ in [f"{model._meta.app_label}.view_{model._meta.model_name}"]
        if not any({page.permission, list_} <= role for role in rights)
    ]

    assert not closed


def test_every_list_of_facts_says_why_it_is_empty():
    silent = [
        model.__name__
        for model, screen in admin.site._registry.items()
        if isinstance(screen, ViewOnlyAdmin) and not screen.nothing_yet
    ]

    assert not silent


def test_what_a_form_may_not_hold_is_said_in_a_sentence():
    """Django's own would name the constraint."""
    nameless = [
        constraint.name
        for model, screen in admin.site._registry.items()
        if not isinstance(screen, ViewOnlyAdmin)
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
        if constraint.name in constraint.get_violation_error_message()
    ]

    assert not nameless


def test_a_filter_that_finds_nothing_says_so_and_leads_back():
    page = signed_in(ARI).get("/admin/privacy/plan/?status__exact=failed").text

    assert "No plans yet" not in page
    assert 'Nothing matches. <a href="?">Show all</a>' in page


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("privacy/incident/999/assess/", "There is no such incident."),
        ("privacy/nothing/", "There is nothing at this address."),
    ],
)
def test_what_is_not_there_is_said_in_words_and_leads_back(
    admin_client, path, sentence
):
    answer = admin_client.get(f"/admin/{path}")

    assert answer.status_code == 404
    assert sentence in answer.text
    assert 'href="/admin/"' in answer.text
    assert 'id="logout-form"' in answer.text
