#!/usr/bin/env python3
"""Verify an exported audit trail offline: python3 verify_audit.py TRAIL.jsonl

Needs Python 3 and nothing else. Each line of the file is one row: sequence, previous,
payload, hash. The rows are numbered from 1 without gaps, the first one's previous is 64
zeros, and each hash is SHA-256 over the previous hash followed by the payload (UTF-8).
An export that was cut at its end verifies: compare the last hash with one that you
know from elsewhere, for example from a certificate, with --head HASH.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable

GENESIS = "0" * 64


class Broken(Exception):
    """The first line that is wrong, and how."""


def verify(lines: Iterable[str]) -> tuple[int, str, set[str]]:
    """Number of rows, the last hash and all hashes; raises Broken."""
    count, last, hashes = 0, GENESIS, set()
    for line in lines:
        count += 1
        row = read(line, count)
        if row["sequence"] != count:
            raise Broken(f"Row {count} is missing: found row {row['sequence']}.")
        made = hashlib.sha256((last + row["payload"]).encode()).hexdigest()
        if row["previous"] != last or row["hash"] != made:
            raise Broken(f"Row {count} does not fit its place in the chain.")
        last = made
        hashes.add(made)
    return count, last, hashes


def read(line: str, number: int) -> dict[str, str]:
    try:
        row = json.loads(line)
        if not all(isinstance(row[k], str) for k in ("previous", "payload", "hash")):
            raise TypeError
        row["sequence"]
    except (ValueError, KeyError, TypeError):
        raise Broken(f"Line {number} is not a row of the trail.") from None
    return row


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify an exported audit trail.")
    parser.add_argument("file")
    parser.add_argument("--head", help="a hash that the trail must contain")
    given = parser.parse_args()
    try:
        with open(given.file, encoding="utf-8") as lines:
            count, last, hashes = verify(lines)
    except (OSError, UnicodeDecodeError) as error:
        print(f"{given.file} can't be read: {error}", file=sys.stderr)
        return 2
    except Broken as found:
        print(found, file=sys.stderr)
        return 1
    if given.head and given.head not in hashes:
        print(f"The hash {given.head} is not in the trail.", file=sys.stderr)
        return 1
    print(f"{count} rows, and each fits the one before it. The last hash is {last}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
