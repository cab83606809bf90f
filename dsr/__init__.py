"""The second floor: a person asks, we answer in time.

Stands on `consent` and `privacy`.
"""
