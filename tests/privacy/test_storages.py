"""Recordings and attachments end with their rows: in folders and in buckets."""

import datetime as dt
import io

import boto3
import pytest
from django.conf import settings
from django.core.management import call_command
from moto.server import ThreadedMotoServer

from privacy import erasure, holds, identifiers, plans, retention, storages, stores
from privacy.datamap import files
from privacy.erasure import certificates
from privacy.models import AuditEvent, Certificate, Plan, Store, Table
from privacy.residue import Pass
from privacy.residue import files as residue_of_files
from privacy.residue.matching import Matcher
from tests.privacy.factories import rule

pytestmark = pytest.mark.django_db
SCRIPT = """
CREATE TABLE call (id int PRIMARY KEY, phone text, recording text,
    at date DEFAULT '2020-01-01');
INSERT INTO call (id, phone, recording) VALUES (1, '+12025550143', 'calls/1.wav'),
    (2, '+12025550143', 'calls/gone.wav'), (3, '+12025550117', 'calls/3.wav'),
    (4, '+12025550143', '../outside.wav');
"""
MAP = """
store: town
tables:
  call:
    about: linked
    erasure: delete
    files: {recording: recordings}
    columns:
      id: {not_personal: A key}
      phone: {category: communications, identifier: phone, source: direct,
              purposes: [provide], treatment: nullify}
      recording: {category: communications, source: direct, purposes: [provide],
                  treatment: drop_file}
      at: {not_personal: A day}
"""
ADA = identifiers.phone("+12025550143")


@pytest.fixture(scope="module")
def s3():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3):
    """A versioned bucket, and how to connect it."""
    known = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    made = boto3.resource("s3", endpoint_url=s3, region_name="us-east-1", **known)
    found = made.create_bucket(Bucket="recordings")
    found.Versioning().enable()
    yield found, f"s3://key:secret@recordings/in?endpoint={s3}&region=us-east-1"
    found.object_versions.delete()
    found.delete()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in" / "calls").mkdir(parents=True)
    for name in ("calls/1.wav", "calls/3.wav"):
        (tmp_path / "in" / name).write_bytes(b"RIFF")
    (tmp_path / "outside.wav").write_bytes(b"RIFF")
    return tmp_path / "in"


def connected(connect, url, now):
    _, direct = connect("town", SCRIPT)
    stores.connect(name="recordings", url=url, by="pia", now=now)
    files.load(text=MAP, by="pia", now=now)
    return direct


