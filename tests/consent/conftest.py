"""The keywords of the repository, as every installation has them."""

import secrets

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from consent import keywords
from privacy import apikeys


@pytest.fixture
def known_keywords(db):
    keywords.load()


@pytest.fixture(autouse=True)
def static_files(settings):
    """WhiteNoise warns of a missing folder, and nothing is collected for tests."""
    settings.STATIC_ROOT = settings.STATICFILES_DIRS[0]


@pytest.fixture
def partner(db, now):
    """A partner system with a key: `partner(path, question)` posts JSON."""

    def post(path, question, *, scopes=("consent:check", "suppressions"), **options):
        key = apikeys.create(
            name=secrets.token_hex(4), scopes=scopes, by="sam", now=now
        )
        return Client().post(
            path,
            data=question,
            content_type=options.get("content_type", "application/json"),
            headers={"authorization": options.get("authorization", f"Bearer {key}")},
        )

    return post


@pytest.fixture
def support(db, client, django_user_model):
    """Sam of support, signed in: looks numbers up and records what people say."""
    sam = django_user_model.objects.create_user("sam", is_staff=True)
    sam.groups.add(Group.objects.get(name="Support"))
    client.force_login(sam)
    return client


@pytest.fixture
def stranger(db, client, django_user_model):
    """Somebody with a desk here and no role."""
    client.force_login(django_user_model.objects.create_user("max", is_staff=True))
    return client


@pytest.fixture
def superuser(admin_client):
    return admin_client
