#!/usr/bin/env python3
"""Verify an exported audit trail offline: python3 verify_audit.py TRAIL.jsonl
or a signed pack: python3 verify_audit.py PACK.zip [--key PEM] [--trail TRAIL.jsonl]

Needs Python 3 and nothing else. Each line of the file is one row: sequence, previous,
payload, hash. The rows are numbered from 1 without gaps, the first one's previous is 64
zeros, and each hash is SHA-256 over the previous hash followed by the payload (UTF-8).
An export that was cut at its end verifies: export it as a signed pack (FILE.zip), or
compare the last hash with one that you know from elsewhere, for example from a
certificate, with --head HASH.

A pack is a ZIP archive. Its manifest.json gives the SHA-256 of each file; manifest.sig
is the Ed25519 signature over it, manifest.pem the key. If it holds rows of the trail
(trail.jsonl), each must fit its own hash, and each event that names a row must have the
digest which that row holds, or lead to the root of the list with which it came. Events
that no row proves are counted. Whose key it is, --key shows; that the rows are in the
trail, --trail.
"""

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from collections.abc import Iterable
from datetime import datetime

GENESIS = "0" * 64
ED25519 = bytes.fromhex("302a300506032b6570032100")  # what comes before its key
SIGNED = ("manifest.json", "manifest.sig", "manifest.pem")


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


# --- packs --------------------------------------------------------------------
def verify_pack(path: str, key: str = "", trail: str = "") -> str:
    """What holds, in a sentence; raises Broken."""
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        files = {name: book.read(name) for name in names}
    if len(names) != len(files) or not set(SIGNED) <= set(names):
        raise Broken("The pack has no signed manifest, or a file twice.")
    der, manifest = der_of(files["manifest.pem"]), json.loads(files["manifest.json"])
    # neither can stand in the manifest: each has to be written as it is always written
    if files["manifest.pem"] != pem_of(der) or not der.startswith(ED25519):
        raise Broken("The key in the pack was changed.")
    if key and der != der_of(read_bytes(key)):
        raise Broken("The pack was signed with another key than the one given.")
    signature = base64.b64decode(files["manifest.sig"])
    is_as_written = base64.b64encode(signature) == files["manifest.sig"]
    if not is_as_written or not is_signed(der[-32:], files["manifest.json"], signature):
        raise Broken("The signature does not fit the manifest.")
    verify_files(files, manifest["files"])
    if manifest["type"] == "audit-trail":
        return verify_signed_trail(files["trail.jsonl"].decode(), manifest)
    rows = verify_rows(files.get("trail.jsonl", b"").decode().splitlines())
    events = json.loads(files.get("evidence.json", b"{}")).get("events", [])
    verify_events(events, rows)
    if trail:
        verify_in_trail(rows, trail)
    unproven = sum(map(is_unproven, events))
    return (
        f"{len(manifest['files'])} files, {len(events)} events and {len(rows)} rows of "
        "the trail are as they were when the pack was signed."
    ) + (
        f" But no row of the trail proves {unproven} of the events." if unproven else ""
    )


def verify_signed_trail(text: str, manifest: dict) -> str:  # type: ignore[type-arg]
    count, last, _ = verify(text.splitlines())
    if (count, last) != (manifest["rows"], manifest["head"]):
        raise Broken("The trail does not end where the signed manifest says.")
    return f"{count} rows, whole and signed. The last hash is {last}."


def verify_files(files: dict[str, bytes], listed: list[dict[str, str]]) -> None:
    if {each["name"] for each in listed} != set(files) - set(SIGNED):
        raise Broken("The pack does not hold exactly the files of its manifest.")
    for each in listed:
        if hashlib.sha256(files[each["name"]]).hexdigest() != each["sha256"]:
            raise Broken(f"The file {each['name']} was changed.")


def verify_rows(lines: list[str]) -> dict[int, dict[str, str]]:
    """By number. Rows between them are other people's, and stay where they are."""
    rows = {}
    for number, line in enumerate(lines, 1):
        row = read(line, number)
        made = hashlib.sha256((row["previous"] + row["payload"]).encode()).hexdigest()
        if row["hash"] != made:
            raise Broken(f"Row {row['sequence']} does not fit its hash.")
        rows[int(row["sequence"])] = row
    return rows


