"""The promise checks of the requests floor; registered by `DsrConfig`."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import QuerySet
from django.urls import reverse

from consent import reasons
from dsr import drop, overdue, records, retaliation
from dsr.deadlines import day_of
from dsr.mailbox import queue
from dsr.mailbox.rules import rules
from dsr.models import Mail, Poll, Ticket
from privacy import keeping, promises
from privacy.checks import endings
from privacy.promises import Evidence, Outcome, Remedy
from privacy.refusals import Refusal

MOST_SHOWN = 20
CARRY_ON = Remedy(
    "Open the request: it says what to do next and who does it.",
    needs="dsr.change_ticket",
)
DECIDE = Remedy(
    "Open the request, and write down what was decided and why.",
    needs="dsr.change_ticket",
)
READ = Remedy(
    "Read the mail, then open a request from it or set it aside with a reason.",
    needs="dsr.settle_mail",
)
CONNECT = Remedy(
    "Whoever runs the portal checks MAILBOX_URL and the mail server; docs/mailbox.md "
    "says how."
)
FETCH = Remedy(
    "Fetch them, match them with your numbers, and hand those over: “drop take”."
)
JUDGE = Remedy(
    "Find out why it changed and undo what the request caused; then press "
    "“Acknowledge” and give the reason.",
    needs="privacy.add_acknowledgement",
)
NO_TERMS = (
    "No columns are marked as the terms on which people are served. Mark them in the "
    "data map, table by table."
)
LET_END = Remedy(
    "Press “Preview what would be removed”; once a second person approves it, the rest "
    "happens by itself.",
    needs="dsr.preview_recordrule",
)
NO_RETALIATION = "no-retaliation"


class NoMailbox(Refusal):
    """No mailbox is connected, so its mails can't be checked; set MAILBOX_URL."""


def rights_in_the_us(now: dt.datetime) -> Outcome:
    return _in_time(Ticket.objects.filter(regime__startswith="US-"), now, _lists(now))


def _lists(now: dt.datetime) -> list[Evidence]:
    """A data broker's fetch of California's lists that is late."""
    due = drop.due(now=now)
    if due is None or due >= day_of(now):
        return []
    sentence = f"California's deletion lists were to be fetched by {due}"
    return [Evidence(sentence, 1, remedy=FETCH)]


def rights_in_europe(now: dt.datetime) -> Outcome:
    """And everywhere else, where the law or we ourselves promise the same."""
    return _in_time(Ticket.objects.exclude(regime__startswith="US-"), now)


def _in_time(
    tickets: QuerySet[Ticket], now: dt.datetime, also: Iterable[Evidence] = ()
) -> Outcome:
    """No request past its legal day, and none closed without a decision."""
    late = tickets.filter(closed_at=None, due_date__lt=day_of(now))
    untold = [each for each in overdue.untold(now=now) if tickets.contains(each[0])]
    undecided = tickets.filter(closed_at__isnull=False, decision="")
    found = [
        Evidence(
            f"{ticket} was due on {ticket.due_date:%-d %B %Y}",
            1,
            _url(ticket),
            remedy=CARRY_ON,
        )
        for ticket in late
    ]
    found += [
        Evidence(
            f"{ticket} was due on {day:%-d %B %Y}: nobody was told in time that it "
            "takes longer",
            1,
            _url(ticket),
            remedy=CARRY_ON,
        )
        for ticket, day in untold
    ]
    found += [
        Evidence(
            f"{ticket} was closed without a decision", 1, _url(ticket), remedy=DECIDE
        )
        for ticket in undecided
    ]
    found += also
    if found:
        return promises.broken(f"{len(found)} requests are late or undecided.", *found)
    open_ = tickets.filter(closed_at=None).count()
    return promises.kept(f"Open requests: {open_}. None is late.")


def requests_by_mail(now: dt.datetime) -> Outcome:
    """No mail waits too long for a person, and the mailbox is emptied in time."""
    longest = rules().longest_wait(day_of(now))
    late = queue.waiting().filter(taken_at__lt=now - longest)
    found = [
        Evidence(
            f"{mail} has been waiting since {reasons.moment(mail.taken_at)}",
            1,
            _mail(mail),
            remedy=READ,
        )
        for mail in late[:MOST_SHOWN]
    ]
    for poll in Poll.objects.all():
        if poll.left:
            found.append(
                Evidence(
                    "Mails in the mailbox that can't be read automatically",
                    poll.left,
                    remedy=CONNECT,
                )
            )
        if poll.emptied_at is None or poll.emptied_at < now - longest:
            found.append(
                Evidence(
                    f"The mailbox was not emptied. {poll.problem}".strip(),
                    remedy=CONNECT,
                )
            )
    if found:
        return promises.broken(
            f"{late.count()} mails have waited too long for a person.", *found
        )
    if not Poll.objects.exists():
        raise NoMailbox
    return promises.kept(
        f"{queue.waiting().count()} mails are waiting, none for too long."
    )


def nobody_suffers_for_it(now: dt.datetime) -> Outcome:
    """No account of a requester changed within 90 days, except as somebody judged."""
    judged = promises.acknowledged(NO_RETALIATION)
    found = [
        Evidence(
            f"{each.terms.ticket}: “{each.column}” of their row in {each.terms.table} "
            "has changed since",
            1,
            reverse("admin:privacy_promise_acknowledge", args=[NO_RETALIATION]),
            subject=subject,
            remedy=JUDGE,
        )
        for each in retaliation.changed(now=now)
        if (subject := f"terms:{each.terms.pk}:{each.column}") not in judged
    ]
    if found:
        return promises.broken(
            "The terms of people who made a request have changed: check each.",
            *found[:MOST_SHOWN],
        )
    if not retaliation.watched().exists():
        return Outcome(promises.State.UNKEPT, NO_TERMS)
    return promises.kept("Nobody's terms have changed since they made a request.")


def old_records(now: dt.datetime) -> Evidence:
    """Whether our own records of requests are past their period."""
    return Evidence(
        "Records of requests that still name people",
        keeping.due(records.KIND, now=now),
        reverse("admin:dsr_recordrule_changelist"),
        remedy=LET_END,
    )


def _mail(mail: Mail) -> str:
    return reverse("admin:dsr_mail_change", args=[mail.pk])


def _url(ticket: Ticket) -> str:
    return reverse("admin:dsr_ticket_change", args=[ticket.pk])


def register() -> None:
    endings.ALSO.append(old_records)
    keeping.register(records.KIND)
    promises.register("rights-us")(rights_in_the_us)
    promises.register("rights-eu-uk")(rights_in_europe)
    promises.register("requests-by-mail")(requests_by_mail)
    promises.register(NO_RETALIATION)(nobody_suffers_for_it)
