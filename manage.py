#!/usr/bin/env python3
"""Django's command line, for this portal."""

import os
import sys
from pathlib import Path

OWN = Path(__file__).resolve().parent / ".venv" / "bin" / "python"

try:
    from django.core.management import execute_from_command_line
except ModuleNotFoundError as missing:  # another Python than that of the environment
    if missing.name != "django" or sys.executable == str(OWN) or not OWN.exists():
        sys.exit(f"There is no {missing.name} here. Run: python3 dev.py up")
    os.execv(OWN, [str(OWN), *sys.argv])  # noqa: S606 - itself

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)