def verify_events(events: list[dict], rows: dict[int, dict[str, str]]) -> None:  # type: ignore[type-arg]
    for event in events:
        name = f"Event {event['sealed']['event']}"
        canonical = json.dumps(
            event["sealed"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        if hashlib.sha256(canonical.encode()).hexdigest() != event["digest"]:
            raise Broken(f"{name} does not fit its digest.")
        if is_unproven(event):  # the answer says so
            continue
        if event["trail"] not in rows:
            raise Broken(f"{name} names a row of the trail that is not in the pack.")
        if "path" in event:
            verify_listed(event, rows[event["trail"]], name)
            continue
        sealed = json.loads(rows[event["trail"]]["payload"])["details"]
        # rows written before digests were kept in them name the event alone
        if sealed["event"] != event["sealed"]["event"] or (
            sealed.get("digest", event["digest"]) != event["digest"]
        ):
            raise Broken(f"{name} is not the one that the trail sealed.")


def is_unproven(event: dict) -> bool:  # type: ignore[type-arg]
    """Of a list from before lists were sealed, or that is no longer whole."""
    return event["trail"] is None or event.get("path", ()) is None


def verify_listed(event: dict, row: dict[str, str], name: str) -> None:  # type: ignore[type-arg]
    """The row holds the root of a tree of hashes over a part of the list."""
    said, number = json.loads(row["payload"])["details"], event["sealed"]["event"]
    own = hashlib.sha256(leaf_of(event["sealed"]).encode()).digest()
    node = bytes.fromhex(event.get("leaf", own.hex()))
    for side, text in event["path"]:
        other = bytes.fromhex(text)
        pair = other + node if side == "left" else node + other
        node = hashlib.sha256(b"\x01" + pair).digest()
    first, last = said["first"], said["last"]
    if not first <= number <= last or node.hex() != said["root"]:
        raise Broken(
            f"{name} is not in the list that the trail sealed: it was changed, or "
            f"another of the events {first} to {last}, which were sealed together."
        )
    if event.get("leaf", own.hex()) != own.hex():
        raise Broken(f"{name} was changed: the list that the trail sealed differs.")


def leaf_of(sealed: dict) -> str:  # type: ignore[type-arg]
    """As PostgreSQL writes it (consent/sql/chunks.py): names of few letters first."""
    names = ("event", "identifier", "kind", "channel", "covers", "organization")
    moments = [
        datetime.fromisoformat(sealed[name]).strftime("%Y-%m-%dT%H:%M:%S.%f")
        for name in ("occurred_at", "recorded_at")
    ]
    said = sealed["evidence"]
    order = sorted(said, key=lambda name: (len(name.encode()), name.encode()))
    values = [sealed[name] for name in (*names, "source", "route")]
    values += [*moments, {n: said[n] for n in order}]
    return json.dumps(values, ensure_ascii=False)


def verify_in_trail(rows: dict[int, dict[str, str]], path: str) -> None:
    with open(path, encoding="utf-8") as lines:
        _, _, hashes = verify(lines)
    for sequence, row in rows.items():
        if row["hash"] not in hashes:
            raise Broken(f"Row {sequence} is not in the trail.")


def read_bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def der_of(pem: bytes) -> bytes:
    """The bytes inside a PEM block; the last 32 of an Ed25519 key are the key."""
    body = [line for line in pem.splitlines() if not line.startswith(b"-----")]
    return base64.b64decode(b"".join(body))


def pem_of(der: bytes) -> bytes:
    """As it is written into packs (RFC 7468)."""
    body = base64.b64encode(der)
    return b"-----BEGIN PUBLIC KEY-----\n%b\n-----END PUBLIC KEY-----\n" % body


# --- Ed25519 (RFC 8032, 5.1.7), because Python brings none ----------------------
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int]


def add(one: Point, two: Point) -> Point:
    (x1, y1), (x2, y2) = one, two
    k = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + k, P - 2, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - k, P - 2, P)
    return x % P, y % P


def multiply(point: Point, times: int) -> Point:
    found: Point = (0, 1)
    while times:
        if times & 1:
            found = add(found, point)
        point, times = add(point, point), times >> 1
    return found


def point_of(encoded: bytes) -> Point | None:
    y = int.from_bytes(encoded, "little") & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or y >= P:
        return None
    return (P - x if x & 1 != encoded[31] >> 7 else x), y


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    if len(signature) != 64 or len(key) != 32 or BASE is None:
        return False
    known, random = point_of(key), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if known is None or random is None or s >= Q:
        return False
    h = hashlib.sha512(signature[:32] + key + message).digest()
    challenge = int.from_bytes(h, "little") % Q
    return multiply(BASE, s) == add(random, multiply(known, challenge))


# --- the command ----------------------------------------------------------------
def main() -> int:
    parser = argparse.ArgumentParser(description="Verify an audit trail or a pack.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--head", help="a hash that the trail must contain")
    parser.add_argument("--key", default="", help="the public key of the signer (PEM)")
    parser.add_argument("--trail", default="", help="the whole trail, exported")
    given = parser.parse_args()
    return max(checked(file, given) for file in given.files)


def checked(file: str, given: argparse.Namespace) -> int:
    """0: it holds; 1: it was changed; 2: it can't be read."""
    try:
        if zipfile.is_zipfile(file):
            print(verify_pack(file, given.key, given.trail))
            return 0
        with open(file, encoding="utf-8") as lines:
            count, last, hashes = verify(lines)
    except (OSError, UnicodeDecodeError) as error:
        print(f"{file} can't be read: {error}", file=sys.stderr)
        return 2
    except Broken as found:
        print(found, file=sys.stderr)
        return 1
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile):
        print("The pack is damaged: it can't be read as one.", file=sys.stderr)
        return 1
    if given.head and given.head not in hashes:
        print(f"The hash {given.head} is not in the trail.", file=sys.stderr)
        return 1
    print(f"{count} rows, and each fits the one before it. The last hash is {last}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
