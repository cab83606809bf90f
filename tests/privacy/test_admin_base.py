"""What all screens share: pages, refusals, audited saves, lists of millions."""

import pytest
from django.contrib import admin
from django.urls import reverse

from privacy import audit
from privacy.admin.base import UncountedPaginator
from privacy.models import AuditEvent, Identifier, Rule
from tests.privacy.factories import (
    ARI,
    LENA,
    PIA,
    SAM,
    ada,
    column,
    rule,
    signed_in,
    table,
)

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"admin:privacy_{name}", args=args)


# --- pages ------------------------------------------------------------------
def test_a_page_is_a_button_for_those_who_may_open_it():
    page = url("identifier_reveal", ada().pk)

    shown = {
        name: page in signed_in(name).get(url("identifier_change", ada().pk)).text
        for name in (LENA, ARI)
    }

    assert shown == {LENA: True, ARI: False}


def test_a_page_is_refused_in_words_to_whoever_may_not_open_it():
    answer = signed_in(ARI).get(url("identifier_reveal", ada().pk))

    assert answer.status_code == 403
    assert "Your role does not allow “Reveal”" in answer.text
    assert "It is for Legal (privacy.reveal_identifier)." in answer.text


def test_a_page_sends_strangers_to_the_sign_in(client):
    answer = client.get(url("identifier_reveal", ada().pk))

    assert answer.status_code == 302
    assert "/login/" in answer.url


def test_a_page_of_a_row_that_is_not_there_says_so():
    assert signed_in(LENA).get(url("identifier_reveal", 999)).status_code == 404


def test_a_button_that_acts_at_once_does_nothing_when_its_address_is_opened():
    answer = signed_in(ARI).get(url("auditevent_verify"))

    assert answer.status_code == 302
    assert answer.url == url("auditevent_changelist")


# --- facts ------------------------------------------------------------------
FACTS = ("auditevent", "hold", "identifier", "plan", "promise", "promisecheck", "store")


@pytest.mark.parametrize("name", FACTS)
def test_facts_are_not_added_changed_or_deleted_not_even_by_a_superuser(
    name, admin_client, rf, admin_user
):
    request = rf.get("/")
    request.user = admin_user
    model = next(m for m in admin.site._registry if m._meta.model_name == name)
    screen = admin.site._registry[model]

    assert not screen.has_add_permission(request)
    assert not screen.has_change_permission(request)
    assert not screen.has_delete_permission(request)
    assert admin_client.get(url(f"{name}_add")).status_code == 403


# --- settings ---------------------------------------------------------------
def form_of(client, address):
    """What a browser would post back unchanged."""
    form = client.get(address).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value is not None}


@pytest.fixture
def kept():
    """A rule of a mapped table."""
    message = table()
    column(message, name="sent_at", kind="DateTimeField", state="accepted")
    return rule(message)


def test_a_saved_setting_is_on_the_trail_by_field_name_without_its_value(kept):
    client = signed_in(PIA)
    address = url("rule_change", kept.pk)

    answer = client.post(
        address,
        form_of(client, address)
        | {"months": "36", "where": "{}", "columns": "", "citation": "Because of Ada"},
    )

    assert answer.status_code == 302, answer.context["errors"]
    event = AuditEvent.objects.get(action="rule.changed")
    assert (event.by, event.subject) == (PIA, f"rule:{kept.pk}")
    assert "Months" in event.payload
    assert "Ada" not in event.payload


def test_a_save_whose_audit_row_fails_is_not_saved(kept, monkeypatch):
    def fails(**_):
        raise OSError("no trail")

    client = signed_in(PIA)
    address = url("rule_change", kept.pk)
    said = form_of(client, address) | {"months": "36", "where": "{}", "columns": ""}
    monkeypatch.setattr("privacy.admin.base.kinds.audit.record", fails)

    with pytest.raises(OSError, match="no trail"):
        client.post(address, said)

    assert Rule.objects.get().months == 24


def test_history_is_the_trail():
    kept = rule(table())

    answer = signed_in(ARI).get(url("rule_history", kept.pk))

    assert answer.url == f"{url('auditevent_changelist')}?subject=rule:{kept.pk}"


def test_history_is_refused_to_whoever_may_not_see_the_row():
    assert signed_in(SAM).get(url("rule_history", rule(table()).pk)).status_code == 403


# --- lists of millions ------------------------------------------------------
def test_a_list_of_millions_leafs_by_key_and_never_counts(
    django_assert_max_num_queries, now
):
    for number in range(60):
        audit.record(action="test.made", subject=f"test:{number}", by=PIA, now=now)
    client = signed_in(ARI)
    client.get(url("auditevent_changelist"))  # each hour's first looks at its cookies

    with django_assert_max_num_queries(8) as queries:
        first = client.get(url("auditevent_changelist"))
    older = client.get(url("auditevent_changelist") + first.context["cl"].older_link)

    assert not [q for q in queries if "COUNT(" in q["sql"]]
    numbers = [row.sequence for row in first.context["cl"].result_list]
    more = [row.sequence for row in older.context["cl"].result_list]
    assert len(numbers) == 50
    assert max(more) < min(numbers)
    assert older.context["cl"].older_link == ""


def test_a_key_that_is_none_is_refused_without_an_error():
    answer = signed_in(ARI).get(url("auditevent_changelist") + "?before=abc")

    assert answer.status_code == 302


def test_a_list_counts_no_further_than_it_must(django_assert_num_queries):
    ada()
    paginator = UncountedPaginator(Identifier.objects.order_by("pk"), 50)

    with django_assert_num_queries(1) as queries:
        assert paginator.count == 1

    assert "LIMIT 1000" in queries[0]["sql"]
