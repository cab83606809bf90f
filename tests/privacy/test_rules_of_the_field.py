"""Rules that other projects paid for with a bug each (threads of Fides, openregister,
OpenTranscribe, areev, tale, margince, pierreb-devkit/Node, okfde/froide and others)."""

import ast
import datetime as dt
import inspect
import re
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from config.celery import app
from consent import ledger
from consent.check import may_contact
from privacy import destruction, erasure, holds, identifiers, own, plans, stores
from privacy.checks.map import collect_declared
from privacy.datamap import files
from privacy.erasure import running
from privacy.models import ApiKey, AuditEvent, Category, Certificate, Plan
from tests.privacy import messaging

pytestmark = pytest.mark.django_db
ADA = identifiers.phone("+12025550143")
NAME = "SELECT name FROM person WHERE email = 'ada.sample@example.com'"


@pytest.fixture
def town(connect, now):
    _, direct = connect("town", messaging.SCRIPT)
    files.load(text=messaging.MAP, by="pia", now=now)
    return direct


@pytest.fixture
def approved(town, now):
    mark = identifiers.keep(ADA, now=now, revive=True)
    plan = erasure.plan(
        identifiers=[mark], title="R-1", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    return plan


def test_there_is_one_public_erase_path_only():
    """openregister#3553, OpenTranscribe#664, areev#279: a second one forgot holds."""
    root = Path(settings.BASE_DIR)
    folders = [root / app for app in ("privacy", "consent", "dsr")]
    paths = [path for folder in folders for path in folder.rglob("*.py")]

    deleting = [path.name for path in paths if "_raw_delete" in path.read_text()]
    sql = re.compile(r"\b(DELETE FROM|TRUNCATE|DROP TABLE) ")
    by_sql = {path.parent.name for path in paths if sql.search(path.read_text())}

    assert deleting == ["destruction.py"]
    assert by_sql - {"migrations"} == {"sql"}
    assert {f"{p.name}:{n}" for p in paths for n in changing_rows_of_stores(p)} == {
        "rehearsal.py:tried",  # never commits
        "putting_back.py:_put_back_row",  # undo
        "cutting.py:_canary_failed",  # a range of the portal's own
    }  # fmt: skip


STORES_ROWS = ("mapped.rows(", ".rows(table)", "mapped.model(", "make_model(")
CHANGES = {
    "delete", "update", "bulk_update", "bulk_create", "save", "create", "_raw_delete",
}  # fmt: skip


def changing_rows_of_stores(path):
    """Functions that have rows of a store in hand and change some rows."""
    for each in ast.walk(ast.parse(path.read_text())):
        if isinstance(each, ast.FunctionDef) and path.name != "destruction.py":
            calls = [c.func for c in ast.walk(each) if isinstance(c, ast.Call)]
            named = {f.attr for f in calls if isinstance(f, ast.Attribute)}
            if named & CHANGES and any(s in ast.unparse(each) for s in STORES_ROWS):
                yield each.name


def test_holds_are_checked_inside_the_deleting_transaction_not_once_per_run(
    town, approved, now
):
    """tale#1676: a hold that is placed while the run goes on is obeyed."""
    running.begin_many(some=[approved], clock=lambda: now)
    mark = identifiers.find(ADA)
    holds.place(matter="Doe v. Roe", identifiers=[mark], tables=[], by="lena", now=now)

    done = erasure.carry_out(plan=approved, clock=lambda: now)

    assert town.execute(NAME).fetchone()[0] == "Ada Sample"
    assert done.status == Plan.Status.INCOMPLETE


def test_an_exemption_is_per_record_never_per_account(town, approved, now):
    """openregister#3759: the tax record stays, and all else of the person goes."""
    erasure.carry_out(plan=approved, clock=lambda: now)

    assert town.execute("SELECT count(*) FROM receipt").fetchone()[0] == 1
    assert town.execute(NAME).fetchone() is None


def test_the_ledger_is_written_before_the_first_delete(
    town, approved, now, monkeypatch
):
    """pierreb-devkit/Node#3938."""
    seen = []
    writes = destruction._write

    def write(*given):
        started = AuditEvent.objects.filter(
            action="plan.started", subject=f"plan:{approved.pk}"
        )
        journal = settings.ERASURE_JOURNAL.read_text()
        seen.append((started.count(), str(approved.pk) in journal))
        return writes(*given)

    monkeypatch.setattr(destruction, "_write", write)

    erasure.carry_out(plan=approved, clock=lambda: now)

    assert seen
    assert set(seen) == {(1, True)}


def test_the_original_clock_is_kept_on_re_runs(town, now):
    """The new plan of a released hold asks as of the first day."""
    mark = identifiers.keep(ADA, now=now, revive=True)
    hold = holds.place(
        matter="Doe v. Roe", identifiers=[mark], tables=[], by="lena", now=now
    )
    first = erasure.plan(
        identifiers=[mark], title="R-1", received_at=now, by="lena", now=now
    )
    plans.approve(plan=first, by="max", now=now)
    erasure.carry_out(plan=first, clock=lambda: now)
    later = now + dt.timedelta(days=365)
    holds.release(hold=hold, by="max", now=later)

    (again,) = erasure.take_up_released(now=later)

    assert (again.cutoff, again.follows) == (now, first)


def test_nothing_is_reported_complete_with_a_skipped_table(town, approved, now):
    """ethyca/fides: a field that is not understood is skipped, and the request is
    complete all the same."""
    town.execute("CREATE TABLE forgotten (note text)")

    done = erasure.carry_out(plan=approved, clock=lambda: now)

    assert done.status == Plan.Status.INCOMPLETE
    assert not Certificate.objects.exists()


def test_sessions_are_stores(town, approved, now):
    """ClearGDPR#342: who was erased was still logged in."""
    session = SessionStore()
    session["filter"] = "202-555-0143"
    session.save()

    done = erasure.carry_out(plan=approved, clock=lambda: now)

    assert done.status == Plan.Status.INCOMPLETE
    assert {"place": "portal.sessions", "copies": 1, "kept": 0} in (
        done.residue["found"]
    )


def test_nothing_is_reported_complete_with_a_skipped_field(town, approved, now):
    """The same for a column that came after the map was made."""
    town.execute("ALTER TABLE tag ADD said text DEFAULT 'whatever'")

    done = erasure.carry_out(plan=approved, clock=lambda: now)

    assert done.status == Plan.Status.INCOMPLETE
    assert "town.tag.said could not be searched" in done.problem
    assert not Certificate.objects.exists()


def test_consent_withdrawal_works_after_erasure_and_grants_do_not(now):
    """margince#2204: an old list brought somebody back, and a STOP was refused."""
    mark = identifiers.keep(ADA, now=now)
    identifiers.forget(identifier=mark, by="max", now=now)
    before = now - dt.timedelta(days=1)

    def tell(kind, occurred_at):
        return ledger.record(
            mark=ADA, kind=kind, channel="sms", route="api", source="providers",
            occurred_at=occurred_at, by="sam", now=now,
        )  # fmt: skip

    with pytest.raises(ledger.WasErased):
        tell("opt_in", before)
    tell("opt_out", before)

    assert may_contact(ADA, channel="sms", now=now).reason == "opted_out"


def test_the_request_tables_are_registered_as_personal_data(monkeypatch, now):
    """Fides: who asked to be forgotten was remembered by the tool that forgot them."""
    known = {each.place: each.category for each in own.declared()}
    assert own.undeclared() == []
    assert known["dsr_request.requester"] == "profile_contact"
    assert set(known.values()) - {""} <= set(
        Category.objects.values_list("code", flat=True)
    )

    left = [each for each in own.declared() if each.place != "dsr_request.words"]
    monkeypatch.setattr(own, "declared", lambda: left)

    outcome = collect_declared(now)
    assert outcome.state == "broken"
    assert "dsr_request.words" in str(outcome.evidence)


def found_in(done):
    return {each["place"] for each in done.residue["found"]}


def test_tokens_are_stores(town, approved, now):
    """A row of the portal's own that names somebody, such as a key's name."""
    ApiKey.objects.create(
        name="call-202-555-0143", digest="x", scopes=["x"], created_by="pia",
        created_at=now,
    )  # fmt: skip

    done = erasure.carry_out(plan=approved, clock=lambda: now)

    assert "portal.privacy_apikey.name" in found_in(done)


def test_queued_messages_are_stores(town, approved, now):
    """What waits in the broker is read too, whoever wrote it there."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.lpush("outbox", "to +1 202 555 0143: your code")
        try:
            done = erasure.carry_out(plan=approved, clock=lambda: now)
        finally:
            broker.delete("outbox")

    assert "portal.broker" in found_in(done)


def test_object_storage_is_a_store(town, approved, now, tmp_path):
    (tmp_path / "call 202-555-0143.txt").write_text("ada.sample@example.com asked")
    stores.connect(name="calls", url=f"file://{tmp_path}", by="pia", now=now)

    done = erasure.carry_out(plan=approved, clock=lambda: now)

    assert {"calls.file names", "calls.contents of files"} <= found_in(done)


def test_search_indexes_are_stores(town, approved, now):
    """PostHog#20221: the row was gone, and the index still found it."""
    town.execute(
        "CREATE TABLE search (id int PRIMARY KEY, words tsvector);"
        "INSERT INTO search VALUES (1, to_tsvector('simple', 'ada.sample@example.com'))"
    )

    done = erasure.carry_out(plan=approved, clock=lambda: now)

    assert "town.search.words" in found_in(done)


def test_task_arguments_carry_no_personal_data():
    """Rows are the truth: every task takes ids of rows, and nothing else."""
    app.loader.import_default_modules()
    own_tasks = [t for name, t in app.tasks.items() if not name.startswith("celery.")]
    given = {
        (task.name, name): parameter.annotation
        for task in own_tasks
        for name, parameter in inspect.signature(task.run).parameters.items()
    }

    assert len(own_tasks) > 15
    assert {name for _, name in given} <= {"plan_id", "ticket_id", "store_id"}
    assert set(given.values()) <= {str, int}


def test_identifiers_stay_out_of_logs_problems_and_trail(
    town, approved, now, caplog, capsys
):
    """A store that refuses must not put the person into an error message."""
    caplog.set_level("DEBUG", logger="privacy")
    town.execute("ALTER TABLE person ADD CHECK (name IS NOT NULL)")

    done = erasure.carry_out(plan=approved, clock=lambda: now)

    pieces = done.ranges.values_list("problem", flat=True)
    trail = AuditEvent.objects.values_list("payload", flat=True)
    printed = capsys.readouterr()
    text = " ".join([done.problem, *pieces, *trail, caplog.text, *printed, done.title])
    assert not re.search(r"5550143|ada\.sample|Ada Sample", text, re.IGNORECASE)
