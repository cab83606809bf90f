"""Where the portal listens: a free port, and the URL that follows from it."""

import errno
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from config.supervisor import CannotRun

DEFAULT = ("127.0.0.1", 8000)
TRIES = 50  # ports looked at after the wanted one
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to


def origins(url: str) -> list[str]:
    """The origin of an address for a content security policy; empty for an empty
    address."""
    said = urlsplit(url)
    return [f"{said.scheme}://{said.netloc}"] if said.netloc else []


def listen(bind: str | None) -> socket.socket:
    """A listening socket: exactly there if asked for, else the next free port.

    It is bound before anything starts and handed to the web server, so two checkouts
    never race for a port and a restarting web server refuses nobody.
    """
    if bind is None:
        return next_free(*DEFAULT)
    host, port = parse(bind)
    try:
        return _bound(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise CannotRun(f"Cannot listen on {bind}: {error.strerror}.") from None
    with next_free(host, port) as free:
        other = shown(host, free.getsockname()[1])
    raise CannotRun(
        f"Port {port} of {host} is taken. Free: python3 dev.py up --bind {other}"
    )


def parse(bind: str) -> tuple[str, int]:
    """`HOST:PORT`, `[V6]:PORT`, or a port alone."""
    host, _, port = bind.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CannotRun(f"{bind} is not HOST:PORT.")
    return host.strip("[]") or DEFAULT[0], int(port)


def shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def next_free(host: str, port: int) -> socket.socket:
    """The first port from this one on that nobody listens on."""
    for candidate in range(port, min(port + TRIES, 65536)):
        try:
            return _bound(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotRun(f"Cannot listen on {host}: {error.strerror}.") from None
    raise CannotRun(f"No free port on {host} from {port} on; name one with --bind.")


def reachable(listener: socket.socket) -> tuple[str, int]:
    """Host and port under which this machine reaches a listener."""
    host, port = listener.getsockname()[:2]
    return DEFAULT[0] if host in EVERYWHERE else host, port


def url(listener: socket.socket) -> str:
    return f"http://{shown(*reachable(listener))}"


def remember(address: str, *, file: Path) -> None:
    """For the settings of every later process; whole or not at all."""
    new = file.with_suffix(".new")
    new.write_text(address)
    os.replace(new, file)


def mark(url: str) -> str:
    """A suffix for cookie names, because cookies of one machine ignore ports.

    >>> mark("http://127.0.0.1:8000"), mark("http://127.0.0.1:8001")
    ('', '-8001')
    """
    port = urlsplit(url).port
    return "" if port in (None, DEFAULT[1]) else f"-{port}"


def remembered(file: Path) -> str:
    """Where `up` last listened, or would by default."""
    return file.read_text() if file.exists() else f"http://{shown(*DEFAULT)}"


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, where = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(socket.SOMAXCONN)
    except OSError:
        listener.close()
        raise
    return listener
