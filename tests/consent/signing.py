"""Each carrier's side of a webhook: a signed request that says a text.

`request` gives the body, its content type and the headers; the shapes are those of the
samples. The secrets are invented, the keys made for the occasion.
"""

import base64
import datetime as dt
import hashlib
import hmac
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

SAMPLES = Path(__file__).parents[1] / "data" / "carriers" / "samples"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
TOPIC = "arn:aws:sns:us-east-1:000000000000:inbound-sms"
CERTIFICATE = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0000.pem"
TELNYX = Ed25519PrivateKey.from_private_bytes(b"t" * 32)
TELNYX_NEXT = Ed25519PrivateKey.from_private_bytes(b"u" * 32)
AWS = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def raw(key):
    public = key.public_key()
    return base64.b64encode(
        public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    ).decode()


# name: the environment's name, the secret, and another of the same kind
SECRETS = {
    "twilio": ("TWILIO_AUTH_TOKEN", "twilio token", "next token"),
    "telnyx": ("TELNYX_PUBLIC_KEY", raw(TELNYX), raw(TELNYX_NEXT)),
    "bandwidth": ("BANDWIDTH_WEBHOOK_CREDENTIALS", "acme:a password", "acme:next"),
    "vonage": ("VONAGE_SIGNATURE_SECRET", "vonage secret", "next secret"),
    "plivo": ("PLIVO_AUTH_TOKEN", "plivo token", "next token"),
    "sinch": ("SINCH_WEBHOOK_SECRET", "sinch secret", "next secret"),
    "messagebird": ("MESSAGEBIRD_SIGNING_KEY", "messagebird key", "next key"),
    "aws": ("AWS_SNS_TOPIC_ARN", TOPIC, TOPIC + "-next"),
    "standard": ("STANDARD_WEBHOOKS_SECRET", "whsec_c3RhbmRhcmQ=", "whsec_bmV4dA=="),
}
IDS = {
    "twilio": "SM%032x", "telnyx": "11111111-1111-4111-8111-%012x",
    "bandwidth": "message-%d", "vonage": "0A%014X", "sinch": "01EXAMPLE%d",
    "plivo": "44444444-4444-4444-8444-%012x", "messagebird": "%032x",
    "aws": "77777777-7777-4777-8777-%012x", "standard": "msg_%d",
}  # fmt: skip


def b64(content):
    return base64.b64encode(content).decode()


def keyed(secret, content, algorithm="sha256"):
    return b64(hmac.digest(secret.encode(), content, algorithm))


def token(secret, claims):
    def part(content):
        return base64.urlsafe_b64encode(content).rstrip(b"=")

    said = (
        part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    )
    return (said + b"." + part(hmac.digest(secret.encode(), said, "sha256"))).decode()


# --- bodies -----------------------------------------------------------------
def sample(file, *changes):
    """A sample with values put in place: (path, value)."""
    found = json.loads((SAMPLES / file).read_text())
    for path, value in changes:
        place = found
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
    return found


def form(file, **changes):
    return dict(parse_qsl((SAMPLES / file).read_text().strip())) | changes


# Where a carrier's body says when the person wrote; Amazon's envelope says it too.
WRITTEN = {
    "telnyx": ("data", "payload", "received_at"), "bandwidth": (0, "message", "time"),
    "vonage": ("message-timestamp",), "sinch": ("received_at",),
    "messagebird": ("createdDatetime",), "standard": ("timestamp",),
    "aws": ("Timestamp",),
}  # fmt: skip


def stamped(name, said, written):
    """The body, written at that instant."""
    *steps, last = WRITTEN[name]
    place = said
    for step in steps:
        place = place[step]
    place[last] = written.isoformat()
    return said


def content(name, text, number, sender, at):
    """The body as a document or a form, before it is signed."""
    message_id = IDS[name] % number
    plain = sender.lstrip("+")
    if name == "twilio":
        return form(
            "twilio_inbound_text.form", Body=text, MessageSid=message_id, From=sender
        )
    if name == "plivo":
        return form("plivo_inbound.form", Text=text, MessageUUID=message_id, From=plain)
    if name == "telnyx":
        where = ("data", "payload")
        return sample(
            "telnyx_message_received.json",
            ((*where, "text"), text),
            ((*where, "id"), message_id),
            ((*where, "from", "phone_number"), sender),
        )
    if name == "bandwidth":
        return sample(
            "bandwidth_message_received.json",
            ((0, "message", "text"), text),
            ((0, "message", "id"), message_id),
            ((0, "message", "from"), sender),
        )
    if name == "vonage":
        return sample(
            "vonage_inbound_sms.json",
            (("text",), text),
            (("messageId",), message_id),
            (("msisdn",), plain),
            (("timestamp",), str(int(at.timestamp()))),
        )
    if name == "sinch":
        return sample(
            "sinch_mo_text.json",
            (("body",), text),
            (("id",), message_id),
            (("from",), plain),
        )
    if name == "messagebird":
        return sample(
            "messagebird_sms_inbound.json",
            (("body",), text),
            (("id",), message_id),
            (("originator",), plain),
        )
    if name == "aws":
        inside = sample(
            "aws_two_way_sms.json",
            (("messageBody",), text),
            (("inboundMessageId",), message_id),
            (("originationNumber",), sender),
        )
        return sample(
            "aws_sns_envelope.json",
            (("Message",), json.dumps(inside)),
            (("Timestamp",), at.strftime("%Y-%m-%dT%H:%M:%S.000Z")),
        )
    said = {"id": message_id, "from": sender, "to": "+12025550100", "text": text}
    return {"type": "message.received", "timestamp": at.isoformat(), "data": said}


