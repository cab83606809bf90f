"""The Data Rights Protocol 1.0: who may ask, for whom, when; and what is answered."""

import base64
import datetime as dt
import json
from functools import cache

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from dsr import packages, receipts, requests
from dsr.models import Agent, Exchange, Package, Seen, Ticket
from dsr.protocols import agents, drp
from privacy.models import Disclosure, Provider
from tests.dsr.agents import Fern
from tests.dsr.factories import LENA, MAX

pytestmark = pytest.mark.django_db
AT = "/drp/v1/data-rights-request"
TEXT = "text/plain"


def soon(**later):
    return (timezone.now() + dt.timedelta(**(later or {"hours": 1}))).isoformat()


@pytest.fixture
def fern():
    return Fern().join()


@pytest.fixture
def ask(client, fern):
    """What the agent gets for a message; with its token unless another is given."""

    def post(document=None, token=None, path=AT, body=None, method="post"):
        body = fern.sign(document) if body is None else body
        held = own_token() if token is None else token
        said = {"HTTP_AUTHORIZATION": f"Bearer {held}"}
        return getattr(client, method)(path, body, content_type=TEXT, **said)

    @cache
    def own_token():
        return token_of(client, fern)

    return post


def token_of(client, fern):
    said = fern.sign(fern.claims(timezone.now()))
    return client.post(f"/drp/v1/agent/{fern.code}", said, content_type=TEXT).json()[
        "token"
    ]


# --- set up --------------------------------------------------------------------
def test_an_agent_of_the_directory_gets_a_token_that_works(client, fern):
    token = token_of(client, fern)

    said = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    alive = client.get(f"/drp/v1/agent/{fern.code}", **said)
    other = client.get("/drp/v1/agent/SOMEBODY", **said)

    assert (alive.status_code, alive.json()) == (200, {})
    assert other.status_code == 403
    assert token not in str(list(Agent.objects.values()))


@pytest.mark.parametrize(
    "changed",
    [
        {"agent-id": "SOMEBODY"},
        {"business-id": "SOMEBODY_ELSE"},
        {"issued-at": soon()},
        {"expires-at": "2020-01-01T00:00:00Z"},
        {"expires-at": "tomorrow"},
        {"expires-at": soon(days=2)},
    ],
)
def test_a_set_up_that_is_not_valid_is_403_without_a_body(client, fern, changed):
    said = fern.sign(fern.claims(timezone.now(), **changed))
    answer = client.post(f"/drp/v1/agent/{fern.code}", said, content_type=TEXT)

    assert (answer.status_code, answer.content) == (403, b"")
    assert not Agent.objects.exclude(token_digest="").exists()


def test_a_stranger_and_a_wrong_key_get_nothing(client, fern):
    stranger = Fern()
    said = stranger.sign(stranger.claims(timezone.now()))

    for code in (fern.code, "NOBODY"):
        answer = client.post(f"/drp/v1/agent/{code}", said, content_type=TEXT)
        assert (answer.status_code, answer.content) == (403, b"")


def test_a_set_up_message_that_was_overheard_is_no_token_for_the_listener(client, fern):
    said = fern.sign(fern.claims(timezone.now()))
    where = f"/drp/v1/agent/{fern.code}"

    first = client.post(where, said, content_type=TEXT)
    again = client.post(where, said, content_type=TEXT)

    assert (first.status_code, again.status_code) == (200, 403)


# --- exercise ------------------------------------------------------------------
def test_a_request_is_a_ticket_about_the_person_and_goes_on_at_once(ask, fern):
    answer = ask(fern.asks(timezone.now())).json()

    ticket = Ticket.objects.get()
    assert (ticket.right, ticket.regime, ticket.source) == ("erasure", "US-CA", "drp")
    assert answer["status"] == "in_progress"
    assert answer["agent_request_id"] == "foo-1"
    assert answer["expected_by"] == ticket.due_date.isoformat()
    assert dt.datetime.fromisoformat(answer["received_at"])
    assert "reason" not in answer
    assert ticket.representative.capacity == "agent"
    assert ticket.decisions.get().accepted


