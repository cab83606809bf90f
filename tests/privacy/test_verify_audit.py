"""The offline verifier: one file, no Django, and nothing it does not notice."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from privacy import audit
from privacy.models import AuditEvent
from tests.privacy.factories import SAM, staff

pytestmark = pytest.mark.django_db
TOOL = Path(__file__).resolve().parents[2] / "tools" / "verify_audit.py"


@pytest.fixture
def trail(tmp_path, now):
    """An exported trail of at least three rows."""
    for number in range(3):
        audit.record(
            action="hold.placed", subject=f"hold:{number}", by="lena", now=now, rows=3
        )
    file = tmp_path / "trail.jsonl"
    call_command("audit", "export", str(file))
    return file


def verify(file, *options):
    """As on a machine that has Python and nothing of ours (-I, -S)."""
    return subprocess.run(
        [sys.executable, "-I", "-S", TOOL, file, *options],
        capture_output=True,
        text=True,
        check=False,
    )


def change(file, how):
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    how(rows)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_an_export_verifies_offline(trail):
    found = verify(trail)

    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith(f"{AuditEvent.objects.count()} rows")


def rewrite(rows):
    rows[1]["payload"] = rows[1]["payload"].replace("lena", "max")


def swap(rows):
    rows[0], rows[1] = rows[1], rows[0]


def take_out(rows):
    del rows[1]


def take_the_first(rows):
    del rows[0]


def rehash(rows):
    rewrite(rows)
    rows[1]["hash"] = audit.link(rows[1]["previous"], rows[1]["payload"])


def forget_a_field(rows):
    del rows[1]["hash"]


@pytest.mark.parametrize(
    "how", [rewrite, swap, take_out, take_the_first, rehash, forget_a_field]
)
def test_whatever_was_changed_is_found(trail, how):
    change(trail, how)

    found = verify(trail)

    assert found.returncode == 1
    assert "Row" in found.stderr or "Line 2" in found.stderr


def test_a_trail_cut_at_its_end_lacks_a_hash_known_from_elsewhere(trail):
    head = AuditEvent.objects.order_by("-sequence").values_list("hash", flat=True)[0]
    assert verify(trail, "--head", head).returncode == 0

    change(trail, lambda rows: rows.pop())

    assert verify(trail).returncode == 0
    assert verify(trail, "--head", head).returncode == 1


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    found = verify(tmp_path / "nothing.jsonl")

    assert found.returncode == 2
    assert "Traceback" not in found.stderr


# --- the command ------------------------------------------------------------
def test_the_command_verifies_and_exports(trail, tmp_path, capsys):
    file = tmp_path / "again.jsonl"

    call_command("audit", "verify", "--export", str(file), "--json")

    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    rows = AuditEvent.objects.count()
    assert said == {"rows": rows, "whole": True, "ended": []}
    assert file.read_text() == trail.read_text()


@pytest.mark.parametrize("name", ["old.jsonl", "old.zip"])
def test_the_command_writes_over_nothing_but_an_earlier_export(trail, tmp_path, name):
    file = tmp_path / name
    call_command("audit", "export", str(file))
    call_command("audit", "verify", "--export", str(file))
    file.write_bytes(changed := file.read_bytes()[:-9] + b"tampered\n")

    with pytest.raises(CommandError, match="was not changed"):
        call_command("audit", "verify", "--export", str(file))

    assert file.read_bytes() == changed


def test_the_command_names_the_row_that_was_changed(trail):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE privacy_auditevent DISABLE TRIGGER append_only")
        cursor.execute("UPDATE privacy_auditevent SET by = 'max' WHERE sequence = 2")

    with pytest.raises(CommandError, match="Row 2"):
        call_command("audit", "verify")


def test_the_command_is_refused_to_support(trail):
    staff(SAM)

    with pytest.raises(CommandError, match="may not"):
        call_command("audit", "verify", "--by", SAM)


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="can't be written"):
        call_command("audit", "export", str(tmp_path / "no" / "trail.jsonl"))


# --- signed packs -----------------------------------------------------------------
def test_a_signed_trail_shows_that_its_end_was_cut_off(trail, tmp_path):
    whole, cut = tmp_path / "trail.zip", tmp_path / "cut.zip"
    call_command("audit", "export", str(whole))
    assert verify(whole).returncode == 0, verify(whole).stderr

    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(cut, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "trail.jsonl":
                content = b"".join(content.splitlines(keepends=True)[:-1])
            new.writestr(name, content)

    assert verify(cut).returncode == 1
    assert "trail.jsonl was changed" in verify(cut).stderr


def test_several_files_are_verified_at_once(trail, tmp_path):
    other = tmp_path / "other.jsonl"
    other.write_text(trail.read_text())
    assert verify(trail, other).returncode == 0

    change(other, rewrite)

    assert verify(trail, other).returncode == 1
