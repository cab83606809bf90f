"""The second floor: a person asks, we answer in time.

It builds on `consent` and `privacy`.
"""
