"""Vonage: the SMS API (developer.vonage.com, "Signing messages") and the Messages API
("Verify the origin of your webhooks"), with one secret.

An SMS carries a parameter `sig`, made by the method set for the account; its length
tells which. A long one comes in segments, each by itself ("Inbound SMS: concatenated").
The Messages API sends a JSON Web Token with the hash of the body.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence

from consent.carriers.base import (
    FORM,
    Call,
    Malformed,
    Message,
    NobodyWrote,
    Segment,
    asked,
    document,
    fields,
    form,
    instant,
    is_in_address,
    message,
    nothing_said,
    strings,
)
from consent.carriers.signatures import (
    claims,
    is_hash,
    is_one_of,
    refuse_stale,
    unix,
)

MOST_SEGMENTS = 255  # GSM 03.40, 9.2.3.24.1: the count is one octet
SECRETS = "VONAGE_SIGNATURE_SECRET"
SIGNATURE: tuple[str, ...] = ("authorization",)  # or in the message
IS_SIGNED = True
METHODS = ("md5", "sha1", "sha256", "sha512")
REFERENCE, COUNT = re.compile(r"[!-~]{1,40}"), re.compile(r"\d{1,3}", re.ASCII)
reply = nothing_said


def verify(call: Call, secrets: Sequence[str]) -> bool:
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _verify_token(call, token.strip(), secrets)
    said = _fields(call)
    given = said.pop("sig", "").lower()
    fits = is_one_of(given, [each for s in secrets for each in _signatures(said, s)])
    if fits:
        refuse_stale(call, unix(said.get("timestamp", "")))
    return fits


def _verify_token(call: Call, token: str, secrets: Sequence[str]) -> bool:
    told = claims(token, secrets)
    if told is None or not is_hash(told.get("payload_hash"), call.body):
        return False
    refuse_stale(call, unix(str(told.get("iat"))))
    return True


def _signatures(said: dict[str, str], secret: str) -> Iterator[str]:
    """Over the parameters in order, & and = in values as _; md5hash, then the HMACs."""
    clean = str.maketrans("&=", "__")
    joined = "".join(f"&{k}={v.translate(clean)}" for k, v in sorted(said.items()))
    signed = joined.encode()
    # Vonage's own default method, which only it can change
    yield hashlib.md5(signed + secret.encode()).hexdigest()  # noqa: S324
    for method in METHODS:
        yield hmac.new(secret.encode(), signed, method).hexdigest()


def _fields(call: Call) -> dict[str, str]:
    """From the address, or from a form or JSON body."""
    if is_in_address(call):
        return dict(asked(call))
    if call.content_type == FORM:
        return dict(form(call))
    # numbers are signed as they are written
    return {k: str(v) for k, v in fields(document(call)).items() if _is_plain(v)}


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def parse(call: Call) -> Message:
    said = _fields(call)
    if "msisdn" in said:
        return _sms(said)
    if "message_uuid" not in said:
        raise Malformed
    if "from" not in said or "status" in said:  # a receipt for what we sent
        raise NobodyWrote
    return message(
        "vonage",
        message_id=said["message_uuid"],
        sender=said["from"],
        recipient=said.get("to", ""),
        text=said.get("text") or _tapped(call),
        channel=said["channel"] if said.get("channel") in ("mms", "rcs") else "sms",
        answerable=False,
        written_at=instant(said.get("timestamp", "")),
    )


def _tapped(call: Call) -> str:
    """The suggestion of an RCS message that the person tapped."""
    return strings(fields(document(call)).get("reply") or {}).get("title", "")


def _sms(said: dict[str, str]) -> Message:
    if "status" in said:
        raise NobodyWrote
    return message(
        "vonage",
        message_id=said.get("messageId", ""),
        sender=said["msisdn"],
        recipient=said.get("to", ""),
        text=said.get("text", ""),
        answerable=False,
        written_at=instant(said.get("message-timestamp", "")),
        segment=_segment(said),
    )


def _segment(said: dict[str, str]) -> Segment | None:
    """None for what makes no sense: it is then a text of its own."""
    reference = said.get("concat-ref", "")
    told = [said.get(f"concat-{name}", "") for name in ("part", "total")]
    if not (REFERENCE.fullmatch(reference) and all(map(COUNT.fullmatch, told))):
        return None
    number, total = map(int, told)
    is_one = 1 <= number <= total and 1 < total <= MOST_SEGMENTS
    return Segment(reference, number, total) if is_one else None
