"""Second factors of staff: list them, reset a lost one."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import factors
from privacy.factors import lost
from privacy.management.base import OPERATOR, PortalCommand, subcommands


class Command(PortalCommand):
    help = "Show the second factors of staff, or reset one that was lost."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        verbs.add_parser("list", help="Who has which.")
        reset = verbs.add_parser("reset", help="The person then sets up a new one.")
        reset.add_argument("name", metavar="USERNAME")
        reset.add_argument("--reason", required=True, help="Why; it is recorded.")

    def run(self, **options: Any) -> None:
        if options["verb"] == "list":
            self.list()
        else:
            self.reset(options["name"], options["reason"])

    def list(self) -> None:
        self.require("auth.view_user")
        people = User.objects.filter(is_active=True, is_staff=True)
        found = {
            user.username: factors.in_words(user)
            for user in people.prefetch_related("factors", "recovery_codes")
        }
        lines = [f"{name:<20} {words or 'none'}" for name, words in found.items()]
        self.answer("\n".join(lines), found)

    def reset(self, name: str, reason: str) -> None:
        """Whoever has a shell on the machine can help the last administrator."""
        self.require("privacy.reset_factor")
        holder = User.objects.filter(username=name).first()
        if holder is None:
            raise CommandError(f"Nobody here is called {name}.")
        administrators = User.objects.filter(is_superuser=True, is_active=True)
        handed = lost.reset(
            holder=holder,
            reason=reason,
            by=self.by,
            is_administrator=self.by == OPERATOR
            or administrators.filter(username=self.by).exists(),
            now=timezone.now(),
        )
        sentence = (
            f"The second factor of {name} is reset. Hand them this code: {handed}"
        )
        self.answer(sentence, {"reset": name, "code": handed})
