"""The certificate for people who do not use the portal: a signed pack with a readable
page."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from privacy import signing
from privacy.models import Certificate, Plan
from privacy.refusals import Refusal

ROOT = Path(settings.BASE_DIR)
ACTIONS = {
    "delete": "deleted",
    "deidentify": "de-identified",
    "redact": "mentions removed",
    "keep": "kept",
}


class NoCertificate(Refusal):
    """There is no certificate: the erasure is not done or not complete."""


def pack(*, plan: Plan, now: dt.datetime) -> bytes:
    """A ZIP archive that `tools/verify_audit.py` can check; the script is in it."""
    certificate = Certificate.objects.filter(plan=plan).first()
    if certificate is None:
        raise NoCertificate
    files = {
        "certificate.json": [certificate.document.encode()],
        "certificate.sig": [certificate.signature.encode()],
        "certificate.pdf": [paper(certificate)],
        "verify_audit.py": [(ROOT / "tools" / "verify_audit.py").read_bytes()],
    }
    if certificate.supplement:
        files["supplement.json"] = [certificate.supplement.encode()]
        files["supplement.sig"] = [certificate.supplement_signature.encode()]
    out = io.BytesIO()
    signing.pack(out, kind="erasure-certificate-pack", files=files, now=now)
    return out.getvalue()


def paper(certificate: Certificate) -> bytes:
    """A PDF. Values reach the typesetter as data, never as markup."""
    said = json.loads(certificate.document)
    document = json.dumps(_read(said, certificate), ensure_ascii=False)
    template = (ROOT / "templates" / "privacy" / "certificate.typ").read_bytes()
    made = typst.compile(template, format="pdf", sys_inputs={"document": document})
    return bytes(made)


COUNTED = ("tables", "columns", "rows", "bytes", "files", "keys", "sealed")


def _read(said: dict[str, Any], certificate: Certificate) -> dict[str, Any]:
    residue = said["residue"]
    return {
        "facts": _facts(said, certificate),
        "tables": [
            [
                each["table"], ACTIONS.get(each["action"], each["action"]),
                each.get("effect") or "—", str(each["ended"]), str(each["held"]),
                each["ground"] or "—",
            ]
            for each in said["tables"]
        ],
        "searched": [
            [each["store"], *(f"{each.get(k, 0):,}" for k in COUNTED)]
            for each in residue["searched"]
        ],
        "found": _found(said, residue),
        "warnings": [
            f"{each['place']}: {each['copies']} texts hold the last four digits of a "
            "number and a part of the name."
            for each in residue.get("warnings", [])
        ],
        "exceptions": said["exceptions"],
        "spellings": ", ".join(residue.get("spellings", [])),
        "maps": [[store, digest] for store, digest in said["maps"].items()],
        "backups": [
            f"{store}: until {until or 'a day that is not set'}"
            for store, until in said.get("backups", {}).items()
        ],
    }  # fmt: skip


def _found(said: dict[str, Any], residue: dict[str, Any]) -> list[str]:
    """What was seen and stays, what people decided, and what was not looked into."""
    kept = [
        f"{each['place']}: {each['copies']} copies, all kept with a stated ground."
        for each in residue["found"]
    ]
    gone = [
        f"{store}: not searched, because it is gone since {at[:10]}."
        for store, at in said.get("retired", {}).items()
    ]
    closed = [
        f"{each['store']}: of {each['names_only']} files the content was not or "
        f"not wholly read{_kinds(each)}."
        for each in residue["searched"]
        if each.get("names_only")
    ]
    return [*kept, *map(decided, residue.get("decided", [])), *gone, *closed]


def _kinds(searched: dict[str, Any]) -> str:
    """What could not be read in files, by kind; not said on older certificates."""
    some = sorted(searched.get("not_read", {}).items())
    said = ", ".join(f"{what}: {many}" for what, many in some)
    return f" ({said})" if said else ""


def decided(said: dict[str, Any]) -> str:
    """What a person decided about places where something was left, in a sentence."""
    what = {
        "redact": "words were removed", "empty": "emptied", "keep": "kept",
        "not_them": "not this person's",
    }[said["decision"]]  # fmt: skip
    why = f": {said['ground']}" if said["ground"] else ""
    second = f", approved by {said['approved_by']}" if said["approved_by"] else ""
    return (
        f"{said['place']}: {said['places']} looked at by {said['decided_by']}{second}; "
        f"{what}{why}."
    )


def _facts(said: dict[str, Any], certificate: Certificate) -> list[list[str]]:
    accepted = [["Exceptions accepted by", said["approved_by"]]]
    undo = said.get("undo_given_up")  # not said on older certificates
    return [
        ["Plan", said["plan"]],
        ["Asked", said["requested_at"] or "—"],
        ["Begun", said["started_at"] or "—"],
        ["Searched", said["residue"].get("searched_at", "—")],
        ["Signed", said["issued_at"]],
        ["What remains is", said.get("label", "—")],
        *(accepted if said["exceptions"] else []),
        *(
            [["Undo ended early", "{at}, by {by}: {why}".format(**undo)]]
            if undo
            else []
        ),
        ["Digest of what was approved", said["digest"]],
        ["Key and signature", f"{certificate.key_id}: {certificate.signature}"],
    ]
