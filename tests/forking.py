"""Has imported the portal once, and forks a Celery worker for each name that it reads.

A worker that starts by itself imports for three seconds, and tests kill dozens of them.
Each is a session of its own, so that it is killed with its children. When the other end
is gone, so are they.
"""

import contextlib
import os
import signal
import sys

import django


def main() -> None:
    django.setup()
    from config.celery import app

    app.loader.import_default_modules()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    started = []
    for line in sys.stdin:
        started.append(fork(app, line.strip()))
        print(started[-1], flush=True)
    for pid in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def fork(app, node: str) -> int:
    """The process of a new worker."""
    if pid := os.fork():
        return pid
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number, target in ((0, nowhere), (1, 2)):
        os.dup2(target, number)
    options = ["-c", "1", "-l", "INFO", "--without-mingle", "--without-gossip"]
    try:
        app.worker_main(["worker", *options, "-n", node])
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
