"""An authorised agent opens, follows and revokes a request, over HTTP, with its key."""

import json

from django.utils import timezone

from dsr.models import Ticket
from tests.dsr.agents import Fern
from tests.journeys.conftest import Visitor, command, eventually, ring

AT = "/drp/v1/data-rights-request"


def say(visitor: Visitor, path: str, body: bytes | None, token="", method=None):
    """As the protocol wants it: text/plain, with the token once there is one."""
    headers = {"content-type": "text/plain", "authorization": f"Bearer {token}"}
    return visitor.ask(path, body, headers, method=method)


def test_a_request_is_opened_followed_and_revoked(two_workers, visitor, tmp_path):
    fern = Fern()
    entry = tmp_path / "agent.json"
    entry.write_text(json.dumps(fern.entry()))
    command("drp", "trust", str(entry))
    set_up = fern.sign(fern.claims(timezone.now()))
    token = say(visitor, f"/drp/v1/agent/{fern.code}", set_up).json["token"]
    alive = say(visitor, f"/drp/v1/agent/{fern.code}", None, token)

    opened = say(visitor, AT, fern.sign(fern.asks(timezone.now())), token).json
    seen = say(visitor, f"{AT}/{opened['request_id']}", None, token).json
    revoked = say(
        visitor,
        f"{AT}/{opened['request_id']}",
        fern.sign({"reason": "Changed my mind"}),
        token,
        method="DELETE",
    ).json

    assert (alive.status, alive.json) == (200, {})
    assert opened == seen
    assert (seen["status"], revoked["status"]) == ("in_progress", "revoked")
    assert Ticket.objects.get().decision == "Changed my mind"


def test_an_opt_out_is_done_by_a_worker_and_the_agent_sees_it(
    two_workers, visitor, tmp_path
):
    fern = Fern().join()
    set_up = fern.sign(fern.claims(timezone.now()))
    token = say(visitor, f"/drp/v1/agent/{fern.code}", set_up).json["token"]
    said = fern.asks(timezone.now(), exercise="sale:opt-out")
    number = say(visitor, AT, fern.sign(said), token).json["request_id"]

    ring("carry on approved requests")

    def fulfilled():
        found = say(visitor, f"{AT}/{number}", None, token).json
        return found["status"] == "fulfilled"

    assert eventually(fulfilled)
