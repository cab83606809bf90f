"""A mail as it reads: whose, when, and in which words, whatever its form.

Nothing of a mail is ever fetched, run or rendered here; only text is taken out.
"""

import datetime as dt
import email
import email.policy
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

from dsr.mailbox import pdf
from privacy.refusals import Refusal

LARGEST = 30 * 1024 * 1024  # bytes; larger ones are for a person's mail program
LONGEST_TEXT = 60_000  # characters that are read for what they mean
FALLBACK = "cp1252"  # what unlabelled old mail is written in
BLOCKS = {"p", "div", "br", "tr", "li", "table", "h1", "h2", "h3", "blockquote"}
UNSEEN = {"style", "script", "head", "title", "template"}
FORWARD = re.compile(r"^\s*(fwd?|wg|tr|rv|i)\s*:", re.IGNORECASE)
FORWARDED_BLOCK = re.compile(
    r"^[-_ ]*(?:forwarded message|original message|weitergeleitete nachricht|"
    r"ursprüngliche nachricht|message transféré|message d'origine)[-_: ]*$",
    re.IGNORECASE | re.MULTILINE,
)
HEADER_LINE = re.compile(r"^\*?(from|von|de|date|sent|datum|gesendet|envoyé)\*?\s*:\s*(.+)$", re.IGNORECASE)  # fmt: skip  # noqa: E501
MAILBOX = re.compile(
    r'(?:"([^"]*)"|([^<>,"]*))\s*<([^<>\s]+@[^<>\s]+)>|([^\s<>,;"]+@[^\s<>,;"]+)'
)
QUOTE_BEGINS = re.compile(
    r"^(?:on .{4,120} wrote:|am .{4,120} schrieb.{0,80}:|le .{4,120} a écrit\s*:|"
    r"el .{4,120} escribió:|il .{4,120} ha scritto:|op .{4,120} schreef.{0,80}:|"
    r"[-_ ]{2,}\s*(?:original message|ursprüngliche nachricht|message d'origine)"
    r"\s*[-_ ]*)\s*$",
    re.IGNORECASE,
)


class NotAMail(Refusal):
    """That is not an e-mail: it has no sender."""


class TooLarge(Refusal):
    """This e-mail is too large to be read by a machine; open it by hand."""


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
    is_forwarded: bool = False
    quoted: str = ""
    in_files: str = ""

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]

    @property
    def is_reply(self) -> bool:
        return bool(self.answers) or bool(re.match(r"\s*(re|aw|sv|antw|rép?)\s*:", self.subject, re.IGNORECASE))  # fmt: skip  # noqa: E501

    @property
    def is_internal(self) -> bool:
        """From the organisation that it was sent to."""
        return self.domain in {address.rpartition("@")[2] for address in self.to}


def open_(raw: bytes) -> Letter:
    """Raises `NotAMail` for bytes that are none, `TooLarge` for what is too much."""
    if len(raw) > LARGEST:
        raise TooLarge
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what the policy makes
    if not _addresses(message, "From"):
        raise NotAMail
    return _read(message)


def digest(message_id: str) -> str:
    """How a Message-ID is kept: it can hold a name."""
    return hashlib.sha256(message_id.strip().strip("<>").encode()).hexdigest()


def _read(message: EmailMessage) -> Letter:
    letter = _letter(message)
    if not (letter.is_internal and FORWARD.match(letter.subject)):
        return letter
    for part in _leaves(message):
        if part.get_content_type() == "message/rfc822":
            inner = part.get_content()
            if _addresses(inner, "From"):
                return _as_forwarded(letter, _letter(inner))
    return _forwarded_in_text(letter)


def _as_forwarded(outer: Letter, inner: Letter) -> Letter:
    """Received when the organisation first had it, not when it reached this mailbox."""
    changed = {**inner.__dict__, "is_forwarded": True, "headers": outer.headers}
    changed["message_id"] = outer.message_id
    changed["received_at"] = inner.received_at or outer.received_at
    return Letter(**changed)


def _forwarded_in_text(letter: Letter) -> Letter:
    block = FORWARDED_BLOCK.search(letter.quoted or letter.text)
    if block is None:
        return letter
    lines = (letter.quoted or letter.text)[block.end() :].strip().splitlines()
    said: dict[str, str] = {}
    while lines and (lines[0].strip() == "" or ":" in lines[0][:12]):
        line = lines.pop(0).strip()
        if found := HEADER_LINE.match(line):
            said.setdefault(found[1].lower()[:2], found[2])
        elif not line and said:
            break
    writer = next((said[k] for k in ("fr", "vo", "de") if k in said), "")
    pairs = addresses_in(writer)
    if not pairs:
        return letter
    when = next((said[k] for k in ("da", "se", "ge", "en") if k in said), "")
    changed = {
        **letter.__dict__,
        "sender_name": pairs[0][0],
        "sender": pairs[0][1],
        "text": own_words("\n".join(lines))[0],
        "received_at": _instant(when) or letter.received_at,
        "is_forwarded": True,
    }
    return Letter(**changed)


