"""Invented staff accounts, for a portal that is only being tried."""

import json
import os
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from privacy import staff

CAST = {
    "lena.legal": "Legal",
    "max.legal": "Legal",
    "sam.support": "Support",
    "pia.engineer": "Privacy engineer",
    "ari.auditor": "Auditor",
    "admin": "",
}


class Command(BaseCommand):
    help = "Create the demo sign-ins once; only on the embedded database."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED_DATABASE:
            raise CommandError(
                "This portal does not use the embedded database: it gets no "
                "demo sign-ins."
            )
        staff.load_groups()
        passwords = _remembered()
        with transaction.atomic():
            for name, role in CAST.items():
                _make(name, role, passwords[name])
        for name, role in CAST.items():
            title = role or "Administrator"
            self.stdout.write(f"  {name:<14} {passwords[name]:<20} {title}")


def _remembered() -> dict[str, str]:
    """The same passwords each time, in a file that only its owner can read."""
    file = settings.DATA_DIR / "secrets" / "demo-sign-ins.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    passwords = {name: known.get(name) or secrets.token_urlsafe(12) for name in CAST}
    if passwords != known:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            json.dump(passwords, out)
    return passwords


def _make(name: str, role: str, password: str) -> None:
    """Existing people stay as they are."""
    if User.objects.filter(username=name).exists():
        return
    user = User(username=name, email=f"{name}@example.com", is_staff=True)
    user.is_superuser = not role
    user.set_password(password)
    user.save()
    if role:
        user.groups.add(Group.objects.get(name=role))
