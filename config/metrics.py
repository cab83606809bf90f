"""/metrics: a few numbers in the text format of Prometheus, for alerts.

Numbers only: no person, no address. What can't be counted now, because a store or the
broker does not answer, is left out rather than reported as 0.
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from kombu.exceptions import OperationalError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from config.board import State
from config.celery import app
from dsr import deadlines, records
from dsr.models import Ticket
from privacy import keeping, promises, retention
from privacy.api import has_scope
from privacy.models import Plan, Rule
from privacy.refusals import Refusal

FORMAT = "text/plain; version=0.0.4; charset=utf-8"
WAITING = (
    Plan.Status.PLANNED,
    Plan.Status.APPROVED,
    Plan.Status.RUNNING,
    Plan.Status.PAUSED,
)
Samples = Iterator[tuple[str, int]]  # labels as they are written, and the number


# --- what is counted --------------------------------------------------------
def requests(now: dt.datetime) -> Samples:
    """Overdue from the day after the last one."""
    late = Q(due_date__lt=deadlines.day_of(now))
    found = Ticket.objects.filter(closed_at=None).aggregate(
        late=Count("pk", filter=late), timely=Count("pk", filter=~late)
    )
    yield '{overdue="no"}', found["timely"]
    yield '{overdue="yes"}', found["late"]


def kept(now: dt.datetime) -> Samples:
    states = [check.state for check in promises.latest().values()]
    for state in State:
        yield f'{{state="{state}"}}', states.count(state)


def past_date(now: dt.datetime) -> Samples:
    for rule in Rule.objects.filter(is_active=True).select_related("table__store"):
        try:
            due = retention.past_due(rule, now)
        except Refusal:
            continue
        yield f'{{rule="{rule.name}"}}', due["rows"] + due.get("referred", 0)


def old_records(now: dt.datetime) -> Samples:
    yield "", keeping.due(records.KIND, now=now)


def unfinished(now: dt.datetime) -> Samples:
    live = Plan.objects.filter(status__in=WAITING)
    found = dict(live.values_list("status").annotate(Count("pk")))
    for status in WAITING:
        yield f'{{status="{status}"}}', found.get(status, 0)


def queued(now: dt.datetime) -> Samples:
    try:
        with app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
            channel: Any = broker.default_channel  # of Redis, which kombu types not
            waiting = channel.client.llen(app.conf.task_default_queue)
    except OperationalError:
        return
    yield "", waiting


class Gauge(NamedTuple):
    name: str
    help: str
    samples: Callable[[dt.datetime], Samples]


GAUGES = (
    Gauge("portal_requests_open", "Requests without an answer", requests),
    Gauge("portal_promises", "Promises by the state the latest check found", kept),
    Gauge(
        "portal_rows_past_date",
        "Rows past their retention date that no hold keeps",
        past_date,
    ),
    Gauge(
        "portal_request_records_overdue",
        "Request records past their period that still name people",
        old_records,
    ),
    Gauge(
        "portal_plans_unfinished",
        "Plans that are neither finished nor cancelled",
        unfinished,
    ),
    Gauge("portal_queue_tasks", "Tasks that no worker has taken yet", queued),
)


def text(now: dt.datetime) -> str:
    lines = []
    for gauge in GAUGES:
        lines += [f"# HELP {gauge.name} {gauge.help}", f"# TYPE {gauge.name} gauge"]
        lines += [f"{gauge.name}{which} {n}" for which, n in gauge.samples(now)]
    return "\n".join(lines) + "\n"


# --- the address ------------------------------------------------------------
class Whatever(JSONRenderer):
    """A scraper may accept only text; refusals are JSON all the same."""

    media_type = "*/*"


class MetricsView(APIView):
    permission_classes = [has_scope("metrics")]
    renderer_classes = [Whatever]

    @extend_schema(responses={(200, "text/plain"): str})
    def get(self, request: Request) -> HttpResponse:
        """Open requests, promises, rows past their date, plans and tasks that wait."""
        return HttpResponse(text(timezone.now()), content_type=FORMAT)
