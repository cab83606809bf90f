"""The platform's official client, unchanged, against a running portal."""

import asyncio

import httpx
import pytest
from kiota_abstractions.api_error import APIError
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_http.httpx_request_adapter import HttpxRequestAdapter
from leadping.leadping_open_api_client import LeadpingOpenApiClient
from leadping.models.problem_details import ProblemDetails
from leadping.models.request_data_options import RequestDataOptions
from leadping.models.suppression_entry_request import SuppressionEntryRequest

from privacy import apikeys, policy
from tests.consent.factories import ACME, ADA, contracted

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # the server starts before a test could tell it where static files are
    pytest.mark.filterwarnings("ignore:No directory at:UserWarning"),
    # generated code calls its own names deprecated, when it is first imported
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


class Key(AccessTokenProvider):
    def __init__(self, key):
        self.key = key

    async def get_authorization_token(self, uri, additional=None):
        return self.key

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


@pytest.fixture
def talk(live_server, now, settings):
    """`talk(story)` runs a story with a client that has a key."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    policy.load()
    contracted("Leadping", now)
    facts = {"scopes": ["suppressions"], "recipient": "Leadping", "by": "sam"}
    made = apikeys.create(name="platform", now=now, **facts)

    def run(story, key=made):
        async def told():
            provider = BaseBearerTokenAuthenticationProvider(Key(key))
            async with httpx.AsyncClient(timeout=20) as http:
                adapter = HttpxRequestAdapter(provider, http_client=http)
                adapter.base_url = live_server.url.replace("localhost", "127.0.0.1")
                return await story(LeadpingOpenApiClient(adapter).suppressions)

        return asyncio.run(told())

    return run


def ada(organization=ACME, **changed):
    """The document wants an organization; the client's model has no field for it."""
    asked = SuppressionEntryRequest()
    if organization:
        asked.additional_data = {"organizationId": organization}
    facts = {"phone_number": "202-555-0117", "channel": "SMS"}
    for name, value in (facts | changed).items():
        setattr(asked, name, value)
    return asked


def test_suppress_check_list_get_and_release(talk):
    async def story(suppressions):
        made = await suppressions.post(ada(reason="Asked at the counter"))
        assert (made.status, made.normalized_phone_number) == ("active", ADA)
        assert made.organization_id == ACME
        assert made.suppressed_at.tzinfo is not None
        assert made.audit[0].status == "active"

        blocked = await suppressions.check.post(ada())
        assert blocked.allowed is False
        assert blocked.suppression_entry_id == made.id
        assert blocked.suppressed_at == made.suppressed_at

        found = await suppressions.by_id(made.id).get()
        assert (found.id, found.reason) == (made.id, "Asked at the counter")

        released = await suppressions.release.post(ada(reason="By mistake"))
        assert (released.id, released.status) == (made.id, "released")
        assert released.released_at > released.suppressed_at
        assert (await suppressions.check.post(ada())).allowed is True

    talk(story)


def test_as_the_client_asks_by_itself_without_an_organization(talk):
    async def story(suppressions):
        made = await suppressions.post(ada(None))
        assert (await suppressions.check.post(ada(None))).allowed is False
        assert (await suppressions.check.post(ada())).allowed is False
        released = await suppressions.release.post(ada(None))
        assert (released.id, released.status) == (made.id, "released")

    talk(story)


def test_pages_of_the_list(talk):
    async def story(suppressions):
        made = [
            (await suppressions.post(ada(phone_number=f"+1202555010{n}"))).id
            for n in range(5)
        ]
        options = RequestDataOptions()
        options.page_size, options.include_count = 2, True
        found = []
        while True:
            page = await suppressions.all.my.post(options)
            assert (page.page_size, page.total_count) == (2, 5)
            found += [entry.id for entry in page.items]
            if page.continuation_token is None:
                break
            options.continuation_token = page.continuation_token
        assert found == made[::-1]

    talk(story)


def test_problems_arrive_as_the_clients_own_exception(talk):
    async def bad(suppressions):
        await suppressions.post(ada(phone_number="letters"))

    async def nobody(suppressions):
        await suppressions.release.post(ada())

    for story, words in ((bad, "not a phone number"), (nobody, "not suppressed")):
        with pytest.raises(ProblemDetails) as problem:
            talk(story)
        assert (problem.value.status, problem.value.title) == (400, "Bad Request")
        assert words in problem.value.detail

    with pytest.raises(ProblemDetails) as problem:
        talk(bad, key="sk_wrong")
    assert problem.value.status == 401


def test_an_entry_that_is_none(talk):
    async def story(suppressions):
        await suppressions.by_id("supp_9").get()

    with pytest.raises(APIError) as problem:
        talk(story)
    assert problem.value.response_status_code == 404
