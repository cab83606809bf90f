"""Identifiers of people: normalised, fingerprinted, sealed, revealed.

Each identifier is one row. Everything else refers to it by id, and finds it by its
keyed digest.
"""

import datetime as dt
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from privacy import audit
from privacy.models import Identifier
from privacy.models.sealing import ring, seal
from privacy.refusals import Refusal, reason_given
from privacy.sql import prepared

# Common, and needs no library: North American numbers of the right length.
PLAIN = re.compile(r"(?:\+?1)?([2-9]\d{9})", re.ASCII)
SAID = r"[^@\s\x00-\x1f\x7f\ud800-\udfff"  # no control, no half of a character
EMAIL = re.compile(
    rf"{SAID}]{{1,64}}@{SAID}.]+(\.{SAID}.]+)+", re.ASCII | re.IGNORECASE
)
LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3
DEFAULT_REGION = "US"
SEALED_AS = "privacy_identifier.value"  # the column, which a sealed value is bound to
Kind = Identifier.Kind


class NotAnIdentifier(Refusal):
    """That is neither a phone number nor an e-mail address."""


class NotAPhoneNumber(NotAnIdentifier):
    """That is not a phone number."""


class NotAnEmailAddress(NotAnIdentifier):
    """That is not an e-mail address."""


class AlreadyErased(Refusal):
    """The value was destroyed with an erasure; only its digest is left. Ask the person
    for the number or address, and enter it as a request: then it is known again."""


@dataclass(frozen=True)
class Mark:
    """A normalised identifier, stored or not: E.164, or an e-mail in lower case."""

    kind: str
    value: str

    def __repr__(self) -> str:
        return f"<{self.kind}>"  # marks end up in tracebacks; values must not


def phone(text: str, region: str = DEFAULT_REGION) -> Mark:
    """Any common form of a phone number, as E.164 (ITU-T E.164). `region` is the
    country of numbers written without one. Raises `NotAPhoneNumber`."""
    found = PLAIN.fullmatch(text) if region == DEFAULT_REGION else None
    if found:
        return Mark(Kind.PHONE, f"+1{found[1]}")
    spoken = unicodedata.normalize("NFKC", text).strip().removeprefix("tel:")
    try:
        number = phonenumbers.parse(spoken, region)
    except phonenumbers.NumberParseException:
        raise NotAPhoneNumber from None
    if re.search(r"[A-Za-z]", spoken) or not _is_whole(number):
        raise NotAPhoneNumber
    return Mark(
        Kind.PHONE,
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
    )


def _is_whole(number: phonenumbers.PhoneNumber) -> bool:
    """Without its area code, one number is many people's."""
    whole = phonenumbers.ValidationResult.IS_POSSIBLE
    return bool(phonenumbers.is_possible_number_with_reason(number) == whole)


def email(text: str) -> Mark:
    """An e-mail address in lower case: nobody tells two people apart by case."""
    spoken = unicodedata.normalize("NFKC", text).strip().casefold()
    if len(spoken) > LONGEST_EMAIL or not EMAIL.fullmatch(spoken):
        raise NotAnEmailAddress
    return Mark(Kind.EMAIL, spoken)


def understand(text: str, region: str = DEFAULT_REGION) -> Mark:
    """A phone number or an e-mail address, whichever the text is."""
    if "@" in text:
        return email(text)
    try:
        return phone(text, region)
    except NotAnIdentifier:
        raise NotAnIdentifier from None


def fingerprint(mark: Mark, *, key_id: str | None = None) -> tuple[str, str]:
    """The key id and the keyed digest (HMAC-SHA256) by which it is looked up."""
    keys = ring(tuple(settings.IDENTIFIER_KEYS))
    name = key_id or next(iter(keys))
    text = f"{mark.kind}:{mark.value}".encode()
    return name, hmac.new(keys[name], text, hashlib.sha256).hexdigest()


def digests(mark: Mark) -> list[str]:
    """One under every key that is still kept, so that look-ups survive a rotation."""
    names = ring(tuple(settings.IDENTIFIER_KEYS))
    return [fingerprint(mark, key_id=name)[1] for name in names]