@pytest.mark.parametrize(
    ("exercise", "right"),
    [
        ("access", "access"),
        ("access:specific", "access"),
        ("deletion", "erasure"),
        ("sale:opt-out", "opt_out_sale"),
    ],
)
def test_each_right_of_the_protocol_is_one_of_ours(ask, fern, exercise, right):
    assert ask(fern.asks(timezone.now(), exercise=exercise)).status_code == 200
    assert Ticket.objects.get().right == right


def test_without_a_regime_it_is_our_own_promise(ask, fern):
    said = fern.asks(timezone.now())
    del said["regime"]
    ask(said)

    assert Ticket.objects.get().regime == "unspecified"


def test_what_nobody_verified_needs_the_person(ask, fern):
    said = fern.asks(timezone.now(), phone_number_verified=False)
    answer = ask(said).json()

    assert answer["reason"] == "need_user_verification"
    assert answer["user_verification_url"].startswith("http")
    assert not Ticket.objects.get().decisions.exists()


def test_an_opt_out_needs_no_proof(ask, fern):
    said = {"exercise": "sale:opt-out", "phone_number_verified": False}
    assert "reason" not in ask(fern.asks(timezone.now(), **said)).json()


def test_an_unverified_address_is_no_part_of_a_verified_request(ask, fern):
    ask(fern.asks(timezone.now(), email="ada.sample@example.com"))

    kinds = Ticket.objects.get().identifiers.values_list("kind", flat=True)
    assert list(kinds) == ["phone"]


@pytest.mark.parametrize(
    ("is_verified", "to"), [(False, []), (True, [["mallory@example.com"]])]
)
def test_no_letter_goes_to_an_address_that_the_agent_did_not_verify(
    ask, fern, mailoutbox, is_verified, to
):
    """The receipt has the secret address of the request in it."""
    said = {"email": "mallory@example.com", "email_verified": is_verified}
    ask(fern.asks(timezone.now(), **said))

    receipts.write_waiting(now=timezone.now())

    assert [letter.to for letter in mailoutbox] == to


@pytest.mark.parametrize(
    ("changed", "code", "fatal"),
    [
        ({"agent-id": "SOMEBODY"}, 403, None),
        ({"business-id": "SOMEBODY_ELSE"}, 403, None),
        (
            {"issued-at": soon()},
            403,
            True,
        ),
        ({"expires-at": "2020-01-01T00:00:00Z"}, 403, True),
        ({"issued-at": "yesterday"}, 400, None),
        ({"issued-at": "0001-01-01T00:00:00+14:00"}, 400, None),
        ({"drp.version": "0.7"}, 400, None),
        ({"exercise": "sale:opt-in"}, 400, None),
        ({"exercise": ["deletion"]}, 400, None),
        ({"regime": "common sense"}, 400, None),
        ({"phone_number": "call me"}, 400, None),
        ({"phone_number": ""}, 400, None),
        ({"status_callback": "file:///etc/passwd"}, 400, None),
    ],
)
def test_what_is_not_right_is_an_error_and_opens_nothing(
    ask, fern, changed, code, fatal
):
    answer = ask(fern.asks(timezone.now(), **changed))

    assert answer.status_code == code
    assert answer.json()["code"] == str(code)
    assert answer.json()["message"].endswith(".")
    assert answer.json().get("fatal") is fatal
    assert not Ticket.objects.exists()
    assert Seen.objects.count() <= 1  # of the set-up: a refused request may be retried


@pytest.mark.parametrize(
    "body", [b"", b"!!", b"YWJj", base64.b64encode(b"x" * 64 + b"{}")]
)
def test_what_is_no_signed_message_is_an_error(ask, body):
    assert ask(body=body).status_code in (400, 403)
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("said", [[], "x", 1, None])
def test_signed_json_that_is_no_object_is_an_error(ask, said):
    assert ask(said).status_code == 400


