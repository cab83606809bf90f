"""AWS End User Messaging through SNS, as in docs.aws.amazon.com/sns "Verifying the
signatures of Amazon SNS messages" and …/sms-voice "Two-way SMS messaging".

Anybody can create a topic that Amazon signs, so the secret is the name of our own
topic. Confirming a subscription is left to staff: the portal visits no address named in
a message, except Amazon's own host for the certificate, once.
"""

import datetime as dt
import re
from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.core.cache import cache

from consent.carriers.base import (
    JSON,
    AsksToConfirm,
    Call,
    Message,
    NobodyWrote,
    NoCertificate,
    WrongContentType,
    instant,
    message,
    nothing_said,
    parsed,
    strings,
)
from consent.carriers.signatures import decoded, is_one_of, refuse_stale
from privacy import outgoing

SECRETS = "AWS_SNS_TOPIC_ARN"
SIGNATURE: tuple[str, ...] = ()  # it is in the message
IS_SIGNED = True
CERTIFICATE = re.compile(
    r"https://sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?"
    r"/SimpleNotificationService-[0-9a-f]{1,64}\.pem"
)
CONFIRM = re.compile(r"https://sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?/\?\S+")
# What is signed, in this order; a confirmation has other lines than a notification.
SIGNED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
SIGNED_TO_CONFIRM = (
    "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
)  # fmt: skip
HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}
LONGEST_RETRY = dt.timedelta(hours=1)  # SNS signs once and tries again for so long
DAY = 86_400  # seconds
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
reply = nothing_said


def verify(call: Call, secrets: Sequence[str]) -> bool:
    said = _envelope(call)
    if not is_one_of(said.get("TopicArn", ""), list(secrets)):
        return False
    address = said.get("SigningCertURL", "")
    if not CERTIFICATE.fullmatch(address) or not _fits(call, said, address):
        return False
    refuse_stale(
        call, instant(said.get("Timestamp", "")) or NEVER, within=LONGEST_RETRY
    )
    return True


def _fits(call: Call, said: dict[str, str], address: str) -> bool:
    algorithm = HASHES.get(said.get("SignatureVersion", ""))
    certificate = certificate_at(address)
    key = certificate.public_key()
    if not algorithm or not isinstance(key, rsa.RSAPublicKey):
        return False
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    try:
        signature = decoded(said.get("Signature", ""))
        key.verify(signature, _signed(said), padding.PKCS1v15(), algorithm())
    except InvalidSignature:
        return False
    return begins <= call.received_at <= ends


def _signed(said: dict[str, str]) -> bytes:
    names = SIGNED if said.get("Type") == "Notification" else SIGNED_TO_CONFIRM
    lines = [f"{name}\n{said[name]}\n" for name in names if name in said]
    return "".join(lines).encode()


def _envelope(call: Call) -> dict[str, str]:
    """SNS sends its JSON with the content type of plain text."""
    if call.content_type not in (JSON, "text/plain"):
        raise WrongContentType
    return strings(parsed(call.body))


def parse(call: Call) -> Message:
    said = _envelope(call)
    if said.get("Type") == "SubscriptionConfirmation":
        address = said.get("SubscribeURL", "")
        if CONFIRM.fullmatch(address):
            raise AsksToConfirm(said["TopicArn"], address)
    if said.get("Type") != "Notification":
        raise NobodyWrote
    told = strings(parsed(said.get("Message", "")))
    return message(
        "aws",
        message_id=told.get("inboundMessageId", ""),
        sender=told.get("originationNumber", ""),
        recipient=told.get("destinationNumber", ""),
        text=told.get("messageBody", ""),
        answerable=False,
        written_at=instant(said.get("Timestamp", "")),
    )


# --- the certificate --------------------------------------------------------
def certificate_at(address: str) -> x509.Certificate:
    """From Amazon's own host, over TLS; cached for a day."""
    found = cache.get(f"certificate:{address}")
    if found is None:
        found = fetch(address)
        cache.set(f"certificate:{address}", found, DAY)
    try:
        return x509.load_pem_x509_certificate(found)
    except ValueError:
        raise NoCertificate from None


def fetch(address: str) -> bytes:
    """Redirects are not followed: one could lead to anybody's certificate."""
    status, found = outgoing.post(address, None, {}, method="GET")
    if not outgoing.is_taken(status):
        raise NoCertificate
    return found
