"""The ground floor: the policy, where personal data lives, and the power to end it.

Imports nothing of ours. It reaches other floors' tables through the data map.
"""
