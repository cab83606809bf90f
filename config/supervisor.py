"""Starts long-running parts, restarts those that die, stops all of them in order.

The promises: nothing outlives the supervisor, even when it is killed (the kernel then
signals every part, on Linux); a part that dies comes back, later each time it dies
again; a part's children never outlive it. One thread only: between fork and exec a
second one could hold a lock for ever.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
TICK = 0.1  # seconds between two looks at the parts
PATIENCE = 20  # seconds a part has to stop by itself
LONGEST_PAUSE = 30.0  # seconds before a part that keeps dying is tried again


class CannotRun(Exception):
    """What was asked for cannot run here; the message says what to do instead."""


class Stopped(Exception):
    """Someone asked us to stop."""


@dataclass(frozen=True)
class Part:
    """A long-running program and how to treat it."""

    name: str
    argv: Sequence[str | Path]
    ready: Callable[[], bool] = lambda: True
    stop_with: signal.Signals = signal.SIGTERM
    orphaned_with: signal.Signals = signal.SIGTERM
    become: Callable[[], None] | None = None
    keep_open: Sequence[int] = ()


@dataclass
class Running:
    """A part, its process, and how often it died lately."""

    part: Part
    process: subprocess.Popen[bytes]
    deaths: list[float] = field(default_factory=list)
    due: float | None = None

    def died(self, now: float) -> float:
        """Records a death; returns how many seconds to wait before restarting."""
        self.deaths = [at for at in self.deaths if at > now - 60] + [now]
        pause = min(0.2 * 2 ** (len(self.deaths) - 1), LONGEST_PAUSE)
        self.due = now + pause
        return pause


class Supervisor:
    """A context: leaving it stops every part, what was started last first.

    `keep_open` are descriptors every part inherits. A lock among them stays held until
    the last part is gone, also when the supervisor was killed.
    """

    def __init__(
        self, logs: Path, say: Callable[[str], None], keep_open: Iterable[int] = ()
    ) -> None:
        self.logs, self.say, self.keep_open = logs, say, tuple(keep_open)
        self.groups: list[list[Running]] = []
        self.asked_to_stop = False
        logs.mkdir(mode=0o700, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        for group in reversed(self.groups):
            _stop(group)
        return kind is Stopped

    def obey_signals(self) -> None:
        """Ctrl-C, a service manager and a closed terminal all mean: stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup: the terminal may close
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True

    @property
    def running(self) -> dict[str, Running]:
        """Every part by its name."""
        return {each.part.name: each for group in self.groups for each in group}

    def start(self, *parts: Part, within: float = 90) -> None:
        """Start parts together, wait in seconds until all are ready.

        What is started together is stopped together.
        """
        group: list[Running] = []
        self.groups.append(group)
        for part in parts:
            group.append(Running(part, self._spawn(part)))
        for running in group:
            self._await(running, until=time.monotonic() + within)

    def _await(self, running: Running, *, until: float) -> None:
        part = running.part
        while not part.ready():
            self._pause()
            if running.process.poll() is not None:
                raise CannotRun(f"{part.name} did not start: {self.last_words(part)}")
            if time.monotonic() > until:
                raise CannotRun(f"{part.name} is not ready: {self.last_words(part)}")

    def run(
        self, name: str, argv: Sequence[str | Path], *, into: Path | None = None
    ) -> None:
        """Runs a job to its end, its output into a file or its log; it must succeed."""
        job = Part(name, argv)
        with (into or self._log(job)).open("wb") as output:
            process = self._spawn(job, output=output.fileno())
        self.groups.append([Running(job, process)])
        while process.poll() is None:
            self._pause()
        self.groups.pop()
        if process.returncode != 0:
            raise CannotRun(f"{name} failed: {self.last_words(job)}")

    def watch(self) -> None:
        """Restarts whatever dies, until someone asks us to stop."""
        while True:
            for running in self.running.values():
                self._look_at(running, now=time.monotonic())
            self._pause()

    def last_words(self, part: Part) -> str:
        """The last line that a part wrote, and where the others are."""
        log = self._log(part)
        lines = log.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1] if lines else 'it said nothing'} (see {log})"

    def _look_at(self, running: Running, *, now: float) -> None:
        name, process = running.part.name, running.process
        if running.due is not None:
            if now >= running.due:
                running.due, running.process = None, self._spawn(running.part)
                self.say(f"{name} is back (pid {running.process.pid})")
        elif process.poll() is not None:
            _sweep(process)
            pause = running.died(now)
            self.say(f"{name} ended ({process.returncode}); again in {pause:.1f} s")

    def _pause(self) -> None:
        time.sleep(TICK)
        if self.asked_to_stop:
            raise Stopped

    def _spawn(self, part: Part, output: int | None = None) -> subprocess.Popen[bytes]:
        with self._log(part).open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                part.argv,
                stdin=subprocess.DEVNULL,
                stdout=log if output is None else output,
                stderr=log,
                process_group=0,  # Ctrl-C reaches us alone; we stop the others
                pass_fds=(*self.keep_open, *part.keep_open),
                preexec_fn=_settle(part),
            )

    def _log(self, part: Part) -> Path:
        return self.logs / f"{part.name}.log"


def _settle(part: Part) -> Callable[[], None]:
    """What a part does before it becomes its program."""
    supervisor = os.getpid()

    def settle() -> None:
        if part.become:
            part.become()
        if LIBC:
            LIBC.prctl(PR_SET_PDEATHSIG, part.orphaned_with)
            if os.getppid() != supervisor:
                os._exit(1)  # it died before we asked to be told

    return settle


def _stop(group: list[Running]) -> None:
    for running in group:
        if running.process.poll() is None:
            running.process.send_signal(running.part.stop_with)
    for running in group:
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(PATIENCE)
        _sweep(running.process)


def _sweep(process: subprocess.Popen[bytes]) -> None:
    """Ends what is left of a part: orphans would serve old code, or occupy its port."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
