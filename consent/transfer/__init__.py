"""Consent in and out: lists taken in, lists cleaned, the state given out, and what the
platform heard before the portal came."""

from consent.transfer.platform import NoLog, describe_sample, take_over

__all__ = ["NoLog", "describe_sample", "take_over"]