def _letter(message: EmailMessage) -> Letter:
    name, sender = _addresses(message, "From")[0]
    text, tables = _text(message)
    own, quoted = own_words(text)
    return Letter(
        sender_name=" ".join(name.split()),
        sender=sender,
        to=[a for _, a in _addresses(message, "To")],
        copied=[a for _, a in _addresses(message, "Cc")],
        subject=_plain(str(message.get("Subject", ""))),
        text=own,
        quoted=quoted,
        message_id=str(message.get("Message-ID", "")).strip() or _made_up(message),
        answers=re.findall(
            r"<[^<>\s]+>",
            f"{message.get('In-Reply-To', '')} {message.get('References', '')}",
        ),
        received_at=_received(message),
        attachments=list(_attachments(message)),
        tables=tables,
        in_files=_plain(_in_files(message)),
        headers={
            key.lower(): str(message[key])
            for key in message
            if key.lower() in READ_HEADERS
        },
        is_report=message.get_content_type() == "multipart/report",
    )


READ_HEADERS = {
    "auto-submitted", "precedence", "list-id", "list-unsubscribe", "return-path",
    "x-autoreply", "x-auto-response-suppress", "authentication-results",
}  # fmt: skip


def _made_up(message: EmailMessage) -> str:
    return hashlib.sha256(bytes(message)).hexdigest()


def _addresses(message: EmailMessage, header: str) -> list[tuple[str, str]]:
    values = [str(value) for value in message.get_all(header, [])]
    return [pair for value in values for pair in addresses_in(value)]


def addresses_in(value: str) -> list[tuple[str, str]]:
    """Names and addresses, also of headers that the standard library gives up on."""
    return [
        ((found[1] or found[2] or "").strip(), (found[3] or found[4]).lower())
        for found in MAILBOX.finditer(value)
    ]


def _received(message: EmailMessage) -> dt.datetime | None:
    """When our own server took it; else when its writer says that it was sent."""
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


# --- parts ------------------------------------------------------------------


def _leaves(part: EmailMessage) -> Iterator[EmailMessage]:
    """Parts without parts; a mail inside a mail is one, and stays closed."""
    if part.get_content_type() == "message/rfc822" or not part.is_multipart():
        yield part
        return
    for inner in part.iter_parts():
        yield from _leaves(inner)


def _attachments(message: EmailMessage) -> Iterator[tuple[str, str]]:
    for part in _leaves(message):
        if part.is_attachment() or part.get_filename():
            yield part.get_content_type(), part.get_filename() or ""


def _in_files(message: EmailMessage) -> str:
    files = [p for p in _leaves(message) if p.get_content_type() == "application/pdf"]
    contents = [part.get_payload(decode=True) for part in files]
    return "\n".join(pdf.words(each) for each in contents if isinstance(each, bytes))


def _text(message: EmailMessage) -> tuple[str, list[str]]:
    """The words and the CSV tables; HTML only where there is no plain text."""
    plain, pages, tables = [], [], []
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind == "text/csv":
            tables.append(_plain(_decoded(part)))
        elif part.is_attachment() or part.get_filename():
            continue
        elif kind == "text/plain":
            plain.append(_decoded(part))
        elif kind == "text/html":
            pages.append(_decoded(part))
    text = "\n".join(plain) if any(p.strip() for p in plain) else _of_html(pages)
    return _plain(text[:LONGEST_TEXT]), tables


def _decoded(part: EmailMessage) -> str:
    """In its charset; wrong or unknown charsets never lose the mail."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return content.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode(FALLBACK, errors="replace")


def _of_html(pages: list[str]) -> str:
    reader = _Reader()
    for page in pages:
        reader.feed(page)
    return reader.text()


class _Reader(HTMLParser):
    """What a page says to somebody who reads it; nothing of it is loaded."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self.hidden += 1
        elif tag in BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self.hidden = max(0, self.hidden - 1)
        elif tag in BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)

    def text(self) -> str:
        return "".join(self.words)


# --- words ------------------------------------------------------------------


def _plain(text: str) -> str:
    """One spelling: compatible characters, plain hyphens, quotes and spaces."""
    wide = unicodedata.normalize("NFKC", text).replace("\r\n", "\n").replace("\r", "\n")
    table = {"‐": "-", "‑": "-", "–": "-", "’": "'", "‘": "'", "“": '"', "”": '"'}  # noqa: RUF001
    wide = wide.translate(str.maketrans(table))
    return "".join(c for c in wide if c in "\n\t" or unicodedata.category(c) != "Cf")


def own_words(text: str) -> tuple[str, str]:
    """What the writer says, and what they quote from earlier mails."""
    own: list[str] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if QUOTE_BEGINS.match(line.strip()) or FORWARDED_BLOCK.fullmatch(line.strip()):
            return "\n".join(own).strip(), "\n".join(lines[number:])
        if not line.lstrip().startswith(">"):
            own.append(line)
    quoted = [line for line in lines if line.lstrip().startswith(">")]
    return "\n".join(own).strip(), "\n".join(quoted)
