"""Reads a mail: whose it is, when it came, and what it says, in any format.

Nothing of a mail is ever fetched, run or rendered here; only text is taken out.
"""

import datetime as dt
import email
import email.policy
import hashlib
import re
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from dsr.mailbox import addresses, parts, spelling
from privacy.refusals import Refusal

LARGEST = 30 * 1024 * 1024  # bytes; larger ones are for a person's mail program
LONGEST_READ = 12_000  # characters of the writer's own that a machine reads
LONGEST_SUBJECT = 1_000
LONGEST_HEADER = 128 * 1024  # characters; the library takes hours for some megabytes
FORWARD = re.compile(r"^\s*(fwd?|wg|tr|rv|i|doorst|enc|vs)\s*:", re.IGNORECASE)
REPLY = re.compile(r"\s*(re|aw|sv|antw|rép?|odp|r)\s*:", re.IGNORECASE)
HEADER_LINE = re.compile(
    r"^\*?(from|von|de|da|van|date|sent|datum|gesendet|envoyé|enviado|inviato)\*?"
    r"\s*:\s*(.+)$",
    re.IGNORECASE,
)
WRITER = ("from", "von", "de", "da", "van")
WHEN = ("date", "sent", "datum", "gesendet", "envoyé", "enviado", "inviato")
HIDDEN = re.compile(r"[\r\n\x00]")
SHOWN_HEADERS = ("From", "To", "Subject")
READ_HEADERS = {
    "auto-submitted", "precedence", "list-id", "list-unsubscribe", "return-path",
    "x-autoreply", "x-auto-response-suppress", "authentication-results",
}  # fmt: skip


class NotAMail(Refusal):
    """That is not an e-mail: it has no sender."""


class TooLarge(Refusal):
    """This e-mail is too large to be read automatically; open it by hand."""


class Unreadable(Refusal):
    """The headers of this e-mail are broken; a person must open it by hand."""


class HidesHeaders(Refusal):
    """A header of this e-mail hides another one; a person must open it by hand."""


@dataclass(frozen=True)
class Letter:
    """What a mail says, without what it quotes. Addresses are in lower case."""

    sender_name: str
    sender: str
    to: list[str]
    copied: list[str]
    subject: str
    text: str
    message_id: str
    answers: list[str]
    received_at: dt.datetime | None
    attachments: list[tuple[str, str]]
    tables: list[str]
    headers: dict[str, str]
    is_report: bool
    is_cut: bool = False
    senders: int = 1
    is_forwarded: bool = False
    quoted: str = ""
    in_files: str = ""

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]

    @property
    def is_reply(self) -> bool:
        return bool(self.answers) or bool(REPLY.match(self.subject))

    @property
    def is_passed_on(self) -> bool:
        return bool(FORWARD.match(self.subject))

    @property
    def is_internal(self) -> bool:
        """From the organisation that it was sent to."""
        return self.domain in {address.rpartition("@")[2] for address in self.to}


def open_(raw: bytes) -> Letter:
    """Raises `NotAMail` for bytes that are not a mail, `TooLarge` for one that is too
    large."""
    if len(raw) > LARGEST:
        raise TooLarge
    message = email.message_from_bytes(raw, policy=email.policy.default)
    try:
        _bounded(message)
        return _read(message)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        # the library's own mistakes with broken headers; never with a value of the mail
        raise Unreadable from None


def _bounded(message: EmailMessage) -> None:
    """A mail with endless headers, in any of its parts, is left to a person."""
    for part in message.walk():
        if any(len(value) > LONGEST_HEADER for _, value in part.raw_items()):
            raise Unreadable


def as_text(raw: bytes) -> str:
    """One character for each byte, so that a mail is stored as text and comes back
    unchanged."""
    return raw.decode("latin-1")


def as_bytes(text: str) -> bytes:
    return text.encode("latin-1")


def digest(message_id: str) -> str:
    """How a Message-ID is stored: it can contain a name."""
    return hashlib.sha256(message_id.strip().strip("<>").encode()).hexdigest()


