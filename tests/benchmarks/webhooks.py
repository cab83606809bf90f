"""From a carrier's message to the state it makes, beside the same rows by hand."""

import itertools
import json
from collections.abc import Iterator
from functools import partial

import psycopg
from django.conf import settings
from django.utils import timezone
from psycopg import conninfo

from consent import inbox
from consent.carriers.base import Message
from consent.models import Channel, InboundMessage
from privacy import identifiers
from privacy.models.sealing import seal
from tests.benchmarks import ground, lookups
from tests.benchmarks.ground import Result

MESSAGES = 30  # people a turn, each with one STOP
TURNS = 10  # a round: short ones, so that a busy moment of the machine hits both
number = itertools.count()

# What `inbox.receive` writes for a STOP of somebody we have not heard of, and asks so
# that it is right for others too: whose number it came to, whether the person is known,
# whether a STOP stands already, under the lock, who is told of it. The triggers number
# and chain the rows under the same lock for both.
PROGRAM = """
SELECT id, organization, opt_out_text FROM consent_program
WHERE numbers @> ARRAY[%(ours)s]::varchar[] ORDER BY id LIMIT 1
"""
PERSON = """
INSERT INTO privacy_identifier (kind, digest, key_id, value, hint, created_at)
VALUES ('phone', %(digest)s, %(key)s, %(value)s, %(hint)s, %(now)s)
ON CONFLICT (kind, digest) DO UPDATE SET kind = excluded.kind RETURNING id
"""
LOCK = "SELECT pg_advisory_xact_lock(7301, 1)"
STANDS = """
SELECT state FROM consent_standing
WHERE identifier_id = %(person)s AND channel = 'sms' AND organization = ''
"""
MESSAGE = """
INSERT INTO consent_inboundmessage (carrier, carrier_message_id, identifier_id,
    our_number, body, meaning, rule, received_at, replied_by, reply)
VALUES ('twilio', %(message)s, %(person)s, %(ours)s, %(body)s, 'opt_out', 'bench',
    %(now)s, 'portal', 'You have opted out.')
ON CONFLICT (carrier, carrier_message_id) DO NOTHING
"""
EVENT = """
INSERT INTO consent_event (identifier_id, channel, covers, kind, organization, source,
    route, occurred_at, recorded_at, recorded_by, idempotency_key, evidence)
VALUES (%(person)s, 'sms', %(covers)s, 'opt_out', '', 'direct', 'twilio', %(now)s,
    %(now)s, 'carrier:twilio', %(message)s, %(evidence)s) RETURNING sequence
"""
STANDING = """
INSERT INTO consent_standing (identifier_id, channel, organization, part, state, since,
    renewed_at, event_id)
SELECT %(person)s, covered, '', '', 'opt_out', %(now)s, %(now)s, %(event)s
FROM unnest(%(covers)s::text[]) AS covered
ON CONFLICT (identifier_id, channel, organization, part) DO UPDATE
SET state = excluded.state, since = excluded.since, event_id = excluded.event_id
"""
DELIVERIES = """
INSERT INTO consent_delivery (endpoint_id, event_id, state, attempts, next_at)
SELECT id, %(event)s, 'waiting', 0, %(now)s FROM consent_endpoint WHERE is_active
"""
AUDIT = """
INSERT INTO privacy_auditevent (at, by, action, subject, payload, previous, hash)
VALUES (%(now)s, 'carrier:twilio', 'consent.opt_out', %(subject)s, %(payload)s, '', '')
"""
COVERS = [Channel.SMS, Channel.MMS, Channel.VOICE]


def run(rows: int, rounds: int) -> Iterator[Result]:
    """Among the identifiers and events of many others."""
    lookups.fill(rows)
    pairs = []
    with _direct() as direct:
        for _ in range(rounds * TURNS):
            mine, theirs = _messages(), _messages()
            bare = ground.timed(partial(_each_by_hand, direct, mine))
            pairs.append((bare, ground.timed(partial(_each, theirs))))
    each = min(ours for _, ours in pairs) / MESSAGES * 1000
    messages = InboundMessage.objects.count()
    remark = f"{each:.1f} ms each, sealed, understood, chained and committed"
    yield ground.result("webhook to state", messages, pairs, 0.7, remark=remark)


def _each(messages: list[Message]) -> None:
    for message in messages:
        inbox.receive(message=message, now=timezone.now())


def _each_by_hand(direct: psycopg.Connection, messages: list[Message]) -> None:
    for message in messages:
        _by_hand(direct, message)


def _direct() -> psycopg.Connection:
    own = settings.DATABASES["default"]
    place = conninfo.make_conninfo(
        host=own["HOST"] or None,
        port=own["PORT"] or None,
        user=own["USER"] or None,
        password=own["PASSWORD"] or None,
        dbname=own["NAME"],
    )
    return psycopg.connect(place, autocommit=True)


def _messages() -> list[Message]:
    return [_message(next(number)) for _ in range(MESSAGES)]


def _message(n: int) -> Message:
    return Message(
        carrier="twilio",
        carrier_message_id=f"bench-{timezone.now().timestamp()}-{n}",
        sender=f"+1{2000000000 + (n * 7919 + int(timezone.now().timestamp())) % 10**8}",
        recipient="+12025550100",
        text="STOP",
        channel=Channel.SMS,
    )


def _by_hand(direct: psycopg.Connection, message: Message) -> None:
    mark = identifiers.phone(message.sender)
    key, digest = identifiers.fingerprint(mark)
    values = {
        "digest": digest,
        "key": key,
        "value": seal(mark.value, context=identifiers.SEALED_AS),
        "hint": identifiers.hint(mark),
        "now": timezone.now(),
        "message": message.carrier_message_id,
        "ours": message.recipient,
        "body": seal(message.text, context="consent_inboundmessage.body"),
        "covers": COVERS,
        "evidence": json.dumps({"message": message.carrier_message_id}),
    }
    with direct.transaction(), direct.cursor() as cursor:
        cursor.execute(PROGRAM, values).fetchone()
        cursor.execute(PERSON, values)
        values["person"] = cursor.fetchone()[0]  # type: ignore[index]
        cursor.execute(LOCK)
        cursor.execute(STANDS, values).fetchone()
        cursor.execute(MESSAGE, values)
        cursor.execute(EVENT, values)
        values["event"] = cursor.fetchone()[0]  # type: ignore[index]
        cursor.execute(STANDING, values)
        cursor.execute(DELIVERIES, values)
        values["subject"] = f"identifier:{values['person']}"
        values["payload"] = json.dumps({"event": values["event"]})
        cursor.execute(AUDIT, values)
