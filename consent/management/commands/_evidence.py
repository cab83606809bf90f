"""The verb of the consent command that makes the pack for counsel."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from consent import evidence, transfer
from consent.management.commands import _address as address
from privacy.management.base import PortalCommand, instant


def arguments(verbs: Any) -> None:
    prove = verbs.add_parser("evidence", help="the pack for counsel, as a ZIP")
    address.argument(prove)
    prove.add_argument("--out", type=Path, required=True, metavar="PACK.zip")
    prove.add_argument("--reason", default="Asked for on the command line")
    prove.add_argument(
        "--to",
        default="",
        metavar="RECIPIENT",
        dest="recipient",
        help="who gets it, with a contract on file; by default it stays with us",
    )
    prove.add_argument("--at", metavar="ISO", help="what was so then, if not now")
    prove.add_argument("--process", default="", metavar="REFERENCE")


def do_evidence(command: PortalCommand, options: dict[str, Any]) -> None:
    for permission in evidence.PERMISSIONS:
        command.require(permission)
    ground = transfer.Ground(options["recipient"], "legal", options["process"])
    content = evidence.pack(
        mark=address.mark(options),
        reason=options["reason"],
        ground=ground if ground.recipient or ground.process else None,
        at=instant(options["at"]) if options["at"] else None,
        by=command.by,
        now=timezone.now(),
    )
    try:
        options["out"].write_bytes(content)
    except OSError:
        raise CommandError(f"{options['out']} can't be written.") from None
    said = {"file": str(options["out"]), "bytes": len(content)}
    command.answer(f"{options['out']} holds the evidence. It names the person.", said)