def _read(message: EmailMessage) -> Letter:
    if not _addresses(message, "From"):
        raise NotAMail
    if any(HIDDEN.search(str(message.get(name, ""))) for name in SHOWN_HEADERS):
        raise HidesHeaders
    letter = _letter(message)
    if not (letter.is_internal and letter.is_passed_on):
        return letter
    for part in parts.leaves(message):
        if part.get_content_type() == "message/rfc822":
            inner = part.get_content()
            if _addresses(inner, "From"):
                return _as_forwarded(letter, _letter(inner))
    return _forwarded_in_text(letter)


def _as_forwarded(outer: Letter, inner: Letter) -> Letter:
    """Received when the organisation first had it, not when it reached this mailbox."""
    return replace(
        inner,
        is_forwarded=True,
        headers=outer.headers,
        message_id=outer.message_id,
        received_at=inner.received_at or outer.received_at,
    )


def _forwarded_in_text(letter: Letter) -> Letter:
    told = letter.quoted or letter.text
    block = spelling.FORWARDED_BLOCK.search(told)
    start = block.end() if block else 0
    said, words = _headers_in(told[start:].strip().splitlines())
    pairs = addresses.of(next((said[k] for k in WRITER if k in said), ""))
    if not pairs:
        return letter
    when = next((said[k] for k in WHEN if k in said), "")
    return replace(
        letter,
        sender_name=pairs[0][0],
        sender=pairs[0][1],
        text=spelling.own_words(words)[0],
        received_at=_instant(when) or letter.received_at,
        is_forwarded=True,
    )


def _headers_in(lines: list[str]) -> tuple[dict[str, str], str]:
    """What the first lines say about the forwarded mail, and its text."""
    said: dict[str, str] = {}
    for number, line in enumerate(lines):
        if found := HEADER_LINE.match(line.strip()):
            said.setdefault(found[1].lower(), found[2])
        elif said and not line.strip():
            return said, "\n".join(lines[number:])
    return said, ""


def _letter(message: EmailMessage) -> Letter:
    senders = _addresses(message, "From")
    name, sender = senders[0]
    text, tables = parts.text(message)
    own, quoted = spelling.own_words(text)
    return Letter(
        sender_name=" ".join(name.split()),
        sender=sender,
        senders=len(senders),
        to=[a for _, a in _addresses(message, "To")],
        copied=[a for _, a in _addresses(message, "Cc")],
        subject=_subject(message),
        text=own[:LONGEST_READ],
        is_cut=len(own) > LONGEST_READ,
        quoted=(parts.returned(message) or quoted)[:LONGEST_READ],
        message_id=str(message.get("Message-ID", "")).strip() or _made_up(message),
        answers=re.findall(
            r"<[^<>\s]+>",
            f"{message.get('In-Reply-To', '')} {message.get('References', '')}",
        ),
        received_at=_received(message),
        attachments=list(parts.attachments(message)),
        tables=tables,
        in_files=spelling.plain(parts.in_files(message))[:LONGEST_READ],
        headers=_told_by_machines(message),
        is_report=message.get_content_type() == "multipart/report",
    )


def _subject(message: EmailMessage) -> str:
    told = spelling.plain(str(message.get("Subject", "")))
    return " ".join(told.split())[:LONGEST_SUBJECT]


def _told_by_machines(message: EmailMessage) -> dict[str, str]:
    """The first header of a name: our own server writes above what came with the
    mail."""
    found: dict[str, str] = {}
    for key in message:
        if key.lower() in READ_HEADERS:
            found.setdefault(key.lower(), str(message[key]))
    return found


def _made_up(message: EmailMessage) -> str:
    return hashlib.sha256(bytes(message)).hexdigest()


def _addresses(message: EmailMessage, header: str) -> list[tuple[str, str]]:
    values = [str(value) for value in message.get_all(header, [])]
    return [pair for value in values for pair in addresses.of(value)]


def _received(message: EmailMessage) -> dt.datetime | None:
    """When our own server took it; otherwise when its writer says that it was sent."""
    for hop in message.get_all("Received", []):
        if found := _instant(str(hop).rpartition(";")[2]):
            return found
    return _instant(str(message.get("Date", "")))


def _instant(text: str) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
