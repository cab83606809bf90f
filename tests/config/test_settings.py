"""A setting that is missing or bad is one sentence that says what to do."""

import re

import pytest
from django.conf import settings

from config import address
from config.celery import app

REAL = {
    "DATABASE_URL": "postgres://portal:secret@database.example/portal",
    "REDIS_URL": "rediss://:secret@redis.example/0",
    "PUBLIC_URL": "https://privacy.example",
}
KEY = "k1:SWRlbnRpZmllcnMgYXJlIGtleWVkIHdpdGggdGhpcyE="
SECRETS = {
    "SECRET_KEY": "a key for tests, as long as Django wishes one to be: fifty",
    "IDENTIFIER_KEYS": KEY,
    "SEALING_KEYS": KEY,
    "SIGNING_KEYS": KEY,
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_real_database_asks_for_each_secret_by_its_name(manage, name):
    others = {key: value for key, value in SECRETS.items() if key != name}

    refused = manage("check", **REAL, **others)

    assert refused.returncode == 1
    assert refused.stderr == (
        f"{name} is not set; docs/operations.md says how to make one.\n"
    )


def test_with_all_of_them_the_deployment_checks_are_clean(manage):
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **REAL, **SECRETS)

    assert (checked.returncode, checked.stdout) == (
        0,
        "System check identified no issues (0 silenced).\n",
    ), checked.stderr


def test_a_data_folder_that_cannot_be_made_is_named(manage, tmp_path):
    taken = tmp_path / "file"
    taken.write_text("not a folder")

    refused = manage("check", data=taken / "data")

    assert refused.returncode == 1
    assert (
        refused.stderr == f"{taken / 'data'}: Not a directory. Set PORTAL_DATA_DIR.\n"
    )


@pytest.mark.parametrize("bind", ["here", "127.0.0.1:none", "127.0.0.1:0", ":99999"])
def test_an_address_that_is_none_is_refused(manage, bind):
    refused = manage("up", "--bind", bind)

    assert refused.returncode == 1
    assert refused.stderr == f"CommandError: {bind} is not HOST:PORT.\n"


# --- what the papers say of them ----------------------------------------------
ASKED = re.compile(
    r"""(?:\benv(?:\.\w+)?|secret|environ(?:\.get)?)[(\[]\s*"([A-Z_]+)\""""
    r"""|^VARIABLE = "([A-Z_]+)\"""",
    re.MULTILINE,
)


def read_from_the_environment():
    """Every name that the product's own code asks the environment for."""
    apps = ("config", "privacy", "consent", "dsr")
    files = [path for app in apps for path in (settings.BASE_DIR / app).rglob("*.py")]
    found = [name for path in files for name in ASKED.findall(path.read_text())]
    return {one or other for one, other in found} | set(settings.CARRIER_SECRETS)


def test_the_papers_name_every_setting():
    paper = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    read = read_from_the_environment()

    assert len(read) > 30
    assert sorted(name for name in read if f"`{name}`" not in paper) == []


def test_the_papers_name_no_setting_that_nothing_reads():
    paper = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    rows = re.findall(r"^\| `([A-Z_]+)`", paper, re.MULTILINE)

    assert rows
    assert sorted(set(rows) - read_from_the_environment()) == []


ELSEWHERE = {"DATABASE_URL": "postgres://portal:secret@127.0.0.1:1/portal"}


@pytest.mark.parametrize(
    ("portal", "then"),
    [
        ({**REAL, **ELSEWHERE, **SECRETS}, ""),
        ({}, " Start the portal: python3 dev.py up"),  # a trial that was stopped
    ],
)
def test_a_command_says_that_the_portals_database_is_away(manage, portal, then):
    refused = manage("stores", "list", **portal)

    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert refused.stderr.splitlines()[-1] == (
        f"CommandError: The portal's own database does not answer.{then}"
    )


@pytest.mark.parametrize(
    ("url", "mark"),
    [
        ("http://127.0.0.1:8000", ""),
        ("http://127.0.0.1:8001", "-8001"),
        ("https://privacy.example", ""),
    ],
)
def test_portals_of_one_machine_do_not_take_each_others_cookies(url, mark):
    assert address.mark(url) == mark


def test_what_the_clock_asks_ends_when_it_asks_anew():
    """So that a night without workers leaves no heap of the same tasks."""
    for entry in app.conf.beat_schedule.values():
        assert entry["options"]["expires"] == entry["schedule"]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [("", "'self'"), ("https://app.example/login?a=1", "'self' https://app.example")],
)
def test_a_form_may_lead_to_the_sign_in_of_the_platform(manage, url, allowed):
    """Browsers hold `form-action` against a redirect after a form, too."""
    said = manage(
        "shell",
        "--no-imports",
        "-c",
        "from django.conf import settings as s;"
        "print(*s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])",
        ACCOUNT_SIGN_IN_URL=url,
    )
    assert said.stdout.strip() == allowed, said.stderr
