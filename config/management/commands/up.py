"""Everything at once, in the foreground: servers, migrations, web, worker, beat."""

import argparse
import contextlib
import http.client
import os
import signal
import socket
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management import get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import address
from config.lock import Lock, private
from config.supervisor import CannotRun, Part, Supervisor

MANAGE = (sys.executable, settings.BASE_DIR / "manage.py")
CELERY = (sys.executable, "-m", "celery", "-A", "config.celery:app")
TEXTS = settings.BASE_DIR / "consent" / "sample" / "texts.yaml"
LETTERS = sorted((settings.BASE_DIR / "dsr" / "sample").glob("*.eml"))
FIRST_TIME = {  # what an empty portal is given: command, and what we say meanwhile
    "sample": (("sample", "load"), "loading the sample platform"),
    "ledger": (
        ("consent", "take-over", "sample"),
        "asking a worker to take over the platform's opt-ins and opt-outs",
    ),
    "texts": (
        ("texts", "ingest", str(TEXTS)),
        "letting some texts from people arrive",
    ),
    "letters": (
        ("mail", "ingest", *map(str, LETTERS)),
        "giving the legal mailbox some letters",
    ),
    "sign-ins": (("demo_staff",), "creating the demo sign-ins"),
    "plan": (
        ("retention", "preview", "cards", "--by", "pia.engineer"),
        "previewing what a retention rule would remove",
    ),
    "board": (
        ("promises", "check", "--later"),
        "asking a worker to check every promise",
    ),
}


class Command(BaseCommand):
    help = "Start the portal and everything it needs; Ctrl-C stops all of it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--bind",
            metavar="HOST:PORT",
            help="listen exactly here; by default on 127.0.0.1 and the first free "
            "port from 8000",
        )
        parser.add_argument(
            "--sample",
            action=argparse.BooleanOptionalAction,
            default=settings.EMBEDDED_DATABASE,
            help="the sample platform and demo sign-ins, once; by default only in the"
            " embedded database",
        )

    def handle(self, *, bind: str | None, sample: bool, **_: Any) -> None:
        self.began = time.monotonic()
        os.chdir(settings.BASE_DIR)
        try:
            with contextlib.ExitStack() as stack:
                self.serve(stack, bind=bind, sample=sample)
        except CannotRun as refusal:
            raise CommandError(str(refusal)) from None
        self.say("stopped")

    def serve(
        self, stack: contextlib.ExitStack, *, bind: str | None, sample: bool
    ) -> None:
        """Starts everything in order; leaving the stack stops it in the opposite
        order."""
        lock = stack.enter_context(Lock(settings.DATA_DIR / "up.lock").hold())
        listener = stack.enter_context(address.listen(bind))
        supervisor = stack.enter_context(
            Supervisor(settings.DATA_DIR / "log", self.say, keep_open=[lock])
        )
        supervisor.obey_signals()
        self.listening(listener, asked_for=bind)
        self.start_servers(supervisor, stack)
        self.say("migrating")
        supervisor.run("migrate", [*MANAGE, "migrate", "--no-input"])
        if sample:
            self.furnish(supervisor)
        self.say("starting web, worker and beat")
        supervisor.start(web(listener), worker(), beat())
        self.announce(listener)
        supervisor.watch()

    def listening(self, listener: socket.socket, *, asked_for: str | None) -> None:
        """Tells every later process, and the reader, which port it became."""
        url = address.url(listener)
        address.remember(url, file=settings.DATA_DIR / "address")
        if asked_for is None and address.reachable(listener) != address.DEFAULT:
            self.say(f"port {address.DEFAULT[1]} is taken; using {url}")

    def start_servers(
        self, supervisor: Supervisor, stack: contextlib.ExitStack
    ) -> None:
        """Starts the embedded servers that no URL replaces, unless `services start`
        already did."""
        servers = settings.EMBEDDED
        wanted = {
            "postgres": settings.EMBEDDED_DATABASE,
            "valkey": settings.EMBEDDED_REDIS,
        }
        if not any(wanted.values()):
            return
        if servers.lock.holder():
            self.say("using the servers that `manage.py services start` started")
            return
        self.say(f"starting {' and '.join(name for name in wanted if wanted[name])}")
        lock = stack.enter_context(servers.lock.hold())
        servers.start(supervisor, lock, **wanted)

    def furnish(self, supervisor: Supervisor) -> None:
        """What an empty portal gets once; the output of the commands is kept."""
        done = private(settings.DATA_DIR / "once")
        for name, (command, meanwhile) in FIRST_TIME.items():
            if command[0] in get_commands() and not (done / name).exists():
                self.say(meanwhile)
                output = done / f"{name}.new"
                supervisor.run(name, [*MANAGE, *command], into=output)
                output.rename(done / name)

    def announce(self, listener: socket.socket) -> None:
        url = os.environ.get("PUBLIC_URL", address.url(listener))
        self.say(f"ready: {url}/admin/")
        with contextlib.suppress(FileNotFoundError):
            self.stdout.write((settings.DATA_DIR / "once" / "sign-ins").read_text())
        self.stdout.write("Ctrl-C stops everything.")
        self.stdout.flush()

    def say(self, sentence: str) -> None:
        """A line with the seconds since the start; nobody has to be listening."""
        with contextlib.suppress(OSError):
            self.stdout.write(f"[{time.monotonic() - self.began:6.1f} s] {sentence}")
            self.stdout.flush()


def web(listener: socket.socket) -> Part:
    """It gets the listening socket, so a restart refuses no connection."""
    descriptor = listener.fileno()
    own = ("--config", str(settings.BASE_DIR / "gunicorn.conf.py"))
    options = ("--workers", "2", "--threads", "4", "--no-control-socket", *own)
    bind = ("--bind", f"fd://{descriptor}")
    return Part(
        "web",
        [sys.executable, "-m", "gunicorn", "config.wsgi:application", *bind, *options],
        ready=lambda: _answers(*address.reachable(listener)),
        orphaned_with=signal.SIGQUIT,  # at once: the port must be free for the next
        keep_open=[descriptor],
    )


def worker() -> Part:
    """Two processes. Tasks survive being interrupted: their rows say how far they
    got."""
    options = ("-c", "2", "-l", "INFO", "--without-mingle", "--without-gossip")
    # Celery may hang in a shutdown; ranges are safe with a worker that just dies.
    return Part("worker", [*CELERY, "worker", *options], orphaned_with=signal.SIGKILL)


def beat() -> Part:
    """Without a pid file: one left by kill -9 would keep beat from starting."""
    schedule = ("-s", settings.DATA_DIR / "beat-schedule", "--pidfile=")
    return Part("beat", [*CELERY, "beat", "-l", "INFO", *schedule])


def _answers(host: str, port: int) -> bool:
    """Any answer will do: allowed host names are not checked here."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
