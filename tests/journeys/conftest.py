"""A portal at work: pages over HTTP, two workers, the sample platform beside it."""

import io
import json
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

import psycopg
import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connections

from config.celery import app
from privacy.models import Store
from privacy.sample import beside

STAFF = {
    "lena.legal": "Legal",
    "max.legal": "Legal",
    "sam.support": "Support",
    "pia.engineer": "Privacy engineer",
    "ari.auditor": "Auditor",
}
PASSWORD = "as long as nobody can guess"


# --- over HTTP ----------------------------------------------------------------
@dataclass(frozen=True)
class Answer:
    """What the server said, and where we stood after its redirects."""

    status: int
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def page(self) -> str:
        """What a reader sees of it, as text; spaces do not count."""
        text = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", self.body.decode())
        return " ".join(unescape(text).split())

    @property
    def json(self):
        return json.loads(self.body)


class Visitor:
    """Somebody with a browser that has cookies and no scripts."""

    def __init__(self, address: str) -> None:
        self.address, self.cookies = address, CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> Answer:
        return self.ask(path)

    def submit(self, path: str, **fields) -> Answer:
        """A form, with the token that the browser was given."""
        tokens = [c.value for c in self.cookies if c.name.startswith("csrftoken")]
        fields["csrfmiddlewaretoken"] = tokens[0] if tokens else ""
        return self.ask(path, urlencode(fields, doseq=True).encode())

    def post_json(self, path: str, document, key: str) -> Answer:
        said = {"content-type": "application/json", "authorization": f"Bearer {key}"}
        return self.ask(path, json.dumps(document).encode(), said)

    def ask(
        self, path: str, body: bytes | None = None, headers=None, method=None
    ) -> Answer:
        address = self.address + path
        asked = Request(address, data=body, headers=headers or {}, method=method)  # noqa: S310
        try:
            with self.opener.open(asked, timeout=60) as said:
                return _answer(said)
        except HTTPError as refused:
            with refused:
                return _answer(refused)


def _answer(said) -> Answer:
    headers = {name.lower(): value for name, value in said.headers.items()}
    return Answer(said.status, urlsplit(said.url).path, headers, said.read())


@pytest.fixture
def visitor(live_server) -> Visitor:
    return Visitor(live_server.url)


@pytest.fixture
def sign_in(live_server) -> Callable[[str], Visitor]:
    """Somebody of the staff, through the page where staff sign in."""

    def as_(name: str) -> Visitor:
        if not User.objects.filter(username=name).exists():
            user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
            user.groups.add(Group.objects.get(name=STAFF[name]))
        visitor = Visitor(live_server.url)
        visitor.get("/admin/login/")
        form = {"username": name, "password": PASSWORD, "next": "/admin/"}
        assert visitor.submit("/admin/login/", **form).path == "/admin/"
        return visitor

    return as_


# --- beside it ----------------------------------------------------------------
@pytest.fixture
def sample(transactional_db, settings):
    """The sample platform as `up` gives it to an empty portal; a direct line to it."""
    name = f"{settings.DATABASES['default']['NAME']}_sample"
    command("sample", "load", "--scale", "0.05")
    command("consent", "take-over", "sample", "--wait")
    with psycopg.connect(beside.address(name), autocommit=True) as direct:
        yield direct
    for store in Store.objects.filter(kind=Store.Kind.DATABASE):
        connections[store.alias].close()
    with beside.alone() as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    for folder in ("recordings", "outbox"):
        shutil.rmtree(settings.DATA_DIR / folder, ignore_errors=True)


def command(*words: str):
    """What a command says in JSON."""
    out = io.StringIO()
    call_command(*words, "--json", stdout=out)
    return json.loads(out.getvalue())


def ring(entry: str) -> None:
    """What beat does when the time of an entry in its table has come."""
    app.send_task(app.conf.beat_schedule[entry]["task"])


def eventually(look: Callable[[], bool], within: float = 120) -> bool:
    """Whether it comes true in time, in seconds."""
    end = time.monotonic() + within
    while not look():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def texts_of(direct: psycopg.Connection):
    """Every value that can hold words, as (table, key, column, text)."""
    columns = direct.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND (data_type IN ('text', 'character varying',"
        " 'character', 'json', 'jsonb', 'ARRAY', 'inet') OR data_type = 'USER-DEFINED')"
    ).fetchall()
    for table, column in columns:
        found = direct.execute(
            f'SELECT ctid::text, "{column}"::text FROM "{table}"'
            f' WHERE "{column}" IS NOT NULL'
        )
        yield from ((table, key, column, text) for key, text in found)


@pytest.fixture
def legal():
    """Two of them: who plans does not approve."""
    for name in ("lena", "max"):
        user = User.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get(name="Legal"))
