"""Rows that are kept as files in the repository: policy, dated rules, groups."""

from importlib import import_module

from privacy import policy, staff

# What each module loads, in words.
RULES = {
    "consent.browser": "cookies",
    "consent.check.hours": "quiet hours",
    "consent.dealings": "periods of implied consent",
    "consent.honour": "times to honour an opt-out",
    "consent.keeping": "periods of consent records",
    "consent.keywords": "keywords and phrases",
    "consent.listings": "do-not-call periods",
    "consent.recording": "recording rules",
    "consent.scopes": "scopes of a STOP",
    "consent.wording": "wordings",
    "dsr.deadlines": "deadlines",
    "dsr.frequency": "free answers",
    "dsr.grounds": "grounds",
    "dsr.identity": "proofs of identity",
    "dsr.desk.escalating": "reminders",
    "dsr.desk.letters": "letters",
    "dsr.records": "periods of requests",
    "dsr.translations": "translations",
    "privacy.incidents": "duties to notify",
    "privacy.incidents.keeping": "periods of incidents",
}


def load_all() -> None:
    """Loads every file; running it twice changes nothing."""
    policy.load()
    staff.load_groups()
    load_rules()


def load_rules() -> dict[str, int]:
    """How many rows of each were not there yet. What staff changed stays."""
    return {said: import_module(name).load() for name, said in RULES.items()}
