"""The evidence pack for counsel: what one person told us, proved to somebody who was
not there.

A document to read, the same facts as data, the rows of the audit trail that sealed
them, a digest of every file, a signature; `tools/verify_audit.py` checks it on a
machine without the portal, and is part of the pack.
"""

from consent.evidence.packing import NothingToProve, pack

# It shows the number and what was said: nobody gets it who may not see both.
PERMISSIONS = (
    "consent.view_event",
    "consent.view_utterance",
    "privacy.reveal_identifier",
)

__all__ = ["PERMISSIONS", "NothingToProve", "pack"]
