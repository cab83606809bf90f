"""Empties the mailbox of the privacy address: takes every message once, deletes none.

Messages are remembered by their UID, not by whether somebody has read them, so a
colleague who opens one hides no request. What no machine can read is flagged there.
"""

import datetime as dt
import imaplib
import logging
import os
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.db import DatabaseError, DataError

from dsr.mailbox import letter, taking
from dsr.models import Poll
from privacy.refusals import Refusal

VARIABLE = "MAILBOX_URL"  # imaps://user:password@host/INBOX
POLLER = "mailbox"
PATIENCE = 30  # seconds for an answer of the server
HERE = ("localhost", "127.0.0.1", "::1")
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
log = logging.getLogger(__name__)


class NoMailbox(Refusal):
    """No mailbox is connected: MAILBOX_URL is imaps://user:password@host/INBOX."""


class NotReached(Refusal):
    """The mailbox can't be reached."""


class NotLetIn(Refusal):
    """The mailbox did not let us in, or has no such folder."""


@dataclass(frozen=True)
class Address:
    secure: bool
    host: str
    port: int
    user: str
    password: str
    folder: str

    def __repr__(self) -> str:
        return f"<{self.host}>"  # addresses end up in tracebacks; passwords must not

    def __str__(self) -> str:
        return f"{self.host}/{self.folder}"


def address() -> Address | None:
    """The address of the mailbox, if one is connected."""
    parts = urlsplit(os.environ.get(VARIABLE, ""))
    if not parts.scheme:
        return None
    if parts.scheme not in ("imap", "imaps") or not (parts.hostname and parts.username):
        raise NoMailbox
    return Address(
        secure=parts.scheme == "imaps",
        host=parts.hostname,
        port=parts.port or (993 if parts.scheme == "imaps" else 143),
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
    )


def poll(*, now: dt.datetime) -> int:
    """Returns how many mails were new. A failure is stored with the mailbox, for the
    board."""
    where = address()
    if where is None:
        raise NoMailbox
    row, _ = Poll.objects.get_or_create(mailbox=str(where), defaults={"tried_at": now})
    row.tried_at, row.problem = now, ""
    try:
        with _opened(where) as box:
            taken = _empty(box, row, now)
        row.emptied_at = now
    except Refusal as refusal:
        row.problem = str(refusal)
        raise
    finally:
        row.save()
    return taken


@contextmanager
def _opened(where: Address) -> Iterator[imaplib.IMAP4]:
    try:
        with _connected(where) as box:
            box.login(where.user, where.password)
            if box.select(f'"{where.folder}"')[0] != "OK":
                raise NotLetIn
            yield box
    except imaplib.IMAP4.abort:
        raise NotReached from None
    except imaplib.IMAP4.error:
        raise NotLetIn from None
    except OSError:
        raise NotReached from None


def _connected(where: Address) -> imaplib.IMAP4:
    """Encrypted; unencrypted only to this machine."""
    context = ssl.create_default_context()
    if where.secure:
        return imaplib.IMAP4_SSL(
            where.host, where.port, ssl_context=context, timeout=PATIENCE
        )
    box = imaplib.IMAP4(where.host, where.port, timeout=PATIENCE)
    if where.host not in HERE:
        box.starttls(context)
    return box


def _empty(box: imaplib.IMAP4, row: Poll, now: dt.datetime) -> int:
    validity = int(box.response("UIDVALIDITY")[1][0] or 0)
    if row.validity != validity:  # numbered anew: what was taken is known by its id
        row.validity, row.last_uid = validity, 0
    taken = 0
    for uid in _found(box, f"UID {row.last_uid + 1}:*"):
        if uid > row.last_uid:
            taken += _take(box, uid, now)
            row.last_uid = uid
            row.save(update_fields=["validity", "last_uid", "tried_at"])
    row.left = len(_found(box, "FLAGGED"))
    return taken


def _found(box: imaplib.IMAP4, condition: str) -> list[int]:
    _, answer = box.uid("SEARCH", condition)
    return sorted(int(uid) for uid in (answer[0] or b"").split())


def _take(box: imaplib.IMAP4, uid: int, now: dt.datetime) -> bool:
    """Whether it was new. One bad mail does not stop the others."""
    try:
        return taking.ingest(_content(box, uid), by=POLLER, now=now).is_new
    except DataError as error:  # what no table keeps is no better the next time
        return _left(box, uid, error)
    except (imaplib.IMAP4.error, OSError, DatabaseError):
        raise  # not the mail's fault: it is tried again
    except Exception as error:
        return _left(box, uid, error)


def _left(box: imaplib.IMAP4, uid: int, error: Exception) -> bool:
    """Only the kind of error: its message may hold what the mail says."""
    log.error("Message %s is left to a person: %s", uid, type(error).__name__)
    box.uid("STORE", str(uid), "+FLAGS", r"(\Flagged)")
    return False


def _content(box: imaplib.IMAP4, uid: int) -> bytes:
    """Leaves messages unread; one that is too large is not even fetched."""
    _, said = box.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = SIZE.search(said[0] if isinstance(said[0], bytes) else b"")
    if size and int(size[1]) > letter.LARGEST:
        raise letter.TooLarge
    _, parts = box.uid("FETCH", str(uid), "(BODY.PEEK[])")
    contents = [part[1] for part in parts if isinstance(part, tuple)]
    if not contents:
        raise letter.NotAMail
    return contents[0]
