"""Mails as they come: of the labelled collection, or of a few words."""

import json
from itertools import count
from pathlib import Path

COLLECTION = Path(__file__).resolve().parents[1] / "data" / "dsr_mail"
ADDRESS = "somebody@example.org"
numbers = count(1)


def mail(words, **headers):
    """A mail of somebody to the privacy address, in bytes."""
    facts = {
        "From": f"Somebody <{ADDRESS}>",
        "To": "privacy@msgplatform.example",
        "Subject": "",
        "Date": "Mon, 02 Nov 2026 10:00:00 +0000",
        "Message-ID": f"<{next(numbers)}@example.org>",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
    } | headers
    head = "".join(f"{name}: {value}\n" for name, value in facts.items())
    return f"{head}\n{words}\n".encode()


def of(name):
    return next((COLLECTION / "mails").glob(f"{name}*.eml")).read_bytes()


def labels():
    lines = (COLLECTION / "labels.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]
