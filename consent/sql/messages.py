"""Statements of a message that a carrier brought; each is prepared."""

from consent.sql import checks

# The program with this number, else the fallback with neither number nor sender; by the
# index on the numbers.
PROGRAM = """
SELECT {columns} FROM consent_program
WHERE numbers @> ARRAY[%(number)s]::varchar[]
    OR (numbers = '{{}}' AND organization = '')
ORDER BY numbers = '{{}}', id LIMIT 1
"""
# The keywords of a day by that route, the later rule last, and after all others those
# that are limited to such a route; by the unique (key, valid_from, ...).
KEYWORDS = """
SELECT key, text, meaning, language, also, rule FROM consent_keyword
WHERE key = ANY(%(keys)s) AND valid_from <= %(day)s
    AND (valid_to IS NULL OR valid_to >= %(day)s)
    AND (carriers = '{}' OR %(carrier)s = ANY(carriers))
    AND (lines = '{}' OR %(line)s = ANY(lines))
ORDER BY carriers <> '{}' OR lines <> '{}', valid_from, id
"""
# The version of the phrases and word lists: what a row says is known by where it lies
# and who wrote it. Reads some hundred rows; to read what they say costs far more.
PHRASES = """
SELECT concat(sum(hashtextextended(concat(row.ctid, ' ', row.xmin), 0)), ' ', count(*))
FROM (
    SELECT ctid, xmin FROM consent_phrase
    UNION ALL SELECT ctid, xmin FROM consent_wordlist
) AS row
"""
# What has to be known under the lock: the program; was the message brought before? By
# the unique (carrier, carrier_message_id), and for one whose period is over by the
# unique key of its event's line. And where the person stands with the sender: a row
# each.
STANDS = checks.TEXTS_OF.replace("%(organization)s", "coalesce(p.organization, '')")
BEFORE = f"""
WITH program AS MATERIALIZED ({PROGRAM})
SELECT p.*, EXISTS (
    SELECT FROM consent_inboundmessage
    WHERE carrier = %(carrier)s AND carrier_message_id = %(message)s
) OR EXISTS (
    SELECT FROM consent_ledgerline WHERE key = sha256(convert_to(%(key)s, 'UTF8'))
), stands.*
FROM (VALUES (true)) AS message LEFT JOIN program p ON true
LEFT JOIN LATERAL ({STANDS}) AS stands ON true
"""  # noqa: S608 - of our own texts
