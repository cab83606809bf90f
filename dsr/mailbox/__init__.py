"""Requests by e-mail: each mail is taken once; unclear ones wait for a person."""

from dsr.mailbox.taking import Taken, ingest, keep_unread

__all__ = ["Taken", "ingest", "keep_unread"]