@pytest.mark.parametrize("name", ["Ada \ud800", "Ada \0", ["Ada"], {"first": "Ada"}])
def test_a_name_that_no_database_keeps_is_an_error(ask, fern, name):
    answer = ask(fern.asks(timezone.now(), name=name))
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "name is not a text.",
    )
    assert not Ticket.objects.exists()


def test_a_message_is_good_for_one_request(ask, fern):
    body = fern.sign(fern.asks(timezone.now()))
    spaced = body[:40] + b"\n" + body[40:]

    codes = [ask(body=each).status_code for each in (body, body, spaced)]

    assert codes == [200, 403, 403]
    assert Ticket.objects.count() == 1


def test_the_same_number_again_is_refused_unless_it_says_the_same(ask, fern):
    now = timezone.now()
    ask(fern.asks(now))
    other = ask(fern.asks(now, exercise="access"))

    assert other.status_code == 400
    assert "under that number" in other.json()["message"]


@pytest.mark.parametrize("token", ["", "guess"])
def test_without_a_token_nobody_asks(ask, fern, token):
    assert ask(fern.asks(timezone.now()), token=token).status_code == 403


def test_an_agent_that_is_not_trusted_any_more_is_refused(ask, fern):
    ask(fern.asks(timezone.now()))
    agents.distrust(code=fern.code, by=LENA, now=timezone.now())

    assert ask(fern.asks(timezone.now(), exercise="access")).status_code == 403


def test_one_agent_does_not_see_what_another_asked(ask, fern, client):
    number = ask(fern.asks(timezone.now())).json()["request_id"]
    gus = Fern()
    gus.code = "GUS_APP"
    gus.join()
    said = {"HTTP_AUTHORIZATION": f"Bearer {token_of(client, gus)}"}

    assert client.get(f"{AT}/{number}", **said).status_code == 403


def test_an_agent_that_gets_nothing_any_more_is_told_nothing(ask, fern):
    Provider.objects.create(name=fern.code, way="task", owner="lena")
    number = ask(fern.asks(timezone.now())).json()["request_id"]
    where = {"body": b"", "path": f"{AT}/{number}", "method": "get"}

    assert ask(**where).status_code == 200
    assert Disclosure.objects.count() == 1
    Provider.objects.update(is_active=False)
    assert ask(**where).status_code == 403
    assert ask(fern.asks(timezone.now())).status_code == 403
    assert Ticket.objects.count() == 1  # what is refused is not taken either


@pytest.mark.parametrize("number", ["x", "5f9e2f2e-1f4b-4f0e-8a55-000000000000"])
def test_an_unknown_number_is_404(ask, number):
    assert ask(body=b"", path=f"{AT}/{number}", method="get").status_code == 404


# --- status --------------------------------------------------------------------
def made(ask, fern, **changed):
    number = ask(fern.asks(timezone.now(), **changed)).json()["request_id"]
    return Exchange.objects.get(pk=number), Ticket.objects.get()


@pytest.mark.parametrize(
    ("ground", "reason"),
    [
        ("ID_FAIL", "insuf_verification"),
        ("NO_DATA", "no_match"),
        ("NOT_RESIDENT", "outside_jurisdiction"),
        ("EXCESSIVE", "too_many_requests"),
        ("LEGAL_OBLIG", "claim_not_covered"),
        ("OTHER", "other"),
    ],
)
def test_a_refusal_has_the_reason_that_the_protocol_knows(ask, fern, ground, reason):
    exchange, ticket = made(ask, fern)
    requests.refuse(
        ticket=ticket, reason="So.", ground=ground, by=LENA, now=timezone.now()
    )

    said = drp.status(exchange)
    assert (said["status"], said["reason"]) == ("denied", reason)
    assert said["processing_details"] == "So."


def test_done_is_fulfilled_and_nobody_known_is_no_match(ask, fern):
    exchange, ticket = made(ask, fern, exercise="sale:opt-out")
    requests.fulfil(ticket=ticket, clock=timezone.now)
    assert drp.status(exchange)["status"] == "fulfilled"

    Ticket.objects.update(outcome="nothing")
    assert drp.status(exchange)["reason"] == "no_match"


