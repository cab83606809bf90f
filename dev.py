#!/usr/bin/env python3
"""python3 dev.py up | test | bench | lint

up      the whole portal, here: environment, database, broker, web, worker, beat
test    every test, on servers of its own (arguments go to pytest); as root on Debian
        and Ubuntu it installs Chromium and MariaDB first
bench   the benchmarks, on servers of their own
lint    format, lint, types, templates, migrations, locks, deployment

Needs Python 3.11 or newer and a package index. Everything else goes into .venv.
"""
# ruff: noqa: S603, S606 - running commands is what it is for

import base64
import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - this file starts under any Python 3
    sys.exit("The portal needs Python 3.11 or newer; this is " + sys.version.split()[0])
try:
    import fcntl
except ImportError:
    sys.exit("The portal runs on Linux and macOS; on Windows, in WSL or a container.")

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = str(ENVIRONMENT / "bin" / "python")
LOCKS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("runtime", "dev")}
SERVERS = {"chromium": "chromium", "mariadb-server": "mariadbd"}  # Debian's names
HOST = re.compile(r"https?:|index-url|find-links|trusted-host|@ file", re.IGNORECASE)


def main(arguments: list[str]) -> None:
    commands = {"up": up, "test": test, "bench": bench, "lint": lint}
    if not arguments or arguments[0] not in commands:
        asked = arguments in (["-h"], ["--help"])
        print(__doc__, file=sys.stdout if asked else sys.stderr)
        sys.exit(0 if asked else 2)
    install("runtime" if arguments[0] == "up" else "dev")
    os.chdir(ROOT)
    commands[arguments[0]](arguments[1:])


# --- commands ---------------------------------------------------------------
def up(arguments: list[str]) -> None:
    os.execv(PYTHON, [PYTHON, "manage.py", "up", *arguments])


def test(arguments: list[str]) -> None:
    """The named tests, or everything on all cores, one file on each. The order of the
    files is kept, because the longest ones hold a single test and would come last."""
    if not arguments:
        install_servers()
    spread = ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile"]
    spread += ["--no-loadscope-reorder"]
    os.execv(PYTHON, [PYTHON, "-m", "pytest", *(arguments or spread)])


def bench(arguments: list[str]) -> None:
    """On an empty database that writes as safely as a real one."""
    data = ROOT / "build" / "bench-data"
    os.environ |= {"PORTAL_DATA_DIR": str(data), "PORTAL_ENV_FILE": os.devnull}
    os.environ |= {"DATABASE_URL": "", "REDIS_URL": "", "PORTAL_DURABLE": "1"}
    signal.signal(signal.SIGTERM, leave)  # not without stopping the servers
    if data.exists():
        manage("services", "stop")
        shutil.rmtree(data)
    try:
        failed = (
            manage("services", "start")
            or manage("migrate", "--verbosity", "0")
            or manage("bench", *arguments)
        )
    finally:
        manage("services", "stop")
    sys.exit(failed)


def lint(arguments: list[str]) -> None:
    """Every check, also after one failed."""
    apps = ["config", "privacy", "consent", "dsr"]
    templates = [str(path) for path in ROOT.glob("**/templates") if ours(path)]
    os.environ |= {"PORTAL_ENV_FILE": os.devnull}
    results = {
        "format": run("-m", "ruff", "format", "--check", "."),
        "lint": run("-m", "ruff", "check", "."),
        "types": run("-m", "mypy", *apps),
        "templates": run("-m", "djlint", "--check", "--quiet", *templates),
        "migrations": migrations(),
        "locks": locks(),
        "deployment": deployment(),
    }
    failed = [name for name, code in results.items() if code]
    say(f"failed: {', '.join(failed)}" if failed else "all clean")
    sys.exit(bool(failed))


# --- what they are made of --------------------------------------------------
def migrations() -> int:
    """Whether the models have changes that no migration makes. Needs no database."""
    unanswered = "ignore:Got an error checking:RuntimeWarning"
    command = ("makemigrations", "--check", "--dry-run")
    return run(
        "-W", unanswered, "manage.py", *command, DJANGO_SETTINGS_MODULE="tests.settings"
    )


