"""Consent in and out: lists imported, lists scrubbed, consent states exported, and what
the platform had recorded before the portal."""

from consent.transfer.exporting import (
    WHO,
    Ground,
    OnlyToComply,
    Which,
    export,
    page,
)
from consent.transfer.importing import take_in
from consent.transfer.options import Options
from consent.transfer.platform import NoLog, describe_sample, take_over
from consent.transfer.scrubbing import scrub

__all__ = [
    "WHO",
    "Ground",
    "NoLog",
    "OnlyToComply",
    "Options",
    "Which",
    "describe_sample",
    "export",
    "page",
    "scrub",
    "take_in",
    "take_over",
]
