"""Every screen opens for who may only look."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

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