def erased(now):
    mark = identifiers.keep(ADA, now=now, revive=True)
    plan = erasure.plan(
        identifiers=[mark], title="R", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    return plan


def test_files_in_a_folder_end_and_missing_ones_are_reported(connect, folder, now):
    connected(connect, f"file://{folder}", now)
    Store.objects.filter(name="recordings").update(backups_days=30)

    done = erasure.carry_out(plan=erased(now), clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert [path.name for path in folder.rglob("*.wav")] == ["3.wav"]
    assert (folder.parent / "outside.wav").exists()
    said = certificates.statement(done, now)
    assert said["files"] == {"ended": 1, "missing": 2, "shared": 0}
    month = (now + dt.timedelta(days=30)).isoformat()
    assert said["backups"] == {"town": None, "recordings": month}


def test_a_file_that_another_row_names_too_goes_with_the_last_of_them(
    connect, folder, now
):
    """Where a file is named by its content, people who upload the same share it."""
    direct = connected(connect, f"file://{folder}", now)
    direct.execute("UPDATE call SET recording = 'calls/1.wav' WHERE id IN (2, 3)")

    done = erasure.carry_out(plan=erased(now), clock=lambda: now)

    assert (done.status, (folder / "calls" / "1.wav").exists()) == ("done", True)
    assert certificates.statement(done, now)["files"]["shared"] == 2
    again = erasure.replay(store=stores.named("recordings"), by="pia", now=now)
    assert (again.files, again.problems) == (0, [])


def test_every_version_of_a_file_in_a_bucket_ends(connect, bucket, now):
    found, url = bucket
    for text in (b"one", b"two"):
        found.put_object(Key="in/calls/1.wav", Body=text)
    found.put_object(Key="in/calls/1.wav.txt", Body=b"another's")
    found.put_object(Key="in/calls/3.wav", Body=b"RIFF")
    connected(connect, url, now)

    done = erasure.carry_out(plan=erased(now), clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    left = sorted(version.object_key for version in found.object_versions.all())
    assert left == ["in/calls/1.wav.txt", "in/calls/3.wav"]


def test_a_held_row_keeps_its_file(connect, folder, now):
    connected(connect, f"file://{folder}", now)
    plan = erased(now)
    mark = identifiers.find(ADA)
    holds.place(matter="Doe v. Roe", identifiers=[mark], tables=[], by="lena", now=now)

    erasure.carry_out(plan=plan, clock=lambda: now)

    assert (folder / "calls" / "1.wav").exists()


def test_a_storage_that_is_down_makes_the_plan_wait_and_is_tried_again(
    connect, folder, now, monkeypatch
):
    connected(connect, f"file://{folder}", now)
    plan = erased(now)

    def refuses(self, name):
        raise PermissionError

    with monkeypatch.context() as broken:
        broken.setattr(storages.FileSystemStorage, "delete", refuses)
        with pytest.raises(plans.Waits, match="could not be deleted"):
            erasure.carry_out(plan=plan, clock=lambda: now)
    plan.refresh_from_db()
    assert (plan.status, plan.ranges.get().status) == (Plan.Status.RUNNING, "open")

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert done.status == Plan.Status.DONE


def test_a_bucket_is_connected_checked_and_searched(bucket, now):
    found, url = bucket
    found.put_object(Key="in/12025550143.txt", Body=b"from 202-555-0143")
    store = stores.connect(name="recordings", url=url, by="pia", now=now)

    seen = Pass()
    residue_of_files.read(Matcher([ADA]), seen)

    assert stores.check(store=store, now=now)
    assert "secret" not in store.place
    assert {hit.column for hit in seen.hits[ADA]} == {"file names", "contents of files"}


def test_a_bucket_that_is_not_there_is_not_connected(s3, now):
    url = f"s3://key:secret@nobody/in?endpoint={s3}&region=us-east-1"

    with pytest.raises(stores.StoreDown, match="not there"):
        stores.connect(name="recordings", url=url, by="pia", now=now)

    assert not Store.objects.exists()


# --- after a restore ----------------------------------------------------------------


def restored(connect, folder, now):
    """The recording of an erased person is back, as a backup of the folder has it."""
    connected(connect, f"file://{folder}", now)
    done = erasure.carry_out(plan=erased(now), clock=lambda: now)
    assert erasure.notice(now=now) == {}
    (folder / "calls" / "1.wav").write_bytes(b"RIFF")
    return done


def test_a_file_that_a_restore_brought_back_is_noticed_and_deleted(
    connect, folder, now
):
    done = restored(connect, folder, now)

    assert erasure.notice(now=now) == {"recordings": 1}
    again = erasure.replay(store=stores.named("recordings"), by="pia", now=now)

    assert (again.files, again.problems) == (1, [])
    assert [path.name for path in folder.rglob("*.wav")] == ["3.wav"]
    assert erasure.notice(now=now) == {}
    said = AuditEvent.objects.filter(action="files.ended").latest("sequence")
    assert (said.subject, said.by) == (f"plan:{done.pk}", "max")


def test_the_clock_deletes_restored_files(connect, folder, now):
    restored(connect, folder, now)

    erasure.replay_where_needed(now=now)

    assert not (folder / "calls" / "1.wav").exists()


def test_a_new_file_of_the_same_name_stays(connect, folder, now):
    restored(connect, folder, now)
    (folder / "calls" / "1.wav").write_bytes(b"RIFF of somebody else")

    assert erasure.notice(now=now) == {}
    assert erasure.replay(store=None, by="pia", now=now).files == 0
    assert (folder / "calls" / "1.wav").exists()


def test_a_hold_keeps_a_restored_file(connect, folder, now):
    restored(connect, folder, now)
    mark = identifiers.keep(ADA, now=now, revive=True)
    holds.place(matter="Doe v. Roe", identifiers=[mark], tables=[], by="lena", now=now)

    done = erasure.replay(store=None, by="pia", now=now)

    assert (done.files, done.problems) == (0, ["recordings: A legal hold is open."])
    assert (folder / "calls" / "1.wav").exists()


def test_files_of_an_erasure_with_exceptions_are_noticed_too(connect, folder, now):
    done = restored(connect, folder, now)
    Plan.objects.filter(pk=done.pk).update(status=Plan.Status.EXCEPTED)

    assert erasure.notice(now=now) == {"recordings": 1}


def test_a_file_that_a_rule_ended_is_deleted_again_unless_a_hold_is_open(
    connect, folder, now
):
    """Nobody can tell any more whose it was."""
    connected(connect, f"file://{folder}", now)
    made = rule(Table.objects.get(name="call"), start="at", months=0)
    sweep = retention.preview(rule=made, by="pia", now=now)
    retention.approve(sweep=sweep, by="max", now=now)
    retention.carry_out(sweep=sweep, clock=lambda: now)
    assert not (folder / "calls" / "3.wav").exists()
    (folder / "calls" / "3.wav").write_bytes(b"RIFF")
    ben = identifiers.keep(identifiers.phone("+12025550117"), now=now)
    hold = holds.place(matter="X", identifiers=[ben], tables=[], by="l", now=now)

    assert erasure.notice(now=now) == {"recordings": 1}
    assert erasure.replay(store=None, by="pia", now=now).files == 0
    holds.release(hold=hold, by="lena", now=now)
    assert erasure.replay(store=None, by="pia", now=now).files == 1
    assert not (folder / "calls" / "3.wav").exists()


def test_files_of_an_erasure_that_was_undone_stay(connect, folder, now):
    done = restored(connect, folder, now)
    Plan.objects.filter(pk=done.pk).update(undone_at=now)

    assert erasure.replay(store=None, by="pia", now=now).files == 0


def test_the_command_replays_in_a_file_storage_that_the_portal_forgot(
    connect, folder, now
):
    done = restored(connect, folder, now)
    Certificate.objects.all().delete()
    Plan.objects.filter(pk=done.pk).delete()

    out = io.StringIO()
    call_command("erasures", "replay", "--store", "recordings", "--wait", stdout=out)

    assert "1 files that were back are deleted again." in out.getvalue()
    assert not (folder / "calls" / "1.wav").exists()
    assert "1.wav" not in settings.ERASURE_JOURNAL.read_text()
