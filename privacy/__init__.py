"""The ground floor: the policy, where personal data lives, and the code that removes
it.

It imports neither `consent` nor `dsr`; it reaches their tables, like those of any
store, through the data map.
"""
