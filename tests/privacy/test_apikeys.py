"""Keys of partner systems: scoped, shown once, revoked at once."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from privacy import apikeys
from privacy.models import ApiKey, AuditEvent, Provider
from tests.privacy.factories import PIA, signed_in

pytestmark = pytest.mark.django_db


def create(now, name="crm", scopes=("consent:check",)):
    return apikeys.create(name=name, scopes=scopes, by="olivia", now=now)


def test_a_key_is_found_again_and_not_kept(now):
    key = create(now)

    assert key.startswith("sk_")
    assert apikeys.holder(key).name == "crm"
    with connection.cursor() as cursor:
        cursor.execute("SELECT row::text FROM privacy_apikey row")
        assert key not in cursor.fetchone()[0]
    assert key not in AuditEvent.objects.get(action="apikey.created").payload


def test_a_revoked_key_is_nobodys_and_its_name_is_free(now):
    key = create(now)

    apikeys.revoke(name="crm", by="olivia", now=now)

    assert apikeys.holder(key) is None
    assert AuditEvent.objects.get(action="apikey.revoked").by == "olivia"
    assert create(now) != key


def test_two_keys_of_one_name_are_refused(now):
    create(now)

    with pytest.raises(apikeys.NameTaken):
        create(now)


def test_an_unknown_scope_is_refused_with_those_there_are(now):
    with pytest.raises(apikeys.UnknownScope, match="consent:check"):
        create(now, scopes=["everything"])


def test_a_key_that_is_not_there_can_not_be_revoked(now):
    with pytest.raises(apikeys.NoSuchKey):
        apikeys.revoke(name="crm", by="olivia", now=now)


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"scopes": []}, "privacy_apikey_has_a_scope"),
        ({"revoked_by": "olivia"}, "privacy_apikey_revoked_by_somebody"),
        ({}, "privacy_apikey_one_in_use_of_a_name"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(now, wrong, constraint):
    create(now)
    row = ApiKey.objects.get()
    row.pk, row.digest = None, "0" * 64
    for name, value in wrong.items():
        setattr(row, name, value)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


# --- the command --------------------------------------------------------------
def command(*arguments):
    out = io.StringIO()
    call_command("apikey", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_key_once_and_revokes_it():
    scopes = ["consent:check", "suppressions"]

    Provider.objects.create(name="Crm Inc.", way="task")
    whose = ["--recipient", "Crm Inc."]
    said = json.loads(command("create", "crm", "--scope", *scopes, *whose, "--json"))

    holder = apikeys.holder(said["key"])
    assert (holder.scopes, holder.recipient.name) == (scopes, "Crm Inc.")
    assert command("revoke", "crm") == "The key crm is revoked.\n"
    assert apikeys.holder(said["key"]) is None


def test_the_command_refuses_in_one_sentence(django_user_model):
    django_user_model.objects.create_user("sam")

    with pytest.raises(CommandError, match="is not a scope"):
        command("create", "crm", "--scope", "x")
    with pytest.raises(CommandError, match=r"privacy\.add_apikey is needed"):
        command("create", "crm", "--scope", "suppressions", "--by", "sam")
    with pytest.raises(CommandError, match="Give the key a name"):
        command("create", " ", "--scope", "suppressions")
    with pytest.raises(CommandError, match="No recipient of data has that name"):
        command("create", "crm", "--scope", "suppressions", "--recipient", "Nobody")
    assert not ApiKey.objects.exists()
    with pytest.raises(CommandError, match="No key of that name"):
        command("revoke", "crm")


# --- the screens --------------------------------------------------------------
LIST = "/admin/privacy/apikey/"


@pytest.fixture(autouse=True)
def static_files(settings):
    """WhiteNoise warns of a missing folder, and nothing is collected for tests."""
    settings.STATIC_ROOT = settings.STATICFILES_DIRS[0]


@pytest.fixture
def staff(django_user_model, client):
    """Somebody with a desk and no role."""
    client.force_login(django_user_model.objects.create_user("max", is_staff=True))
    return client


def test_a_key_is_created_on_its_page_and_shown_once(admin_client):
    Provider.objects.create(name="Crm Inc.", way="task")
    answer = admin_client.post(
        LIST + "create/",
        {"name": "crm", "scopes": ["consent:check"], "recipient": "Crm Inc."},
    )

    key = answer.content.decode().split("<pre>")[1].split("</pre>")[0]
    holder = apikeys.holder(key)
    assert (holder.name, holder.recipient.name) == ("crm", "Crm Inc.")
    assert "no-store" in answer["Cache-Control"]
    assert key not in admin_client.get(LIST).content.decode()


def test_what_is_wrong_is_said_on_the_page(admin_client, now):
    create(now)

    page = admin_client.post(LIST + "create/", {"name": "crm", "scopes": ["x"]})
    taken = admin_client.post(
        LIST + "create/", {"name": "crm", "scopes": ["suppressions"]}
    )

    assert "not one of the available choices" in page.content.decode()
    assert "A key of that name is in use" in taken.content.decode()


@pytest.mark.parametrize("scope", apikeys.NEEDS)
def test_a_key_is_no_way_around_the_role_of_its_maker(scope):
    asked = {"name": "mine", "scopes": [scope, "consent:check"]}

    engineer = signed_in(PIA)

    page = engineer.get(LIST + "create/").text
    refused = engineer.post(LIST + "create/", asked)

    assert f'value="{scope}"' not in page
    assert "not one of the available choices" in refused.text
    with pytest.raises(CommandError, match="is needed"):
        call_command("apikey", "create", "mine", "--scope", scope, "--by", PIA)
    assert not ApiKey.objects.exists()


def test_a_key_is_revoked_on_its_page(admin_client, now):
    key = create(now)
    path = f"{LIST}{ApiKey.objects.get().pk}/revoke/"

    asked = admin_client.get(path)
    admin_client.post(path)
    again = admin_client.post(path, follow=True)

    assert "are refused" in asked.content.decode()
    assert apikeys.holder(key) is None
    assert "No key of that name is in use" in again.content.decode()


@pytest.mark.parametrize("page", ["", "create/", "1/revoke/"])
def test_without_a_role_no_page_opens(staff, page):
    assert staff.get(LIST + page).status_code == 403
