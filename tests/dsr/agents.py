"""An authorised agent of the Data Rights Protocol, with a real key."""

import base64
import datetime as dt
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dsr.protocols import agents
from tests.dsr.factories import NOW


class Fern:
    """Fern's app asks for people; `sign` makes what the protocol sends."""

    code = "FERN_APP"
    business = "PRIVACY_PORTAL"

    def __init__(self):
        self.key = Ed25519PrivateKey.generate()

    def entry(self, **changed):
        public = base64.b64encode(self.key.public_key().public_bytes_raw()).decode()
        said = {"id": self.code, "name": "Fern", "verify_key": public}
        return said | {"web_url": "https://agent.example/"} | changed

    def join(self):
        agents.trust(entries=[self.entry()], by="lena", now=NOW)
        return self

    def sign(self, document):
        said = json.dumps(document).encode()
        return base64.b64encode(self.key.sign(said) + said)

    def claims(self, now, **changed):
        return {
            "agent-id": self.code,
            "business-id": self.business,
            "issued-at": (now - dt.timedelta(seconds=1)).isoformat(),
            "expires-at": (now + dt.timedelta(minutes=10)).isoformat(),
            "drp.version": "1.0",
        } | changed

    def asks(self, now, **changed):
        said = {
            "agent-request-id": "foo-1",
            "exercise": "deletion",
            "regime": "ccpa",
            "name": "Ada Sample",
            "phone_number": "+12025550143",
            "phone_number_verified": True,
        }
        return self.claims(now, **(said | changed))
