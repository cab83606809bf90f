"""Conditions that quickly say whether a text may hold one of many numbers or addresses.

PostgreSQL only, for texts without an index (`textindex`). Each row is read once
whatever the number of people: what looks like a number or an address is cut out and
looked up in a hash. A regular expression with a branch for each person would cost that
many times more. The conditions never miss; what they match wrongly, the exact pattern
sorts out afterwards.
"""

# The whole text is digits: then the look-up by equality has seen it.
NOT_PLAIN = "ltrim({text}, '+0123456789') <> ''"

# One digit stands in it. Six times as fast as what follows, so for one person or few,
# whose numbers have digits in common, it is asked first.
DIGIT = "{text} LIKE '%%{digit}%%'"

# {length} digits with anything but small letters between them, and among all runs of
# that many digits one that is wanted.
NUMBERS = """
({text} ~ '[0-9](?:[^0-9a-z]*[0-9]){{{more}}}' AND EXISTS (
    SELECT FROM regexp_matches({text}, '[0-9](?:[^0-9a-z]*[0-9])+', 'g') AS found(run),
        regexp_replace(run[1], '[^0-9]', '', 'g') AS digits,
        generate_series(1, length(digits) - {more}) AS first
    WHERE substr(digits, first, {length}) = ANY(%s)))
"""

# What stands before an @ (or %%40 in an address of the web) and right after it.
ADDRESSES = """
((strpos({text}, '@') > 0 OR strpos({text}, '%%40') > 0) AND EXISTS (
    SELECT FROM regexp_matches(lower(replace({text}, '%%40', '@')),
        '[a-z0-9._%%+\\-]*@[a-z0-9\\-]*', 'g') AS found(address)
    WHERE address[1] = ANY(%s)))
"""
