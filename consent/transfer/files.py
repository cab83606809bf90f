"""Lists as other systems write them: which column is what, in any sane spelling."""

import csv
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from consent import marks
from privacy.models import Identifier
from privacy.refusals import Refusal

Kind = Identifier.Kind
SAMPLE_CHARACTERS = 4096
DELIMITERS = ",;\t|"
# Names of columns, in small letters and without signs; the first that is there counts.
NAMES: dict[str, tuple[str, ...]] = {
    "phone": (
        "phone", "phonenumber", "phonenumbere164", "number", "msisdn", "mobile",
        "mobilenumber", "mobilephone", "cell", "cellphone", "telephone", "tel",
        "optedoutnumber", "optedoutphonenumber", "endusernumber", "destinationnumber",
        "recipient", "recipientnumber", "subscriber", "contact", "contactnumber",
        "address", "to", "tonumber", "identifier",
    ),
    "email": ("email", "emailaddress", "mail"),
    "kind": (
        "kind", "event", "eventtype", "action", "optouttype", "consent", "optstatus",
        "subscriptionstatus", "consentstatus", "status", "state", "type",
    ),
    "channel": ("channel", "medium", "messagetype"),
    "organization": ("organization", "organizationid", "orgid", "org", "sender",
        "senderid", "brand", "account",
    ),
    "occurred_at": (
        "occurredat", "optedoutat", "optoutat", "optoutdate", "optedoutdate",
        "optedouttimestamp", "optouttimestamp", "optedinat", "optinat", "optindate",
        "consentdate", "consentedat", "unsubscribedat", "subscribedat", "suppressedat",
        "timestamp", "datetime", "date", "time", "createdat", "datecreated",
        "dateadded", "createtime", "created", "updatedat", "since",
    ),
}  # fmt: skip
OUT = frozenset({
    "optout", "optedout", "out", "stop", "unsubscribe", "unsubscribed", "revoked",
    "revoke", "blocked", "block", "suppressed", "suppress", "dnc",
    "donotcall", "denied", "no", "false", "0",
})  # fmt: skip
IN = frozenset({
    "optin", "optedin", "in", "start", "unstop", "subscribe", "subscribed", "consented",
    "granted", "yes", "true", "1",
})  # fmt: skip
CHANNELS = {
    "sms": "sms", "text": "sms", "textmessage": "sms", "mms": "mms", "voice": "voice",
    "call": "voice", "calls": "voice", "phone": "voice", "email": "email",
    "mail": "email",
}  # fmt: skip
SIGNS = re.compile(r"[\W_]+")
AMERICAN = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})"
    r"(?:[ ,T]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?)?"
)
UNIX = re.compile(r"\d{10}(\.\d+)?|\d{13}")


class NoColumn(Refusal):
    """The file has no column of phone numbers or e-mail addresses that the portal
    knows; call it phone or email."""


class Unreadable(Refusal):
    """The file can't be read as CSV."""


@dataclass(frozen=True)
class Columns:
    """Where each thing is in a row; absent ones are not in the file."""

    places: dict[str, int]
    has_header: bool

    def of(self, row: list[str], name: str) -> str:
        place = self.places.get(name)
        if place is None or place >= len(row):
            return ""
        return row[place].strip()

    def address(self, row: list[str], wanted: str = Kind.PHONE) -> tuple[str, str]:
        """The kind of the row's address, and its text as it stands there; of two, the
        wanted one."""
        text = self.of(row, "phone").removeprefix("'")  # as spreadsheets guard it
        mail = self.of(row, "email").removeprefix("'")
        if mail and (wanted == Kind.EMAIL or not text):
            return Kind.EMAIL, mail
        return (Kind.EMAIL, text) if "@" in text else (Kind.PHONE, text)


def plain(text: str) -> str:
    return SIGNS.sub("", text).casefold()


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row with its number, the header (if any) being row 0; empty ones too."""
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            yield from enumerate(reader(file))
    except (OSError, csv.Error):
        raise Unreadable from None


def reader(file: IO[str]) -> Iterator[list[str]]:
    sample = file.read(SAMPLE_CHARACTERS)
    file.seek(0)
    first = sample.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    return csv.reader(file, delimiter=delimiter)


def columns(first: list[str]) -> Columns:
    """By the names in the first row; a row that begins with an address is no header."""
    if first and _is_address(first[0].strip()):
        return Columns({"phone": 0}, has_header=False)
    named = {plain(text): place for place, text in reversed(list(enumerate(first)))}
    places = {
        thing: named[name]
        for thing, names in NAMES.items()
        for name in reversed(names)
        if name in named
    }
    if "phone" not in places and "email" not in places:
        raise NoColumn
    return Columns(places, has_header=True)


def _is_address(text: str) -> bool:
    kind = Kind.EMAIL if "@" in text else Kind.PHONE
    return marks.read(kind, text) is not None


def meaning(text: str) -> str | None:
    """opt_out or opt_in; None for what is neither."""
    word = plain(text)
    if word in OUT:
        return "opt_out"
    return "opt_in" if word in IN else None


def moment(text: str) -> dt.datetime | None:
    """ISO 8601, an American date, or seconds since 1970; without a zone it is UTC."""
    try:
        return _moment(text)
    except (ValueError, OverflowError, OSError):
        return None


def _moment(text: str) -> dt.datetime | None:
    if UNIX.fullmatch(text):
        seconds = float(text) / (1000 if len(text) == 13 else 1)
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    if found := AMERICAN.fullmatch(text):
        month, day, year, hour, minute, second = (
            int(each or 0) for each in found.groups()[:6]
        )
        if found[7]:
            hour = hour % 12 + (12 if found[7].lower() == "pm" else 0)
        return dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
    said = dt.datetime.fromisoformat(text.removesuffix(" UTC"))
    return (
        said.replace(tzinfo=dt.UTC) if said.tzinfo is None else said.astimezone(dt.UTC)
    )
