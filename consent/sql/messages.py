"""Statements of a message that a carrier brought; each is prepared."""

# The program with this number, else the fallback with neither number nor sender; by the
# index on the numbers.
PROGRAM = """
SELECT {columns} FROM consent_program
WHERE numbers @> ARRAY[%(number)s]::varchar[]
    OR (numbers = '{{}}' AND organization = '')
ORDER BY numbers = '{{}}', id LIMIT 1
"""
# The keywords of a day, the later rule last; by the unique (key, valid_from).
KEYWORDS = """
SELECT {columns} FROM consent_keyword
WHERE key = ANY(%(keys)s) AND valid_from <= %(day)s
    AND (valid_to IS NULL OR valid_to >= %(day)s)
ORDER BY valid_from, id
"""
# Was it brought before? By the unique (carrier, carrier_message_id), and for one whose
# period is over by the unique key of its event's line.
IS_KNOWN = """
SELECT EXISTS (
    SELECT FROM consent_inboundmessage
    WHERE carrier = %(carrier)s AND carrier_message_id = %(message)s
) OR EXISTS (
    SELECT FROM consent_ledgerline WHERE key = sha256(convert_to(%(key)s, 'UTF8'))
)
"""
# A letter to each endpoint that is told of changes; a handful of rows.
ANNOUNCE = """
INSERT INTO consent_delivery (endpoint_id, event_id, state, attempts, next_at)
SELECT id, %(event)s, 'waiting', 0, %(now)s FROM consent_endpoint WHERE is_active
"""