def locks() -> int:
    """The locks name packages and hashes, and no host they came from."""
    say("no host in requirements/*.txt")
    named = [
        f"{lock.name}:{number}: {line}"
        for lock in LOCKS.values()
        for number, line in enumerate(lock.read_text().splitlines(), 1)
        if HOST.search(line)
    ]
    print(*named, sep="\n", end="\n" if named else "")
    return len(named)


def deployment() -> int:
    """Django's own checks under the settings of a real installation."""
    keys = ("IDENTIFIER_KEYS", "SEALING_KEYS", "SIGNING_KEYS")
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return run(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        DATABASE_URL="postgres://portal:secret@database.example/portal",
        REDIS_URL="rediss://:secret@redis.example/0",
        PUBLIC_URL="https://privacy.example",
        SECRET_KEY=secrets.token_urlsafe(50),
        **{name: f"k1:{key}" for name in keys},
    )


def manage(*arguments: str) -> int:
    return run("manage.py", *arguments)


def run(*arguments: str, **environment: str) -> int:
    """Run the environment's Python; the answer is its exit code."""
    say(" ".join(word for word in arguments if word != "-m"))
    with subprocess.Popen([PYTHON, *arguments], env=os.environ | environment) as child:
        try:
            return child.wait()
        except SystemExit:
            child.terminate()
            raise


def leave(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def ours(path: Path) -> bool:
    outside = {".venv", "build"}
    return not outside.intersection(path.relative_to(ROOT).parts)


def say(sentence: str) -> None:
    print(f"dev.py: {sentence}", flush=True)


# --- the environment --------------------------------------------------------
def install(name: str) -> None:
    """Exactly what the lock says; again if a lock changed or we were interrupted."""
    with LOCKS[name].open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two commands at once, one installs
        wanted = hashlib.sha256(b"".join(path.read_bytes() for path in LOCKS.values()))
        mark = ENVIRONMENT / f".installed-{name}"
        if mark.exists() and mark.read_text() == wanted.hexdigest():
            return
        begun, since = ENVIRONMENT / ".installing", time.monotonic()
        if begun.exists() or not works("-m", "pip", "--version"):
            make_environment(begun)
        begun.touch()
        pip_install(LOCKS[name])
        mark.write_text(wanted.hexdigest())
        begun.unlink()
    say(f"installed in {time.monotonic() - since:.0f} s")


def make_environment(begun: Path) -> None:
    """An empty one; what an interrupted installation left is not trusted."""
    if not importlib.util.find_spec("ensurepip"):
        sys.exit(
            "This Python cannot make a virtual environment: its ensurepip is missing."
            " On Debian and Ubuntu: apt-get install python3-venv"
        )
    import venv

    say(f"making {ENVIRONMENT}")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    ENVIRONMENT.mkdir()
    begun.touch()
    try:
        venv.create(ENVIRONMENT, with_pip=True)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        sys.exit(f"Python cannot make {ENVIRONMENT}: {error}")


def pip_install(lock: Path) -> None:
    count = lock.read_text().count("==")
    say(f"installing up to {count} packages, the first time in about a minute")
    pip = ("-m", "pip", "install", "-qq", "--disable-pip-version-check")
    exact = ("--no-input", "--require-hashes", "--only-binary", ":all:")
    done = subprocess.run([PYTHON, *pip, *exact, "-r", str(lock)], check=False)
    if done.returncode != 0:
        sys.exit("The packages could not be installed; pip says why above.")


def install_servers() -> None:
    """What the whole suite drives and Python has no package of, where we may: as root
    on Debian and Ubuntu. Elsewhere the tests say what is missing."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin"))
    missing = [
        name
        for name, program in SERVERS.items()
        if not shutil.which(program, path=path)
    ]
    apt = shutil.which("apt-get")
    if not (missing and apt) or os.geteuid() != 0:
        return
    say(f"installing {' and '.join(missing)} for the tests")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    steps = [["update", "-qq"]]
    steps += [["install", "-y", "-qq", "--no-install-recommends", m] for m in missing]
    for step in steps:
        done = subprocess.run(
            [apt, *step], env=quiet, stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode != 0:
            say(f"apt-get {step[0]} failed; the tests say what is missing")


def works(*arguments: str) -> bool:
    """Whether the environment has a Python that can do this."""
    try:
        done = subprocess.run([PYTHON, *arguments], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
