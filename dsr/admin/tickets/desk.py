"""The desk: queues by what to do next, bulk actions, and the calendar."""

import datetime as dt

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode

from dsr import deadlines, messages, notices
from dsr import desk as words
from dsr.admin.base import law_of
from dsr.admin.tickets import together
from dsr.desk import calendar
from dsr.mailbox import queue as mailbox_queue
from dsr.models import Letter, Ticket
from privacy.admin.base import ViewOnlyAdmin

SHOWN = 100


def desk(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    queue, whose = request.GET.get("queue", ""), request.GET.get("whose", "")
    if request.method == "POST":
        for sentence in together.done(request):
            model_admin.message_user(request, sentence)
    may_change = request.user.has_perm("dsr.change_ticket")
    found = words.look(queue=queue, whose=whose, on=deadlines.day_of(now))
    to_read = mailbox_queue.days_of_waiting()
    laws = dict(deadlines.regimes(on=deadlines.day_of(now)))
    return model_admin.page(
        request,
        "desk",
        title="Desk",
        desk=found,
        shown=[
            (each, law_of(each.ticket, laws.get(each.ticket.regime)))
            for each in found.tickets[:SHOWN]
        ],
        unsent=_unsent(now),
        mails=len(to_read),
        mails_late=sum(day < deadlines.day_of(now) for day in to_read),
        more=max(0, len(found.tickets) - SHOWN),
        queue=queue,
        whose=whose,
        choices=_choices(request, queue),
        colleagues=words.colleagues() if may_change else [],
        letters=Letter.objects.all(),
        grounds=together.ground_codes() if may_change else [],
        may_change=may_change,
    )


def _unsent(now: dt.datetime) -> list[Ticket]:
    """Requests with a letter or message in doubt: somebody must look."""
    is_letter = Q(pk__in=notices.doubtful(now=now).values("ticket"))
    is_message = Q(pk__in=messages.doubtful(now=now).values("ticket"))
    mine = Ticket.objects.filter(is_letter | is_message)
    told = ExpressionWrapper(is_letter, BooleanField())
    return list(mine.annotate(is_letter=told).only("reference")[:SHOWN])


def _choices(request: HttpRequest, queue: str) -> list[tuple[str, str, str]]:
    """The choices of whose requests to show: value, label, address."""
    values = (
        ("", "all"),
        (request.user.get_username(), "mine"),
        ("nobody", "unassigned"),
    )
    return [
        (value, text, "?" + urlencode({"queue": queue, "whose": value}))
        for value, text in values
    ]


def month(model_admin: ViewOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """What is due, day by day; and the feed for one's own calendar."""
    now = timezone.now()
    address = ""
    if request.method == "POST":
        by = request.user.get_username()
        address = calendar.give_feed(by=by, now=now)
    first = _first(request.GET.get("month", ""), deadlines.day_of(now))
    before = first - dt.timedelta(days=1)
    after = first + dt.timedelta(days=31)
    return model_admin.page(
        request,
        "month",
        title="Calendar",
        first=first,
        today=deadlines.day_of(now),
        weeks=calendar.month(first.year, first.month),
        before=f"{before:%Y-%m}",
        after=f"{after:%Y-%m}",
        address=address,
    )


def _first(text: str, today: dt.date) -> dt.date:
    """The first day of a month; of the present one for an invalid value."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month
    except ValueError:
        return today.replace(day=1)
