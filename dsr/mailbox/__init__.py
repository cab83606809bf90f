"""Requests by e-mail: each mail is taken once; unclear ones wait for a person."""

from dsr.mailbox.taking import Taken, ingest

__all__ = ["Taken", "ingest"]
