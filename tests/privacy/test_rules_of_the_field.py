"""Rules that other projects paid for with a bug each (threads of Fides, openregister,
OpenTranscribe, areev, tale, margince, pierreb-devkit/Node, okfde/froide and others)."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from privacy import destruction, erasure, holds, identifiers, plans
from privacy.datamap import files
from privacy.erasure import running
from privacy.models import AuditEvent, Certificate, Plan
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
    past_it = re.compile(r"mapped\.rows\([^)]*\).*\.(delete|update)\(")
    by_map = [path.name for path in paths if past_it.search(path.read_text())]

    assert deleting == ["destruction.py"]
    assert by_map == []


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