def find(mark: Mark) -> Identifier | None:
    rows = Identifier.objects.filter(kind=mark.kind, digest__in=digests(mark))
    return rows.order_by("id").first()


def keep(
    mark: Mark, *, now: dt.datetime, revive: bool = False, alone: bool = False
) -> Identifier:
    """The row of this identifier, created if there is none. `alone`: everyone else who
    writes to the trail waits until commit.

    An erased one stays erased unless the person asks again (`revive`): then the value
    they give is needed to answer them.
    """
    row = _kept(mark, now, prepared.KEEP_ALONE if alone else prepared.KEEP)
    if revive and row.erased_at:
        row.value, row.hint, row.erased_at = mark.value, hint(mark), None
        row.save(update_fields=["value", "hint", "erased_at"])
        row.refresh_from_db(fields=["value"])
    return row


def keep_many(
    marks: Iterable[Mark], *, now: dt.datetime, revive: bool = False
) -> dict[Mark, Identifier]:
    """As `keep` for each; known ones are looked up together."""
    known = {digest: mark for mark in marks for digest in digests(mark)}
    kinds = {mark.kind for mark in known.values()}
    rows = Identifier.objects.filter(kind__in=kinds, digest__in=list(known))
    found = {known[row.digest]: row for row in rows.order_by("-id")}
    return {
        mark: found[mark]
        if mark in found and not (revive and found[mark].erased_at)
        else keep(mark, now=now, revive=revive)
        for mark in known.values()
    }


def _kept(mark: Mark, now: dt.datetime, statement: str) -> Identifier:
    """Inserts with one statement; reads again if another worker was first."""
    key_id, digest = fingerprint(mark)
    known = digests(mark)
    values = {
        "kind": mark.kind,
        "digests": known,
        "keys": len(known),
        "digest": digest,
        "key_id": key_id,
        "value": seal(mark.value, context=SEALED_AS),
        "hint": hint(mark),
        "now": now,
    }
    found: list[Identifier] = []
    while not found:
        found = prepared.read(Identifier, statement, values)
    return found[0]


def hint(mark: Mark) -> str:
    """Enough to recognise, not enough to know."""
    if mark.kind == Kind.PHONE:
        return f"{mark.value[:2]} ••• ••• ••{mark.value[-2:]}"
    if mark.kind == Kind.EMAIL:
        local, domain = mark.value.split("@", 1)
        return f"{local[0]}•••@•••.{domain.rsplit('.', 1)[-1]}"
    return "•••"


def value(identifier: Identifier) -> Mark:
    """The plain value, for the engine. Staff go through `reveal`."""
    if identifier.value is None:
        raise AlreadyErased
    return Mark(identifier.kind, identifier.value.open())


def reveal(*, identifier: Identifier, reason: str, by: str, now: dt.datetime) -> str:
    """The plain value, for staff with a reason; the audit trail records it."""
    reason = reason_given(reason)
    plain = value(identifier).value
    audit.record(
        action="identifier.revealed",
        subject=f"identifier:{identifier.pk}",
        by=by,
        now=now,
        reason=reason,
    )
    return plain


def forget(*, identifier: Identifier, by: str, now: dt.datetime) -> None:
    """Destroys value and hint; the digest stays, so that a STOP is still honoured."""
    with transaction.atomic():
        live = Identifier.objects.filter(pk=identifier.pk, erased_at=None)
        if live.update(value=None, hint="", erased_at=now):
            audit.record(
                action="identifier.erased",
                subject=f"identifier:{identifier.pk}",
                by=by,
                now=now,
            )


def is_used(identifier: Identifier) -> bool:
    """Whether any row of any app still refers to it."""
    return not unused(Identifier.objects.filter(pk=identifier.pk)).exists()


def unused(rows: QuerySet[Identifier]) -> QuerySet[Identifier]:
    """The identifiers that no row of any app refers to."""
    for relation in Identifier._meta.related_objects:
        mine = {relation.field.name: OuterRef("pk")}
        rows = rows.exclude(Exists(relation.related_model._base_manager.filter(**mine)))
    return rows
