"""The texts of the preference centre in four languages, one YAML file each."""

from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent


@cache
def words(language: str) -> dict[str, str]:
    read: dict[str, str] = yaml.safe_load((FOLDER / f"{language}.yaml").read_text())
    return {name: text.strip() for name, text in read.items()}
