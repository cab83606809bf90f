"""A signed statement of what was ended and searched: counts, digests and dates only.

The signature is Ed25519 (RFC 8032) over the document's bytes; anyone with the public
key can check it, also with the openssl command.
"""

import datetime as dt
import hashlib
import json
from typing import Any

from django.db.models import OuterRef, Subquery

from privacy import anonymity, audit, files, providers, signing, undo
from privacy.models import AuditEvent, Certificate, Plan, PlannedRow, Range, Store
from privacy.strategies.base import Effect

SECOND_READING = "again"  # of rows that another range de-identified


def issue(*, plan: Plan, now: dt.datetime) -> Certificate:
    """Call inside the transaction that finishes the plan. A second call returns the
    first certificate."""
    document = audit.canonical(statement(plan, now))
    key_id, signature = signing.sign(document.encode())
    certificate, made = Certificate.objects.get_or_create(
        plan=plan,
        defaults={
            "document": document,
            "signature": signature,
            "key_id": key_id,
            "issued_at": now,
        },
    )
    if made:
        audit.record(
            action="certificate.issued",
            subject=f"plan:{plan.pk}",
            by=plan.approved_by,
            now=now,
            signature=signature,
        )
    return certificate


def statement(plan: Plan, now: dt.datetime) -> dict[str, Any]:
    head = AuditEvent.objects.order_by("-sequence").first()
    return {
        "type": "erasure-certificate",
        "version": 2,
        "label": label(plan),
        "plan": str(plan.pk),
        "digest": plan.digest,
        "maps": plan.summary.get("maps", {}),
        "planned_by": plan.planned_by,
        "approved_by": plan.approved_by,
        "requested_at": _instant(plan.cutoff),
        "started_at": _instant(plan.started_at),
        "issued_at": _instant(now),
        "identifiers": sorted(i.digest for i in plan.identifiers.all()),
        "tables": ended(plan),
        "files": _files(plan),
        "withheld": plan.summary.get("withheld", 0),
        "exceptions": plan.summary.get("exceptions", []),
        "residue": plan.residue,
        "sealed_copy_until": _instant(undo.until(plan)),
        "undo_given_up": _given_up(plan),
        "backups": _backups(plan, now),
        "retired": _retired(),
        "recipients": recipients(plan),
        "trail": {"sequence": head.sequence, "hash": head.hash} if head else {},
    }


def _given_up(plan: Plan) -> dict[str, Any] | None:
    if (said := undo.given_up(plan)) is None:
        return None
    return {"by": said[0], "at": _instant(said[1]), "why": "its key was lost"}


def label(plan: Plan) -> str:
    """What the rows that are left may be called: the weakest effect among their
    treatments."""
    said = [each.get("effect") for each in plan.summary.get("tables", [])]
    effects: list[Effect] = [
        effect for effect in Effect if effect in said and effect != Effect.KEPT
    ]
    return anonymity.weakest(effects).value if effects else ""


def recipients(plan: Plan) -> list[dict[str, Any]]:
    """Who else was told, and what they had answered when this was signed."""
    rows = plan.instructions.select_related("provider")
    return [providers.facts(row) for row in rows]


def is_behind(plan: Plan) -> bool:
    """Whether a recipient has answered something that is not signed yet."""
    signed = plan.certificate.supplement or plan.certificate.document
    return bool(json.loads(signed).get("recipients", []) != recipients(plan))


def supplement(*, plan: Plan, now: dt.datetime) -> None:
    """What recipients have answered since, signed as a supplement to the
    certificate."""
    certificate = Certificate.objects.filter(plan=plan).first()
    if certificate is None:
        return
    said = {
        "type": "erasure-certificate-supplement",
        "plan": str(plan.pk),
        "certificate": hashlib.sha256(certificate.document.encode()).hexdigest(),
        "issued_at": _instant(now),
        "recipients": recipients(plan),
    }
    document = audit.canonical(said)
    key_id, signature = signing.sign(document.encode())
    Certificate.objects.filter(pk=certificate.pk).update(
        supplement=document,
        supplement_signature=signature,
        supplement_key_id=key_id,
    )


def _backups(plan: Plan, now: dt.datetime) -> dict[str, str | None]:
    """For each database, and each storage whose files were deleted, the day when the
    last backup with the data expires; None where nobody said."""
    storages = [said["store"] for said in _files_ended(plan)]
    found = Store.every.filter(name__in=[*plan.summary.get("maps", {}), *storages])
    return {store.name: _instant(store.backups_until(now)) for store in found}


def _retired() -> dict[str, str | None]:
    """Stores that were not searched, because they are gone, and since when."""
    gone = Store.every.exclude(retired_at=None)
    return {store.name: _instant(store.retired_at) for store in gone}


def _files(plan: Plan) -> dict[str, int]:
    """Files that were deleted, names whose file was already gone, and files that stay
    because other rows name them too."""
    told = _files_ended(plan)
    what = ("ended", "missing", "shared")
    return {each: sum(said.get(each, 0) for said in told) for each in what}


def _files_ended(plan: Plan) -> list[dict[str, Any]]:
    """From the audit trail."""
    told = AuditEvent.objects.filter(action=files.ENDED, subject=f"plan:{plan.pk}")
    payloads = told.values_list("payload", flat=True)
    return [json.loads(payload)["details"] for payload in payloads]


def ended(plan: Plan) -> list[dict[str, Any]]:
    """For each table, action and ground of the plan: how many rows were planned, how
    many were changed, and how many a hold kept."""
    counted = _counted(plan)
    return [_table(said, counted) for said in plan.summary.get("tables", [])]


Counted = dict[tuple[str, str, str], tuple[int, int]]


def _counted(plan: Plan) -> Counted:
    """A table may have rows of one action for several reasons, each in ranges of its
    own."""
    ground = PlannedRow.objects.filter(range=OuterRef("pk")).values("ground")[:1]
    done = plan.ranges.filter(status=Range.Status.DONE)
    done = done.exclude(lower__has_key=SECOND_READING).annotate(ground=Subquery(ground))
    found: Counted = {}
    for piece in done.select_related("table__store"):
        key = (str(piece.table), piece.action, piece.ground or "")
        rows, held = found.get(key, (0, 0))
        found[key] = (rows + piece.rows, held + piece.held)
    return found


def _table(said: dict[str, Any], counted: Counted) -> dict[str, Any]:
    rows, held = counted.get((said["table"], said["action"], said["ground"]), (0, 0))
    return {
        "table": said["table"],
        "action": said["action"],
        "ground": said["ground"],
        "effect": said.get("effect", ""),
        "planned": said["rows"],
        "ended": rows,
        "held": held,
    }


def _instant(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat() if at else None
