"""The embedded servers alone, in the background."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded import Servers
from config.lock import Lock, private
from config.supervisor import CannotRun, Supervisor

ACTIONS = """
start   in the background; prints DATABASE_URL=… and REDIS_URL=… lines
stop    stop what start started
status  whether they run, and answer
run     in the foreground, until Ctrl-C
"""
LONGEST_START = 90  # seconds; recovery after a crash takes a while
LONGEST_STOP = 60  # seconds


class Command(BaseCommand):
    help = "The embedded PostgreSQL and Valkey, without the portal."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        actions = ("start", "stop", "status", "run")
        parser.add_argument("action", choices=actions, help=ACTIONS)
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, action: str, as_json: bool, **_: Any) -> None:
        self.servers: Servers = settings.EMBEDDED
        try:
            if action == "run":
                self.run()
                return
            self.words: list[str] = []
            {"start": self.start, "stop": self.stop, "status": self.status}[action]()
            words = "\n".join(self.words)
            self.stdout.write(json.dumps(self.facts()) if as_json else words)
        except CannotRun as refusal:
            raise CommandError(str(refusal)) from None

    def start(self) -> None:
        """Returns when both answer; a second start only prints the lines again."""
        if not self.servers.lock.holder():
            self.detach()
        self.words.append(f"DATABASE_URL={self.servers.database_url}")
        self.words.append(f"REDIS_URL={self.servers.redis_url}")

    def detach(self) -> None:
        """`run` in a session of its own, so that closing the terminal does not end
        it."""
        log = private(self.servers.root) / "services.log"
        with log.open("wb") as output:
            keeper = subprocess.Popen(  # noqa: S603
                [sys.executable, settings.BASE_DIR / "manage.py", "services", "run"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        end = time.monotonic() + LONGEST_START
        while not all(self.servers.answer().values()):
            if keeper.poll() is not None and not self.servers.lock.holder():
                raise CannotRun(log.read_text().strip())
            if time.monotonic() > end:
                raise CannotRun(f"The servers do not answer; see {log}.")
            time.sleep(0.1)

    def stop(self) -> None:
        holder = self.servers.lock.holder()
        if holder is None:
            self.words.append("The embedded servers are not running.")
            return
        if holder == Lock(settings.DATA_DIR / "up.lock").holder():
            raise CannotRun(f"They belong to `up` (pid {holder}): stop it instead.")
        os.kill(holder, signal.SIGTERM)
        end = time.monotonic() + LONGEST_STOP
        while self.servers.lock.holder():
            if time.monotonic() > end:
                raise CannotRun(f"They are still running (pid {holder}).")
            time.sleep(0.1)
        self.words.append("The embedded servers have stopped.")

    def status(self) -> None:
        holder, answers = self.servers.lock.holder(), self.servers.answer()
        if holder is None:
            self.words.append("The embedded servers are not running.")
            return
        self.words.append(f"The embedded servers are running (pid {holder}).")
        for name, there in answers.items():
            self.words.append(f"{name}: {'answers' if there else 'does not answer'}")

    def facts(self) -> dict[str, Any]:
        holder, answers = self.servers.lock.holder(), self.servers.answer()
        urls = {
            "database_url": self.servers.database_url,
            "redis_url": self.servers.redis_url,
        }
        return {"running": holder is not None, "pid": holder, **answers, **urls}

    def run(self) -> None:
        with contextlib.ExitStack() as stack:
            lock = stack.enter_context(self.servers.lock.hold())
            supervisor = stack.enter_context(
                Supervisor(self.servers.root / "log", self.stdout.write)
            )
            supervisor.obey_signals()
            self.servers.start(supervisor, lock)
            supervisor.watch()