# --- signatures -------------------------------------------------------------
def request(
    name,
    *,
    text="STOP",
    number=1,
    sender="+12025550117",
    at,
    url,
    secret=None,
    written=None,
):
    """Body, content type and headers of a call that the carrier signed; of a message
    that was written before it."""
    secret = secret or SECRETS[name][1]
    said = content(name, text, number, sender, at)
    said = stamped(name, said, written) if written else said
    if name == "vonage":
        said["sig"] = vonage_signature(said, secret)
    if name == "aws":
        said = sns(said, secret)
    is_form = name in ("twilio", "plivo")
    body = (urlencode(said) if is_form else json.dumps(said)).encode()
    return body, FORM if is_form else JSON, headers(name, said, body, at, url, secret)


def asked(name, *, at, url, secret=None, **said):
    """The same as a GET: the address with the message in it, and the headers."""
    secret = secret or SECRETS[name][1]
    told = {"text": "STOP", "number": 1, "sender": "+12025550117"} | said
    fields = content(name, **told, at=at)
    if name == "vonage":
        fields["sig"] = vonage_signature(fields, secret)
    address = f"{url}?{urlencode(fields)}"
    if name == "twilio":
        given = {"x-twilio-signature": keyed(secret, address.encode(), "sha1")}
    elif name == "plivo":
        signed = url + "?" + "&".join(f"{k}={fields[k]}" for k in sorted(fields))
        given = {
            "x-plivo-signature-v3": keyed(secret, f"{signed}.n1".encode()),
            "x-plivo-signature-v3-nonce": "n1",
        }
    else:
        given = headers(name, fields, b"", at, address, secret)
    return address, given


def headers(name, said, body, at, url, secret):
    stamp = str(int(at.timestamp()))
    if name == "twilio":
        signed = url + "".join(key + said[key] for key in sorted(said))
        return {"x-twilio-signature": keyed(secret, signed.encode(), "sha1")}
    if name == "telnyx":
        key = TELNYX if secret == raw(TELNYX) else TELNYX_NEXT
        signature = b64(key.sign(f"{stamp}|".encode() + body))
        return {"telnyx-signature-ed25519": signature, "telnyx-timestamp": stamp}
    if name == "bandwidth":
        return {"authorization": f"Basic {b64(secret.encode())}"}
    if name == "plivo":
        signed = url + "?" + "".join(key + said[key] for key in sorted(said)) + ".n1"
        return {
            "x-plivo-signature-v3": keyed(secret, signed.encode()),
            "x-plivo-signature-v3-nonce": "n1",
        }
    if name == "sinch":
        head = "x-sinch-webhook-signature"
        return {
            head: keyed(secret, body + f".n1.{stamp}".encode()),
            f"{head}-nonce": "n1",
            f"{head}-timestamp": stamp,
        }
    if name == "messagebird":
        claims = {
            "iss": "MessageBird", "nbf": int(stamp), "exp": int(stamp) + 60, "jti": "1",
            "url_hash": hashlib.sha256(url.encode()).hexdigest(),
        }  # fmt: skip
        if body:
            claims["payload_hash"] = hashlib.sha256(body).hexdigest()
        return {"messagebird-signature-jwt": token(secret, claims)}
    if name == "standard":
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"w1.{stamp}.".encode() + body
        signature = b64(hmac.digest(key, signed, "sha256"))
        return {
            "webhook-id": "w1",
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,bm9uZQ== v1,{signature}",
        }
    return {}


def vonage_signature(said, secret):
    joined = "".join(f"&{key}={said[key]}" for key in sorted(said) if key != "sig")
    return hashlib.md5((joined + secret).encode()).hexdigest()  # noqa: S324


def sns(said, topic, *, version="2"):
    said = said | {"TopicArn": topic, "SignatureVersion": version}
    names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    if said["Type"] != "Notification":
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token"]
        names += ["TopicArn", "Type"]
    signed = "".join(f"{name}\n{said[name]}\n" for name in names if name in said)
    algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303
    signature = AWS.sign(signed.encode(), padding.PKCS1v15(), algorithm)
    return said | {"Signature": b64(signature), "SigningCertURL": CERTIFICATE}


def certificate(at):
    """Of Amazon, had it our key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(AWS.public_key())
        .serial_number(1)
        .not_valid_before(at - dt.timedelta(days=1))
        .not_valid_after(at + dt.timedelta(days=1))
    )
    return made.sign(AWS, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
