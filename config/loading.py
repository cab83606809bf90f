"""Rows that are kept as files in the repository: policy, dated rules, groups."""


def load_all() -> None:
    """Load every file; running it twice changes nothing."""
