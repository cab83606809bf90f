"""The house keeps its shape: floors, rooms, names, raw SQL, lengths.

Each rule is a function from a file's name and its text to sentences, and is shown to
fail on a planted example before it is asked of every file.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APPS = ("privacy", "consent", "dsr")
FILES = [
    path.relative_to(ROOT).as_posix()
    for app in (*APPS, "config", "tools")
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts
]

BELOW = {"privacy": {"privacy"}, "consent": {"privacy", "consent"}, "dsr": set(APPS)}
INTERFACES = {"admin", "api", "views", "webhooks", "tasks", "management"}
SHARED = (
    *(f"{app}.admin.base" for app in APPS),
    "privacy.admin.plans.shown",  # an upper floor's page shows the plan it made
    "privacy.management.base",
    "privacy.management.ending",
    "privacy.management.listing",
    "privacy.api",
)
WAKES_WORKERS = {"admin", "management", "api", "views", "webhooks"}
FORBIDDEN = {
    "services", "utils", "helpers", "managers", "constants", "mixins", "signals",
}  # fmt: skip
RAW_SQL = ("cursor", "raw", "RunSQL")
SQL_ROOMS = ("sql", "migrations", "sample")
LONGEST_FUNCTION, LONGEST_FILE = 40, 300


def imports(text):
    """Dotted names; `from privacy import audit` is privacy.audit."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{each.name}" for each in node.names)


def room(dotted):
    """The room of a module of ours: models, or an interface; else a word, or none."""
    parts = dotted.split(".")
    if parts[0] not in APPS or len(parts) < 2:
        return ""
    return parts[1] if parts[1] in INTERFACES | {"models", "migrations"} else "word"


def module_of(name):
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


# --- the rules --------------------------------------------------------------
def floors(name, text):
    app = name.split("/")[0]
    for dotted in imports(text):
        floor = dotted.split(".")[0]
        if app in BELOW and floor in (*APPS, "config") and floor not in BELOW[app]:
            yield f"{name}: {app} does not know {dotted}"


def rooms(name, text):
    """`urls` is wiring: naming the views is what it is for."""
    module = module_of(name)
    mine = room(module)
    if module.endswith(".urls"):
        return
    for dotted in imports(text):
        theirs = room(dotted)
        if not theirs or is_allowed(module, mine, dotted, theirs):
            continue
        yield f"{name}: {mine} does not import {dotted}"


def is_allowed(module, mine, dotted, theirs):
    """Models know models; words know words; interfaces know words and their own kin."""
    if mine == "models":
        return theirs == "models"
    if theirs not in INTERFACES or mine not in {"word", *INTERFACES}:
        return True
    if mine == "word":
        return False
    same_word = dotted.startswith(".".join(module.split(".")[:3]))
    own_list = module.count(".") == 1 and dotted.startswith(module)
    wakes = theirs == "tasks" and mine in WAKES_WORKERS
    return same_word or own_list or wakes or dotted.startswith(SHARED)


def names(name, text):
    """A command is called what the contract calls it."""
    if Path(name).stem in FORBIDDEN and "commands" not in Path(name).parts:
        yield f"{name}: {Path(name).stem} says nothing about the field"


def sql_has_an_address(name, text):
    if set(SQL_ROOMS) & set(Path(name).parts):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and called(node) in RAW_SQL:
            yield f"{name}:{node.lineno}: raw SQL lives in <app>/sql"


def called(node):
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def lengths(name, text):
    if (lines := text.count("\n")) > LONGEST_FILE:
        yield f"{name}: {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{name}:{node.lineno}: {node.name} has {length} lines"


RULES = (floors, rooms, names, sql_has_an_address, lengths)

# --- each rule fails on what it forbids --------------------------------------
LONG = "def f():\n" + "    x = 1\n" * 41
PLANTED = [
    (floors, "privacy/holds.py", "from consent import ledger"),
    (floors, "privacy/holds.py", "import config.celery"),
    (floors, "consent/check.py", "from dsr.models import Ticket"),
    (floors, "dsr/tickets.py", "def f():\n    from config import board"),
    (rooms, "privacy/models/holds.py", "from privacy import audit"),
    (rooms, "privacy/holds.py", "from privacy import tasks"),
    (rooms, "privacy/holds.py", "from privacy.admin.base import Page"),
    (rooms, "consent/tasks.py", "from consent import api"),
    (rooms, "privacy/admin/plans.py", "from privacy.admin import holds"),
    (rooms, "consent/api/check.py", "from consent.admin.ledger import lookup"),
    (names, "privacy/utils.py", ""),
    (sql_has_an_address, "privacy/holds.py", "connection.cursor()"),
    (sql_has_an_address, "privacy/holds.py", "Hold.objects.raw('x')"),
    (sql_has_an_address, "privacy/holds.py", "migrations.RunSQL('x')"),
    (lengths, "privacy/holds.py", LONG),
    (lengths, "privacy/holds.py", "\n" * 301),
]
ALLOWED = [
    (floors, "dsr/tickets.py", "from consent import ledger\nfrom privacy import audit"),
    (rooms, "privacy/models/holds.py", "from privacy.models.datamap import Table"),
    (rooms, "privacy/holds.py", "from privacy import audit"),
    (rooms, "privacy/admin/plans/pages.py", "from privacy import plans, tasks"),
    (rooms, "privacy/admin/plans/pages.py", "from privacy.admin.plans.shown import x"),
    (rooms, "privacy/admin/__init__.py", "from privacy.admin import holds"),
    (rooms, "consent/admin/ledger.py", "from privacy.admin.base import Page"),
    (rooms, "consent/urls.py", "from consent import webhooks"),
    (names, "config/management/commands/services.py", ""),
    (sql_has_an_address, "privacy/sql/statements.py", "connection.cursor()"),
]


@pytest.mark.parametrize(("rule", "name", "text"), PLANTED)
def test_a_planted_violation_is_found(rule, name, text):
    assert list(rule(name, text))


@pytest.mark.parametrize(("rule", "name", "text"), ALLOWED)
def test_what_the_house_allows_is_left_alone(rule, name, text):
    assert not list(rule(name, text))


@pytest.mark.parametrize("rule", RULES)
def test_every_file_keeps_the_rule(rule):
    found = [
        sentence for name in FILES for sentence in rule(name, (ROOT / name).read_text())
    ]

    assert not found, "\n".join(found)
