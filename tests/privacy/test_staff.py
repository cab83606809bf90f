"""Roles: no more than the work needs."""

import stat

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command

from privacy import staff

pytestmark = pytest.mark.django_db


def member(role):
    user = User.objects.create_user(role.split()[0].lower(), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.mark.parametrize(
    ("role", "allowed", "refused"),
    [
        ("Legal", "privacy.reveal_identifier", "privacy.change_column"),
        ("Legal", "privacy.approve_plan", "privacy.add_store"),
        ("Support", "consent.add_event", "privacy.reveal_identifier"),
        ("Support", "consent.view_standing", "privacy.view_auditevent"),
        ("Privacy engineer", "privacy.change_rule", "privacy.reveal_identifier"),
        ("Privacy engineer", "privacy.approve_plan", "privacy.add_hold"),
        ("Auditor", "privacy.view_auditevent", "privacy.reveal_identifier"),
        ("Auditor", "consent.view_event", "consent.add_event"),
    ],
)
def test_a_role_may_do_its_work_and_not_anothers(role, allowed, refused):
    user = member(role)

    assert user.has_perm(allowed)
    assert not user.has_perm(refused)


def test_an_auditor_changes_nothing():
    codenames = Group.objects.get(name="Auditor").permissions.values_list("codename")

    assert all(name.startswith("view_") for (name,) in codenames)


def test_every_role_sees_the_board():
    for role in staff.ROLES:
        assert member(role).has_perm("privacy.view_promise")


def test_every_name_of_this_floor_in_the_table_exists():
    known = set(
        Permission.objects.filter(content_type__app_label="privacy").values_list(
            "codename", flat=True
        )
    )
    named = {
        name.removeprefix("privacy.")
        for names in staff.ROLES.values()
        for name in names
        if name.startswith("privacy.") and "*" not in name
    }

    assert named <= known


def test_what_was_granted_by_hand_does_not_last():
    support = Group.objects.get(name="Support")
    support.permissions.add(Permission.objects.get(codename="reveal_identifier"))

    staff.load_groups()

    assert not member("Support").has_perm("privacy.reveal_identifier")


def test_loading_again_changes_nothing():
    before = {g.name: g.permissions.count() for g in Group.objects.all()}

    staff.load_groups()

    assert {g.name: g.permissions.count() for g in Group.objects.all()} == before
    assert set(before) == {"Legal", "Support", "Privacy engineer", "Auditor"}


# --- demo sign-ins ----------------------------------------------------------
@pytest.fixture
def data(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_the_demo_sign_ins_work_and_are_printed(data, capsys):
    call_command("demo_staff")

    for line in capsys.readouterr().out.splitlines():
        name, password, *_ = line.split()
        assert authenticate(username=name, password=password)
    assert User.objects.count() == 6
    assert list(User.objects.filter(is_superuser=True)) == [
        User.objects.get(username="admin")
    ]


def test_the_demo_passwords_are_for_our_eyes_only_and_stay(data, capsys):
    call_command("demo_staff")
    first = capsys.readouterr().out
    call_command("demo_staff")

    assert capsys.readouterr().out == first
    file = data / "secrets" / "demo-sign-ins.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_demo_person_who_exists_stays_as_they_are(data):
    User.objects.create_user("admin", password="their own")

    call_command("demo_staff")

    assert authenticate(username="admin", password="their own")


def test_a_real_database_gets_no_demo_sign_ins(data, settings):
    settings.EMBEDDED_DATABASE = False

    with pytest.raises(CommandError, match="no demo sign-ins"):
        call_command("demo_staff")

    assert not User.objects.exists()
