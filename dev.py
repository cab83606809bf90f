#!/usr/bin/env python3
"""python3 dev.py up | test | bench | lint — needs only Python 3.11+ and pip."""
import hashlib, os, subprocess, sys, venv
from pathlib import Path
root = Path(__file__).resolve().parent; env = root / ".venv"; py = env / "bin" / "python"
cmd, args = (sys.argv[1] if len(sys.argv) > 1 else "up"), sys.argv[2:]
lock = root / "requirements" / ("runtime.txt" if cmd == "up" else "dev.txt")
mark = env / f".{lock.stem}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
if not py.exists(): venv.create(env, with_pip=True, clear=True)
if not mark.exists():
    subprocess.run([py, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:", "-r", lock], check=True); mark.touch()
os.chdir(root)
os.execv(py, [str(py), "-m", "pytest", *args] if cmd == "test" else [str(py), "manage.py", cmd, *args])