def test_a_copy_that_is_ready_says_where_it_is_collected_and_until_when(
    ask, fern, town, client
):
    exchange, ticket = made(ask, fern, exercise="access", regime="")
    now = timezone.now()
    requests.plan(ticket=ticket, by=LENA, now=now)
    requests.approve(ticket=ticket, by=MAX, now=now)
    assert "results_url" not in drp.status(exchange)
    requests.fulfil(ticket=ticket, clock=timezone.now)

    said = drp.status(exchange)
    assert said["status"] == "fulfilled"
    assert said["expires_at"] == Package.objects.get().expires_at.isoformat()
    path = said["results_url"].removeprefix(settings.PUBLIC_URL)
    assert "First confirm" in client.post(path, {"do": "take"}, follow=True).text
    packages.expire(now=now + dt.timedelta(days=31))
    assert "results_url" not in drp.status(exchange)


# --- revoke --------------------------------------------------------------------
def test_a_request_is_revoked_by_a_signed_message_and_once_more(ask, fern):
    exchange, _ = made(ask, fern)
    said = fern.sign({"reason": "I don't want my account deleted"})

    for _ in range(2):
        answer = ask(body=said, path=f"{AT}/{exchange.pk}", method="delete")
        assert (answer.status_code, answer.json()["status"]) == (200, "revoked")
    ticket = Ticket.objects.get()
    assert ticket.decision == "I don't want my account deleted"


def test_a_revocation_that_is_not_signed_changes_nothing(ask, fern):
    exchange, _ = made(ask, fern)
    said = Fern().sign({"reason": "Not mine"})

    answer = ask(body=said, path=f"{AT}/{exchange.pk}", method="delete")

    assert answer.status_code == 403
    assert Ticket.objects.get().status == Ticket.Status.RECEIVED


def test_what_is_done_can_not_be_revoked(ask, fern):
    exchange, ticket = made(ask, fern, exercise="sale:opt-out")
    requests.fulfil(ticket=ticket, clock=timezone.now)

    answer = ask(body=fern.sign({}), path=f"{AT}/{exchange.pk}", method="delete")

    assert answer.status_code == 409


# --- the directory ---------------------------------------------------------------
def test_our_entry_is_what_the_directory_wants(client):
    entry = client.get("/drp/business.json").json()

    assert entry["id"] == "PRIVACY_PORTAL"
    assert set(entry["supported_actions"]) <= {
        "access", "deletion", "sale:opt-out", "sale:opt-in", "access:specific",
    }  # fmt: skip
    assert entry["api_base"].endswith("/drp")


def test_agents_come_from_the_directory_by_command(tmp_path, capsys):
    file = tmp_path / "agents.json"
    file.write_text(json.dumps([Fern().entry(), Fern().entry(id="GUS_APP")]))
    call_command("drp", "trust", str(file))
    call_command("drp", "distrust", "GUS_APP")

    assert dict(Agent.objects.values_list("code", "is_trusted")) == {
        "FERN_APP": True,
        "GUS_APP": False,
    }


@pytest.mark.parametrize(
    "text", ["{", "[1]", '{"id": "A"}', '{"id": "A", "verify_key": "eA=="}']
)
def test_an_entry_that_is_none_is_one_sentence(tmp_path, text):
    file = tmp_path / "agents.json"
    file.write_text(text)

    with pytest.raises(CommandError):
        call_command("drp", "trust", str(file))
    assert not Agent.objects.exists()


def test_a_new_key_ends_the_token_of_the_old_one(client, fern):
    token = token_of(client, fern)
    agents.trust(entries=[Fern().entry()], by=LENA, now=timezone.now())

    with pytest.raises(drp.NotAllowed):
        drp.agent_of(token)


def test_expired_messages_are_forgotten(client, fern):
    token_of(client, fern)

    assert drp.forget_expired(now=timezone.now()) == 0
    assert drp.forget_expired(now=timezone.now() + dt.timedelta(hours=1)) == 1
