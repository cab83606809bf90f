"""A signed statement of what was ended and searched: counts, digests and dates only.

The signature is Ed25519 (RFC 8032) over the document's bytes; anyone with the public
key can check it, also with the openssl command.
"""

import datetime as dt
import hashlib
import json
from typing import Any

from privacy import anonymity, audit, providers, signing, undo
from privacy.destruction import FILES_ENDED
from privacy.models import AuditEvent, Certificate, Plan, Range, Store
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
        "tables": [_table(plan, said) for said in plan.summary.get("tables", [])],
        "files": _files(plan),
        "withheld": plan.summary.get("withheld", 0),
        "exceptions": plan.summary.get("exceptions", []),
        "residue": plan.residue,
        "sealed_copy_until": _instant(undo.until(plan)),
        "backups": _backups(plan, now),
        "recipients": recipients(plan),
        "trail": {"sequence": head.sequence, "hash": head.hash} if head else {},
    }


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
    """For each store, the day when the last backup with the data expires; None where
    nobody said."""
    found = Store.objects.filter(name__in=plan.summary.get("maps", {}))
    return {store.name: _instant(store.backups_until(now)) for store in found}


def _files(plan: Plan) -> dict[str, int]:
    """From the audit trail: files that were deleted, and names whose file was already
    gone."""
    told = AuditEvent.objects.filter(action=FILES_ENDED, subject=f"plan:{plan.pk}")
    said = [json.loads(payload) for payload in told.values_list("payload", flat=True)]
    return {
        what: sum(each["details"][what] for each in said)
        for what in ("ended", "missing")
    }


def _table(plan: Plan, said: dict[str, Any]) -> dict[str, Any]:
    done = plan.ranges.filter(status=Range.Status.DONE, action=said["action"])
    done = done.exclude(lower__has_key=SECOND_READING)
    pieces = [piece for piece in done if str(piece.table) == said["table"]]
    return {
        "table": said["table"],
        "action": said["action"],
        "ground": said["ground"],
        "effect": said.get("effect", ""),
        "planned": said["rows"],
        "ended": sum(piece.rows for piece in pieces),
        "held": sum(piece.held for piece in pieces),
    }


def _instant(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat() if at else None
