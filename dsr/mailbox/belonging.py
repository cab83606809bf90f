"""Which earlier mail or request a mail belongs to."""

import re
from dataclasses import dataclass, field

from django.db.models import F, Q, QuerySet

from dsr import notices
from dsr.mailbox import letter
from dsr.mailbox.letter import Letter
from dsr.mailbox.understood import Understanding
from dsr.models import Mail, Ticket
from privacy import identifiers
from privacy.identifiers import Mark, NotAnIdentifier
from privacy.models import Identifier

REFERENCE = re.compile(r"\bR-\d{4}-\d{6}\b", re.IGNORECASE)
MOST = 20  # references that one mail is looked up for
MOST_LIKELY = 5  # requests offered to whoever reads it


@dataclass
class Belonging:
    """Earlier mails and requests, the likeliest first, and how they were found."""

    mails: list[Mail] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    repeats: bool = False  # the same person asks for the same again
    is_contested: bool = False  # another address asks about the same person
    is_answer: bool = False  # it names what it answers: a mail, or a reference

    def __bool__(self) -> bool:
        return bool(self.mails or self.tickets)


def of(mail: Mail, read: Letter, found: Understanding) -> Belonging:
    """By what it answers, by a reference, as a repetition, or by its sender's latest
    request."""
    if by_thread := _by_thread(read):
        return by_thread
    if by_repetition := _by_repetition(read, found):
        return by_repetition
    return _by_sender(mail) if found.goes_on or found.is_thanks else Belonging()


def _by_thread(read: Letter) -> Belonging:
    digests = [letter.digest(answered) for answered in read.answers[-MOST:]]
    mails = list(Mail.objects.filter(message_id__in=digests))
    tickets = _of_our_letters(read)
    told = f"{read.subject}\n{read.text}\n{read.quoted if read.is_report else ''}"
    references = {text.upper() for text in REFERENCE.findall(told)[:MOST]}
    tickets += Ticket.objects.filter(reference__in=references)
    tickets += [ticket for mail in mails for ticket in mail.tickets.all()]
    return Belonging(mails, list(dict.fromkeys(tickets)), is_answer=True)


def _of_our_letters(read: Letter) -> list[Ticket]:
    """The requests of the letters and messages of ours that it answers."""
    sent = [notices.sent_as(answered) for answered in read.answers[-MOST:]]
    keys = {kind: [pk for each, pk in sent if each == kind] for kind, _ in sent}
    of_letters = Q(notices__in=keys.get("notice", []))
    of_messages = Q(messages__in=keys.get("message", []))
    return list(Ticket.objects.filter(of_letters | of_messages).distinct())


def _by_repetition(read: Letter, found: Understanding) -> Belonging:
    """Open requests for the same rights by a person with one of these identifiers."""
    open_ = _open_of(known(marks_of(found)))
    tickets = list(open_.filter(right__in=found.rights).order_by("received_at"))
    writer = known(sender_of(read))
    theirs = [t for t in tickets if t.identifiers.filter(pk__in=_keys(writer)).exists()]
    if not theirs:
        return Belonging(tickets=tickets, is_contested=bool(tickets))
    mails = Mail.objects.filter(tickets__in=theirs).distinct().order_by("pk")
    return Belonging(list(mails), theirs, repeats=True)


def _by_sender(mail: Mail) -> Belonging:
    """A mail that continues something without saying what: the sender's latest open
    request, or mail."""
    if mail.sender is None:
        return Belonging()
    ticket = _open_of([mail.sender]).order_by("-received_at").first()
    earlier = Mail.objects.filter(sender=mail.sender).exclude(pk=mail.pk)
    latest = list(earlier.order_by("-received_at", "-pk")[:1])
    return Belonging(latest, [ticket] if ticket else [])


def likely(mail: Mail) -> list[Ticket]:
    """What a person who reads it may add it to: what it names, then the sender's other
    requests by address or earlier mail, open ones first."""
    named = list(mail.tickets.order_by("pk"))
    if mail.sender is None:
        return named
    earlier = Mail.objects.filter(sender=mail.sender).exclude(pk=mail.pk)
    theirs = Ticket.objects.filter(Q(identifiers=mail.sender) | Q(mails__in=earlier))
    open_first = F("closed_at").desc(nulls_first=True)
    rows = theirs.distinct().order_by(open_first, "-received_at", "-pk")
    return list(dict.fromkeys([*named, *rows[:MOST_LIKELY]]))


def _open_of(rows: list[Identifier]) -> QuerySet[Ticket]:
    keys = _keys(rows)
    return Ticket.objects.filter(identifiers__in=keys, closed_at=None).distinct()


def _keys(rows: list[Identifier]) -> list[int]:
    return [row.pk for row in rows]


def known(marks: list[Mark]) -> list[Identifier]:
    return [row for mark in marks if (row := identifiers.find(mark))]


def marks_of(found: Understanding) -> list[Mark]:
    """Whose data the mail is about, as far as the portal can search for it."""
    return _marks(found.subject.marks)


def sender_of(read: Letter) -> list[Mark]:
    """The sender's address, unless it is one that no mail could come from."""
    return _marks([read.sender])


def _marks(texts: list[str]) -> list[Mark]:
    marks = []
    for text in texts:
        try:
            marks.append(identifiers.understand(text))
        except NotAnIdentifier:  # as somebody wrote it; a person may know better
            continue
    return list(dict.fromkeys(marks))
