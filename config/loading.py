"""Rows that are kept as files in the repository: policy, dated rules, groups."""

from importlib import import_module
from importlib.util import find_spec

from privacy import policy, staff

DATED_RULES = (
    "consent.browser",
    "consent.honour",
    "consent.keeping",
    "consent.keywords",
    "consent.recording",
    "consent.scopes",
    "consent.wording",
    "dsr.deadlines",
    "dsr.frequency",
    "dsr.grounds",
    "dsr.identity",
    "dsr.desk.letters",
    "dsr.records",
    "dsr.translations",
    "privacy.incidents",
    "privacy.incidents.keeping",
)


def load_all() -> None:
    """Loads every file; running it twice changes nothing."""
    policy.load()
    staff.load_groups()
    for name in DATED_RULES:
        if find_spec(name):
            import_module(name).load()
