"""A thousand open requests on the desk: no page takes longer than 300 milliseconds.

The quickest of some tries counts: the machine may have other things to do.
"""

import time
from collections.abc import Iterator

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from dsr.admin.tickets import TicketAdmin
from dsr.models import Ticket
from tests.benchmarks import ground
from tests.benchmarks.ground import Result
from tests.dsr import factories

OPEN, BAR = 1000, 0.3  # seconds of server time
SEARCHES = {
    "search by number of the request": "?q=R-2026-100007",
    "search by telephone": "?q=%2B12025550143",
}
OF_A_PIECE = ("paper", "heard", "printed")  # about a paper, recipient or letter of it


def run(rows: int, rounds: int) -> Iterator[Result]:
    user = User.objects.create_user("bench.legal", is_staff=True)
    user.groups.set([Group.objects.get(name="Legal")])
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    factories.many(OPEN)
    ticket = Ticket.objects.order_by("pk")[0].pk
    addresses = {verb: address(verb) for verb in ("changelist", *pages_on("list"))}
    addresses |= {name: address("changelist") + q for name, q in SEARCHES.items()}
    addresses |= {
        "tasks": reverse("admin:dsr_task_changelist"),
        "mails": reverse("admin:dsr_mail_changelist"),
    }
    addresses |= {
        verb: address(verb, ticket) for verb in ("change", *pages_on("object"))
    }
    for verb, where in addresses.items():
        took = min(seconds(client, where) for _ in range(max(7, rounds)))
        name = f"page: {verb}, to 300 ms"
        remark = f"{took * 1000:,.0f} ms of server time, {OPEN} open requests"
        yield ground.result(name, OPEN, [(BAR, took)], 1, remark=remark)


def pages_on(what: str) -> list[str]:
    """Every page of requests that asks something or shows something."""
    found = [
        each.name for each in TicketAdmin.pages if each.on == what and not each.at_once
    ]
    return [name for name in found if name not in OF_A_PIECE]


def address(verb: str, *args: int) -> str:
    return reverse(f"admin:dsr_ticket_{verb}", args=args)


def seconds(client: Client, where: str) -> float:
    began = time.perf_counter()
    answer = client.get(where)
    took = time.perf_counter() - began
    if answer.status_code not in (200, 302):  # a page that this request does not offer
        raise RuntimeError(f"{where} answers {answer.status_code}.")
    return took
