"""Consent records in the terms of ISO/IEC TS 27560:2023, with the W3C vocabulary (DPV).

One record for each channel and sender that the person gave consent for or ended, with
all its events. The fields follow the community guide to 27560 at w3id.org/dpv; which
mandatory ones a record lacks is said in it.
"""

import datetime as dt
from collections import defaultdict
from typing import Any

from django.conf import settings

from consent.evidence import fields
from consent.models import Event, Program
from privacy.identifiers import Mark
from privacy.models import Identifier

CONTEXT = {"dpv": "https://w3id.org/dpv#", "dct": "http://purl.org/dc/terms/"}
STATUS = {
    Event.Kind.OPT_IN: "dpv:ConsentGiven",
    Event.Kind.OPT_OUT: "dpv:ConsentWithdrawn",
    Event.Kind.EXPIRY: "dpv:ConsentExpired",
    Event.Kind.REASSIGNMENT: "dpv:ConsentInvalidated",  # it was another person's
}
# Of the programs that were spoken to; who named none is asked about marketing.
PURPOSE = {
    Program.Purpose.MARKETING: "dpv:DirectMarketing",
    Program.Purpose.SERVICE: "dpv:ServiceProvision",
}
# Mandatory fields for which we know no term of the vocabulary.
OURS = (
    "schema_version", "language", "storage_locations", "retention_period",
    "jurisdiction", "recipients", "withdrawal_method",
)  # fmt: skip
SCHEME = {Identifier.Kind.PHONE: "tel", Identifier.Kind.EMAIL: "mailto"}
DATA = {Identifier.Kind.PHONE: "TelephoneNumber", Identifier.Kind.EMAIL: "EmailAddress"}


def of(mark: Mark, events: list[Event], *, now: dt.datetime) -> list[dict[str, Any]]:
    """Oldest event first in each record."""
    told: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda each: (each.occurred_at, each.sequence)):
        for channel in event.covers if event.kind in STATUS else ():
            told[channel, event.organization].append(event)
    return [
        _record(mark, channel, organization, said, now)
        for (channel, organization), said in sorted(told.items())
    ]


def _record(
    mark: Mark, channel: str, organization: str, told: list[Event], now: dt.datetime
) -> dict[str, Any]:
    said = fields.of(organization, told, _notices(told), now=now)
    lacks = fields.lacking(said)
    first, scheme = told[0], SCHEME.get(Identifier.Kind(mark.kind), "id")
    return {
        "@context": CONTEXT,
        "@id": f"{settings.PUBLIC_URL}/consent/{first.sequence}/{channel}",
        "@type": "dpv:ConsentRecord",
        "dct:identifier": f"{first.sequence}-{channel}",
        "dct:created": _instant(first.recorded_at),
        **({"lacks": lacks} if lacks else {"dct:conformsTo": fields.SCHEMA}),
        "dpv:hasDataSubject": {"@id": f"{scheme}:{mark.value}"},
        "dpv:hasDataController": {
            "@id": organization or settings.PUBLIC_URL,
            "@type": said["controller_type"],
            "dpv:hasName": said["controller_name"],
            "dpv:hasAddress": said["controller_address"],
            "dpv:hasContact": said["controller_contact"],
        },
        "dpv:hasNotice": said["notice"],
        "dpv:hasProcess": {
            "dpv:hasPurpose": _purpose(told),
            "dpv:hasPersonalData": f"dpv:{_data(mark)}",
            "dpv:hasProcessing": ["dpv:Use", "dpv:Store"],
            "dpv:hasLegalBasis": "dpv:Consent",
            "dpv:hasTechnology": channel,
        },
        **{name: said[name] for name in OURS},
        "events": [_event(event) for event in told],
    }


def _purpose(told: list[Event]) -> str | list[str]:
    """The programs' purpose as a term of the W3C vocabulary; several as a list."""
    said = (event.program.purpose if event.program else "marketing" for event in told)
    terms = sorted({PURPOSE[Program.Purpose(purpose)] for purpose in said})
    return terms[0] if len(terms) == 1 else terms


def _notices(told: list[Event]) -> list[str]:
    """The wordings that the person was shown, each once."""
    shown = [event.evidence["wording"] for event in told if "wording" in event.evidence]
    return list(dict.fromkeys(shown))


def _data(mark: Mark) -> str:
    return DATA.get(Identifier.Kind(mark.kind), "UID")


def _event(event: Event) -> dict[str, Any]:
    return {
        "status": STATUS[Event.Kind(event.kind)],
        "at": _instant(event.occurred_at),
        "by": "data subject" if event.source == Event.Source.DIRECT else event.source,
        "how": f"{event.channel} {event.evidence.get('keyword', '')}".strip(),
        "validity": fields.validity(event),
        "event": event.sequence,
    }


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()
